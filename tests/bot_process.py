"""`watchkeeper run` as processes of their own: started, read, killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from tests.warm_child import Child, begin

ROOT = Path(__file__).parent.parent

Process = asyncio.subprocess.Process | Child
"""A start of its own, or one that begins with everything imported."""


class Bots:
    """The processes of one bot, in one folder, all on its own Valkey.

    channel: what in the environment asks for a channel. greeting: what it prints once connected.
    """

    def __init__(self, folder: Path, channel: Mapping[str, str], greeting: str) -> None:
        self.folder = folder
        self.greeting = greeting
        self._begun = 0
        self.running: list[Process] = []
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "WATCHKEEPER_DATA_DIR": str(folder / "data"),
            "WATCHKEEPER_CONFIG": "watchkeeper.toml",
            "WATCHKEEPER_HTTP": "127.0.0.1:0",
            **channel,
        }

    async def start(self, *options: str, connected: bool = True) -> Process:
        """One more `run`; returns once it says that it is connected."""
        child = await self.command("run", *options)
        if connected:
            assert await self.line(child) == self.greeting
        return child

    async def command(self, *words: str) -> Process:
        """One of the bot's commands, with the bot's environment, in its folder."""
        with self._errors() as errors:
            child = await begin(words, folder=self.folder, env=self.env, errors=errors)
        self.running.append(child)
        return child

    async def launch(self, *command: str) -> asyncio.subprocess.Process:
        """Any process, with the bot's environment, in its folder."""
        with self._errors() as errors:
            child = await asyncio.create_subprocess_exec(
                *command,
                cwd=self.folder,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        self.running.append(child)
        return child

    def _errors(self) -> IO[bytes]:
        self._begun += 1
        return (self.folder / f"bot{self._begun}.err").open("wb")

    async def line(self, child: Process) -> str:
        """The next line that it prints."""
        assert child.stdout is not None
        async with asyncio.timeout(30):
            return (await child.stdout.readline()).decode().rstrip("\n")

    async def kill(self, child: Process) -> None:
        """kill -9."""
        child.kill()
        assert await child.wait() == -signal.SIGKILL

    def said(self) -> str:
        """Everything on stderr, of all of them."""
        return "".join(one.read_text() for one in sorted(self.folder.glob("bot*.err")))


@asynccontextmanager
async def ended(those: Bots) -> AsyncIterator[None]:
    """At the end of the block none of them is left."""
    try:
        yield
    finally:
        for child in those.running:
            if child.returncode is None:
                child.kill()
                await child.wait()
