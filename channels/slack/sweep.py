"""Looking through the rooms for what no connection has delivered, so that nothing stays unheard.

Slack gives up on an event after a while, and an open connection may be deaf. So every room's
history is read again from the last time that all of them were, and what is new is taken in. What
was taken in before is known by its id, so that looking again costs nothing.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from channels.port import Cursors, Deliver, Inbound, SentLog
from channels.slack import api, inbound
from channels.slack.names import Me, Place
from channels.slack.payloads import Message, read
from channels.slack.rooms import Rooms

log = structlog.get_logger()

OVERLAP = 60.0
"""Seconds that are looked at twice: clocks differ, and events come late."""
CALLS = 1.3
"""Seconds between two calls of a kind, whichever process makes them: Slack takes 50 a minute."""
BURST = 30
"""Calls that may be made at once after a while without any."""
_DAY = 24 * 3600.0
AGAIN, LATEST = 2.0, 64.0
"""Seconds until it is tried again: the first time, and at most."""
PAGE = 200
"""Messages of a room, and of a conversation, that are asked for at once: Slack may give fewer."""
_TIME = re.compile(r"\d{1,12}(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Found:
    message: Message
    room: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds: between two looks, and that a message may be on its way before it was missed."""

    every: float
    grace: float


class Sweep:
    """Goes through the rooms every while, and at once when a connection is new.

    deaf: called when messages came up that should have been delivered, with every connection open.
    """

    def __init__(
        self,
        *,
        me: Me,
        client: AsyncWebClient,
        rooms: Rooms,
        cursors: Cursors,
        sent: SentLog,
        deliver: Deliver,
        timing: Timing,
    ) -> None:
        self._me = me
        self._client = client
        self._rooms = rooms
        self._cursors = cursors
        self._sent = sent
        self._deliver = deliver
        self._timing = timing
        self._gap = asyncio.Event()
        self._shut: set[str] = set()  # rooms that Slack would not show, while it showed others
        self._first = f"slack:{me.team}:first"
        self._name = f"slack:{me.team}:swept"

    def soon(self) -> None:
        """Something may have been missed: look now."""
        self._gap.set()

    async def run(self, deaf: Callable[[], None]) -> None:
        """Until it is cancelled."""
        failures = 0
        while True:
            gap = await self._until_due()
            self._gap.clear()
            try:
                missed = await self.once(grace=0 if gap else self._timing.grace)
            except Exception as fault:  # noqa: BLE001 - Slack or the store may be away for a while
                failed = api.failed(fault)
                log.warning("slack.not_swept", why=failed.reason)
                await asyncio.sleep(max(failed.after, min(AGAIN * 2**failures, LATEST)))
                failures = min(failures + 1, 10)
                self._gap.set()
                continue
            failures = 0
            if missed and not gap:
                log.warning("slack.deaf", missed=missed)
                deaf()

    async def _note(self, found: _Found) -> None:
        """Remember what did not come by itself: an event that nobody subscribed to never does."""
        event = "message.im" if found.place.direct else "message.channels"
        name = _missed_name(self._me.team, event)
        await self._cursors.set_cursor(name, f"{time.time():.6f}")

    async def once(self, *, grace: float) -> int:
        """Look through every room; how many messages were taken in that nobody had.

        The room that was looked at longest ago comes first, so that somebody gets through even if
        everybody is stopped half-way.
        """
        begun = time.time()
        first, floor = await self._floor(begun)
        await self._pause("rooms")
        rooms = [
            (await self._time(f"{self._name}:{room}") or floor, room, place)
            async for room, place in self._rooms.mine()
        ]
        missed = 0
        for last, room, place in sorted(rooms, key=lambda each: each[:2]):
            since = max(first if room in self._shut else floor, last - OVERLAP)
            try:
                missed += await self._look(room, place, since, grace)
            except SlackApiError as fault:
                _let_be(fault, room)
                self._shut.add(room)
            else:
                self._shut.discard(room)
        await self._cursors.set_cursor(self._name, f"{begun:.6f}")
        return missed

    async def _look(self, room: str, place: Place, since: float, grace: float) -> int:
        begun = time.time()
        missed = 0
        async for found in self._since(room, place, since):
            if float(found.message.ts) > begun - grace:
                continue
            if await self._take(found, since):
                missed += 1
                if grace:
                    await self._note(found)
        await self._cursors.set_cursor(f"{self._name}:{room}", f"{begun - grace:.6f}")
        return missed

    async def _floor(self, begun: float) -> tuple[float, float]:
        """When the bot was there first, and the floor.

        Before this nothing is looked at: all rooms were, or the bot was not there at all.

        What was said in a room before it came in is not for it either.
        """
        first = await self._time(self._first)
        if first is None:
            first = begun
            await self._cursors.set_cursor(self._first, f"{begun:.6f}")
        last = await self._time(self._name)
        return first, max(first, (first if last is None else last) - OVERLAP)

    async def _time(self, name: str) -> float | None:
        told = await self._cursors.cursor(name)
        return None if told is None else float(told)

    async def _until_due(self) -> bool:
        """Whether it was called for."""
        try:
            async with asyncio.timeout(self._timing.every):
                await self._gap.wait()
        except TimeoutError:
            return False
        return True

    async def _take(self, found: _Found, since: float) -> int:
        heard = inbound.said(found.message, found.room, self._me, found.place)
        if heard is None:
            return 0
        fresh = float(found.message.ts) > since and await self._deliver(heard)
        edited = found.message.edited
        if edited and not fresh and _is_time(edited.ts) and float(edited.ts) > since:
            await self._deliver(_as_edited(heard, edited.ts))
        return int(fresh)

    async def _since(self, room: str, place: Place, since: float) -> AsyncIterator[_Found]:
        """Oldest first: messages of the room, each with what was said in its conversation.

        Of older messages only those count that Slack gives along: a new reply far below them, in
        a conversation that nobody looks at any more, is not found.
        """
        for message in reversed(await self._history(room, since)):
            yield _Found(message, room, place)
            if message.reply_count and _latest(message) > since:
                async for reply in self._replies(room, message.ts, since):
                    yield _Found(reply, room, place)

    async def _history(self, room: str, since: float) -> list[Message]:
        """Newest first, as Slack has it: everything since then, however much that is."""
        found: list[Message] = []
        cursor = ""
        while True:
            await self._pause("history")
            page = await self._client.conversations_history(
                channel=room, limit=PAGE, cursor=cursor or None
            )
            told = (read(Message, one) for one in page.get("messages") or [])
            found += [one for one in told if one is not None and _is_time(one.ts)]
            cursor = _next(page)
            if not cursor or (found and float(found[-1].ts) <= since):
                return found

    async def _replies(self, room: str, root: str, since: float) -> AsyncIterator[Message]:
        """What stands below it; a conversation that Slack will not show stops no other."""
        try:
            async for reply in self._all_replies(room, root, since):
                yield reply
        except SlackApiError as fault:
            _let_be(fault, room, root)

    async def _all_replies(self, room: str, root: str, since: float) -> AsyncIterator[Message]:
        cursor = ""
        while True:
            await self._pause("replies")
            page = await self._client.conversations_replies(
                channel=room, ts=root, oldest=f"{since:.6f}", limit=PAGE, cursor=cursor or None
            )
            for one in page.get("messages") or []:
                reply = read(Message, one)
                if reply is not None and reply.ts != root and _is_time(reply.ts):
                    yield reply
            cursor = _next(page)
            if not cursor:
                return

    async def _pause(self, what: str) -> None:
        """Until it is our turn among everybody's calls of a kind."""
        while (wait := await self._sent.pace(f"slack:{what}", CALLS, burst=BURST)) > 0:
            await asyncio.sleep(wait)
            if wait <= 1:
                return


