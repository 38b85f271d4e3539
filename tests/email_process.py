"""`watchkeeper run` as processes of their own, at a local mail server."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.email_house import TEAM, Post, post_office
from tests.house import RUNBOOKS, write_config

ROOT = Path(__file__).parent.parent


@dataclass
class Bots:
    """The processes of one bot, in one folder, all on its own Valkey."""

    folder: Path
    post: Post
    env: dict[str, str] = field(default_factory=dict)
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        write_config(self.folder, lease="2s", runbooks=RUNBOOKS + TEAM)
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "WATCHKEEPER_DATA_DIR": str(self.folder / "data"),
            "WATCHKEEPER_CONFIG": "watchkeeper.toml",
            **self.post.env,
        }

    async def start(self, *options: str, connected: bool = True) -> asyncio.subprocess.Process:
        """One more `run`; returns once it says that it is connected."""
        child = await self.command("run", *options)
        if connected:
            assert await self.line(child) == "email: connected as bot@ops.example"
        return child

    async def command(self, *words: str) -> asyncio.subprocess.Process:
        """Any command, with the bot's environment, in its folder."""
        with (self.folder / f"bot{len(self.running)}.err").open("wb") as errors:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", *words),
                cwd=self.folder,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        self.running.append(child)
        return child

    async def line(self, child: asyncio.subprocess.Process) -> str:
        """The next line that it prints."""
        assert child.stdout is not None
        async with asyncio.timeout(30):
            return (await child.stdout.readline()).decode().rstrip("\n")

    async def kill(self, child: asyncio.subprocess.Process) -> None:
        """kill -9."""
        child.kill()
        assert await child.wait() == -signal.SIGKILL

    def said(self) -> str:
        """Everything on stderr, of all of them."""
        return "".join(one.read_text() for one in sorted(self.folder.glob("bot*.err")))


@asynccontextmanager
async def bots(folder: Path) -> AsyncIterator[Bots]:
    """Processes that are stopped at the end, however they are."""
    with post_office() as post:
        those = Bots(folder, post)
        try:
            yield those
        finally:
            for child in those.running:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
