"""What every part of the server speaks: ids, time stamps, errors, and the arguments of calls."""

import itertools
import json
import time
from collections.abc import Mapping
from typing import Any

Payload = dict[str, Any]
"""A JSON object on the wire."""

TEAM, APP, BOT, BOT_USER = "T1", "A1", "BBOT", "UBOT"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-test", "xapp-test", "signing-secret"

EVENTS, COMMANDS, INTERACTIVE = "events_api", "slash_commands", "interactive"
"""The types of envelopes."""


class Refused(Exception):
    """An error that the Web API answers with."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer: Payload = {"ok": False, "error": error, **more}


class Clock:
    """Time stamps that grow and never repeat, and ids that nothing else has."""

    def __init__(self) -> None:
        self._last = 0
        self._count = itertools.count(1)

    def ts(self) -> str:
        """The next time stamp."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def name(self, prefix: str) -> str:
        """The next id of a kind."""
        return f"{prefix}{next(self._count):08d}"


# --- the arguments of calls: real values in JSON, all texts in a form -----------------------------


def text_of(args: Mapping[str, Any], name: str) -> str:
    """An argument that is a text; "" without it."""
    value = args.get(name)
    return "" if value is None else str(value)


def parsed(args: Mapping[str, Any], name: str) -> Any:
    """An argument that is an object or a list, which a form carries as JSON."""
    value = args.get(name)
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return json.loads(value)
    except ValueError:
        raise Refused("invalid_arguments", messages=[f"[ERROR] {name} is no JSON"]) from None


def flag(args: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """An argument that is a yes or a no."""
    value = args.get(name)
    return default if value is None else str(value).lower() in {"true", "1"}
