"""What is heard, taken in one after the other: durable before the next, and before the cursor.

Discord has no ack. So whatever can not be stored is tried until it is, nothing later is taken in
before it, and the cursor only moves over what is durable: after a restart or a lost session the
channels are read again from there. Ids of messages grow with time over all channels, so one cursor
is enough.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import discord
import structlog

from channels.discord.files import Files
from channels.discord.payloads import Attached
from channels.port import Cursors, Deliver, Inbound

log = structlog.get_logger()

FIRST, LAST = 0.2, 10.0
"""Seconds between two tries to store something: the first pause, and the longest."""
EVERY = 2.0
"""Seconds between two times that the cursor is written down, while there is more to take in."""
GRACE = 120.0
"""Seconds before the cursor that are read again: ids are not quite in order over channels."""
TALKS = 500
"""Direct talks that are read again after a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something for the bot, or nothing: then only the cursor moves.

    id: of the message. talk: the id of the direct talk it was said in, 0 for none.
    """

    id: int
    inbound: Inbound | None
    files: tuple[Attached, ...] = ()
    talk: int = 0


class Inbox:
    """One queue for all channels, in the order in which things were said."""

    def __init__(self, cursors: Cursors, name: str, deliver: Deliver, files: Files) -> None:
        self._cursors = cursors
        self._name = name
        self._deliver = deliver
        self._files = files
        self._waiting: asyncio.Queue[Heard] = asyncio.Queue()
        self._held: list[Heard] | None = None
        self._last = 0
        self._written = 0
        self._written_at = 0.0
        self._talks: list[int] | None = None

    async def since(self) -> int:
        """The id after which the channels have to be read; now, if that was never known.

        Raises what the store raises.
        """
        told = await self._cursors.cursor(self._name)
        if told is None:
            self._last = discord.utils.time_snowflake(discord.utils.utcnow())
            await self._cursors.set_cursor(self._name, str(self._last))
            return self._last
        self._last = max(self._last, int(told))
        moment = discord.utils.snowflake_time(int(told)).timestamp() - GRACE
        return int(moment * 1000 - discord.utils.DISCORD_EPOCH) << 22

    async def talks(self) -> tuple[int, ...]:
        """The direct talks that were heard in, newest last: Discord does not list them.

        Raises what the store raises.
        """
        if self._talks is None:
            told = await self._cursors.cursor(f"{self._name}:talks")
            self._talks = [int(number) for number in (told or "").split()]
        return tuple(self._talks)

    def put(self, heard: Heard) -> None:
        """Take it in when its turn comes."""
        if self._held is not None:
            self._held.append(heard)
        else:
            self._waiting.put_nowait(heard)

    def hold(self) -> None:
        """A new session: what is said from now on waits until what was missed is taken in.

        It would move the cursor over that.
        """
        if self._held is None:
            self._held = []

    async def catch_up(self, missed: Callable[[Callable[[Heard], None]], Awaitable[None]]) -> None:
        """Take in what was missed, then what was held. Raises what `missed` raises: still held."""
        self.hold()
        await missed(self._waiting.put_nowait)
        held, self._held = self._held or [], None
        for one in held:
            self.put(one)

    async def run(self) -> None:
        """Take in, for ever."""
        while True:
            heard = await self._waiting.get()
            if heard.inbound is not None:
                await self._store(heard.inbound, heard.files)
            if heard.talk:
                await self._know(heard.talk)
            self._last = max(self._last, heard.id)
            idle = self._waiting.empty()
            if idle or time.monotonic() > self._written_at + EVERY:
                await self._write_down()

    async def _store(self, inbound: Inbound, files: tuple[Attached, ...]) -> None:
        told = await self._files.texts(files)
        if told:
            inbound = replace(inbound, text="\n".join((inbound.text, *told)))
        pause = FIRST
        while True:
            try:
                await self._deliver(inbound)
                return
            except Exception as fault:  # noqa: BLE001 - whatever it is, nothing is passed over
                log.warning("discord.not_stored", why=type(fault).__name__, again=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST)

    async def _know(self, talk: int) -> None:
        try:
            known = await self.talks()
            if talk not in known:
                kept = [*known, talk][-TALKS:]
                await self._cursors.set_cursor(f"{self._name}:talks", " ".join(map(str, kept)))
                self._talks = kept
        except Exception as fault:  # noqa: BLE001 - it is known again with the next message there
            log.warning("discord.talk_unknown", why=type(fault).__name__)

    async def _write_down(self) -> None:
        if self._last == self._written:
            return
        try:
            await self._cursors.set_cursor(self._name, str(self._last))
        except Exception as fault:  # noqa: BLE001 - it is written with the next
            log.warning("discord.no_cursor", why=type(fault).__name__)
            return
        self._written, self._written_at = self._last, time.monotonic()
