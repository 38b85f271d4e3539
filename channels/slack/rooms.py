"""What is known of Slack's rooms: who reads there, which are ours, where a person is reached."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.slack import api, names
from channels.slack.inbound import kind_of
from channels.slack.names import Place
from channels.slack.payloads import Loose, read

log = structlog.get_logger()

_FRESH = 600.0
"""Seconds that what Slack said of a room is believed."""


_QUICK = 1.0
"""Seconds that it is waited for: somebody has pressed a button, and Slack waits for three."""


class _Room(Loose):
    id: str = ""
    is_im: bool = False
    is_member: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    place: Place
    member: bool
    until: float


class Rooms:
    """Asks Slack once for each, and again after a while.

    brief: seconds that nothing is asked again after Slack did not say.
    """

    def __init__(self, client: AsyncWebClient, *, brief: float = 5.0) -> None:
        self._brief = brief
        self._client = client
        self._known: dict[str, _Known] = {}
        self._direct: dict[str, str] = {}

    async def heard_in(self, room: str, channel_type: str, *, outsiders: bool | None) -> Place:
        """What a message itself says of the room that it stands in; None for nothing.

        That nobody else reads there is asked for where it was not said, or was otherwise before.
        """
        direct, known = bool(kind_of(channel_type, room)), self._known.get(room)
        doubtful = outsiders is None or (known is not None and known.place.outsiders)
        if doubtful and not outsiders and not direct:
            outsiders = (await self._look(room)).place.outsiders
            self._known[room] = replace(self._known[room], member=True)
            return Place(direct=False, outsiders=outsiders)
        place = Place(direct=direct, outsiders=bool(outsiders))
        self._known[room] = _Known(place, member=True, until=time.monotonic() + _FRESH)
        return place

    async def place(self, room: str) -> Place:
        """Who reads in the room. What can not be found out is taken for open to outsiders."""
        return (await self._look(room)).place

    async def is_member(self, room: str) -> bool:
        """Whether the bot can be read there."""
        return (await self._look(room)).member

    async def channel(self, room: str) -> str:
        """The id to send to: of the room, or of the talk with the person that it names."""
        if not names.is_person(room):
            return room
        if room not in self._direct:
            try:
                opened = await self._client.conversations_open(users=names.user_of(room))
            except (SlackApiError, *api.UNREACHABLE) as fault:
                raise api.failed(fault) from fault
            channel = read(_Room, opened.get("channel"))
            self._direct[room] = channel.id if channel else names.user_of(room)
        return self._direct[room]

    async def mine(self) -> AsyncIterator[tuple[str, Place]]:
        """Every room that the bot is in."""
        cursor = ""
        while True:
            page = await self._client.users_conversations(
                types="public_channel,private_channel,mpim,im",
                exclude_archived=True,
                limit=200,
                cursor=cursor or None,
            )
            for told in page.get("channels") or []:
                room = read(_Room, told)
                if room is not None and room.id:
                    yield room.id, Place(direct=room.is_im, outsiders=room.is_ext_shared)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _look(self, room: str) -> _Known:
        known = self._known.get(room)
        if known is not None and time.monotonic() < known.until:
            return known
        try:
            async with asyncio.timeout(_QUICK):
                answer = await self._client.conversations_info(channel=room)
            told = read(_Room, answer.get("channel"))
        except (SlackApiError, *api.UNREACHABLE) as fault:
            log.info("slack.room_unknown", room=room, why=str(api.failed(fault)))
            told = None
        self._known[room] = found = _known(room, told, known, self._brief)
        return found


def _known(room: str, told: _Room | None, before: _Known | None, brief: float) -> _Known:
    """What Slack has said, or what was known before; else it is not ours, and anybody's."""
    if told is not None:
        place = Place(direct=told.is_im, outsiders=told.is_ext_shared)
        until = time.monotonic() + _FRESH
        return _Known(place, member=told.is_member or told.is_im, until=until)
    until = time.monotonic() + brief
    if before is not None:
        return replace(before, until=until)
    direct = bool(kind_of("", room))
    return _Known(Place(direct=direct, outsiders=not direct), member=False, until=until)
