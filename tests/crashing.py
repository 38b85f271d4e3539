"""A worker process that ends itself with SIGKILL at a named point: `python -m tests.crashing`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot import wiring
from bot.settings import load


def killer(point: str, nth: int) -> wiring.Point:
    """Kills this process the n-th time that `point` is reached."""
    reached = 0

    def at(here: str) -> None:
        nonlocal reached
        reached += here == point
        if reached == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


async def work(folder: Path, point: str, nth: int) -> None:
    """Work until killed."""
    env = {"WATCHKEEPER_DATA_DIR": str(folder / "data"), "WATCHKEEPER_CONFIG": "watchkeeper.toml"}
    settings = load(env, folder, "somebody")
    async with wiring.connect(settings) as store:
        await wiring.build_worker(settings, store, at=killer(point, nth)).run()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
