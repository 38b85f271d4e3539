"""What goes wrong with calls of the Web API, as a script."""

import asyncio
import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one call. Made by the functions below.

    status, error: what it is answered with instead of having an effect; 0: it has its effect.
    until, seconds: it is held back so long, before its effect or `after` it. lost: the connection
    is cut before the effect, or after it.
    """

    status: int = 0
    error: str = ""
    retry_after: int = 0
    until: asyncio.Event | None = None
    seconds: float = 0.0
    after: bool = False
    lost: Literal["", "request", "response"] = ""

    async def hold(self, *, after: bool) -> None:
        """Wait as long as it says, if it is to be waited now."""
        if after is self.after:
            await asyncio.sleep(self.seconds)
            if self.until is not None:
                await self.until.wait()


def limited(retry_after: int) -> Fault:
    """A 429 in place of the effect."""
    return Fault(status=429, error="ratelimited", retry_after=retry_after)


def failed(status: int = 500, error: str = "internal_error") -> Fault:
    """An error in place of the effect: `failed()`, `failed(200, "fatal_error")`."""
    return Fault(status=status, error=error)


def held(until: asyncio.Event, *, after: bool = False) -> Fault:
    """Nothing happens until the event is set; `after`: the effect at once, the answer then."""
    return Fault(until=until, after=after)


def delayed(seconds: float, *, after: bool = False) -> Fault:
    """It takes so long; `after`: the effect comes at once, the answer takes so long."""
    return Fault(seconds=seconds, after=after)


def lost_request() -> Fault:
    """The connection is cut; nothing has happened."""
    return Fault(lost="request")


def lost_response() -> Fault:
    """It has its effect, then the connection is cut."""
    return Fault(lost="response")


class Faults:
    """The script, by method, and how often each may be called. is_down: all is cut off."""

    def __init__(self) -> None:
        self.is_down = False
        self._script: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._paces: dict[str, tuple[int, float]] = {}
        self._recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def then(self, method: str, *faults: Fault, times: int = 1) -> None:
        """What happens to the next calls of a method; `times`: all of that so often."""
        self._script[method].extend(faults * times)

    def pace(self, method: str, limit: int, per: float) -> None:
        """Let a method be called so often in so many seconds, in each channel."""
        self._paces[method] = (limit, per)

    def take(self, method: str, channel: str) -> Fault:
        """What happens to this call."""
        script = self._script[method]
        return script.popleft() if script else self._paced(method, channel)

    def _paced(self, method: str, channel: str) -> Fault:
        if method not in self._paces:
            return Fault()
        limit, per = self._paces[method]
        recent, now = self._recent[method, channel], time.monotonic()
        while recent and recent[0] <= now - per:
            recent.popleft()
        if len(recent) >= limit:
            return limited(max(1, math.ceil(recent[0] + per - now)))
        recent.append(now)
        return Fault()
