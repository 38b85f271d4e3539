"""Sending to Discord: each message once, in its order, no faster than its channel takes it."""

import asyncio
import io
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import discord
import structlog

from channels.discord import names, reading, views
from channels.discord.outbound import Post, render
from channels.discord.rest import UNREACHABLE, Rest, failed
from channels.discord.rooms import Rooms
from channels.discord.whispers import Whispers
from channels.port import Outbound, SendFailed, SentLog

log = structlog.get_logger()

INTERVAL = 1.0
"""Seconds between two messages in a channel, over a while."""
BURST = 5
"""Messages that a channel takes at once."""

NONCE = timedelta(seconds=60)
"""For so long Discord itself surely knows a nonce again, and gives the message that is there."""

_SKEW = timedelta(seconds=10)
_LOOKED_BACK = timedelta(days=2)
_NOBODY = discord.AllowedMentions.none()
_NEVER_OPEN = 50007
"""Somebody takes no direct messages."""


class Sender:
    """Everything that becomes visible goes out here, one after the other in each channel."""

    def __init__(self, rest: Rest, rooms: Rooms, whispers: Whispers, sent: SentLog) -> None:
        self._rest = rest
        self._rooms = rooms
        self._whispers = whispers
        self._sent = sent
        self._kept_back: set[str] = set()  # begun here, and surely not shown
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, message: Outbound) -> str:
        """The reference of its first message. Raises `SendFailed`."""
        posts = render(message)
        room = message.address.thread or message.address.room
        async with self._turns[room]:
            try:
                if message.edits:
                    return await self._edit(message, posts[0], room)
                if message.only and not names.person_of(message.address.room):
                    return await self._whisper(message, posts[0], room)
                return await self._post(message, posts, room)
            except (discord.DiscordException, *UNREACHABLE) as fault:
                raise failed(fault) from fault

    async def _post(self, message: Outbound, posts: tuple[Post, ...], room: str) -> str:
        await self._take_place(room)
        begun = await self._sent.begin(message.key)
        channel = await self._rooms.channel(message.address)
        found = await self._found(channel, message, posts) if begun else {}
        first = ""
        for number, post in enumerate(posts):
            told = found.get(post.mark)
            if told is None:
                if number:
                    await self._take_place(room)
                told = (await _say(channel, post)).id
            first = first or names.ref(str(channel.id), str(told))
        return first

    async def _edit(self, message: Outbound, post: Post, room: str) -> str:
        """Put in the place of an earlier one: again is the same, so it needs no look."""
        channel, number = names.place_of(message.edits)
        await self._take_place(room)
        client = await self._rest.client()
        told = client.get_partial_messageable(int(channel)).get_partial_message(int(number))
        if post.rich:
            await told.edit(view=views.layout(post), allowed_mentions=_NOBODY)
        else:
            await told.edit(content=post.text, allowed_mentions=_NOBODY)
        return message.edits

    async def _whisper(self, message: Outbound, post: Post, room: str) -> str:
        """For one person's eyes. Nobody can look it up, so what may have been seen is let be."""
        begun = await self._sent.begin(message.key)
        if begun and message.key not in self._kept_back:
            return ""
        self._kept_back.discard(message.key)
        try:
            if not await self._whispers.say(message.only, room, post):
                await _say(await self._rooms.direct(message.only), post)
        except discord.HTTPException as fault:
            if fault.code == _NEVER_OPEN:
                log.info("discord.not_told", why="takes no direct messages")
                return ""
            self._kept_back.add(message.key)
            raise
        return ""

    async def _take_place(self, room: str) -> None:
        wait = await self._sent.pace(f"{names.NAME}:{room}", INTERVAL, burst=BURST)
        if wait > INTERVAL:
            raise SendFailed("the channel is spoken in by others", transient=True, after=wait)
        if wait > 0:
            await asyncio.sleep(wait)

    async def _found(
        self, channel: discord.PartialMessageable, message: Outbound, posts: tuple[Post, ...]
    ) -> dict[str, int]:
        """What stands there by now, by its mark; while Discord knows the nonce nothing is asked."""
        now = datetime.now(UTC)
        since = message.at or now - _LOOKED_BACK
        if now - since < NONCE:
            return {}
        me = (await self._rest.client()).user
        found: dict[str, int] = {}
        async for told in channel.history(after=since - _SKEW, oldest_first=True, limit=500):
            if told.author == me:
                found |= {
                    post.mark: told.id
                    for post in posts
                    if post.mark not in found and _is(told, post)
                }
        return found


def _is(told: discord.Message, post: Post) -> bool:
    return post.number in reading.marks(told) if post.rich else told.content == post.text


async def _say(channel: discord.PartialMessageable, post: Post) -> discord.Message:
    """Under its mark as a nonce: while Discord knows that, again is the same message."""
    file = discord.utils.MISSING
    if post.file is not None:
        file = discord.File(io.BytesIO(post.file.content.encode()), post.file.name)
    if post.rich:
        view = views.layout(post, attached=post.file.name if post.file else "")
        return await channel.send(
            view=view,
            nonce=post.mark,
            allowed_mentions=_NOBODY,
            **({"file": file} if post.file else {}),
        )
    return await channel.send(
        post.text,
        nonce=post.mark,
        allowed_mentions=_NOBODY,
        suppress_embeds=True,
        **({"file": file} if post.file else {}),
    )
