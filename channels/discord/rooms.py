"""Where things are sent: channels, the direct talks of people, threads opened when needed."""

from collections import OrderedDict
from typing import Literal, TypeVar

import discord

from channels.discord import names
from channels.discord.rest import Rest
from channels.port import Address

_TITLE = 90
_REMEMBERED = 5_000
_EXISTS = 160004
_NAMELESS = "Watchkeeper"
Value = TypeVar("Value")
_A_WEEK: Literal[10080] = 10080  # minutes until a quiet thread is put away


class Rooms:
    """Asks Discord once for each."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._direct: dict[str, int] = {}
        self._open: OrderedDict[str, int] = OrderedDict()
        self._titles: OrderedDict[str, str] = OrderedDict()

    def heard(self, message: str, text: str) -> None:
        """What a thread on that message would be called."""
        _keep(self._titles, message, " ".join(text.split())[:_TITLE])

    def has(self, channel: str) -> None:
        """The thread is there."""
        _keep(self._open, channel, int(channel))

    async def channel(self, address: Address) -> discord.PartialMessageable:
        """What is sent to. Raises discord.py's exceptions, and those of `UNREACHABLE`."""
        client = await self._rest.client()
        return client.get_partial_messageable(await self._number(client, address))

    async def direct(self, person: str) -> discord.PartialMessageable:
        """The direct talk with a person."""
        return await self.channel(Address(channel=names.NAME, room=names.direct(person)))

    async def _number(self, client: discord.Client, address: Address) -> int:
        if person := names.person_of(address.room):
            if person not in self._direct:
                told = await client.http.start_private_message(int(person))
                self._direct[person] = int(told["id"])
            return self._direct[person]
        if not address.thread:
            return int(address.room)
        if address.thread not in self._open:
            _keep(self._open, address.thread, await self._opened(client, address))
        return self._open[address.thread]

    async def _opened(self, client: discord.Client, address: Address) -> int:
        """The thread that hangs on the message, or is that thread: they share their id."""
        room, root = int(address.room), int(address.thread)
        title = self._titles.get(address.thread)
        if title is None:
            try:
                await client.http.get_channel(root)
                return root
            except discord.NotFound:
                title = await _said(client, room, root)
        try:
            await client.http.start_thread_with_message(
                room, root, name=title or _NAMELESS, auto_archive_duration=_A_WEEK
            )
        except (discord.Forbidden, discord.NotFound):
            # It may not, or the message was taken back: said in the channel rather than nowhere.
            return room
        except discord.HTTPException as fault:
            if fault.code != _EXISTS:
                raise
        return root


async def _said(client: discord.Client, room: int, message: int) -> str:
    """The beginning of a message; "" if it is gone."""
    try:
        told = await client.http.get_message(room, message)
    except discord.NotFound:
        return ""
    return " ".join(told["content"].split())[:_TITLE]


def _keep(kept: OrderedDict[str, Value], key: str, value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
