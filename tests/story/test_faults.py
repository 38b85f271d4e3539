"""Parts that fail, and people who say several things at once, in the whole house."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.agent import Decided, Reading
from bot import events as e
from bot import sentences
from bot.store.port import Appended
from bot.wiring import build_intake
from channels.port import Address, Author, Inbound
from tests.fakes import FakeChannel, Take, accept, broken, down
from tests.house import RUNBOOKS, House, open_house, runs
from tests.keys import raw, rows_of

SLACK = Address(channel="slack", room="C1")
HOLD = """
[runbooks.hold]
summary = "Run until a test lets it end"
argv = ["/usr/bin/head", "-n", "1", "GATE"]
risk = "write"
approve = { by = "operator", self = true }
"""
SECRET = "correct-horse-battery"
BACKLOG = 1001


async def from_slack(house: House, text: str) -> Appended:
    """Alice writes where replies have to be sent."""
    stored = await build_intake(house.settings, house.store).deliver(
        Inbound(
            references=("slack:C1",),
            dedupe="",
            author=Author(channel="console", id="alice"),
            address=SLACK,
            text=text,
            audience=("console:alice",),
        )
    )
    assert stored is not None
    return stored


# --- a cancel beside an approval -----------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
async def test_a_cancel_and_an_approval_that_nobody_saw_come_run_nothing(
    tmp_path: Path, order: int
) -> None:
    """Both said while no worker runs: whichever was first, both are answered, nothing runs."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("change tag=never")
        await house.answer(asked)
        await house.rest()
        said = [("cancel", "alice"), (f"approve {asked.thread}-1", "bob")][::order]
        told = [await house.tell(text, by) for text, by in said]
        assert {one.thread for one in told} == {asked.thread}
        house.hire()
        answers = [await house.answer(one) for one in told]
        assert all("ancelled" in answer for answer in answers)
        assert runs(tmp_path) == []
        assert "tool_started" not in await house.kinds(asked.thread)


# --- many at once --------------------------------------------------------------------------------


async def test_a_backlog_is_answered_in_full(tmp_path: Path) -> None:
    """1,001 messages that came while no worker ran: each is answered once, none is set aside."""
    async with open_house(tmp_path, workers=0) as house:
        first = await house.tell("servces")
        (heard,) = await house.store.events(first.thread)
        for _ in range(BACKLOG - 1):
            last = await house.store.append_to(first.thread, heard, dedupe="")
        house.hire()
        await house.answer(last)
        assert await house.store.dead() == {}
        log = await house.store.events(first.thread)
        replies = [event for event in log if isinstance(event, e.ReplyQueued)]
        assert [event.answers for event in replies] == [(n,) for n in range(1, BACKLOG + 1)]
        assert all("services" in event.text for event in replies)


# --- an agent that breaks ------------------------------------------------------------------------


class Breaking:
    """An agent that thinks until it is let go, and then breaks."""

    def __init__(self) -> None:
        self.thinking = asyncio.Event()
        self.go_on = asyncio.Event()

    async def step(self, _reading: Reading) -> Decided:
        """Raise, once `go_on` is set."""
        self.thinking.set()
        await self.go_on.wait()
        raise RuntimeError("the model is down")


@contextmanager
def gate(path: Path) -> Iterator[int]:
    """A pipe at which `hold` waits for a line; what is yielded takes it, read or not yet."""
    os.mkfifo(path)
    end = os.open(path, os.O_RDWR)
    try:
        yield end
    finally:
        os.close(end)


