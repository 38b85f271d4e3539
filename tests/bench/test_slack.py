"""From a mention to its answer: the bot beside a bare slack-bolt, at the same local Slack."""

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.timing import told
from tests.bot_process import Bots
from tests.slack_lab import SlackServer, slack_server
from tests.slack_process import bots

MENTIONS = 60
WARM = 10
GOAL = 2.0


@pytest.mark.parametrize("delay", [0.0, 0.05], ids=["at once", "in 50 ms"])
async def test_a_mention_beside_an_echo(tmp_path: Path, delay: float) -> None:
    """The median of a command that is stored, decided and recorded, over that of an echo.

    delay: seconds that a call of the Web API takes. Over the network it is never at once.
    """
    async with slack_server() as server, bots(tmp_path, server) as bot:
        server.faults.delay = delay
        bare = await _measured(server, bot, (sys.executable, "-m", "tests.bench.bare_slack"))
        ours = await _measured(server, bot, (sys.executable, "-m", "bot", "run"))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"\nslack, mention to answer, where Slack answers in {delay * 1000:.0f} ms:")
    print(f"  {told('bare slack-bolt', bare)}, {told('ours', ours)}")
    print(f"  ratio of the medians: {ratio:.2f} (goal: {GOAL} or less)")


async def _measured(server: SlackServer, bot: Bots, command: Sequence[str]) -> list[float]:
    """Seconds of each mention, one after the other, each in a room of its own."""
    child = await bot.launch(*command)
    assert await bot.line(child) == "slack: connected as @watchkeeper"
    ann, times = server.person("U1"), []
    for number in range(WARM + MENTIONS):
        room = server.room(f"C{command[2]}{number}".replace(".", ""), ann)
        begun = time.perf_counter()
        ann.says(room, "<@UBOT> services")
        await server.posted(room)
        times.append(time.perf_counter() - begun)
    await bot.kill(child)
    return times[WARM:]
