"""Discord as a channel: heard over the gateway, answered over the REST API."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import discord

from channels.discord import names, rest
from channels.discord.ears import Setting
from channels.discord.files import Files
from channels.discord.inbox import Inbox
from channels.discord.listening import Listening
from channels.discord.permissions import invite, lacking
from channels.discord.rest import Rest, cannot
from channels.discord.rooms import Rooms
from channels.discord.sending import Sender
from channels.discord.signs import Signs
from channels.discord.whispers import Whispers
from channels.port import (
    Address,
    CannotConnect,
    CommandSpec,
    Connected,
    Cursors,
    Deliver,
    Outbound,
    SentLog,
)

PATIENCE = 30.0
"""Seconds that a new session may take."""

NO_CONTENT = (
    "Message Content Intent is off: I hear mentions and direct messages, but I do not follow a"
    " thread without being mentioned; switch it on on the application's page, under Bot"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSettings:
    """api_url, gateway_url: of another server than Discord's, "" for its own.

    commands: what is offered as slash commands. long: seconds after which it is told what is done.
    deaf: seconds without an answer to a heartbeat after which a connection is given up.
    """

    token: str = field(repr=False)
    api_url: str = ""
    gateway_url: str = ""
    commands: Sequence[CommandSpec] = ()
    long: float = 4.0
    deaf: float = 30.0


class Discord:
    """A `Channel`. Sends as soon as it is made; hears once it is started."""

    def __init__(self, settings: DiscordSettings, cursors: Cursors, sent: SentLog) -> None:
        rest.point(settings.api_url, settings.gateway_url)
        _quiet()
        self._settings = settings
        self._cursors = cursors
        self._rest = Rest(settings.token)
        self._rooms = Rooms(self._rest)
        self._whispers = Whispers()
        self._sender = Sender(self._rest, self._rooms, self._whispers, sent)
        self._signs = Signs(self._rooms, long=settings.long)
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._listening: Listening | None = None

    @property
    def name(self) -> str:
        """As in addresses."""
        return names.NAME

    async def check(self) -> Connected:
        """See `Channel`."""
        try:
            return await self._known()
        except (discord.DiscordException, *rest.UNREACHABLE) as fault:
            raise cannot(fault) from None

    async def start(self, deliver: Deliver) -> Connected:
        """See `Channel`."""
        try:
            told = await self._known()
            user = (await self._rest.client()).user
        except (discord.DiscordException, *rest.UNREACHABLE) as fault:
            raise cannot(fault) from None
        name = f"{names.NAME}:{user.id if user else ''}"
        inbox = Inbox(self._cursors, name, deliver, Files(self._settings.api_url))
        setting = Setting(
            rooms=self._rooms,
            whispers=self._whispers,
            inbox=inbox,
            deliver=deliver,
            ready=asyncio.Event(),
            commands=self._settings.commands,
            content=not told.faults,
            deaf=self._settings.deaf,
        )
        self._listening = listening = Listening(setting, self._settings.token)
        self._tasks = (
            asyncio.create_task(listening.run()),
            asyncio.create_task(inbox.run()),
        )
        try:
            await self._connected(listening)
        except CannotConnect:
            await self.stop()
            raise
        guilds = listening.current.guilds if listening.current else ()
        faults = (*told.faults, *(lack for guild in guilds for lack in lacking(guild)))
        return Connected(name=told.name, faults=faults, invite=told.invite)

    async def send(self, message: Outbound) -> str:
        """See `Channel`. The reference is the channel's id and the message's."""
        return await self._sender.send(message)

    async def busy(self, address: Address, doing: str) -> None:
        """See `Channel`."""
        await self._signs.show(address, doing)

    async def ready(self) -> bool:
        """See `Channel`."""
        ears = self._listening.current if self._listening is not None and self._tasks else None
        return ears is not None and ears.hears

    async def stop(self) -> None:
        """See `Channel`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = ()

    async def close(self) -> None:
        """See `Channel`."""
        await self._signs.close()
        await self._rest.close()

    async def _known(self) -> Connected:
        """Who the bot is, and what its application may not do."""
        client = await self._rest.client()
        flags = client.application_flags
        content = flags.gateway_message_content or flags.gateway_message_content_limited
        user = client.user
        return Connected(
            name=f"@{user.name if user else 'watchkeeper'}",
            faults=() if content else (NO_CONTENT,),
            invite=invite(client.application_id or 0),
        )

    async def _connected(self, listening: Listening) -> None:
        """Returns with the first session. Raises `CannotConnect`."""
        ready, running = asyncio.create_task(listening.setting.ready.wait()), self._tasks[0]
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise CannotConnect("the gateway does not answer", transient=True) from None
        finally:
            ready.cancel()
        if running.done():
            running.result()


def _quiet() -> None:
    """discord.py tells its troubles to the log, and what it does at every step to nobody."""
    logging.getLogger("discord").setLevel(logging.WARNING)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody talks to it
