"""Sending to Slack: each message once, in its order, no faster than its room takes it."""

import asyncio
import time
from dataclasses import replace

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from channels.port import Address, Outbound, SendFailed, SentLog
from channels.slack import api, names
from channels.slack.blocks import escape
from channels.slack.outbound import File, Post, Rendered, render
from channels.slack.rooms import Rooms

log = structlog.get_logger()

INTERVAL = 1.0
"""Seconds between two messages in a room, over a while."""
BURST = 10
"""Messages that a room takes at once."""

_LOOKED_BACK = 3 * 24 * 3600
"""Seconds: longer than a message is tried for."""
_PAGES = 20
_ELSEWHERE = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel"})
"""Why somebody can not be shown something in a room, so that they are told in private."""
_ILL_FORMED = frozenset(
    {
        *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"),
        *("invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"),
        "metadata_must_be_sent_from_app",
    }
)
"""What Slack has against the form of a message, not against its words."""
NOT_THERE = "I could not answer you in {where}: {why}"


class Sender:
    """Everything that becomes visible goes out here."""

    def __init__(self, client: AsyncWebClient, rooms: Rooms, sent: SentLog) -> None:
        self._client = client
        self._rooms = rooms
        self._sent = sent
        self._team = ""  # ours, once it was asked for
        self._rests: dict[str, float] = {}  # until when Slack wants no message in a room

    async def send(self, message: Outbound) -> str:
        """The reference of its first message. Raises `SendFailed`."""
        rendered = render(message)
        room = await self._rooms.channel(message.address.room)
        if message.edits:
            return await self._edit(message, rendered.posts[0])
        whisper = bool(message.only) and not room.startswith("D")
        if whisper and len(rendered.posts) + len(rendered.files) > 1:
            # More than a room can show to one person.
            message, whisper = replace(message, address=_alone(message)), False
            room = await self._rooms.channel(message.only)
        self._let_rest(room)
        begun = await self._begin(message, room, whisper=whisper)
        try:
            if whisper:
                return await self._whisper(message, room, rendered.posts[0], begun=begun)
            return await self._post(message, room, rendered, begun=begun)
        except (SlackApiError, *api.UNREACHABLE) as fault:
            one = len(rendered.posts) == 1
            # A whisper can not be looked for: Slack's word that it failed is believed.
            if not begun and ((api.never_left(fault) and one) or (whisper and _is_refused(fault))):
                await self._sent.kept_back(message.key)
            failed = api.failed(fault)
            if failed.after:
                self._rests[room] = time.monotonic() + failed.after
            if not failed.transient:
                await self._tell_why(message, room, failed.reason)
            raise failed from fault

    async def _begin(self, message: Outbound, room: str, *, whisper: bool) -> bool:
        """Whether it may be with people by now; the room has a place for it."""
        if whisper:
            # It can not be looked for, so it only counts as begun once it is about to go out.
            await self._take_place(room)
            return await self._sent.begin(message.key)
        _, begun = await asyncio.gather(self._take_place(room), self._sent.begin(message.key))
        return begun

    async def _post(self, message: Outbound, room: str, rendered: Rendered, *, begun: bool) -> str:
        found = await self._looked(room, message.address.thread) if begun else {}
        team = "" if message.address.thread else await self._workspace()
        first = ""
        for number, post in enumerate(rendered.posts):
            ts = found.get(post.mark) or found.get(post.block)
            if ts is None:
                if number:
                    await self._take_place(room)
                ts = await self._say(room, message.address.thread, post)
            first = first or names.ref(room, ts)
            if team and not number:  # what is said below it is said in the same conversation
                await self._sent.name(message.key, (names.conversation(team, room, ts),))
        for file in rendered.files:
            if file.name not in found:
                await self._take_place(room)
                await self._upload(message, room, file)
        return first

    async def _workspace(self) -> str:
        if not self._team:
            self._team = str((await self._client.auth_test()).get("team_id") or "")
        return self._team

    async def _say(self, room: str, thread: str, post: Post) -> str:
        """As it is made; once more as plain words, if it is the form that Slack refuses."""
        try:
            return await self._tell(room, thread, post)
        except SlackApiError as fault:
            if api.error_of(fault) not in _ILL_FORMED:
                raise
            log.warning("slack.ill_formed", why=api.error_of(fault), key=post.mark)
        return await self._tell(room, thread, replace(post, text=post.plain, blocks=()), bare=True)

    async def _tell(self, room: str, thread: str, post: Post, *, bare: bool = False) -> str:
        told = await self._client.chat_postMessage(
            channel=room,
            thread_ts=thread or None,
            text=post.text,
            blocks=None if bare else post.named,
            metadata=None if bare else post.metadata,
            unfurl_links=False,
            unfurl_media=False,
            link_names=False,
        )
        return str(told.get("ts") or "")

    async def _tell_why(self, message: Outbound, room: str, why: str) -> None:
        """Whoever waits for an answer that their room will not take hears of it in private."""
        whom = message.only or message.to
        if not whom or room.startswith("D"):
            return
        text = NOT_THERE.format(where=f"<#{room}>", why=escape(why))
        try:
            direct = await self._rooms.channel(whom)
            await self._tell(direct, "", Post(mark="", text=text, plain=text, blocks=()), bare=True)
        except (SlackApiError, SendFailed, *api.UNREACHABLE) as fault:
            log.warning("slack.not_told", room=room, why=str(fault))

    async def _upload(self, message: Outbound, room: str, file: File) -> None:
        await self._client.files_upload_v2(
            content=file.content,
            filename=file.name,
            title=file.name,
            channel=room,
            thread_ts=message.address.thread or None,
        )

    async def _whisper(self, message: Outbound, room: str, post: Post, *, begun: bool) -> str:
        """For one person's eyes. Nobody can look it up, so what may have been seen is let be."""
        if begun:
            return ""
        try:
            await self._client.chat_postEphemeral(
                channel=room,
                user=names.user_of(message.only),
                thread_ts=message.address.thread or None,
                text=post.text,
                blocks=post.named,
                link_names=False,
            )
        except SlackApiError as fault:
            if api.error_of(fault) not in _ELSEWHERE:
                raise
            await self._say(await self._rooms.channel(message.only), "", post)
        return ""

    async def _edit(self, message: Outbound, post: Post) -> str:
        """Put in the place of an earlier one: again is the same, so it needs no look."""
        room, ts = names.place_of(message.edits)
        await self._take_place(room)
        try:
            await self._client.chat_update(
                channel=room, ts=ts, text=post.text, blocks=post.named, metadata=post.metadata
            )
        except (SlackApiError, *api.UNREACHABLE) as fault:
            raise api.failed(fault) from fault
        return message.edits

    def _let_rest(self, room: str) -> None:
        """What Slack asks of one conversation holds for all of its room."""
        wait = self._rests.get(room, 0.0) - time.monotonic()
        if wait > 0:
            raise SendFailed("Slack asks to let the room rest", transient=True, after=wait)
        self._rests.pop(room, None)

    async def _take_place(self, room: str) -> None:
        wait = await self._sent.pace(f"slack:{room}", INTERVAL, burst=BURST)
        if wait > INTERVAL:
            raise SendFailed("the room is spoken in by others", transient=True, after=wait)
        if wait > 0:
            await asyncio.sleep(wait)

    async def _looked(self, room: str, thread: str) -> dict[str, str]:
        try:
            return await self._found(room, thread)
        except SlackApiError as fault:
            if api.error_of(fault) != "thread_not_found":
                raise
            return {}

    async def _found(self, room: str, thread: str) -> dict[str, str]:
        """What stands there by now: marks, names of blocks and files, each with its time stamp."""
        found: dict[str, str] = {}
        oldest, cursor = f"{time.time() - _LOOKED_BACK:.6f}", ""
        for _ in range(_PAGES):
            asked = {
                "channel": room,
                "oldest": oldest,
                "limit": 200,
                "include_all_metadata": True,
                "cursor": cursor or None,
            }
            if thread:
                page = await self._client.conversations_replies(ts=thread, **asked)  # type: ignore[arg-type]
            else:
                page = await self._client.conversations_history(**asked)  # type: ignore[arg-type]
            for message in page.get("messages") or []:
                found |= _marks(message)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found


def _alone(message: Outbound) -> Address:
    """The talk with whom it is for."""
    return replace(message.address, room=message.only, thread="")


def _is_refused(fault: Exception) -> bool:
    """Whether Slack itself says that the call has failed."""
    if not isinstance(fault, SlackApiError) or not isinstance(fault.response, AsyncSlackResponse):
        return False
    said = fault.response.data
    return isinstance(said, dict) and bool(said.get("error"))


def _marks(message: object) -> dict[str, str]:
    if not isinstance(message, dict):
        return {}
    ts = str(message.get("ts") or "")
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    key = payload.get("key") if isinstance(payload, dict) else None
    files = message.get("files")
    named = [file.get("name") for file in files if isinstance(file, dict)] if files else []
    blocks = message.get("blocks")
    begins = [one.get("block_id") for one in blocks if isinstance(one, dict)] if blocks else []
    return {str(one): ts for one in (key, *begins, *named) if one}
