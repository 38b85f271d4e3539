"""From a mail to its event, without what Dovecot itself takes to tell of a mail.

Figures are printed, nothing is asserted about them.
"""

import asyncio
import statistics
import time
from pathlib import Path

import pytest

from bot import wiring
from channels.port import Inbound
from tests.bench.timing import told
from tests.email_house import ANN, TEAM, Post, connect_email, post_office
from tests.house import RUNBOOKS, open_house
from tests.mail_server import dovecot

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

MAILS, WARM = 40, 5


class Watcher:
    """Somebody else who waits on the same box, with nothing between them and the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, command: str, until: bytes) -> None:
        """A command; returns with the line that begins so."""
        self._writer.write(f"{command}\r\n".encode())
        while not (await self._reader.readline()).startswith(until):
            pass

    async def pushed(self) -> float:
        """When the server told of a new mail."""
        while b"EXISTS" not in await self._reader.readline():
            pass
        return time.perf_counter()


async def watching(post: Post) -> Watcher:
    """Logged in, and waiting."""
    watcher = Watcher(*await asyncio.open_connection("127.0.0.1", post.box.port))
    password = dovecot.PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    await watcher.say(f'a LOGIN {dovecot.USER} "{password}"', b"a OK")
    await watcher.say("b SELECT INBOX", b"b OK")
    await watcher.say("c IDLE", b"+")
    return watcher


async def test_from_a_mail_to_its_event(tmp_path: Path) -> None:
    """Told, read, parsed, and durable in a store; the server's own delay is measured beside it."""
    arrived: asyncio.Queue[float] = asyncio.Queue()
    with post_office() as post:
        (tmp_path / ".env").write_text("".join(f"{key}='{one}'\n" for key, one in post.env.items()))
        # Left where it is: what is moved at once, nobody else is told of.
        team = TEAM.replace('done = "Done"\n', "")
        async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + team) as house:
            intake = wiring.build_intake(house.settings, house.store)

            async def deliver(inbound: Inbound) -> bool:
                fresh = await intake.take(inbound)
                arrived.put_nowait(time.perf_counter())
                return fresh

            channel = connect_email(house)
            await channel.start(deliver)
            watcher = await watching(post)
            servers, ours = [], []
            for _ in range(WARM + MAILS):
                begun = time.perf_counter()
                post.writes(ANN, "services")
                pushed, taken = await asyncio.gather(watcher.pushed(), arrived.get())
                servers.append(pushed - begun)
                ours.append(taken - begun)
            await channel.stop()
    servers, ours = servers[WARM:], ours[WARM:]
    print(f"\nemail, {told('a mail until Dovecot tells of it', servers)}")
    print(f"  {told('a mail until its event', ours)}")
    rest = statistics.median(ours) - statistics.median(servers)
    print(f"  what is ours of that: {rest * 1000:.1f} ms")