async def missed(cursors: Cursors, team: str) -> tuple[str, ...]:
    """A line for each kind of event that did not come within the last day."""
    told: list[str] = []
    for event in ("message.channels", "message.im"):
        last = await cursors.cursor(_missed_name(team, event))
        if last is not None and float(last) > time.time() - _DAY:
            told.append(
                f"events {event} did not come, and were only found by looking: subscribe to them"
                " under Event Subscriptions (message.groups and message.mpim, too)"
            )
    return tuple(told)


def _missed_name(team: str, event: str) -> str:
    return f"slack:{team}:missed:{event}"


def _let_be(fault: SlackApiError, room: str, root: str = "") -> None:
    """Go on without what Slack will never show; an outage, or a pause it asks for, is for all."""
    failed = api.failed(fault)
    if failed.transient:
        raise fault
    log.warning("slack.not_looked_at", room=room, thread=root, why=failed.reason)


def _next(page: AsyncSlackResponse) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")


def _is_time(ts: str) -> bool:
    return _TIME.fullmatch(ts) is not None


def _latest(root: Message) -> float:
    """When something was said last below it, as far as Slack says."""
    return float(root.latest_reply if _is_time(root.latest_reply) else root.ts)


def _as_edited(heard: Inbound, at: str) -> Inbound:
    return replace(heard, dedupe=f"{heard.dedupe}:{at}", change="edited", may_open=False)
