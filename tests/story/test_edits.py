"""Edits and batches through the whole house."""

from pathlib import Path

import pytest

from tests.house import open_house, runs


async def test_an_edit_is_checked_and_runs_as_changed(tmp_path: Path) -> None:
    """What runs is what was shown after the change, once; the first version never does."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("bump tag=one")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1 tag=two", "bob")
        answer = await house.answer(given)
        assert "Approved by bob. bump tag=two" in answer
        assert runs(tmp_path) == ["two"]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ("tool=bump", "has no argument"),
        ("env=prod", "has no argument"),
        ("tag=$(reboot)", "must not"),
        ("tag=one", "nothing is changed"),
    ],
)
async def test_an_edit_that_does_not_fit_is_refused(tmp_path: Path, edit: str, why: str) -> None:
    """Outside of the schema, or of the tool: it is said, recorded, and the request stands."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("bump tag=one")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1 {edit}", "bob")
        assert why in await house.answer(given)
        assert "decision_refused" in await house.kinds(asked.thread)
        assert runs(tmp_path) == []
        assert f"{asked.thread}-1" in (await house.thread(asked.thread)).requests


async def test_a_listed_batch_is_approved_at_once_across_threads(tmp_path: Path) -> None:
    """Two threads, one word: each runs once, and each says so."""
    async with open_house(tmp_path) as house:
        first = await house.tell("bump tag=one", thread="a")
        second = await house.tell("bump tag=two", thread="b")
        await house.answer(first)
        await house.answer(second)
        last = await house.tell(f"approve {first.thread}-1 {second.thread}-1", "bob")
        assert "bump tag=two" in await house.answer(last)
        await house.until(first, "tool_returned")
        assert sorted(runs(tmp_path)) == ["one", "two"]
