"""One worker by hand on a real store: its lease, what breaks it, and how it sets a thread aside."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import BaseModel

from agents.agent import Agent, Decided, Reading
from agents.port import Caller, Plan, Result, Risk, Say, Tool
from bot import burial, sentences
from bot import events as e
from bot.delivery import Delivery
from bot.performer import Performer
from bot.rules import Rules
from bot.store.port import Appended, ThreadStore
from bot.store.redis import RedisStore
from bot.thinking import Thinking
from bot.worker import Point, Worker, nothing
from channels.port import Address, Outbound
from tests.contract.lab import Lab, claimed, message
from tests.fakes import FakeChannel, Take, accept, archived, broken, down, rules

CONSOLE = Address(channel="console", room="alice")
SLACK = Address(channel="slack", room="C1")
SHORT = 0.5
"""A lease (s) that a test can wait out."""


@pytest.fixture
async def lab(store_url: str) -> AsyncIterator[Lab]:
    """An empty server, and stores on it with the lease and the attempts that a test wants."""
    lab = Lab((store_url,))
    yield lab
    await lab.close()


def worker(
    store: ThreadStore,
    channel: FakeChannel | None = None,
    *,
    given: Rules | None = None,
    tools: tuple[Tool, ...] = (),
    prose: Agent | None = None,
    lease: float = 30.0,
    at: Point = nothing,
) -> Worker:
    """A worker that reaches `channel` and has these tools."""
    known = given or rules()
    performer = Performer(
        rules=known,
        tools={tool.name: tool for tool in tools},
        thinking=Thinking({known.prose: prose} if prose else {}),
        delivery=Delivery({channel.name: channel} if channel else {}),
    )
    return Worker(store, performer, known, name="worker", lease=lease, heartbeat=0.02, at=at)


async def hear(store: RedisStore, text: str, address: Address = SLACK) -> Appended:
    """Alice writes from somewhere."""
    stored = await store.append(["here"], replace(message(text), address=address), dedupe="")
    assert stored is not None
    return stored


async def turn(store: RedisStore, one: Worker) -> None:
    """The next due thread, taken as far as it goes."""
    await one.work(await claimed(store), want=0)


async def kinds(store: RedisStore, thread: str) -> list[str]:
    """The thread's log, by kind."""
    return [event.kind for event in await store.events(thread)]


async def apologies(store: RedisStore, thread: str) -> int:
    """How often the apology was recorded."""
    log = await store.events(thread)
    return sum(isinstance(event, e.ReplyQueued) and event.text == sentences.SORRY for event in log)


class Hold:
    """A channel's `take` that waits until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, _message: Outbound) -> None:
        """Wait."""
        self.begun.set()
        await self.go_on.wait()


async def died_sending(store: RedisStore, lease: float) -> None:
    """A worker takes the next thread and dies as it sends something."""
    hold = Hold()
    dying = asyncio.create_task(turn(store, worker(store, FakeChannel(hold), lease=lease)))
    await hold.begun.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


# --- the lease -----------------------------------------------------------------------------------


async def test_a_lease_is_believed_no_longer_than_the_server_holds_it(lab: Lab) -> None:
    """After a stall longer than the lease nothing is sent, even if there was nothing to commit."""
    store = await lab.store(lease=SHORT)
    await hear(store, "say hello")
    await died_sending(store, SHORT)
    channel = FakeChannel()

    def stall(point: str) -> None:
        if point == "after_open":
            time.sleep(SHORT * 1.1)

    await turn(store, worker(store, channel, lease=SHORT, at=stall))
    assert channel.tried == []
    while not channel.sent:
        await turn(store, worker(store, channel, lease=SHORT))
    assert [sent.text for sent in channel.sent] == ["hello"]


# --- what breaks inside --------------------------------------------------------------------------


class Nothing(BaseModel):
    """No arguments."""


async def unplannable(_params: BaseModel) -> Plan:
    """A defect of a tool."""
    raise ZeroDivisionError


async def never(_params: BaseModel, _caller: Caller) -> Result:
    """What can not be planned does not run."""
    raise AssertionError


async def test_a_plan_that_breaks_is_refused_with_a_word(lab: Lab) -> None:
    """A tool whose plan raises ends its own call, not its thread."""
    store = await lab.store()
    look = Tool(
        name="look",
        summary="Look",
        params=Nothing,
        risk=Risk.READ,
        idempotent=True,
        plan=unplannable,
        run=never,
    )
    asked = await hear(store, "run look", CONSOLE)
    await turn(store, worker(store, tools=(look,)))
    (reply,) = [x for x in await store.events(asked.thread) if isinstance(x, e.ReplyQueued)]
    assert reply.text.startswith("Not run: look: it broke while it was looked at")
    assert (await kinds(store, asked.thread))[-1] == "turn_ended"
    assert (await store.execution(asked.thread)).attempts == 0


class Patient:
    """An agent that thinks until something has been said on its thread meanwhile."""

    def __init__(self, store: ThreadStore, until: str) -> None:
        self._store = store
        self._until = until

    async def step(self, reading: Reading) -> Decided:
        """Hello, after the next event of that kind."""
        seen = len(await self._store.events(reading.thread))
        async for event in self._store.follow(reading.thread, after=seen):
            if event.kind == self._until:
                break
        return Decided(step=Say(text="hello"))


def end_after_thinking(point: str) -> None:
    """The worker comes to grief over the agent's answer."""
    if point == "after_CallAgent":
        raise MemoryError


