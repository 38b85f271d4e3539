"""The program file of a runbook: whether it can run, and exactly which one it is."""

import asyncio
import hashlib
import os
from pathlib import Path

from agents.port import PlanRefused


async def fingerprint(path: str, runbook: str) -> str:
    """Hex SHA-256 of the program. Raises `PlanRefused` that names the path and the runbook."""
    return await asyncio.to_thread(_fingerprint, path, runbook)


def _fingerprint(path: str, runbook: str) -> str:
    program = Path(path)
    try:
        if not program.is_file():
            raise PlanRefused(f"runbook {runbook}: there is no program {path}")
        if not os.access(program, os.X_OK):
            raise PlanRefused(f"runbook {runbook}: {path} is not executable")
        with program.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PlanRefused(f"runbook {runbook}: can not read {path}: {error.strerror}") from error
