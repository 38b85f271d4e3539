"""A runbook whose worker is killed: nothing of it outlives the worker."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.runbooks import alive

ROOT = Path(__file__).parents[2]

WORKER = """
import asyncio, sys
from datetime import timedelta
from agents.tools.process import run_program

argv = sys.argv[1:]
asyncio.run(run_program(argv, stdin=None, timeout=timedelta(seconds=60), take=lambda data: None))
"""

# The program, its child, and its child's child, which are deaf to SIGTERM.
PROGRAM = """#!/bin/sh
trap '' TERM
sh -c 'sleep 100 & echo "$PPID $$ $!" > "$1"; wait' sh "$1" &
wait
wait
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_the_group_dies_with_its_worker(tmp_path: Path, how: signal.Signals) -> None:
    """Killed in any way, even kill -9, the worker takes the program's whole group with it."""
    fifo, program = tmp_path / "told", tmp_path / "program"
    os.mkfifo(fifo)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKER, str(program), str(fifo)), cwd=ROOT
    )
    pids = [int(word) for word in (await asyncio.to_thread(fifo.read_text)).split()]
    assert all(alive(pid) for pid in pids)
    worker.send_signal(how)
    assert await worker.wait() == -how
    for _ in range(250):
        if not any(alive(pid) for pid in pids):
            break
        await asyncio.sleep(0.02)
    assert not any(alive(pid) for pid in pids)