async def test_an_agent_that_breaks_does_not_touch_what_runs_beside_it(tmp_path: Path) -> None:
    """A write begun while it thought goes on and is reported; its words are answered as unread."""
    books = RUNBOOKS + HOLD.replace("GATE", str(tmp_path / "gate"))
    async with open_house(tmp_path, workers=0, runbooks=books) as house:
        agent = Breaking()
        house.hire(agent)
        asked = await house.tell("hold")
        await house.answer(asked)
        prose = await house.tell("what is going on over there")
        await agent.thinking.wait()
        with gate(tmp_path / "gate") as end:
            given = await house.tell(f"approve {asked.thread}-1")
            await house.until(given, "tool_started")
            agent.go_on.set()
            assert await house.answer(prose) == sentences.NOT_READ
            assert await house.answers(given) == []
            os.write(end, b"done at last\n")
            answer = await house.answer(given)
        assert "exit 0" in answer
        assert "done at last" in answer
        kinds = await house.kinds(asked.thread)
        assert kinds.count("tool_started") == kinds.count("tool_returned") == 1


# --- a channel that is down ----------------------------------------------------------------------


@pytest.mark.parametrize("take", [down, broken])
async def test_a_reply_waits_for_its_channel_and_holds_no_worker(
    tmp_path: Path, take: Take
) -> None:
    """It is postponed by a timer; another worker delivers it later, once, under the same key."""
    async with open_house(tmp_path, workers=0) as house:
        channel = FakeChannel(take)
        house.hire(channels={"slack": channel})
        asked = await from_slack(house, "services")
        postponed = await house.until(asked, "reply_postponed")
        assert isinstance(postponed, e.ReplyPostponed)
        await house.rest()
        held = await house.store.execution(asked.thread)
        assert not held.leased
        assert held.timers[f"send:{postponed.reply}"] >= postponed.until
        assert await house.store.dead() == {}
        channel.take = accept
        house.hire(channels={"slack": channel})
        assert "staging" in await house.answer(asked)
        assert len(channel.sent) == 1
        assert set(channel.keys) == {f"{asked.thread}:{postponed.reply}"}
        assert (await house.store.execution(asked.thread)).timers == {}


async def test_a_worker_without_the_channel_leaves_the_reply_to_another(tmp_path: Path) -> None:
    """A reply for a channel that is not connected here is sent by a worker that has it."""
    async with open_house(tmp_path) as house:
        asked = await from_slack(house, "services")
        postponed = await house.until(asked, "reply_postponed")
        await house.rest()
        channel = FakeChannel()
        house.hire(channels={"slack": channel})
        assert "staging" in await house.answer(asked)
        assert len(channel.sent) == 1
        assert postponed.seq < (await house.until(asked, "reply_delivered")).seq


# --- words as they come --------------------------------------------------------------------------


async def test_a_decision_that_addresses_the_bot_counts_from_another_thread(tmp_path: Path) -> None:
    """`watchkeeper approve ID`, said elsewhere, finds the request's own thread and runs it."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("change tag=called")
        await house.answer(asked)
        given = await house.tell(f"watchkeeper approve {asked.thread}-1", "bob")
        assert given.thread == asked.thread
        assert "Approved by bob" in await house.answer(given)
        assert runs(tmp_path) == ["called"]


async def test_half_a_character_is_taken_in(tmp_path: Path) -> None:
    """A message with half a surrogate pair is stored without it, and answered."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("look service=api \ud83d")
        assert len(await house.answer(asked)) > 0
        (heard, *_) = await house.store.events(asked.thread)
        assert isinstance(heard, e.MessageReceived)
        assert heard.text == "look service=api ?"


async def test_a_secret_of_the_bots_own_is_not_stored(tmp_path: Path) -> None:
    """Who types one of the bot's secrets into a message finds it redacted in the log."""
    (tmp_path / ".env").write_text(f"WATCHKEEPER_SECRET={SECRET}\n")
    async with open_house(tmp_path) as house:
        asked = await house.tell(f"is {SECRET} the right one?")
        await house.answer(asked)
        (heard, *_) = await house.store.events(asked.thread)
        assert isinstance(heard, e.MessageReceived)
        assert heard.text == "is [redacted] the right one?"
        async with raw(house.settings) as client:
            rows = await rows_of(client, f"wk:{{watchkeeper}}:t:{asked.thread}:e")
        assert SECRET not in str(rows)
