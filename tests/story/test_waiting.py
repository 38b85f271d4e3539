"""Waiting costs nothing and survives everything: approvals, timers, recovery."""

import asyncio
from datetime import timedelta
from pathlib import Path

from agents.agent import Decided, Reading
from agents.port import Say
from bot import events as e
from bot.recovery import recover
from bot.replay import check
from tests.house import RUNBOOKS, open_house, runs
from tests.keys import move_timers, wipe_execution

SHORT = RUNBOOKS.replace(
    'by = "operator", self = true', 'by = "operator", self = true, expire = "2s"'
)


async def test_16_an_approval_survives_restarts_and_holds_no_worker(tmp_path: Path) -> None:
    """Between asking and deciding no worker holds the thread; another one wakes on the answer."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("bump tag=patience")
        await house.answer(asked)
        await house.rest()
        held = await house.store.execution(asked.thread)
        assert not held.leased
        assert not held.ready
        assert list(held.timers) == [f"expire:{asked.thread}-1"]
        house.hire()
        given = await house.tell(f"approve {asked.thread}-1")
        assert "exit 0" in await house.answer(given)
        assert (await house.store.execution(asked.thread)).timers == {}
        assert "approval_expired" not in await house.kinds(asked.thread)


async def test_16_an_expiry_fires_once_whoever_is_awake(tmp_path: Path) -> None:
    """Two workers and a restart: the request expires exactly once, then can not be approved."""
    async with open_house(tmp_path, workers=2, runbooks=SHORT) as house:
        asked = await house.tell("bump tag=late")
        await house.answer(asked)
        await house.rest()
        house.hire()
        house.hire()
        await house.until(asked, "approval_expired")
        assert "expired" in await house.ask(f"approve {asked.thread}-1")
        kinds = await house.kinds(asked.thread)
        assert kinds.count("approval_expired") == 1
        assert kinds.count("timer_fired") == 1
        assert runs(tmp_path) == []


async def test_recover_rebuilds_what_was_lost(tmp_path: Path) -> None:
    """Every execution key deleted: after `recover` the approval is pending and its expiry fires."""
    async with open_house(tmp_path, runbooks=SHORT) as house:
        asked = await house.tell("bump tag=lost")
        await house.answer(asked)
        await house.rest()
        assert await wipe_execution(house.settings) > 0
        assert (await house.store.execution(asked.thread)).timers == {}
        recovered = await recover(house.store, house.rules)
        assert recovered.rebuilt == 1
        rows = await house.store.threads(limit=10, waiting=True)
        assert [row.thread for row in rows] == [asked.thread]
        house.hire()
        await house.until(asked, "approval_expired")
        await house.rest()
        assert (await check(house.store, house.rules, asked.thread)).ok


async def test_recover_brings_back_input_that_was_not_looked_at(tmp_path: Path) -> None:
    """A message that stood in the queue when the queue was lost is answered after `recover`."""
    async with open_house(tmp_path, workers=0) as house:
        asked = await house.tell("look service=api")
        await wipe_execution(house.settings)
        await recover(house.store, house.rules)
        house.hire()
        assert "api is fine" in await house.answer(asked)


async def test_an_old_fence_never_becomes_valid_again(tmp_path: Path) -> None:
    """A worker that slept through the loss of all execution keys can write nothing."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("bump tag=sleep")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1")
        await house.until(given, "tool_started")
        await wipe_execution(house.settings)
        await recover(house.store, house.rules)
        house.hire()
        question = await house.until(given, "question_asked")
        assert isinstance(question, e.QuestionAsked)
        assert (await house.kinds(given.thread)).count("tool_started") == 1


async def test_14_a_call_ten_times_the_lease_runs_once(tmp_path: Path) -> None:
    """A run that outlasts its lease many times is kept by the heartbeat: one run, two workers."""
    books = RUNBOOKS + (
        '[runbooks.long]\nsummary = "Long"\nargv = ["/bin/sleep", "10"]\nrisk = "read"\n'
    )
    async with open_house(tmp_path, workers=2, lease="1s", runbooks=books) as house:
        asked = await house.tell("long")
        assert "exit 0" in await house.answer(asked)
        kinds = await house.kinds(asked.thread)
        assert kinds.count("tool_started") == 1
        assert kinds.count("tool_returned") == 1


class Slow:
    """An agent that thinks until it is let go, and says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.thinking = asyncio.Event()
        self.go_on = asyncio.Event()

    async def step(self, reading: Reading) -> Decided:
        """What was asked, once `go_on` is set."""
        self.asked.append(reading.text)
        self.thinking.set()
        await self.go_on.wait()
        return Decided(step=Say(text=f"you said: {reading.text}"))


async def test_15_input_during_the_agents_step_is_answered(tmp_path: Path) -> None:
    """What is said while an agent thinks is answered too, and the step is not made twice."""
    async with open_house(tmp_path, workers=0) as house:
        agent = Slow()
        house.hire(agent)
        first = await house.tell("tell me about the first thing")
        await agent.thinking.wait()
        second = await house.tell("and about the second thing")
        command = await house.tell("look service=api")
        agent.go_on.set()
        assert "the first thing" in await house.answer(first)
        assert "the second thing" in await house.answer(second)
        assert "api is fine" in await house.answer(command)
        assert len(agent.asked) == 2


async def test_15_cancel_calls_off_what_waits_while_an_agent_thinks(tmp_path: Path) -> None:
    """A `cancel` meanwhile acts at once: the question that waits is answered as cancelled."""
    async with open_house(tmp_path, workers=0) as house:
        agent = Slow()
        house.hire(agent)
        first = await house.tell("tell me about the first thing")
        await agent.thinking.wait()
        cancelled = await house.tell("cancel")
        await house.answer(cancelled)
        assert "Cancelled" in await house.answer(first)
        agent.go_on.set()
        assert "api is fine" in await house.ask("look service=api")
        assert len(await house.answers(first)) == 1
        assert (await house.store.execution(first.thread)).attempts <= 1


async def test_16_thirty_days_pass(tmp_path: Path) -> None:
    """An approval that stays open for 30 days expires once, after restarts, and not before."""
    month = RUNBOOKS.replace("self = true", 'self = true, expire = "30d"')
    async with open_house(tmp_path, runbooks=month) as house:
        asked = await house.tell("bump tag=month")
        await house.answer(asked)
        await house.rest()
        await move_timers(house.settings, asked.thread, timedelta(days=29).total_seconds())
        house.hire()
        await house.ask("help", thread="other")
        assert "approval_expired" not in await house.kinds(asked.thread)
        await house.rest()
        await move_timers(house.settings, asked.thread, timedelta(days=2).total_seconds())
        house.hire()
        await house.until(asked, "approval_expired")
        assert (await house.kinds(asked.thread)).count("approval_expired") == 1
