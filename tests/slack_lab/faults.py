"""What goes wrong with calls of the Web API, as a script."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one call: an error in place of it, or its answer is lost or late.

    page: what something between here and Slack says in its place, as `kind`.
    """

    error: str = ""
    status: int = 200
    after: float | str = 0.0
    page: str = ""
    kind: str = "text/plain"
    lost: bool = False
    unsent: bool = False
    until: asyncio.Event | None = None


def proxied(status: int, kind: str, *, after: float | str = 0.0) -> Fault:
    """A proxy's own page in place of its effect."""
    return Fault(page="upstream connect error", status=status, kind=kind, after=after)


def limited(after: float | str) -> Fault:
    """A 429 in place of its effect."""
    return Fault(error="ratelimited", status=429, after=after)


def lost_response() -> Fault:
    """It has its effect, and the connection ends without a word."""
    return Fault(lost=True)


def lost_request() -> Fault:
    """The connection ends, and nothing has happened."""
    return Fault(unsent=True)


def held(until: asyncio.Event) -> Fault:
    """It has its effect once the event is set."""
    return Fault(until=until)


@dataclass
class Faults:
    """The script, by method; `down`: whatever is called is refused. delay: seconds of each call.

    refusals: errors of every call that is about a room, or about a conversation in one.
    """

    down: bool = False
    refused: int = 0
    delay: float = 0.0
    script: list[tuple[str, Fault]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    def then(self, method: str, *faults: Fault) -> None:
        """What happens to the next calls of a method."""
        self.script.extend((method, fault) for fault in faults)

    def take(self, method: str) -> Fault | None:
        """What happens to this one."""
        if self.down:
            self.refused += 1
            return Fault(unsent=True)
        for entry in self.script:
            if entry[0] == method:
                self.script.remove(entry)
                return entry[1]
        return None
