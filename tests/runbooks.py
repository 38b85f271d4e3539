"""Runbooks of real programs for tests, and what became of their processes."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from agents.port import Caller, Result, Risk, Service, Tool, ToolFailed
from agents.tools.redact import Redactor
from agents.tools.runbook import RunbookSpec, runbook_tool

SECRET = "hunter2secret"
CALLER = Caller(
    thread="abcdefgh2345", key="k", person=None, audience=(), now=datetime(2026, 3, 1, tzinfo=UTC)
)

Make = Callable[..., Tool]


@dataclass
class Catalogue:
    def services(self) -> tuple[Service, ...]:
        """One service."""
        return (Service(name="api", environments=("prod",)),)


def maker(folder: Path) -> Make:
    """Makes a runbook of a script in the folder: shell, or Python where it begins so."""

    def made(script: str, *words: str, timeout: float = 30, **more: object) -> Tool:
        interpreter = f"#!{sys.executable}" if script.startswith("import ") else "#!/bin/sh"
        path = folder / "program"
        path.write_text(f"{interpreter}\n{script}")
        path.chmod(0o755)
        spec = RunbookSpec(
            name="try",
            summary="Try it",
            argv=(str(path), *words),
            risk=Risk.READ,
            timeout=timedelta(seconds=timeout),
            **more,  # type: ignore[arg-type]
        )
        return runbook_tool(spec, Catalogue(), Redactor([SECRET]))

    return made


async def ran(tool: Tool, **args: object) -> Result:
    """The tool's result for these arguments."""
    return await tool.run(tool.params.model_validate(args), CALLER)


async def failed(tool: Tool) -> ToolFailed:
    """How the tool failed."""
    with pytest.raises(ToolFailed) as failure:
        await ran(tool)
    return failure.value


def alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody has reaped yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def all_dead(pids: list[int]) -> bool:
    """Whether all of them are dead within five seconds."""
    for _ in range(250):
        if not any(alive(pid) for pid in pids):
            return True
        await asyncio.sleep(0.02)
    return False
