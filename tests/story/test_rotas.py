"""Rotas through the whole house: who is on duty decides."""

import asyncio
from pathlib import Path

import pytest

from bot import rosters
from tests.house import RUNBOOKS, House, open_house, runs

ON_DUTY = """
[runbooks.oncall]
summary = "Who is on duty"
argv = ["{duty}"]
risk = "read"
[rotas.duty]
runbook = "oncall"
fallback = "bob"
"""


def duty(folder: Path, script: str) -> Path:
    """The program that says who is on duty."""
    program = folder / "duty"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


async def asks(house: House, person: str) -> str:
    """Ask for a run until the runbook has been asked again, and this person is who may decide."""
    for number in range(200):
        asked = await house.tell("change tag=one", thread=f"{person}{number}")
        await house.answer(asked)
        *_, request = (await house.thread(asked.thread)).requests.values()
        if request.deciders == (person,):
            return request.id
        await asyncio.sleep(0.05)
    raise AssertionError(f"{person} is never on duty")


async def test_the_program_says_who_may_approve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked again and again: who comes on duty may decide, who leaves may not."""
    monkeypatch.setattr(rosters, "KEPT", 0.1)
    monkeypatch.setattr(rosters, "RETRY", 0.1)
    program = duty(tmp_path, "echo carol")
    books = RUNBOOKS.replace('by = "operator" }', 'by = "duty" }') + ON_DUTY
    async with open_house(tmp_path, runbooks=books.replace("{duty}", str(program))) as house:
        first = await asks(house, "carol")
        duty(tmp_path, "exit 1")
        await asks(house, "bob")
        late = await house.ask(f"approve {first}", "carol")
        assert "you may not decide this, bob may" in late
        assert runs(tmp_path) == []
        duty(tmp_path, "echo carol")
        await asks(house, "carol")
        assert "you may not decide this, carol may" in await house.ask(f"approve {first}", "bob")
        assert "Approved by carol" in await house.ask(f"approve {first}", "carol")
        assert runs(tmp_path) == ["one"]
