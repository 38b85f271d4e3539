"""`watchkeeper run` as processes of their own, at a local Slack."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.house import RUNBOOKS, write_config
from tests.slack_house import TEAM
from tests.slack_lab import SlackServer

ROOT = Path(__file__).parent.parent


@dataclass
class Bots:
    """The processes of one bot, in one folder, all on its own Valkey."""

    folder: Path
    server: SlackServer
    env: dict[str, str] = field(default_factory=dict)
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        write_config(self.folder, lease="2s", runbooks=RUNBOOKS + TEAM)
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "WATCHKEEPER_DATA_DIR": str(self.folder / "data"),
            "WATCHKEEPER_CONFIG": "watchkeeper.toml",
            "SLACK_BOT_TOKEN": self.server.api.bot_token,
            "SLACK_APP_TOKEN": self.server.api.app_token,
            "SLACK_API_URL": self.server.api_url,
        }

    async def start(self, *options: str, connected: bool = True) -> asyncio.subprocess.Process:
        """One more `run`; returns once it says that it is connected."""
        child = await self.launch(sys.executable, "-m", "bot", "run", *options)
        if connected:
            assert await self.line(child) == "slack: connected as @watchkeeper"
        return child

    async def launch(self, *command: str) -> asyncio.subprocess.Process:
        """Any process, with the bot's environment, in its folder."""
        with (self.folder / f"bot{len(self.running)}.err").open("wb") as errors:
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
async def bots(folder: Path, server: SlackServer) -> AsyncIterator[Bots]:
    """Processes that are stopped at the end, however they are."""
    those = Bots(folder, server)
    try:
        yield those
    finally:
        for child in those.running:
            if child.returncode is None:
                child.kill()
                await child.wait()
