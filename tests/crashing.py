"""A worker process that comes to grief at a named point: `python -m tests.crashing`.

`kill FOLDER POINT NTH`: ends itself with SIGKILL. `stall FOLDER POINT SECONDS`: its event loop
stands still once, for that long, then it goes on and prints "awake".
"""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from bot import wiring
from bot.settings import load
from bot.worker import Point


def killer(point: str, nth: int) -> Point:
    """Kills this process the n-th time that `point` is reached."""
    reached = 0

    def at(here: str) -> None:
        nonlocal reached
        reached += here == point
        if reached == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def staller(point: str, seconds: int) -> Point:
    """Blocks the whole process the first time that `point` is reached."""
    stalled = False

    def at(here: str) -> None:
        nonlocal stalled
        if here == point and not stalled:
            stalled = True
            time.sleep(seconds)
            print("awake", flush=True)  # noqa: T201 - the test waits for it

    return at


GRIEF = {"kill": killer, "stall": staller}


async def work(grief: str, folder: Path, point: str, number: int) -> None:
    """Work until told to stop."""
    env = {"WATCHKEEPER_DATA_DIR": str(folder / "data"), "WATCHKEEPER_CONFIG": "watchkeeper.toml"}
    settings = load(env, folder, "somebody")
    async with wiring.connect(settings) as store:
        pool = wiring.build_worker(settings, store, at=GRIEF[grief](point, number))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, pool.drain)
        await pool.run()


def main(grief: str, folder: str, point: str, number: int) -> None:
    """Work until told to stop, or until it comes to grief."""
    asyncio.run(work(grief, Path(folder), point, number))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
