"""What agents are told besides their thread, from a real store."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from agents.port import Risk, Service
from bot import about
from bot.lifecycle import Phase
from bot.people import People, Person
from bot.prefetch import MOST_OPEN, MOST_RECENT, Prefetch
from bot.search import Search
from bot.store.port import Batch
from bot.store.redis import RedisStore
from bot.thread import Call, Request, Thread, Turn
from channels.port import Address
from tests.contract.lab import message, opened

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOM = Address(channel="console", room="room")
ALICE, BOB = "console:alice", "console:bob"
PEOPLE = People(
    (
        Person(name="alice", roles=frozenset({"operator", "admin"})),
        Person(name="bob"),
    )
)
SERVICES = (
    Service(name="api", environments=("prod",), aliases=("backend",)),
    Service(name="api-gateway", environments=("prod",)),
    Service(name="web", environments=("prod",)),
)
HERE = Thread(id="here", audience=(ALICE, BOB))


def turn(text: str = "hello", person: str | None = "alice") -> Turn:
    """Somebody's words."""
    return Turn(id=1, source="message", at=NOW, told_at=NOW, address=ROOM, text=text, person=person)


def asked(number: int, shown: str = "restart api") -> tuple[Call, Request]:
    """A call of alice's that bob may approve."""
    call = Call(
        id=f"c{number}",
        tool="restart",
        args={},
        shown=shown,
        digest="",
        risk=Risk.WRITE,
        phase=Phase.WAITING,
        rule="",
        address=ROOM,
        report=number,
        requesters=("alice",),
    )
    request = Request(
        id=f"r-{number}",
        kind="approval",
        call=call.id,
        shown=shown,
        by="bob",
        deciders=("bob", "carol"),
    )
    return call, request


@dataclass
class Team:
    """Threads of a team, as workers have left them."""

    store: RedisStore
    names: list[str] = field(default_factory=list)

    async def spoke(
        self, title: str, *audience: str, requests: tuple[tuple[Call, Request], ...] = ()
    ) -> str:
        """A thread with this title, seen by these; its id."""
        name = f"room {len(self.names)}"
        await self.store.append([name], message(title), dedupe="")
        held = await opened(self.store, name)
        thread = Thread(id=held.thread, version=1, title=title, audience=audience)
        for call, request in requests:
            thread = thread.with_call(call).with_request(request)
        batch = Batch(
            id="1", expect=held.version, about=about.write(thread), waiting=bool(requests)
        )
        await self.store.release(held.thread, held.fence, batch, want=0)
        await asyncio.sleep(0.002)
        self.names.append(held.thread)
        return held.thread

    async def lines(self, text: str = "hello", thread: Thread = HERE) -> list[str]:
        """What is told besides who asks."""
        return list(await prefetch(self.store).lines(thread, turn(text)))[1:]


def prefetch(store: RedisStore) -> Prefetch:
    """With this team and these services."""
    return Prefetch(store, PEOPLE, SERVICES)


@pytest.fixture
def team(store: RedisStore) -> Team:
    """Nobody has said anything yet."""
    return Team(store)


@pytest.mark.parametrize(
    ("person", "line"),
    [
        ("alice", "Who asks: alice (admin, operator)"),
        ("bob", "Who asks: bob (no role)"),
        ("dave", "Who asks: somebody who is not in the configuration"),
        (None, "Who asks: somebody who is not in the configuration"),
    ],
)
async def test_who_asks(store: RedisStore, person: str | None, line: str) -> None:
    """Their name and what they are, as the configuration has it now."""
    assert await prefetch(store).lines(HERE, turn(person=person)) == (line,)


