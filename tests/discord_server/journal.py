"""What came in, in order, and a way to wait for it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server.wire import Payload


@dataclass(frozen=True)
class File:
    """A file as it was sent."""

    name: str
    data: bytes
    content_type: str = "application/octet-stream"


@dataclass(eq=False, kw_only=True)
class Call:
    """A request. `status` is what it was answered with: 0 while it is not, or if that was lost."""

    route: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    files: list[File] = field(default_factory=list)
    status: int = 0

    def number(self, name: str) -> int:
        """An id of the path; 0 if it is none."""
        text = self.params[name]
        return int(text) if text.isdecimal() else 0


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What the client sent over the gateway."""

    op: int
    data: Any


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """An event that the sessions were told of, delivered or kept for a resume."""

    event: str
    data: Any


class Journal:
    """All calls, frames and dispatches in the order in which they came."""

    def __init__(self, patience: float) -> None:
        self.entries: list[Call | Frame | Dispatch] = []
        self._patience = patience
        self._next = asyncio.Event()

    def note(self, entry: Call | Frame | Dispatch) -> None:
        """Keep it, and wake whoever waits."""
        self.entries.append(entry)
        self.tell()

    def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        self._next.set()
        self._next = asyncio.Event()

    @property
    def calls(self) -> list[Call]:
        """The requests so far."""
        return [entry for entry in self.entries if isinstance(entry, Call)]

    @property
    def frames(self) -> list[Frame]:
        """What the gateway received so far."""
        return [entry for entry in self.entries if isinstance(entry, Frame)]

    def dispatched(self, event: str) -> list[Payload]:
        """The data of the events of this name so far."""
        events = (entry for entry in self.entries if isinstance(entry, Dispatch))
        return [entry.data for entry in events if entry.event == event]

    async def until(self, ready: Callable[[], bool], seen: Callable[[], object]) -> None:
        """Wait for `ready`; out of patience it raises with what was `seen` instead."""
        try:
            async with asyncio.timeout(self._patience):
                while not ready():
                    await self._next.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; there is {seen()!r}") from None
