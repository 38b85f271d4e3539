"""What goes wrong with calls of the Web API, as a script."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one call: an error in place of it, or its answer is lost or late."""

    error: str = ""
    status: int = 200
    after: float | str = 0.0
    lost: bool = False
    unsent: bool = False
    until: asyncio.Event | None = None


def limited(after: float) -> Fault:
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
    """The script, by method; `down`: whatever is called is refused. delay: seconds of each call."""

    down: bool = False
    refused: int = 0
    delay: float = 0.0
    script: list[tuple[str, Fault]] = field(default_factory=list)

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
