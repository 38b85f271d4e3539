"""What a first run costs: time from the command to the answer, and memory of the bot's process.

Figures are printed, nothing is asserted about them: machines differ, and so do their days.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.house import write_config

ROOT = Path(__file__).parents[2]
RUNS = 5


def test_a_warm_start_and_its_memory(tmp_path: Path) -> None:
    """A started bot answers; how long that took, and how much memory it holds, is printed."""
    write_config(tmp_path)
    chat(tmp_path)
    told = [chat(tmp_path) for _ in range(RUNS)]
    seconds = statistics.median(took for took, _ in told)
    memory = max(held for _, held in told)
    print(f"\nstart to first answer: {seconds:.2f} s (median of {RUNS}), resident: {memory:.0f} MB")


def chat(folder: Path) -> tuple[float, float]:
    """Seconds until the first answer, and the process's resident memory then (MB)."""
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "chat"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "WATCHKEEPER_DATA_DIR": str(folder / "data"),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        bot.stdin.write(b"services\n")
        bot.stdin.flush()
        assert b"api" in bot.stdout.readline()
        took = time.monotonic() - begun
        held = psutil.Process(bot.pid).memory_info().rss / 1e6
        bot.stdin.close()
        assert bot.wait() == 0
    return took, held
