"""The walk of one message, through the whole house."""

import asyncio
from pathlib import Path

import pytest

from bot import events as e
from bot.intake import Refused
from bot.replay import check
from bot.wiring import build_intake
from channels.port import Address, Author, Inbound
from tests.house import open_house, runs


async def test_a_command_is_answered(tmp_path: Path) -> None:
    """A message becomes an event, a tool runs, and its outcome is the answer."""
    async with open_house(tmp_path) as house:
        assert "api is fine" in await house.ask("look service=api")
        assert "restart" not in await house.ask("help")
        assert "bump" in await house.ask("help")
        assert "staging" in await house.ask("services")


async def test_prose_gets_help_and_the_reason(tmp_path: Path) -> None:
    """Without a model prose is answered by what can be said instead, and why."""
    async with open_house(tmp_path) as house:
        answer = await house.ask("could you please have a look at the api for me")
        assert "No model is connected" in answer
        assert "look" in answer


async def test_a_write_needs_somebody_else(tmp_path: Path) -> None:
    """Asked by alice, not approvable by alice, approved by bob from his own console: run once."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("change tag=now")
        request = f"{asked.thread}-1"
        assert request in await house.answer(asked)
        assert "asked for it yourself" in await house.ask(f"approve {request}")
        assert runs(tmp_path) == []
        given = await house.tell(f"approve {request}", "bob")
        assert given.thread == asked.thread
        assert "exit 0" in await house.answer(given)
        assert "approved by bob" in await house.ask(f"approve {request}", "bob")
        assert runs(tmp_path) == ["now"]


async def test_two_decisions_at_once_are_one(tmp_path: Path) -> None:
    """Many approvals of one request at the same time: one outcome, one run."""
    async with open_house(tmp_path, workers=2) as house:
        asked = await house.tell("bump tag=single")
        await house.answer(asked)
        given = await asyncio.gather(
            *(house.tell(f"approve {asked.thread}-1", who) for who in ["alice", "bob"] * 10)
        )
        answers = await asyncio.gather(*(house.answer(one) for one in given))
        assert len([answer for answer in answers if "exit 0" in answer]) == 1
        assert runs(tmp_path) == ["single"]


async def test_01_the_same_delivery_three_times_is_one_turn(tmp_path: Path) -> None:
    """A message delivered three times is one event and one answer."""
    async with open_house(tmp_path) as house:
        stored = [await house.tell("look service=api", dedupe="m1") for _ in range(3)]
        assert [one.fresh for one in stored] == [True, False, False]
        assert {one.seq for one in stored} == {1}
        await house.answer(stored[0])
        assert (await house.kinds(stored[0].thread)).count("message_received") == 1


async def test_order_holds_within_a_thread_with_two_workers(tmp_path: Path) -> None:
    """Thirty commands at once on one thread are answered one by one, in their order."""
    async with open_house(tmp_path, workers=2) as house:
        asked = [await house.tell("look service=api") for _ in range(30)]
        await house.answer(asked[-1])
        log = await house.store.events(asked[0].thread)
        answered = [event.answers[0] for event in log if isinstance(event, e.ReplyQueued)]
        assert answered == [one.seq for one in asked]
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        await house.rest()
        assert (await check(house.store, house.rules, asked[0].thread)).ok


async def test_strangers_are_told_once_whom_to_ask(tmp_path: Path) -> None:
    """Who is not in the configuration gets one notice and nothing run."""
    async with open_house(tmp_path) as house:
        first = await house.tell("look service=api", "mallory")
        notice = await house.until(first, "reply_delivered")
        again = await house.tell("look service=api", "mallory")
        assert not again.fresh
        assert notice.seq == 2
        assert await house.kinds(first.thread) == ["notice_queued", "reply_delivered"]


async def test_a_huge_message_is_refused_with_a_reason(tmp_path: Path) -> None:
    """A megabyte of text is not taken in; its author hears what to mend; nothing is stored."""
    async with open_house(tmp_path) as house:
        with pytest.raises(Refused, match="shorten it"):
            await house.tell("x" * 1_000_000)
        assert await house.store.find("console:alice") is None


async def test_a_reminder_comes_back_on_its_thread(tmp_path: Path) -> None:
    """`remind` is data: it fires on the same thread, also after a restart."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("remind in=1s text=tea")
        await house.answer(asked)
        await house.rest()
        house.hire()
        async for event in house.store.follow(asked.thread, after=asked.seq):
            if isinstance(event, e.ReplyQueued) and event.text == "Reminder: tea":
                break


async def test_threads_are_found_within_their_audience(tmp_path: Path) -> None:
    """What alice said on her own is found by alice and by nobody else."""
    async with open_house(tmp_path) as house:
        await house.ask("services please tell me of zanzibar")
        await house.rest()
        house.hire()
        assert "zanzibar" in await house.ask("threads query=zanzibar", thread="other")
        assert "tell me of zanzibar" not in await house.ask("threads query=zanzibar", "bob")


async def test_a_message_that_may_not_open_a_thread_is_dropped(tmp_path: Path) -> None:
    """Input without a known conversation, where it may not begin one, is not for us."""
    async with open_house(tmp_path, workers=0) as house:
        stored = await build_intake(house.settings, house.store).deliver(
            Inbound(
                references=("console:nowhere",),
                dedupe="",
                author=Author(channel="console", id="alice"),
                address=Address(channel="console", room="alice"),
                text="help",
                audience=("console:alice",),
                may_open=False,
            )
        )
        assert stored is None
