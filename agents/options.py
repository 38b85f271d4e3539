"""What a tool can be told, read from its pydantic schema: the only place it is written down."""

import types
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agents.choice import OneOf
from agents.reach import Reach

_MOST_CHOICES = 8
Kind = Literal["choice", "flag", "text", "value"]

_KINDS: dict[object, Kind] = {bool: "flag", str: "text"}
_HINTS: dict[object, str] = {
    timedelta: "<duration>",
    int: "<number>",
    float: "<number>",
    Decimal: "<dollars>",
    str: "<text>",
    bool: "yes|no",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One argument of a tool, by the name people write.

    kind: "choice" (`one_of` knows which), "flag" (yes or no), "text" (any words) or "value" (one
    word of anything else). hint: what stands for the value in a usage line. reach: of one that says
    where the tool goes.
    """

    name: str
    kind: Kind
    hint: str
    required: bool
    one_of: OneOf | None = None
    meaning: str = ""
    reach: Reach | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What it may be, if that is known word for word."""
        return self.one_of.choices if self.one_of else ()

    def choice(self, word: str) -> str | None:
        """The choice that the word names, whatever its case."""
        return self.one_of.pick(word) if self.one_of else None


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
    metadata = (*metadata, *field.metadata)
    one_of = _one_of(annotation, metadata)
    reach = next((each for each in metadata if isinstance(each, Reach)), None)
    choices = one_of.choices if one_of else ()
    more = "|…" if len(choices) > _MOST_CHOICES else ""
    few = "|".join(choices[:_MOST_CHOICES]) + more
    return Option(
        name=field.alias or name,
        kind="choice" if choices else "value" if reach else _KINDS.get(annotation, "value"),
        hint=few or (reach.hint if reach else _HINTS.get(annotation, "<value>")),
        required=field.is_required(),
        one_of=one_of,
        meaning=field.description or "",
        reach=reach,
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


def _one_of(annotation: object, metadata: tuple[object, ...]) -> OneOf | None:
    for each in metadata:
        if isinstance(each, OneOf):
            return each
    if get_origin(annotation) is Literal:
        return OneOf([str(each) for each in get_args(annotation)])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return OneOf([str(each.value) for each in annotation])
    return None
