"""Discord at length: sessions that break and are lost, and bots that are killed at random."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bot_process import Bots
from tests.discord_process import bots
from tests.discord_server import Channel, DiscordServer, User, discord_server
from tests.soak.test_slack import WORDS

CHANNELS, THREADS, MESSAGES = 10, 50, 20


@dataclass
class Talk:
    """One person's thread in a channel: one message after the other."""

    server: DiscordServer
    channel: Channel
    ann: User
    chance: random.Random
    thread: Channel | None = None
    said: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Say all of it; every message is answered before the next is said, or not."""
        while len(self.said) < MESSAGES:
            burst = min(self.chance.choice((1, 1, 1, 2, 3)), MESSAGES - len(self.said))
            for _ in range(burst if self.thread else 1):
                await self._say(self.chance.choice(list(WORDS)))
            assert self.thread is not None
            await self.server.posted(self.thread, len(self.said))

    async def _say(self, words: str) -> None:
        self.said.append(words)
        if self.thread is not None:
            self.server.say(self.ann, self.thread, words)
            return
        mention = f"{self.server.bot.mention} {words}"
        said = self.server.say(self.ann, self.channel, mention)
        self.thread = await self.server.threaded(said)

    def check(self) -> None:
        """Each answer once, and in the order of what it answers."""
        assert self.thread is not None
        answers = [one.text for one in self.server.sent(self.thread)]
        assert len(answers) == len(self.said) == MESSAGES
        for words, answer in zip(self.said, answers, strict=True):
            assert WORDS[words] in answer


async def trouble(server: DiscordServer, bot: Bots, chance: random.Random) -> None:
    """Something breaks every now and then, until it is cancelled."""
    while True:
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        match chance.randrange(6):
            case 0:
                server.reconnect()
            case 1:
                server.abort()
            case 2:
                server.invalidate(resumable=False)
            case 3:
                server.dispatch("MESSAGE_CREATE", {})
            case _:
                place = chance.randrange(2)
                await bot.kill(bot.running[place])
                again = await bot.start()
                bot.running.remove(again)
                bot.running[place] = again


@pytest.mark.timeout(0)
async def test_a_thousand_messages_over_fifty_threads(tmp_path: Path) -> None:
    """A thousand answers: each once, each in its thread, and in the order of what was said."""
    chance = random.Random(7)
    async with discord_server(patience=300) as server:
        ann, ben, cas = (server.add_person(name, server.guild) for name in ("ann", "ben", "cas"))
        channels = [server.add_channel(server.guild, f"c{number}") for number in range(CHANNELS)]
        async with bots(tmp_path, server, ann, ben, cas) as bot:
            talks = [
                Talk(server, channels[number % CHANNELS], ann, random.Random(number))
                for number in range(THREADS)
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
            assert all(server.sent(channel) == [] for channel in channels)
