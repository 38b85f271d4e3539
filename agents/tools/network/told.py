"""What network tools say: in words of ours, and what others sent harmless within them. Pure."""

import re
from collections.abc import Iterable
from http import HTTPStatus

from agents.tools.transcript import fenced

_WIDEST = 300
_MOST_FOR_MODELS = 600


def block(lines: Iterable[str]) -> str:
    """The lines as they are, each of them one, in a fence that they can not close."""
    return fenced("\n".join(_narrow(" ".join(line.split())) for line in lines))


def in_short(text: str) -> str:
    """For a model: all of it on one line, as far as it goes."""
    lines = [line.strip() for line in re.sub(r"^```\w*$", "", text, flags=re.MULTILINE).split("\n")]
    told = "; ".join(line for line in lines if line).replace(":; ", ": ")
    return told if len(told) <= _MOST_FOR_MODELS else f"{told[: _MOST_FOR_MODELS - 1]}…"


def status(code: int) -> str:
    """A status and what it means, not what the server says that it means: "404 Not Found"."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def milliseconds(seconds: float) -> str:
    """A latency, as "84 ms"."""
    return f"{max(round(seconds * 1_000), 1):,} ms"


def _narrow(line: str) -> str:
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
