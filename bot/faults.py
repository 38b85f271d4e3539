"""A fault of the settings, told in one line: the file, the key, and what to mend."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

Place = tuple[str | int, ...]
"""Where something stands in the file: the keys from the top, and indexes of lists."""


class SettingsError(Exception):
    """The settings are unfit. The text is one line that names the key and what to mend."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


NOT_BUILT: tuple[tuple[str, ...], ...] = (
    ("maintenance",),
    ("runbooks", "*", "exclusive"),
    ("runbooks", "*", "output"),
    ("runbooks", "*", "secrets"),
    ("runbooks", "*", "run_as"),
    ("runbooks", "*", "dry_run"),
)
"""Keys that the design has and this version does not: refused, never ignored."""

_TOLD: Mapping[str, str] = {
    "missing": "is missing: add it",
    "string_pattern_mismatch": "must be lower case letters, digits and -, beginning with a letter",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_type": "must be a text in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
}


def dotted(place: Iterable[str | int]) -> str:
    """A place as people write it: `runbooks.restart.argv[0]`."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part)
            text += f".{bare}" if text else bare
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """`: did you mean NAME?` for the known name that is like `word`, or ""."""
    best = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=60)
    return f", did you mean {best[0]}?" if best else ""


def unbuilt(tables: Mapping[str, object]) -> str | None:
    """One line about a key in the parsed file that this version does not have, or None."""
    for pattern in NOT_BUILT:
        for place in _matches(tables, pattern):
            return f"{dotted(place)} is not built yet in this version: remove it"
    return None


def _matches(table: object, pattern: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not pattern:
        yield ()
    elif isinstance(table, dict):
        for key in table if pattern[0] == "*" else {pattern[0]} & table.keys():
            yield from ((key, *rest) for rest in _matches(table[key], pattern[1:]))


def told(error: ValidationError, model: type[BaseModel]) -> str:
    """What to mend, in one line: an unknown key if there is one, else the first fault."""
    faults = error.errors(include_url=False, include_context=False)
    unknown = [fault for fault in faults if fault["type"] == "extra_forbidden"]
    return _line((unknown or faults)[0], model)


def _line(fault: ErrorDetails, model: type[BaseModel]) -> str:
    place = tuple(part for part in fault["loc"] if part != "[key]")
    if fault["type"] == "extra_forbidden":
        hint = nearest(str(place[-1]), _keys(model, place[:-1]))
        return f"{dotted(place)}: there is no such key{hint or ', remove it'}"
    words = _TOLD.get(fault["type"]) or _plain(fault["msg"])
    return f"{dotted(place)}: {words}"


def _keys(annotation: object, place: Place) -> tuple[str, ...]:
    """The keys that the table at `place` may have, seen from a table of this type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {f.alias or name: f.annotation for name, f in annotation.model_fields.items()}
        return _keys(fields.get(str(place[0])), place[1:]) if place else tuple(fields)
    inner = get_args(annotation)
    if get_origin(annotation) is dict:
        return _keys(inner[1], place[1:])
    if get_origin(annotation) is tuple and place:
        return _keys(inner[0], place[1:])
    return next((keys for part in inner if (keys := _keys(part, place))), ())


def _plain(message: str) -> str:
    if message.startswith("Input should be "):
        return f"must be {message.removeprefix('Input should be ')}"
    return message.removeprefix("Value error, ")
