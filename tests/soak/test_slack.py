"""Slack at length: disconnects, redeliveries, and bots that are killed at random."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bot_process import Bots
from tests.slack_lab import Room, SlackServer, slack_server
from tests.slack_process import bots

ROOMS, THREADS, MESSAGES = 10, 50, 20
WORDS = {
    "look service=api": "api is fine",
    "look service=web": "web is fine",
    "services": "staging",
    "help": "What you can say",
    "help look": "look",
    "remind in=40d text=tea": "in 40d",
}
"""What is said, and what its answer has in it."""


@dataclass
class Talk:
    """One person's thread in a room: one message after the other, each waiting for its answer."""

    server: SlackServer
    room: Room
    chance: random.Random
    root: str = ""
    said: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Say all of it; every message is answered before the next is said, or not."""
        while len(self.said) < MESSAGES:
            burst = min(self.chance.choice((1, 1, 1, 2, 3)), MESSAGES - len(self.said))
            for _ in range(burst):
                await self._say(self.chance.choice(list(WORDS)))
            await self.server.posted(self.room, len(self.said), thread=self.root)

    async def _say(self, words: str) -> None:
        ann = self.server.person("U1")
        text = words if self.root else f"<@UBOT> {words}"
        message = ann.says(self.room, text, thread=self.root)
        self.root = self.root or message.ts
        self.said.append(words)
        # People type one after the other: what comes at once has no order over two connections,
        # and what Slack has given up to deliver is only found when the rooms are looked through.
        sent = self.server.sockets.deliveries[-1]
        await self.server.world.until(lambda: sent.acked or sent.lost, lambda: sent)
        if not sent.acked:
            await self.server.posted(self.room, len(self.said), thread=self.root)

    def check(self) -> None:
        """Each answer once, and in the order of what it answers."""
        answers = [one.shown for one in self.server.sent(self.room, thread=self.root)]
        assert len(answers) == len(self.said) == MESSAGES
        for words, answer in zip(self.said, answers, strict=True):
            assert WORDS[words] in answer


async def trouble(server: SlackServer, bot: Bots, chance: random.Random) -> None:
    """Something breaks every now and then, until it is cancelled."""
    while True:
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        match chance.randrange(5):
            case 0:
                await server.sockets.disconnect(chance.choice(("warning", "refresh_requested")))
            case 1:
                await server.sockets.drop()
            case 2:
                for delivery in server.sockets.deliveries[-3:]:
                    server.sockets.send(delivery.kind, delivery.payload)
            case _:
                place = chance.randrange(2)
                await bot.kill(bot.running[place])
                again = await bot.start()
                bot.running.remove(again)
                bot.running[place] = again


@pytest.mark.timeout(0)
async def test_a_thousand_messages_over_fifty_threads(tmp_path: Path) -> None:
    """A thousand answers: each once, each in its thread, and in the order of what was said."""
    chance = random.Random(5)
    async with (
        slack_server(patience=300, retries=(0.0, 2.0, 5.0, 10.0, 20.0)) as server,
        bots(tmp_path, server) as bot,
    ):
        ann = server.person("U1")
        rooms = [server.room(f"C{number}", ann) for number in range(ROOMS)]
        talks = [
            Talk(server, rooms[number % ROOMS], random.Random(number)) for number in range(THREADS)
        ]
        for _ in range(2):
            await bot.start()
        breaking = asyncio.create_task(trouble(server, bot, chance))
        try:
            async with asyncio.TaskGroup() as group:
                for talk in talks:
                    group.create_task(talk.run())
            assert not breaking.done(), breaking.exception()
        finally:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
        for talk in talks:
            talk.check()
        assert sum(len(server.sent(room)) for room in rooms) == THREADS * MESSAGES
