"""What a tool can be told, read from its pydantic schema: the only place it is written down."""

import types
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agents.choice import OneOf, pick

_MOST_CHOICES = 8
Kind = Literal["choice", "flag", "text", "value"]

_KINDS: dict[object, Kind] = {bool: "flag", str: "text"}
_HINTS: dict[object, str] = {
    timedelta: "<duration>",
    int: "<number>",
    float: "<number>",
    str: "<text>",
    bool: "yes|no",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One argument of a tool, by the name people write.

    kind: "choice" (one of `choices`), "flag" (yes or no), "text" (any words) or "value" (anything
    else: one word). hint: what stands for the value in a usage line.
    """

    name: str
    kind: Kind
    hint: str
    required: bool
    choices: tuple[str, ...] = ()
    meaning: str = ""

    def choice(self, word: str) -> str | None:
        """The choice that the word names, whatever its case; an exact match goes first."""
        return pick(self.choices, word)


def options(params: type[BaseModel]) -> tuple[Option, ...]:
    """Every argument of the schema, in its order."""
    return tuple(_option(name, field) for name, field in params.model_fields.items())


def tail(known: tuple[Option, ...]) -> Option | None:
    """The argument that takes the rest of the line: the only free text, if it stands last."""
    texts = [option for option in known if option.kind == "text"]
    return texts[0] if len(texts) == 1 and texts[0] is known[-1] else None


def places(known: tuple[Option, ...]) -> int:
    """How many arguments can be given without their names."""
    return sum(option.kind != "flag" for option in known)


def _option(name: str, field: FieldInfo) -> Option:
    annotation, metadata = _bare(field.annotation)
    choices = _choices(annotation, (*metadata, *field.metadata))
    more = "|…" if len(choices) > _MOST_CHOICES else ""
    few = "|".join(choices[:_MOST_CHOICES]) + more
    return Option(
        name=field.alias or name,
        kind="choice" if choices else _KINDS.get(annotation, "value"),
        hint=few or _HINTS.get(annotation, "<value>"),
        required=field.is_required(),
        choices=choices,
        meaning=field.description or "",
    )


def _bare(annotation: object) -> tuple[object, tuple[object, ...]]:
    """The type itself and its metadata, without "or None"."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        bare, more = _bare(inner)
        return bare, (*metadata, *more)
    if get_origin(annotation) in {Union, types.UnionType}:
        members = [each for each in get_args(annotation) if each is not type(None)]
        if len(members) == 1:
            return _bare(members[0])
    return annotation, ()


def _choices(annotation: object, metadata: tuple[object, ...]) -> tuple[str, ...]:
    named = next((each.choices for each in metadata if isinstance(each, OneOf)), ())
    if named:
        return named
    if get_origin(annotation) is Literal:
        return tuple(str(each) for each in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(each.value) for each in annotation)
    return ()
