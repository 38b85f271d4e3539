"""Spans of time as people write them: "90s", "10m", "1h30m", "2d", "1w"."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PARTS = "".join(rf"(?:(?P<{unit}>[0-9]{{1,6}}){unit}\s*)?" for unit in _SECONDS)
_FORM = re.compile(_PARTS, re.IGNORECASE | re.ASCII)
_EXAMPLES = "90s, 10m, 1h30m, 2d or 1w"
_LONGEST = timedelta(days=100_000)


def parse_duration(text: str) -> timedelta:
    """The span that `text` names: whole numbers of w, d, h, m, s, each once, largest first.

    Raises `ValueError` with a line for people.
    """
    told = text.strip()
    match = _FORM.fullmatch(told)
    if not told or match is None:
        raise ValueError(f"give a duration like {_EXAMPLES}, not {told[:20]!r}")
    counts = match.groupdict(default="0")
    span = timedelta(seconds=sum(int(counts[unit]) * each for unit, each in _SECONDS.items()))
    if span > _LONGEST:
        raise ValueError(f"{told[:20]!r} is longer than {format_duration(_LONGEST)}")
    return span


def format_duration(span: timedelta) -> str:
    """The shortest form that `parse_duration` reads back; fractions of a second are cut off.

    Raises `ValueError` for a negative span.
    """
    left = int(span.total_seconds())
    if span < timedelta():
        raise ValueError("a duration can not be negative")
    parts = []
    for unit, each in _SECONDS.items():
        if unit == "w" and left % each:
            continue  # "10d" says more than "1w3d"
        count, left = divmod(left, each)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _read(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return parse_duration(value)
    raise ValueError(f"give a duration with its unit, like {_EXAMPLES}")


Duration = Annotated[
    timedelta,
    PlainValidator(_read),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]+[wdhms])+$"}),
]
"""A pydantic type: a `timedelta` in Python, "1h30m" in JSON and TOML."""
