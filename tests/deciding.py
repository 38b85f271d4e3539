"""A process that works, and decides: `python -m tests.deciding FOLDER REQUEST COUNT WHO...`.

It prints "ready" once connected and waits for a line; then COUNT approvals of the request arrive at
once, by the persons in turn. It works until SIGTERM.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from bot import wiring
from bot.settings import load
from bot.store.port import ThreadStore
from tests.house import House


async def decide(house: House, request: str, count: int, who: list[str]) -> None:
    """All of them at once."""
    voices = itertools.islice(itertools.cycle(who), count)
    await asyncio.gather(*(house.tell(f"approve {request}", voice) for voice in voices))


async def main(folder: Path, request: str, count: int, who: list[str]) -> None:
    """Decide, and work until told to stop."""
    env = {"WATCHKEEPER_DATA_DIR": str(folder / "data"), "WATCHKEEPER_CONFIG": "watchkeeper.toml"}
    settings = load(env, folder, "somebody")
    async with wiring.connect(settings) as connected:
        store: ThreadStore = connected
        pool = wiring.build_worker(settings, store)
        work = asyncio.create_task(pool.run())
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, sys.stdin.readline)
        await decide(House(settings, store), request, count, who)
        print("said", flush=True)  # noqa: T201 - the test waits for it
        await loop.run_in_executor(None, sys.stdin.readline)
        pool.drain()
        await work


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
