"""A run of piped messages in which processes are killed at random, and what must hold after it.

People pipe numbered lines into `watchkeeper chat --input`; whoever is killed is started again
with the same lines. Besides them there are workers that are killed and started again, and, if
asked for, the server. In the end every promise is checked against the log.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot import auditing, toolbox, wiring
from bot import events as e
from bot.cli.session import os_user
from bot.replay import check
from bot.rulebook import build_rules
from bot.settings import Settings, load
from bot.store.keys import thread_id
from bot.store.port import ThreadStore
from tests.house import runs, write_config

LINES = ("help", "look service={service}", "services", "what is going on here", "remind 40d tea")


@dataclass
class Chaos:
    """One run: `threads` chats of `messages` lines each, `kills` kills by `seed`."""

    folder: Path
    seed: int
    threads: int
    messages: int
    kills: int
    workers: int = 1
    at_once: int = 4
    kill_server: bool = False
    children: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.user = os_user()
        write_config(self.folder, lease="1s")
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "WATCHKEEPER_DATA_DIR": str(self.folder / "data"),
            "WATCHKEEPER_CONFIG": "watchkeeper.toml",
        }

    # --- what people say

    def lines(self, thread: str) -> list[str]:
        """The lines of one chat; approvals name the request that the line before makes."""
        owner = thread_id(f"console:{self.user}:{thread}")
        chosen = random.Random(f"{self.seed} {thread}")
        said: list[str] = []
        asked = 0
        while len(said) < self.messages:
            if len(said) + 2 <= self.messages and chosen.random() < 0.3:
                asked += 1
                said += [f"bump tag={thread}.{asked}", f"approve {owner}-{asked}"]
            else:
                said.append(chosen.choice(LINES).format(service="api"))
        return said

    # --- processes

    async def start(self, name: str, *command: str, stdin: Path | None = None) -> None:
        """A process of the bot, under a name by which it can be killed."""
        self.starts[name] += 1
        with (
            (self.folder / f"{name}.out").open("wb") as out,
            (stdin or Path(os.devnull)).open("rb") as given,
        ):
            self.children[name] = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *command,
                stdin=given,
                stdout=out,
                stderr=out,
                cwd=self.folder,
                env=self.env,
            )

    async def chat(self, name: str, turn: asyncio.Semaphore) -> None:
        """One chat, started again until all its lines are answered."""
        script = self.folder / f"{name}.txt"
        script.write_text("".join(f"{line}\n" for line in self.lines(name)))
        async with turn:
            while True:
                await self.start(name, "chat", "--thread", name, "--input", "run", stdin=script)
                code = await self.children[name].wait()
                if code == 0:
                    return
                assert code == -signal.SIGKILL, (self.folder / f"{name}.out").read_text()

    async def worker(self, name: str) -> None:
        """A worker that is started again whenever it is killed."""
        while True:
            await self.start(name, "run", "--only", "worker")
            code = await self.children[name].wait()
            assert code == -signal.SIGKILL, (self.folder / f"{name}.out").read_text()

    async def killer(self) -> None:
        """Kills one process after the other."""
        for _ in range(self.kills):
            await asyncio.sleep(self.random.uniform(0.05, 0.6))
            alive = [child.pid for child in self.children.values() if child.returncode is None]
            if self.kill_server and self.random.random() < 0.15:
                alive = self.servers()
            if alive:
                os.kill(self.random.choice(alive), signal.SIGKILL)

    def servers(self) -> list[int]:
        """The embedded server of this run: known by its directory."""
        mark = str(self.folder / "data")
        found = []
        for process in psutil.process_iter(["pid", "name", "cmdline"]):
            words = process.info["cmdline"] or []
            if "valkey" in (process.info["name"] or "") and any(mark in word for word in words):
                found.append(process.info["pid"])
        return found

    # --- the run

    async def run(self) -> None:
        """Everybody talks, the killer kills, and what must hold is checked."""
        turn = asyncio.Semaphore(self.at_once)
        names = [f"t{number}" for number in range(self.threads)]
        workers = [
            asyncio.create_task(self.worker(f"worker{number}")) for number in range(self.workers)
        ]
        killer = asyncio.create_task(self.killer())
        try:
            async with asyncio.TaskGroup() as chats:
                for name in names:
                    chats.create_task(self.chat(name, turn))
            for worker in workers:
                assert not worker.done(), worker.exception()
        finally:
            for task in (killer, *workers):
                task.cancel()
            await asyncio.gather(killer, *workers, return_exceptions=True)
            await self.stop()
        await self.verify(names)

    async def stop(self) -> None:
        """Every process that is left ends by SIGTERM."""
        for child in self.children.values():
            if child.returncode is None:
                child.terminate()
                await child.wait()

    # --- what must hold

    async def verify(self, names: list[str]) -> None:
        """Every promise, thread by thread."""
        settings = load(self.env, self.folder, self.user)
        async with wiring.connect(settings) as store:
            for name in names:
                await self.verify_thread(settings, store, name)
            audited = await auditing.verify(store)
            assert audited.ok, audited.faults
            assert audited.chains >= len(names)
        done = Counter(runs(self.folder))
        assert max(done.values(), default=0) <= 1, done

    async def verify_thread(self, settings: Settings, store: ThreadStore, name: str) -> None:
        """Every line taken in once, answered once, in order; the log folds to what is stored."""
        thread = thread_id(f"console:{self.user}:{name}")
        log = await store.events(thread)
        heard = [event for event in log if isinstance(event, e.MessageReceived)]
        texts = [event.text for event in heard]
        assert texts == self.lines(name), f"{name} heard {texts}"
        replies = [event for event in log if isinstance(event, e.ReplyQueued) and event.answers]
        answered = [seq for event in replies for seq in event.answers]
        assert answered == [event.seq for event in heard], f"{name} answered {answered}"
        delivered = Counter(event.reply for event in log if isinstance(event, e.ReplyDelivered))
        assert all(delivered[event.seq] == 1 for event in replies), f"{name}: {delivered}"
        rules = build_rules(settings, toolbox.build_tools(settings, store))
        replayed = await check(store, rules, thread)
        assert replayed.ok, replayed.differences
        self.verify_printed(name, replies)

    def verify_printed(self, name: str, replies: list[e.ReplyQueued]) -> None:
        """Whoever piped the lines saw every answer in the end."""
        printed = (self.folder / f"{name}.out").read_text()
        for reply in replies:
            first = reply.text.strip().splitlines()[0]
            assert first in printed, f"{name} never printed: {first}"
