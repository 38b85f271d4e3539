"""What a tool can be told, read from its pydantic schema: the only place it is written down."""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue

from agents.port import Tool
from agents.words import quoted

_MOST_CHOICES = 8
_HINTS = {timedelta: "<duration>", int: "<number>", float: "<number>", str: "<text>"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One argument of a tool, by the name people write.

    kind: "choice" (one of `choices`), "flag" (yes or no), "text" (any words) or "value" (anything
    else: one word). hint: what stands for the value in a usage line.
    """

    name: str
    kind: Literal["choice", "flag", "text", "value"]
    hint: str
    required: bool
    choices: tuple[str, ...] = ()
    meaning: str = ""

    def choice(self, word: str) -> str | None:
        """The choice that the word names, whatever its case; an exact match goes first."""
        if word in self.choices:
            return word
        lower = word.lower()
        return next((each for each in self.choices if each.lower() == lower), None)


def options(params: type[BaseModel]) -> tuple[Option, ...]:
    """Every argument of the schema, in its order."""
    return tuple(
        _option(field.alias or name, field.annotation, field.is_required(), field.description or "")
        for name, field in params.model_fields.items()
    )


def tail(known: tuple[Option, ...]) -> Option | None:
    """The argument that takes the rest of the line: the only free text, if it stands last."""
    texts = [option for option in known if option.kind == "text"]
    return texts[0] if len(texts) == 1 and texts[0] is known[-1] else None


def usage(tool: Tool) -> str:
    """How to call it, on one line: `restart service=api|web env=staging|prod [--force]`."""
    return " ".join([tool.name, *(_told(option) for option in options(tool.params))])


def rendered(name: str, args: Mapping[str, JsonValue]) -> str:
    """The one way we write a call, which reads back to the same arguments."""
    return " ".join([name, *(f"{key}={_word(v)}" for key, v in args.items() if v is not None)])


def _word(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return quoted(str(value))


def _told(option: Option) -> str:
    if option.kind == "flag":
        return f"[--{option.name}]"
    told = f"{option.name}={option.hint}"
    return told if option.required else f"[{told}]"


def _option(name: str, annotation: object, required: bool, meaning: str) -> Option:
    kind = _bare(annotation)
    if choices := _choices(kind):
        more = "|…" if len(choices) > _MOST_CHOICES else ""
        return Option(
            name=name,
            kind="choice",
            hint="|".join(choices[:_MOST_CHOICES]) + more,
            required=required,
            choices=choices,
            meaning=meaning,
        )
    if kind is bool:
        return Option(name=name, kind="flag", hint="yes|no", required=required, meaning=meaning)
    hint = next((told for each, told in _HINTS.items() if kind is each), "<value>")
    word: Literal["text", "value"] = "text" if kind is str else "value"
    return Option(name=name, kind=word, hint=hint, required=required, meaning=meaning)


def _bare(annotation: object) -> object:
    """The type itself, without annotations and without "or None"."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        members = [each for each in get_args(annotation) if each is not type(None)]
        if len(members) == 1:
            return _bare(members[0])
    return annotation


def _choices(kind: object) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return tuple(str(each) for each in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(each.value) for each in kind)
    return ()
