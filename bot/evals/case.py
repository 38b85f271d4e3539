"""A case: what people write, what tools answer, and what a model should decide then. Pure.

One JSON file a case; `prompts/cases` holds the packaged ones.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from bot.faults import told

Kind = Literal[
    "question", "action", "ambiguous", "hostile", "language", "follow-up", "person", "recorded"
]
Way = Literal["executor", "retriever", "responder", "reply", "ask", "handover"]
"""What the first reader does with the words: whom it gives them to, or its own last step."""
Ending = Literal["call", "reply", "ask", "handover"]
"""What comes of the words: a tool is called, or people get an answer, a question or a person."""


class CaseError(Exception):
    """A case can not be used: one line that names the file and the key."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _answers(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


_STRICT = ConfigDict(frozen=True, extra="forbid")
_Name = Annotated[str, Field(min_length=1, max_length=64)]
_Ways = Annotated[tuple[Way, ...], BeforeValidator(_listed), Field(min_length=1)]
_Endings = Annotated[tuple[Ending, ...], BeforeValidator(_listed), Field(min_length=1)]


class Message(BaseModel):
    """One message. `by`: a person of the configuration; any other name is a stranger's."""

    model_config = _STRICT

    by: _Name = "me"
    text: Annotated[str, Field(min_length=1, max_length=40_000)]


class Failure(BaseModel):
    """A tool that does not succeed, and what it says."""

    model_config = _STRICT

    failed: str


class Call(BaseModel):
    """One call that is expected.

    A value may be `{"one_of": [...]}`, or `{"holds": "words"}` for a text that holds them, in any
    case; an argument that is not named has to be left out or null.
    """

    model_config = _STRICT

    tool: _Name
    args: dict[str, JsonValue] = {}


class Expected(BaseModel):
    """What should be decided; several words mean any of them.

    route, step: for the last message. calls: all that agents call in the whole case, in order; one
    that expects a step besides "call" may as well see none of them. also: tools that may be called
    besides, which count for nothing.
    """

    model_config = _STRICT

    route: _Ways
    step: _Endings
    calls: tuple[Call, ...] = ()
    also: tuple[_Name, ...] = ()


Answer = str | Failure
_Answers = Annotated[tuple[Answer, ...], BeforeValidator(_answers), Field(min_length=1)]


class Case(BaseModel):
    """One case.

    catalogue: whose services and tools these are, the packaged example's or the settings'.
    results: what each tool answers, one after the other and then the last again; "ok" without.
    """

    model_config = _STRICT

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
    about: Annotated[str, Field(min_length=1)]
    kind: Kind
    catalogue: Literal["example", "settings"] = "settings"
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    results: dict[_Name, _Answers] = {}
    expect: Expected


def read(data: bytes, label: str) -> Case:
    """The case that a file's bytes hold. `label` names the file in a `CaseError`."""
    try:
        case = Case.model_validate(json.loads(data))
    except (RecursionError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CaseError(f"{label}: is not JSON: {error}") from None
    except ValidationError as error:
        raise CaseError(f"{label}: {told(error, Case)}") from None
    if fault := _contradiction(case):
        raise CaseError(f"{label}: {fault}")
    return case


def written(case: Case) -> bytes:
    """The case as a file, short where it can be: `read` gives it back."""
    told: dict[str, JsonValue] = case.model_dump(mode="json", exclude_defaults=True)
    for name, few in (("results", None), ("expect", {"route", "step"})):
        inner = told.get(name)
        if isinstance(inner, dict):
            told[name] = {
                key: _bare(value) if few is None or key in few else value
                for key, value in inner.items()
            }
    return f"{json.dumps(told, ensure_ascii=False, indent=2)}\n".encode()


def _bare(value: JsonValue) -> JsonValue:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def unknown_tool(case: Case, tools: frozenset[str]) -> str:
    """The first tool that the case names and there is not, as key and name; "" if there is none."""
    named = [(f"expect.calls[{at}].tool", call.tool) for at, call in enumerate(case.expect.calls)]
    named += [(f"expect.also[{at}]", tool) for at, tool in enumerate(case.expect.also)]
    named += [(f"results.{tool}", tool) for tool in case.results]
    return next((f"{key}: there is no tool {tool}" for key, tool in named if tool not in tools), "")


def _contradiction(case: Case) -> str:
    if "call" in case.expect.step and not case.expect.calls:
        return "expect.calls: is missing, and expect.step has a call"
    if case.expect.calls and len(case.messages) == 1 and "call" not in case.expect.step:
        return "expect.step: has no call, and expect.calls is not empty"
    return ""
