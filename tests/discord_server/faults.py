"""What goes wrong with requests: scripted faults, and limits that are reached."""

import asyncio
import hashlib
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from tests.discord_server.journal import Call
from tests.discord_server.routes import WITHOUT_LIMIT
from tests.discord_server.wire import Payload

# The server speaks through a proxy, as Discord's does: a 429 without this header is a ban.
VIA = {"Via": "1.1 google"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one request. Made by the functions below.

    until: it is held back until this is set, before its effect or `after` it. status: what it is
    answered with instead of having an effect; 0: it has its effect. lost: the connection is cut
    before the effect, or after it.
    """

    status: int = 0
    body: Payload = field(default_factory=dict)
    until: asyncio.Event | None = None
    after: bool = False
    lost: Literal["", "request", "response"] = ""


def error(status: int, code: int = 0, message: str = "scripted") -> Fault:
    """An error in place of the effect: `error(500)`, `error(403, 50013)`."""
    return Fault(status=status, body={"message": message, "code": code})


def limited(retry_after: float, *, everywhere: bool = False) -> Fault:
    """A 429 in place of the effect. `everywhere`: the global limit, for all that follows too."""
    body = {
        "message": "You are being rate limited.",
        "retry_after": retry_after,
        "global": everywhere,
    }
    return Fault(status=429, body=body)


def held(until: asyncio.Event, *, after: bool = False) -> Fault:
    """Nothing happens until the event is set; `after`: the effect at once, the answer then."""
    return Fault(until=until, after=after)


def lost_request() -> Fault:
    """The connection is cut; nothing has happened."""
    return Fault(lost="request")


def lost_response() -> Fault:
    """It has its effect, then the connection is cut. aiohttp itself re-sends a GET, PUT, DELETE."""
    return Fault(lost="response")


@dataclass
class _Window:
    ends: float
    left: int


class Faults:
    """The script, and the buckets. Both are asked about each request, in that order.

    delay: seconds that each call takes.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self._script: list[tuple[str, dict[str, str], Fault]] = []
        self._buckets: dict[str, tuple[int, float]] = {}
        self._windows: dict[tuple[str, ...], _Window] = {}
        self._closed_until = 0.0
        self.reached: dict[str, int] = defaultdict(int)

    def then(self, route: str, *faults: Fault, where: dict[str, str]) -> None:
        """What happens to the next requests of a route whose path holds `where`."""
        self._script.extend((route, where, fault) for fault in faults)

    def bucket(self, route: str, limit: int, per: float) -> None:
        """Let a route be called so often in so many seconds, in each channel, guild or webhook."""
        self._buckets[route] = (limit, per)

    def take(self, call: Call) -> Fault | None:
        """What happens to this request."""
        left = self._closed_until - time.monotonic()
        if left > 0 and call.route not in WITHOUT_LIMIT:
            return limited(round(left, 3), everywhere=True)
        for entry in self._script:
            route, where, fault = entry
            if route == call.route and where.items() <= dict(call.params).items():
                self._script.remove(entry)
                if fault.body.get("global"):
                    self._closed_until = time.monotonic() + fault.body["retry_after"]
                return fault
        return self._spend(call)

    def headers(self, call: Call) -> dict[str, str]:
        """What the response to a request says of its bucket."""
        if call.route not in self._buckets:
            return {}
        limit, _ = self._buckets[call.route]
        window = self._windows.get(_key(call))
        if window is None:
            return {}
        after = max(0.0, window.ends - time.monotonic())
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(window.left),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(call.route.encode()).hexdigest()[:32],
        }

    def _spend(self, call: Call) -> Fault | None:
        if call.route not in self._buckets:
            return None
        limit, per = self._buckets[call.route]
        moment = time.monotonic()
        window = self._windows.get(_key(call))
        if window is None or window.ends <= moment:
            window = self._windows[_key(call)] = _Window(moment + per, limit)
        if window.left == 0:
            self.reached[call.route] += 1
            return limited(round(window.ends - moment, 3))
        window.left -= 1
        return None


def _key(call: Call) -> tuple[str, ...]:
    major = ("channel", "guild", "application", "token")
    return (call.route, *(call.params.get(name, "") for name in major))