async def test_open_requests_elsewhere(team: Team) -> None:
    """The newest first, a few of them, with who asked and who may decide."""
    for number in range(1, 5):
        told = asked(number, f"restart api\nOpen {number}"), asked(number + 10, "x" * 200)
        await team.spoke("t", ALICE, BOB, requests=told)
    lines = await team.lines()
    assert len(lines) == MOST_OPEN
    assert lines[0] == f'Open approval r-14, asked by alice, up to bob or carol: "{"x" * 79}…"'
    assert lines[1] == 'Open approval r-4, asked by alice, up to bob or carol: "restart api Open 4"'
    assert [line.split()[2] for line in lines] == ["r-14,", "r-4,", "r-13,", "r-3,", "r-12,"]


async def test_earlier_threads_of_a_service(team: Team) -> None:
    """The newest of each service that is named, whatever it is called there."""
    for number in range(4):
        await team.spoke(f"api is slow {number}", ALICE, BOB)
    last = await team.spoke("The BACKEND,\nagain", ALICE, BOB)
    await team.spoke("api-gateway is fine", ALICE, BOB)
    await team.spoke("capital letters", ALICE, BOB)
    lines = await team.lines("is the backend down?")
    assert len(lines) == MOST_RECENT
    assert lines[0].startswith(f"Earlier thread on api: {last}, 20")
    assert lines[0].endswith(' UTC, idle: "The BACKEND, again"')
    assert [line.rpartition(" ")[2] for line in lines[1:]] == ['3"', '2"']
    assert [line[:29] for line in await team.lines("web, api-gateway.")] == [
        "Earlier thread on api-gateway"
    ]
    assert await team.lines("nothing in particular, rapid") == []


async def test_this_thread_is_not_told_again(team: Team) -> None:
    """What stands on it is before the agent's eyes anyway."""
    name = await team.spoke("restart api", ALICE, BOB, requests=(asked(1),))
    here = Thread(id=name, audience=(ALICE,))
    assert await team.lines("restart api", here) == []


async def test_09_what_was_said_to_fewer_people_is_not_told(team: Team) -> None:
    """A word of alice's own conversation is in no line for a room that bob sees."""
    await team.spoke("api: the password is hunter2", ALICE, requests=(asked(1, "hunter2"),))
    await team.spoke("api for bob", BOB)
    assert await team.lines("what about the api?") == []
    alone = await team.lines("what about the api?", Thread(id="here", audience=(ALICE,)))
    assert sum("hunter2" in line for line in alone) == 2
    assert await team.lines("what about the api?", Thread(id="here", audience=())) == []


async def test_equal_contents_give_equal_lines(team: Team) -> None:
    """However the server orders what it holds, a request is the same byte for byte."""
    for number in range(8):
        await team.spoke("api and web", ALICE, BOB, requests=(asked(number),))
    at = team.store.now().timestamp() * 1000 // 1
    keys = team.store._keys
    await team.store._client.command(
        "ZADD", keys.index, *[word for name in team.names for word in (at, name)]
    )
    first = await team.lines("api or web?")
    members = await team.store._client.command("SMEMBERS", keys.waiting)
    assert isinstance(members, list)
    await team.store._client.command("DEL", keys.waiting)
    for name in sorted(team.names, reverse=True):
        await team.store._client.command("SADD", keys.waiting, name)
    assert await team.lines("api or web?") == first


async def test_a_thread_that_nobody_has_looked_at_yet_is_passed_over(team: Team) -> None:
    """Somebody has just written for the first time: neither lines nor a search break."""
    await team.spoke("api is slow", ALICE, BOB)
    await team.store.append(["new"], message("api"), dedupe="")
    assert len(await team.lines("api?")) == 1
    found = await Search(team.store).search("", audience=(ALICE,), limit=10)
    assert [one.title for one in found] == ["api is slow"]


async def test_a_store_that_fails_costs_lines_and_nothing_else(team: Team) -> None:
    """The agent is asked all the same, with what is known without it."""
    await team.spoke("restart api", ALICE, BOB, requests=(asked(1),))
    waiting = team.store._keys.waiting
    await team.store._client.command("DEL", waiting)
    await team.store._client.command("SET", waiting, "no set")
    told = await prefetch(team.store).lines(HERE, turn("api"))
    assert told == ("Who asks: alice (admin, operator)",)
