"""Signs that the bot is at work: it types; what takes longer is told, with a button to stop it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import discord
import structlog

from channels.discord import clicks, views
from channels.discord.cards import Button
from channels.discord.markup import escaped
from channels.discord.rest import UNREACHABLE, failed
from channels.discord.rooms import Rooms
from channels.port import Address

log = structlog.get_logger()

TYPING = 8.0
"""Seconds between two signs of typing: Discord shows one for ten."""
LONG = 4.0
"""Seconds after which it is told what is being done."""

STOP = Button(label="Stop", custom_id=clicks.custom_id("stop", ""), style="danger")
_NOBODY = discord.AllowedMentions.none()


@dataclass(slots=True)
class _Work:
    doing: str
    task: "asyncio.Task[None] | None" = None
    told: "discord.Message | None" = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Signs:
    """One sign a place, for as long as something is done there."""

    def __init__(self, rooms: Rooms, *, long: float = LONG) -> None:
        self._rooms = rooms
        self._long = long
        self._work: dict[Address, _Work] = {}

    async def show(self, address: Address, doing: str) -> None:
        """At work at this; "" for no longer."""
        work = self._work.get(address)
        if not doing:
            if work is not None:
                del self._work[address]
                await self._clear(work)
            return
        if work is None:
            work = self._work[address] = _Work(doing)
            work.task = asyncio.create_task(self._go_on(address, work))
        work.doing = doing
        work.changed.set()

    async def close(self) -> None:
        """No sign is left."""
        for address in [*self._work]:
            await self.show(address, "")

    async def _clear(self, work: _Work) -> None:
        """What is just being shown is waited for: cut off, nobody would know of it."""
        work.over.set()
        work.changed.set()
        if work.task is not None:
            await asyncio.gather(work.task, return_exceptions=True)
        if work.told is not None:
            try:
                await work.told.delete()
            except discord.NotFound:
                return

    async def _go_on(self, address: Address, work: _Work) -> None:
        """A courtesy: where it can not be shown, the work goes on."""
        try:
            channel = await self._rooms.channel(address)
            async with asyncio.TaskGroup() as signs:
                signs.create_task(_type(channel, work))
                signs.create_task(self._tell(channel, work))
        except* (discord.DiscordException, *UNREACHABLE) as faults:
            log.info("discord.no_sign", why=str(failed(faults.exceptions[0])))

    async def _tell(self, channel: discord.PartialMessageable, work: _Work) -> None:
        shown = ""
        await _pause(work, self._long)
        while not work.over.is_set():
            work.changed.clear()
            if work.doing != shown:
                shown = work.doing
                view = views.progress(f"-# … {escaped(shown)}", STOP)
                if work.told is None:
                    work.told = await channel.send(view=view, allowed_mentions=_NOBODY, silent=True)
                else:
                    await work.told.edit(view=view, allowed_mentions=_NOBODY)
            await work.changed.wait()


async def _type(channel: discord.PartialMessageable, work: _Work) -> None:
    while not work.over.is_set():
        await channel.typing()
        await _pause(work, TYPING)


async def _pause(work: _Work, seconds: float) -> None:
    """So long, or until the work is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await work.over.wait()