@pytest.mark.parametrize(
    ("address", "until"),
    [(CONSOLE, "notice_queued"), (SLACK, "reply_delivered")],
)
async def test_a_thread_that_ends_its_worker_again_and_again_is_set_aside(
    lab: Lab, address: Address, until: str
) -> None:
    """Notices that are committed, and sent, in between do not give it its attempts again."""
    store = await lab.store(max_attempts=2)
    given = replace(rules(), watch=timedelta(milliseconds=50))
    asked = await hear(store, "what is going on", address)
    for _ in range(5):
        await turn(
            store,
            worker(
                store,
                FakeChannel(),
                given=given,
                prose=Patient(store, until),
                at=end_after_thinking,
            ),
        )
        if await store.dead():
            break
    assert [*await store.dead()] == [asked.thread]
    assert (await kinds(store, asked.thread)).count("notice_queued") >= 2


# --- setting a thread aside ----------------------------------------------------------------------


async def given_up(lab: Lab, *, lease: float = 30.0) -> tuple[RedisStore, str]:
    """A store on which a thread's first opening is one too many, and that thread."""
    store = await lab.store(max_attempts=0, lease=lease)
    return store, (await hear(store, "hello")).thread


@pytest.mark.parametrize("take", [down, broken])
async def test_an_apology_waits_for_its_channel(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, take: Take
) -> None:
    """A channel that is down or broken is tried again; one apology is recorded, and one arrives."""
    monkeypatch.setattr(burial, "AGAIN", 0.01)
    store, thread = await given_up(lab)
    channel = FakeChannel(take)
    for _ in range(3):
        await turn(store, worker(store, channel))
    assert await store.dead() == {}
    channel.take = accept
    await turn(store, worker(store, channel))
    assert [sent.text for sent in channel.sent] == [sentences.SORRY]
    assert len(channel.tried) == 4
    assert len(set(channel.keys)) == 1
    assert [*await store.dead()] == [thread]
    assert (await kinds(store, thread))[1:] == ["dead_lettered", "reply_queued", "reply_delivered"]


async def test_an_apology_that_nobody_takes_keeps_nothing_up(lab: Lab) -> None:
    """A room that is gone: the thread is set aside all the same, and the log says so."""
    store, thread = await given_up(lab)
    await turn(store, worker(store, FakeChannel(archived)))
    assert [*await store.dead()] == [thread]
    assert (await kinds(store, thread))[1:] == ["dead_lettered", "reply_queued", "reply_failed"]


async def test_an_apology_may_take_longer_than_the_lease(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is sent the thread stays ours: nobody else takes it, and it is said once."""
    monkeypatch.setattr(burial, "BEAT", SHORT / 10)
    store, thread = await given_up(lab, lease=SHORT)
    rival = await lab.store(max_attempts=0, lease=SHORT)
    channel = FakeChannel(hold := Hold())
    slow = asyncio.create_task(turn(store, worker(store, channel, lease=SHORT)))
    await hold.begun.wait()
    over = time.monotonic() + 2 * SHORT
    while time.monotonic() < over:
        assert (await rival.claim(1)).claims == ()
        await asyncio.sleep(0.02)
    hold.go_on.set()
    await slow
    assert [sent.text for sent in channel.sent] == [sentences.SORRY]
    assert [*await store.dead()] == [thread]


async def test_input_while_the_apology_is_sent_does_not_double_it(lab: Lab) -> None:
    """The apology is said once; the message that comes meanwhile gets a try of its own."""
    store, thread = await given_up(lab)

    async def meanwhile(_message: Outbound) -> None:
        await hear(store, "are you there?")

    channel = FakeChannel(meanwhile)
    await turn(store, worker(store, channel))
    assert [sent.text for sent in channel.sent] == [sentences.SORRY]
    assert [*await store.dead()] == []
    assert (await store.execution(thread)).ready
    assert await apologies(store, thread) == 1
    assert (await kinds(store, thread)).count("dead_lettered") == 1


async def test_a_worker_that_dies_over_its_apology_leaves_it_to_the_next(lab: Lab) -> None:
    """Recorded and not delivered: the next worker sends that one, under its key."""
    store, thread = await given_up(lab, lease=SHORT)
    await died_sending(store, SHORT)
    assert await apologies(store, thread) == 1
    channel = FakeChannel()
    while not await store.dead():
        await turn(store, worker(store, channel, lease=SHORT))
    log = await store.events(thread)
    assert channel.keys == [f"{thread}:{log[2].seq}"]
    assert [*await store.dead()] == [thread]
    assert await apologies(store, thread) == 1
    assert (await kinds(store, thread)).count("dead_lettered") == 1
