"""What there is in the workspace: people, rooms, and what was said."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]

TEAM, BOT_USER, BOT, APP = "T1", "UBOT", "BBOT", "A1"


@dataclass(eq=False, kw_only=True)
class Said:
    """A message. `only`: the one user who sees it; `user` is "" for none."""

    room: str
    ts: str
    user: str
    text: str
    thread: str = ""
    team: str = TEAM
    bot: bool = False
    blocks: list[Payload] = field(default_factory=list)
    metadata: Payload | None = None
    files: list[Payload] = field(default_factory=list)
    only: str = ""
    edited: str = ""
    unfurls: bool = True

    def payload(self, *, metadata: bool = False) -> Payload:
        """As it stands in a history, and in an event."""
        told: Payload = {
            "type": "message",
            "user": self.user,
            "team": self.team,
            "text": self.text,
            "ts": self.ts,
        }
        told |= {"thread_ts": self.thread} if self.thread else {}
        told |= {"bot_id": BOT, "app_id": APP} if self.bot else {}
        told |= {"blocks": self.blocks} if self.blocks else {}
        told |= {"files": self.files} if self.files else {}
        told |= {"metadata": self.metadata} if metadata and self.metadata else {}
        told |= {"edited": {"user": self.user, "ts": self.edited}} if self.edited else {}
        return told

    @property
    def shown(self) -> str:
        """What people read of it: its text, or that of its blocks."""
        return "\n".join(_texts(self.blocks)) or self.text


def _texts(blocks: object) -> Iterator[str]:
    for block in blocks if isinstance(blocks, list) else []:
        match block:
            case {"text": {"text": str(text)}} | {"text": str(text)}:
                yield text
        for inner in (block.get("elements"), block.get("fields")):
            yield from _texts(inner)


@dataclass(eq=False, kw_only=True)
class Room:
    """A channel, a group or a direct talk; `bot`: whether the app is in it."""

    id: str
    kind: str
    name: str = ""
    members: set[str] = field(default_factory=set)
    shared: bool = False
    bot: bool = True
    said: dict[str, Said] = field(default_factory=dict)

    def payload(self) -> Payload:
        """As `conversations.info` has it."""
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind in {"channel", "group"},
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_member": self.bot,
            "is_ext_shared": self.shared,
            "is_archived": False,
        } | ({"user": next(iter(self.members), "")} if self.kind == "im" else {})


class World:
    """The workspace, a clock that never repeats, and a way to wait for what changes."""

    def __init__(self, patience: float) -> None:
        self.rooms: dict[str, Room] = {}
        self.calls: list[tuple[str, Payload]] = []
        self.patience = patience
        self.origin = ""
        self.uploads: dict[str, Payload] = {}
        self._last = 0
        self._next = asyncio.Event()
        self._count = itertools.count(1)

    def ts(self) -> str:
        """A time stamp that nothing else has."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def name(self, prefix: str) -> str:
        """An id that nothing else has."""
        return f"{prefix}{next(self._count):06d}"

    def direct(self, user: str) -> Room:
        """The talk of the app with somebody."""
        room = f"D{user}"
        if room not in self.rooms:
            self.rooms[room] = Room(id=room, kind="im", members={user})
        return self.rooms[room]

    def say(self, message: Said) -> Said:
        """It is in its room from now on."""
        self.rooms[message.room].said[message.ts] = message
        self.tell()
        return message

    def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        self._next.set()
        self._next = asyncio.Event()

    def changes(self) -> asyncio.Event:
        """Set with the next change."""
        return self._next

    async def until(self, ready: Callable[[], bool], seen: Callable[[], object]) -> None:
        """Wait for `ready`; out of patience it raises with what was `seen` instead."""
        try:
            async with asyncio.timeout(self.patience):
                while not ready():
                    await self._next.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; there is {seen()!r}") from None
