"""What has changed between two requests, or between two decisions, in a few words. Pure."""

from dataclasses import asdict
from itertools import zip_longest

from pydantic import JsonValue

from agents.agent import PromptRef
from agents.head import Head
from agents.port import CallTool, Route, Say, Step
from agents.wire import dump

BEFORE = 20
SHOWN = 60
LONGEST = 300
HASH = 12
Place = tuple[str | int, ...]


def of_heads(old: Head, new: Head) -> str:
    """The first difference of two heads, and where else there are some; "" without any."""
    found = [name for name in _PARTS if dump(_part(old, name)) != dump(_part(new, name))]
    if not found:
        return ""
    also = f"; also in {' and '.join(found[1:])}" if found[1:] else ""
    return f"first difference in {_first(found[0], old, new)}{also}"


_PARTS = ("model", "effort", "max_tokens", "system", "schema")


def _part(head: Head, name: str) -> object:
    return dict(head.schema) if name == "schema" else getattr(head, name)


def _first(name: str, old: Head, new: Head) -> str:
    match name:
        case "system":
            return f"system at {_text(old.system, new.system)}"
        case "schema":
            return f"schema at {_value(dict(old.schema), dict(new.schema))}"
        case _:
            return f"{name}: {getattr(old, name)} -> {getattr(new, name)}"


def of_prompts(old: PromptRef | None, new: PromptRef) -> str:
    """Which prompt became which; "" if it is the same file."""
    if old is None or old.sha256 == new.sha256:
        return ""
    name = f"prompt {old.name}"
    return f"{name} {old.version} ({_short(old)}) -> {new.version} ({_short(new)})"


def _short(ref: PromptRef) -> str:
    return f"sha256 {ref.sha256[:HASH]}…"


def _text(old: str, new: str) -> str:
    """The first line that differs, with its number and the words around the difference."""
    pairs = zip_longest(old.split("\n"), new.split("\n"), fillvalue="")
    for number, (one, other) in enumerate(pairs, start=1):
        if one != other:
            at = _parting(one, other)
            return f"line {number}: {_around(one, at)} -> {_around(other, at)}"
    return "no line"


def _parting(one: str, other: str) -> int:
    same = zip(one, other, strict=False)
    return next(
        (at for at, pair in enumerate(same) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _around(text: str, at: int) -> str:
    start = max(0, at - BEFORE)
    end = start + SHOWN
    told = f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
    return dump(told)


def _value(old: JsonValue, new: JsonValue, place: Place = ()) -> str:
    """The first place at which two values differ, and how."""
    inside = _inside(old, new)
    for key, one, other in inside:
        if one != other:
            return _value(one, other, (*place, key))
    if inside and old == new:
        return f"{_dotted(place)}: its keys stand in another order"
    return f"{_dotted(place)}: {_cut(old)} -> {_cut(new)}"


def _inside(old: JsonValue, new: JsonValue) -> list[tuple[str | int, JsonValue, JsonValue]]:
    """What stands in both, side by side; nothing, if the values are not of one shape."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [(key, old.get(key), new.get(key)) for key in keys]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [(at, one, new[at]) for at, one in enumerate(old)]
    return []


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place) or "its top"


def _cut(value: object, most: int = SHOWN) -> str:
    told = dump(value)
    return told if len(told) <= most else f"{told[:most]}…"


# --- decisions -----------------------------------------------------------------------------------


def same_decision(old: Step, new: Step) -> bool:
    """Whether the same would happen: the words for people and for other agents set aside."""
    return _deciding(old) == _deciding(new)


def _deciding(step: Step) -> JsonValue:
    match step:
        case CallTool(tool=tool, args=args):
            return [step.kind, tool, args]
        case Route(to=agent):
            return [step.kind, agent]
        case _:
            return [step.kind]


def told(step: Step) -> str:
    """The step in one line."""
    if isinstance(step, CallTool):
        return f"call {step.tool} {dump(step.args)}"
    fields = {key: value for key, value in asdict(step).items() if key != "kind"}
    return f"{'reply' if isinstance(step, Say) else step.kind} {_cut(fields, LONGEST)}"
