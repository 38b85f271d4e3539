"""The methods that read: conversations.*, and which of them the app is in."""

import base64
import binascii
import bisect
from collections.abc import Iterable

from tests.slack_server import payloads, scopes
from tests.slack_server.things import Channel, Message
from tests.slack_server.web_api import Method
from tests.slack_server.wire import Payload, Refused, flag, text_of
from tests.slack_server.world import World

MOST = 1_000


class ConversationMethods:
    """What the app can find out about channels and what was said there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> dict[str, Method]:
        """The methods, by name."""
        return {
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": lambda args: {
                "channel": payloads.channel(self._world.channel(text_of(args, "channel")))
            },
            "conversations.members": self._members,
            "conversations.list": lambda args: self._list(args, mine=False),
            "users.conversations": lambda args: self._list(args, mine=True),
            "conversations.open": self._open,
        }

    # --- what was said ---------------------------------------------------------------------------

    def _history(self, args: Payload) -> Payload:
        """Newest first, without the replies in threads."""
        channel, limit = self._world.joined(text_of(args, "channel")), _limit(args, 100)
        span = _Span(args)
        roots = channel.roots
        end = bisect.bisect_right(roots, span.cursor or span.latest or "9")
        found: list[Payload] = []
        more = ""
        for ts in reversed(roots[:end]):
            if span.oldest and ts < span.oldest:
                break
            told = self._told(channel.messages[ts], channel, args) if span.has(ts) else None
            if told is not None and len(found) == limit:
                more = ts
                break
            found.extend([] if told is None else [told])
        return _page(found, more)

    def _replies(self, args: Payload) -> Payload:
        """Oldest first; the root comes along always."""
        channel, limit = self._world.joined(text_of(args, "channel")), _limit(args, MOST)
        root = channel.messages.get(text_of(args, "ts"))
        if root is None:
            raise Refused("thread_not_found")
        span = _Span(args)
        told_root = self._told(root, channel, args)
        replies = [
            message
            for message in channel.replies(root.ts)
            if span.has(message.ts) and (not span.cursor or message.ts >= span.cursor)
        ]
        if told_root is None and not replies:
            raise Refused("thread_not_found")
        first = [told_root] if told_root is not None and not span.cursor else []
        room = max(limit - len(first), 1)
        page = [self._told(message, channel, args) for message in replies[:room]]
        more = replies[room].ts if len(replies) > room else ""
        return _page([*first, *filter(None, page)], more)

    def _told(self, message: Message, channel: Channel, args: Payload) -> Payload | None:
        if message.deleted:
            has_replies = bool(channel.replies(message.ts))
            left = payloads.tombstone(message)
            return payloads.in_thread(left, channel) if has_replies else None
        metadata = flag(args, "include_all_metadata")
        return payloads.in_thread(self._world.payload(message, metadata=metadata), channel)

    # --- which there are -------------------------------------------------------------------------

    def _members(self, args: Payload) -> Payload:
        members = list(self._world.channel(text_of(args, "channel")).members)
        page, more = _cut(members, args)
        return {"members": page, **_cursor(more)}

    def _list(self, args: Payload, *, mine: bool) -> Payload:
        kinds = {scopes.TYPES.get(name) for name in scopes.types_of(args)}
        if None in kinds:
            raise Refused("invalid_types")
        found = [
            channel
            for channel in self._world.channels.values()
            if channel.kind in kinds
            and (channel.has_app or (not mine and channel.kind == "public"))
            and not (channel.is_archived and flag(args, "exclude_archived"))
        ]
        page, more = _cut([channel.id for channel in found], args)
        told = [payloads.channel(self._world.channels[name]) for name in page]
        return {"channels": told, **_cursor(more)}

    def _open(self, args: Payload) -> Payload:
        if name := text_of(args, "channel"):
            channel = self._world.joined(name)
        else:
            names = [one.strip() for one in text_of(args, "users").split(",")]
            if any(name not in self._world.users for name in names):
                raise Refused("user_not_found")
            users = [self._world.users[name] for name in names]
            if len(users) == 1:
                channel = self._world.direct(users[0])
            else:
                title = "mpdm-" + "--".join(user.name for user in users)
                channel = self._world.add_channel("G" + "".join(names), title, "mpim", *users)
        whole = flag(args, "return_im")
        return {"channel": payloads.channel(channel) if whole else {"id": channel.id}}


class _Span:
    """The time that is asked for, and where the page begins."""

    def __init__(self, args: Payload) -> None:
        self.oldest, self.latest = text_of(args, "oldest"), text_of(args, "latest")
        self.cursor = _begin(args)
        for name in ("oldest", "latest"):
            if not text_of(args, name).replace(".", "", 1).isdecimal() and text_of(args, name):
                raise Refused(f"invalid_ts_{name}")
        self._inclusive = flag(args, "inclusive")

    def has(self, ts: str) -> bool:
        """Whether a message of that time is asked for."""
        if ts in (self.oldest, self.latest):
            return self._inclusive
        return (self.oldest or "0") < ts < (self.latest or "9")


def _limit(args: Payload, default: int) -> int:
    text = text_of(args, "limit") or str(default)
    if not text.isdecimal() or not 0 < int(text) <= MOST:
        raise Refused("invalid_limit")
    return int(text)


def _begin(args: Payload) -> str:
    text = text_of(args, "cursor")
    if not text:
        return ""
    try:
        kind, _, begin = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Refused("invalid_cursor") from None
    if kind != "next":
        raise Refused("invalid_cursor")
    return begin


def _cut(names: Iterable[str], args: Payload) -> tuple[list[str], str]:
    begin, limit, rest = _begin(args), _limit(args, 100), list(names)
    start = rest.index(begin) if begin in rest else 0
    page, left = rest[start : start + limit], rest[start + limit :]
    return page, left[0] if left else ""


def _cursor(begin: str) -> Payload:
    cursor = base64.b64encode(f"next:{begin}".encode()).decode() if begin else ""
    return {"response_metadata": {"next_cursor": cursor}}


def _page(messages: list[Payload], more: str) -> Payload:
    return {"messages": messages, "has_more": bool(more), "pin_count": 0, **_cursor(more)}
