"""Guarantees 1-4 at every named point: a worker is killed there, another one goes on.

The numbers are those of the windows in which a worker can die: after the claim (5), the open (6),
the agent (7), the decision's commit (8), the effect (9, 10) and its record (11).
"""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from bot.auditing import verify
from bot.replay import check
from bot.store.port import Appended
from tests import crashing, warm
from tests.house import House, open_house, runs

LEASE = "1s"


async def die_at(folder: Path, point: str, nth: int = 1) -> None:
    """A worker process runs until it kills itself at the point."""
    child = warm.process(crashing.main, "kill", str(folder), point, nth)
    await asyncio.to_thread(child.join)
    assert child.exitcode == -signal.SIGKILL


async def settled(house: House, asked: Appended) -> str:
    """Another worker takes over; the answer, once; log, what is stored and the audit agree."""
    house.hire()
    answer = await house.answer(asked)
    await house.rest()
    assert len(await house.answers(asked)) == 1
    kinds = await house.kinds(asked.thread)
    assert kinds.count("message_received") == kinds.count("turn_ended")
    assert (await check(house.store, house.rules, asked.thread)).ok
    assert (await verify(house.store)).faults == ()
    return answer


@pytest.mark.parametrize(
    ("point", "nth"),
    [
        pytest.param("after_claim", 1, id="05-after_claim"),
        pytest.param("after_open", 1, id="06-after_open"),
        pytest.param("before_PlanCall", 1, id="07-before_plan"),
        pytest.param("after_PlanCall", 1, id="07-after_plan"),
        pytest.param("after_commit", 1, id="08-after_decision_commit"),
        pytest.param("after_commit", 2, id="08-after_start_commit"),
        pytest.param("before_RunTool", 1, id="09-before_effect"),
        pytest.param("after_RunTool", 1, id="09-after_effect"),
        pytest.param("after_release", 1, id="11-after_record"),
    ],
)
async def test_a_read_is_answered_once_wherever_the_worker_dies(
    tmp_path: Path, point: str, nth: int
) -> None:
    """Killed at any point of a read command: one answer, one turn, nothing lost or doubled."""
    async with open_house(tmp_path, workers=0, lease=LEASE) as house:
        asked = await house.tell("look service=api")
        await die_at(tmp_path, point, nth)
        assert "api is fine" in await settled(house, asked)
        assert (await house.kinds(asked.thread)).count("tool_returned") == 1


async def approved(house: House) -> Appended:
    """A write that has been asked for and approved, with nobody to run it yet."""
    house.hire()
    asked = await house.tell("bump tag=once")
    await house.answer(asked)
    await house.rest()
    return await house.tell(f"approve {asked.thread}-1")


@pytest.mark.parametrize("point", ["before_RunTool", "after_RunTool"])
async def test_10_a_write_is_never_run_again(tmp_path: Path, point: str) -> None:
    """Killed around a write: it ran at most once, its outcome is uncertain, people are asked."""
    async with open_house(tmp_path, workers=0, lease=LEASE) as house:
        given = await approved(house)
        await die_at(tmp_path, point)
        answer = await settled(house, given)
        assert "nobody knows whether it was done" in answer
        kinds = await house.kinds(given.thread)
        assert kinds.count("tool_uncertain") == 1
        assert kinds.count("tool_started") == 1
        assert len(runs(tmp_path)) <= 1


@pytest.mark.parametrize("point", ["after_open", "after_claim"])
async def test_09_an_approved_write_runs_once_if_it_had_not_begun(
    tmp_path: Path, point: str
) -> None:
    """Killed between the approval and the run: the next worker runs it, once."""
    async with open_house(tmp_path, workers=0, lease=LEASE) as house:
        given = await approved(house)
        await die_at(tmp_path, point)
        assert "exit 0" in await settled(house, given)
        assert runs(tmp_path) == ["once"]


async def test_11_a_recorded_write_is_not_run_again(tmp_path: Path) -> None:
    """Killed right after the record: nothing is left to do, nothing runs again."""
    async with open_house(tmp_path, workers=0, lease=LEASE) as house:
        given = await approved(house)
        await die_at(tmp_path, "after_release")
        assert "exit 0" in await settled(house, given)
        assert runs(tmp_path) == ["once"]
        assert "tool_uncertain" not in await house.kinds(given.thread)


@pytest.mark.timeout(20)
async def test_a_dead_worker_is_noticed_before_its_lease_ends(tmp_path: Path) -> None:
    """On one machine nobody waits out the lease (30 s) of a worker that was killed."""
    async with open_house(tmp_path, workers=0, lease="30s") as house:
        asked = await house.tell("look service=api")
        await die_at(tmp_path, "before_RunTool")
        assert "api is fine" in await settled(house, asked)


async def test_13_a_worker_that_slept_through_its_lease_is_fenced(tmp_path: Path) -> None:
    """Its event loop stands still for longer than the lease: another worker goes on, one answer."""
    async with open_house(tmp_path, workers=0, lease="1s") as house:
        asked = await house.tell("look service=api")
        sleeper = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.crashing", "stall", str(tmp_path), "after_RunTool", "4"),
            stdout=asyncio.subprocess.PIPE,
        )
        await house.until(asked, "tool_started")
        house.hire()
        assert "api is fine" in await house.answer(asked)
        before = await house.kinds(asked.thread)
        assert sleeper.stdout is not None
        assert await sleeper.stdout.readline() == b"awake\n"
        sleeper.terminate()
        assert await sleeper.wait() == 0
        assert await house.kinds(asked.thread) == before
        assert before.count("tool_returned") == 1
        assert len(await house.answers(asked)) == 1
