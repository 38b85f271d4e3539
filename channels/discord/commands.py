"""Slash commands, as Discord is told of them and as they come back. Pure."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from channels.discord.clicks import typed
from channels.port import CommandParam, CommandSpec

_NAME = re.compile(r"[-_a-z0-9]{1,32}")
_MOST_COMMANDS, _MOST_OPTIONS, _MOST_CHOICES = 100, 25, 25
_DESCRIBED, _CHOICE = 100, 100
_STRING, _INTEGER, _BOOLEAN = 3, 4, 5
_TYPES = {"text": _STRING, "integer": _INTEGER, "boolean": _BOOLEAN}


def payloads(specs: Sequence[CommandSpec]) -> list[dict[str, JsonValue]]:
    """Every command as Discord registers it; one that it could not have is left out."""
    found = [spec for spec in specs if _NAME.fullmatch(spec.name)][:_MOST_COMMANDS]
    return [_payload(spec) for spec in found]


def command_text(data: Mapping[str, object], specs: Sequence[CommandSpec]) -> str:
    """What was given, as one would type it."""
    name = str(data.get("name") or "")
    spec = next((one for one in specs if one.name == name), None)
    named = {_option(one.name): one.name for one in spec.params} if spec else {}
    options = data.get("options")
    given = {
        named.get(str(option.get("name")), str(option.get("name"))): option.get("value")
        for option in (options if isinstance(options, list) else [])
        if isinstance(option, dict)
    }
    return typed(name, given)


def _payload(spec: CommandSpec) -> dict[str, JsonValue]:
    params = sorted(spec.params, key=lambda one: not one.required)[:_MOST_OPTIONS]
    return {
        "name": spec.name,
        "type": 1,
        "description": _described(spec.summary, spec.name),
        "options": [_param(one) for one in params],
    }


def _param(param: CommandParam) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "name": _option(param.name),
        "type": _TYPES[param.kind],
        "description": _described(param.meaning, param.name),
        "required": param.required,
    }
    fits = 0 < len(param.choices) <= _MOST_CHOICES and all(
        0 < len(choice) <= _CHOICE for choice in param.choices
    )
    if param.kind == "text" and fits:
        told["choices"] = [{"name": choice, "value": choice} for choice in param.choices]
    return told


def _option(name: str) -> str:
    return re.sub(r"[^-_a-z0-9]", "-", name.lower())[:32]


def _described(text: str, otherwise: str) -> str:
    return (" ".join(text.split()) or otherwise)[:_DESCRIBED]
