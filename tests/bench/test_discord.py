"""From a mention to its answer: the bot beside a bare discord.py, at the same local Discord."""

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.timing import told
from tests.bot_process import Bots
from tests.discord_process import bots
from tests.discord_server import DiscordServer, User, discord_server

MENTIONS = 60
WARM = 10
GOAL = 2.0


@pytest.mark.parametrize("delay", [0.0, 0.05], ids=["at once", "in 50 ms"])
async def test_a_mention_beside_an_echo(tmp_path: Path, delay: float) -> None:
    """The median of a command that is stored, decided and recorded, over that of an echo.

    delay: seconds that a call of the REST API takes. Over the network it is never at once.
    """
    async with discord_server(patience=30) as server:
        ann, ben, cas = (server.add_person(name, server.guild) for name in ("ann", "ben", "cas"))
        server.faults.delay = delay
        async with bots(tmp_path, server, ann, ben, cas) as bot:
            command = (sys.executable, "-m", "tests.bench.bare_discord")
            bare = await _measured(server, bot, ann, command)
            ours = await _measured(server, bot, ann, (sys.executable, "-m", "bot", "run"))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"\ndiscord, mention to answer, where Discord answers in {delay * 1000:.0f} ms:")
    print(f"  {told('bare discord.py', bare)}, {told('ours', ours)}")
    print(f"  ratio of the medians: {ratio:.2f} (goal: {GOAL} or less)")


async def _measured(
    server: DiscordServer, bot: Bots, ann: User, command: Sequence[str]
) -> list[float]:
    """Seconds of each mention, one after the other, each in a thread of its own."""
    child = await bot.launch(*command)
    assert await bot.line(child) == "discord: connected as @watchkeeper"
    times = []
    for _ in range(WARM + MENTIONS):
        begun = time.perf_counter()
        said = server.say(ann, server.channel, f"{server.bot.mention} services")
        await server.posted(await server.threaded(said))
        times.append(time.perf_counter() - begun)
    await bot.kill(child)
    return times[WARM:]
