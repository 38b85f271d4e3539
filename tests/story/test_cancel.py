"""While a long runbook runs: cancel, decisions, prose and pause."""

import asyncio
import os
from pathlib import Path

from bot import events as e
from bot.store.port import Appended
from channels.port import Author
from tests.house import House, open_house, runs


async def long_run(house: House) -> Appended:
    """A 60 s run under way; returns the approval that began it."""
    asked = await house.tell("bump tag=sleep")
    await house.answer(asked)
    given = await house.tell(f"approve {asked.thread}-1")
    await house.until(given, "tool_started")
    return given


async def pid_of_sleep(folder: Path) -> int:
    """The process that the runbook's program has started in its turn."""
    pids = folder / "runs.pids"
    # A file that another program writes rings no bell.
    while not (pids.exists() and pids.read_text().strip()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return int(pids.read_text())


def gone(pid: int) -> bool:
    """Whether a process is no more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


async def test_cancel_kills_the_process_group(tmp_path: Path) -> None:
    """`cancel` ends a 60 s run at once, children of children included, and says so."""
    async with open_house(tmp_path) as house:
        given = await long_run(house)
        pid = await pid_of_sleep(tmp_path)
        cancelled = await house.tell("cancel")
        assert "stopping bump" in await house.answer(cancelled)
        assert "cancelled by alice" in await house.answer(given)
        assert gone(pid)


async def test_cancel_from_the_command_line_acts_alike(tmp_path: Path) -> None:
    """A `cancelled` event that another process appends stops the run as well."""
    async with open_house(tmp_path) as house:
        given = await long_run(house)
        pid = await pid_of_sleep(tmp_path)
        operator = e.Cancelled(by=Author(channel="console", id="bob"), person="bob")
        await house.store.append_to(given.thread, operator, dedupe="")
        assert "cancelled by bob" in await house.answer(given)
        assert gone(pid)


async def test_an_approval_acts_at_once_beside_a_run(tmp_path: Path) -> None:
    """A second write, asked for before, is approved and ends while the first one still runs."""
    async with open_house(tmp_path) as house:
        other = await house.tell("bump tag=quick")
        await house.answer(other)
        asked = await house.tell("bump tag=sleep")
        await house.answer(asked)
        first = await house.tell(f"approve {asked.thread}-2")
        await house.until(first, "tool_started")
        second = await house.tell(f"approve {asked.thread}-1")
        assert "exit 0" in await house.answer(second)
        assert await house.answers(first) == []
        assert sorted(runs(tmp_path)) == ["quick", "sleep"]
        await house.ask("cancel")


async def test_prose_gets_still_running_and_its_answer_after(tmp_path: Path) -> None:
    """Who writes while something runs is told so, and answered once it is over."""
    async with open_house(tmp_path) as house:
        given = await long_run(house)
        prose = await house.tell("how is it going over there")
        notice = await house.until(prose, "notice_queued")
        assert isinstance(notice, e.NoticeQueued)
        assert "Still running: bump" in notice.text
        assert await house.answers(prose) == []
        operator = e.Cancelled(by=Author(channel="console", id="bob"), person="bob")
        await house.store.append_to(given.thread, operator, dedupe="")
        assert len(await house.answer(prose)) > 0


async def test_pause_holds_and_resume_goes_on(tmp_path: Path) -> None:
    """A thread paused from outside starts nothing; resumed, it answers what came meanwhile."""
    async with open_house(tmp_path) as house:
        first = await house.tell("services")
        await house.answer(first)
        bob = Author(channel="console", id="bob")
        await house.store.append_to(first.thread, e.Paused(by=bob, person="bob"), dedupe="")
        asked = await house.tell("look service=api")
        notice = await house.until(asked, "notice_queued")
        assert isinstance(notice, e.NoticeQueued)
        assert "Paused by bob" in notice.text
        assert "tool_started" not in (await house.kinds(first.thread))[asked.seq :]
        await house.store.append_to(first.thread, e.Resumed(by=bob, person="bob"), dedupe="")
        assert "api is fine" in await house.answer(asked)


async def test_a_draining_worker_finishes_what_runs(tmp_path: Path) -> None:
    """Told to stop, a worker ends its turn and leaves; the next message waits for another."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("look service=api")
        await house.until(asked, "tool_requested")
        await house.rest()
        assert len(await house.answers(asked)) <= 1
        house.hire()
        assert "api is fine" in await house.answer(asked)
