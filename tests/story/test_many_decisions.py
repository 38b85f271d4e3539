"""Very many decisions at once, from several processes; and weeks that pass between them."""

import asyncio
import sys
from pathlib import Path

from bot.auditing import verify
from bot.replay import check
from tests.fake_model import FakeModel
from tests.house import RUNBOOKS, House, open_house, runs
from tests.keys import move_timers
from tests.story.test_crash_points import die_at

PROCESSES = 3
WEEK = 7 * 24 * 3600.0
NAGS = {
    "human_reminded": "after_commit",
    "human_escalated": "after_commit",
    "approval_expired": "after_release",
}
"""What comes each week, and a point at which a worker is killed that deals with it."""
SLOW = (
    RUNBOOKS.replace(
        'approve = { by = "operator" }',
        'approve = { by = "operator", remind = "7d", escalate = "lead", expire = "21d" }',
    )
    + """
[people.lena]
console = "lena"
roles = ["lead"]
"""
)


async def say(child: asyncio.subprocess.Process, answer: str) -> None:
    """Tell it to go on, and wait for its word."""
    assert child.stdin is not None
    assert child.stdout is not None
    if answer != "ready":
        child.stdin.write(b"go\n")
        await child.stdin.drain()
    assert await child.stdout.readline() == f"{answer}\n".encode()


async def test_200_decisions_from_three_processes_are_one_outcome(tmp_path: Path) -> None:
    """One approval counts, it runs once, and every other of the 200 is told so; all is audited."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        request = f"{asked.thread}-1"
        children = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                *(
                    "-m",
                    "tests.deciding",
                    str(tmp_path),
                    request,
                    str(count),
                    "bob",
                    "alice",
                    "carol",
                ),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            for count in (67, 67, 66)
        ]
        await asyncio.gather(*(say(child, "ready") for child in children))
        await asyncio.gather(*(say(child, "said") for child in children))
        for child in children:
            await child.communicate(b"go\n")
        await house.until(asked, "turn_ended", nth=201)
        await house.rest()
        kinds = await house.kinds(asked.thread)
        assert kinds.count("approval_given") == 1
        assert kinds.count("tool_started") == 1
        assert kinds.count("decision_refused") == 199
        assert kinds.count("turn_ended") == 201
        assert runs(tmp_path) == ["one"]
        await in_order(house, asked.thread)


async def in_order(house: House, thread: str) -> None:
    """Log, what is stored, and the audit agree."""
    assert (await check(house.store, house.rules, thread)).ok
    assert (await verify(house.store)).faults == ()


async def test_three_weeks_pass_with_kills_in_between(tmp_path: Path) -> None:
    """Reminder, escalation and expiry come exactly once each, whoever is killed; no model is asked.

    The weeks pass in the store, where due times come earlier.
    """
    model = FakeModel()
    async with open_house(tmp_path, workers=1, runbooks=SLOW, lease="1s") as house:
        asked = await house.tell("change tag=one")
        await house.answer(asked)
        await house.rest()
        for week, (kind, point) in enumerate(NAGS.items(), start=1):
            await move_timers(house.settings, asked.thread, WEEK * week)
            await die_at(tmp_path, "after_open")
            await die_at(tmp_path, point)
            house.hire(model=model)
            await house.until(asked, kind)
            await house.rest()
        kinds = await house.kinds(asked.thread)
        for kind in NAGS:
            assert kinds.count(kind) == 1
        await in_order(house, asked.thread)
        assert runs(tmp_path) == []
    assert model.calls == []
