"""The whole house in one test: real settings, a real store, real workers, a scripted console."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agents.agent import Agent
from agents.model import Model
from bot import events as e
from bot import toolbox, wiring
from bot.meter import Meter
from bot.pool import Pool
from bot.reducer import fold
from bot.rulebook import build_rules
from bot.rules import Rules
from bot.settings import Settings, load
from bot.store.port import Appended, ThreadStore
from bot.thread import Thread
from channels.port import Address, Author, Channel, Inbound

CONFIG = """
[bot]
lease = "{lease}"
{bot}[people.alice]
console = "alice"
roles = ["operator"]
[people.bob]
console = "bob"
roles = ["operator"]
[people.carol]
console = "carol"
[people.me]
console = "@me"
roles = ["operator"]
[services.api]
environments = ["staging", "prod"]
[services.web]
environments = ["staging"]
{runbooks}
"""

RUNBOOKS = """
[runbooks.look]
summary = "Look"
argv = ["/bin/echo", "{service} is fine"]
params = { service = "service" }
risk = "read"
[runbooks.bump]
summary = "Add a line to a file, so that a test can count the runs"
argv = ["PROGRAM", "--tag={tag}"]
params = { tag = "text" }
risk = "write"
timeout = "90s"
approve = { by = "operator", self = true }
[runbooks.change]
summary = "As bump, but somebody else has to say yes"
argv = ["PROGRAM", "--tag={tag}"]
params = { tag = "text" }
risk = "write"
approve = { by = "operator" }
"""

PROGRAM = """#!/bin/sh
# Each run leaves its word in the file of runs; --tag=sleep stays a while.
echo "${1#--tag=}" >> RUNS
echo "ran ${1#--tag=}"
case "$1" in --tag=sleep*) /bin/sleep 60 & echo $! >> RUNS.pids; wait;; esac
"""


def write_config(
    folder: Path, *, lease: str = "30s", runbooks: str = RUNBOOKS, handover: str = ""
) -> Path:
    """A config in `folder` with a write runbook whose runs are counted in `runs`."""
    program = folder / "bump"
    program.write_text(PROGRAM.replace("RUNS", str(folder / "runs")))
    program.chmod(0o755)
    config = folder / "watchkeeper.toml"
    books = runbooks.replace("PROGRAM", str(program))
    bot = f'handover = "{handover}"\n' if handover else ""
    text = CONFIG.replace("{lease}", lease).replace("{bot}", bot)
    config.write_text(text.replace("{runbooks}", books))
    return config


def settings_in(folder: Path, **config: str) -> Settings:
    """Settings with their data and config in `folder`."""
    write_config(folder, **config)
    env = {"WATCHKEEPER_DATA_DIR": str(folder / "data"), "WATCHKEEPER_CONFIG": "watchkeeper.toml"}
    return load(env, folder, "somebody")


def runs(folder: Path) -> list[str]:
    """The tags that the write runbooks really ran with."""
    done = folder / "runs"
    return done.read_text().split() if done.exists() else []


@dataclass
class House:
    """A bot in this process, and people who talk to it. meter: who takes its numbers."""

    settings: Settings
    store: ThreadStore
    pools: list[tuple[Pool, asyncio.Task[None]]] = field(default_factory=list)
    meter: Meter | None = None

    @property
    def rules(self) -> Rules:
        """The rules of its configuration."""
        return build_rules(self.settings, toolbox.build_tools(self.settings, self.store))

    def hire(
        self,
        prose: Agent | None = None,
        *,
        model: Model | None = None,
        channels: Mapping[str, Channel] | None = None,
        signs_after: float = 0.0,
    ) -> Pool:
        """One more worker; `model` or `prose` reads what is no command, `channels` it can reach."""
        pool = wiring.build_worker(
            self.settings,
            self.store,
            model=model,
            prose=prose,
            channels=channels,
            signs_after=signs_after,
            meter=self.meter,
        )
        self.pools.append((pool, asyncio.create_task(pool.run())))
        return pool

    async def rest(self) -> None:
        """Every worker finishes what it does and leaves."""
        for pool, task in self.pools:
            pool.drain()
            await task
        self.pools.clear()

    async def tell(
        self,
        text: str,
        by: str = "alice",
        *,
        thread: str = "",
        dedupe: str = "",
        channel: str = "console",
    ) -> Appended:
        """Somebody writes, on the console or elsewhere; returns once it is durable."""
        stored = await self.deliver(text, Author(channel=channel, id=by, name=by), thread, dedupe)
        assert stored is not None
        return stored

    async def deliver(
        self, text: str, by: Author, thread: str = "", dedupe: str = ""
    ) -> Appended | None:
        """Somebody or something writes; None if it is not for the bot."""
        return await wiring.build_intake(self.settings, self.store, self.meter).deliver(
            Inbound(
                references=(f"{by.channel}:{thread or by.id}",),
                dedupe=dedupe,
                author=by,
                address=Address(channel=by.channel, room=by.id, thread=thread),
                text=text,
                audience=(f"{by.channel}:{by.id}",),
            )
        )

    async def until(self, stored: Appended, kind: str, *, nth: int = 1) -> e.Event:
        """The first event of a kind after an input, or a later one."""
        seen = 0
        async for event in self.store.follow(stored.thread, after=stored.seq):
            seen += event.kind == kind
            if seen == nth:
                return event
        raise AssertionError("the log ended")

    async def answer(self, stored: Appended) -> str:
        """What answered an input, once its turn is over."""
        async for event in self.store.follow(stored.thread, after=stored.seq):
            if isinstance(event, e.TurnEnded) and event.turn == stored.seq:
                break
        return "\n".join(await self.answers(stored))

    async def answers(self, stored: Appended) -> list[str]:
        """Every reply that answers an input."""
        return [
            event.text
            for event in await self.store.events(stored.thread, after=stored.seq)
            if isinstance(event, e.ReplyQueued) and stored.seq in event.answers
        ]

    async def ask(self, text: str, by: str = "alice", *, thread: str = "") -> str:
        """Write, and wait for the answer."""
        return await self.answer(await self.tell(text, by, thread=thread))

    async def thread(self, thread: str) -> Thread:
        """The thread as its log tells it."""
        return fold(thread, await self.store.events(thread))

    async def kinds(self, thread: str) -> list[str]:
        """The thread's log, by kind."""
        return [event.kind for event in await self.store.events(thread)]


@asynccontextmanager
async def open_house(
    folder: Path,
    *,
    workers: int = 1,
    lease: str = "30s",
    runbooks: str = RUNBOOKS,
    handover: str = "",
) -> AsyncIterator[House]:
    """A house on a store of its own; everything stops at the end."""
    settings = settings_in(folder, lease=lease, runbooks=runbooks, handover=handover)
    async with wiring.connect(settings) as store:
        house = House(settings, store)
        for _ in range(workers):
            house.hire()
        try:
            yield house
        finally:
            for _, task in house.pools:
                task.cancel()
            await asyncio.gather(*(task for _, task in house.pools), return_exceptions=True)
