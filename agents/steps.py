"""What the four agents may answer: one step, closed on the wire and validated when it is back.

A step asks for something and does nothing. `wire_schema` is what a language model has to keep to,
`read_step` checks all of it again, since a schema on the wire can say less than these models.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from agents.port import AskPerson, CallTool, HandOver, Risk, Say, Step, Tool
from agents.port import Done as Finished
from agents.port import Route as Routed
from agents.schema import Schema, an_object, closed, constant, recased

AgentName = Literal["classifier", "retriever", "executor", "responder"]
Kind = Literal["route", "reply", "ask", "call", "done", "handover"]

_Model = TypeVar("_Model", bound=BaseModel)
_Word = TypeVar("_Word", bound=str)

ALLOWED: Final[Mapping[AgentName, frozenset[Kind]]] = MappingProxyType(
    {
        "classifier": frozenset({"route", "reply", "ask", "handover"}),
        "retriever": frozenset({"call", "done", "ask"}),
        "executor": frozenset({"call", "ask", "done", "handover"}),
        "responder": frozenset({"reply"}),
    }
)
"""The steps that each agent may take, whatever its prompt says."""

LONGEST_REASON = 300

_CLOSED = ConfigDict(frozen=True, extra="forbid")
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]
_Option = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Route(BaseModel):
    """Another agent goes on."""

    model_config = _CLOSED

    kind: Literal["route"] = "route"
    to: Literal["retriever", "executor", "responder"]
    reason: _Line = Field(description="why, in one line")


class Reply(BaseModel):
    """Answer people with this text."""

    model_config = _CLOSED

    kind: Literal["reply"] = "reply"
    text: _Text = Field(description="Markdown, at most 4000 characters")


class Ask(BaseModel):
    """Ask people a question; `options` are answers to choose from, () where none are known."""

    model_config = _CLOSED

    kind: Literal["ask"] = "ask"
    question: Annotated[_Text, Field(max_length=500)] = Field(
        description="one question, at most 500 characters"
    )
    options: Annotated[tuple[_Option, ...], Field(max_length=8)] = Field(
        description="at most 8 short answers to choose from, or none"
    )


class Call(BaseModel):
    """Run a tool; `args` are valid for its params and as these dump them: JSON, by alias."""

    model_config = _CLOSED

    kind: Literal["call"] = "call"
    tool: str
    args: dict[str, JsonValue]


class Done(BaseModel):
    """The agent is through; `summary` is for the responder, people do not read it."""

    model_config = _CLOSED

    kind: Literal["done"] = "done"
    summary: Annotated[_Text, Field(max_length=2_000)] = Field(
        description="what was found or asked for, at most 2000 characters"
    )
    left_out: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = Field(
        default="",
        description="what was asked for and is not done, and why; leave it out if nothing",
    )


class Handover(BaseModel):
    """A human has to take over."""

    model_config = _CLOSED

    kind: Literal["handover"] = "handover"
    reason: _Line = Field(description="why, in one line")


AgentStep = Route | Reply | Ask | Call | Done | Handover


@dataclass(frozen=True, slots=True)
class Unfit:
    """The answer is no such step. `reason`: at most 300 characters, nothing of the answer in it."""

    reason: str


def as_step(answer: AgentStep) -> Step:
    """The step as the loop knows it."""
    match answer:
        case Route():
            return Routed(to=answer.to, reason=answer.reason)
        case Reply():
            return Say(text=answer.text)
        case Ask():
            return AskPerson(question=answer.question, options=answer.options)
        case Call():
            return CallTool(tool=answer.tool, args=answer.args)
        case Done():
            return Finished(summary=answer.summary, left_out=answer.left_out)
        case Handover():
            return HandOver(reason=answer.reason)


def offered(agent: AgentName, tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """The tools that an agent may call: the retriever's only read, the executor has all of them."""
    if "call" not in ALLOWED[agent]:
        return ()
    return tuple(tool for tool in tools if agent == "executor" or tool.risk is Risk.READ)


def wire_schema(kinds: Collection[Kind], tools: Sequence[Tool]) -> Schema:
    """The closed schema of `{"step": …}` with one of these steps; a call is of one of the tools.

    Equal input in any order gives equal bytes in every process: steps stand in a fixed order,
    tools by name. Raises `ValueError` for a tool whose arguments can not be said, or no step at
    all; `schema.too_large` tells whether structured outputs will take it.
    """
    steps: list[JsonValue] = []
    for kind in get_args(Kind):
        if kind in kinds:
            steps += _calls(tools) if kind == "call" else [closed(_MODELS[kind])]
    if not steps:
        raise ValueError("no step to take: name a kind, and tools if it is call")
    return an_object({"step": steps[0] if len(steps) == 1 else {"anyOf": steps}})


def read_step(
    value: JsonValue, kinds: Collection[Kind], tools: Sequence[Tool]
) -> AgentStep | Unfit:
    """The step that an answer's `step` is, if it is one of these kinds and calls one of the tools.

    The case of kinds, tools and enums does not matter. Raises nothing, whatever the value is, as
    long as `wire_schema` takes the tools.
    """
    if not isinstance(value, dict) or not _is_text(value):
        return Unfit("step must be an object of plain JSON with a kind")
    kind = _named(value.get("kind"), sorted(kinds))
    if kind is None:
        return _unfit(f"kind must be one of: {', '.join(sorted(kinds))}")
    if kind == "call":
        return _read_call(value, tools)
    model = _MODELS[kind]
    return _validated(model, {**value, "kind": kind}, closed(model), kind)


_MODELS: Final[Mapping[str, type[Route | Reply | Ask | Done | Handover]]] = MappingProxyType(
    {"route": Route, "reply": Reply, "ask": Ask, "done": Done, "handover": Handover}
)


def _calls(tools: Sequence[Tool]) -> list[JsonValue]:
    return [
        an_object(
            {
                "kind": constant("call"),
                "tool": constant(tool.name),
                "args": _arguments(tool),
            }
        )
        for tool in sorted(tools, key=lambda tool: tool.name)
    ]


def _arguments(tool: Tool) -> Schema:
    try:
        return closed(tool.params)
    except ValueError as error:
        raise ValueError(f"tool {tool.name}: {error}") from None


def _read_call(value: Schema, tools: Sequence[Tool]) -> Call | Unfit:
    by_name = {tool.name: tool for tool in tools}
    name = _named(value.get("tool"), sorted(by_name))
    if name is None:
        return _unfit(
            f"tool must be one of: {', '.join(sorted(by_name)) or 'none, there is no tool'}"
        )
    if set(value) != {"kind", "tool", "args"}:
        return Unfit("a call must have kind, tool and args, and nothing else")
    tool = by_name[name]
    params = _validated(tool.params, value["args"], _arguments(tool), name)
    if isinstance(params, Unfit):
        return params
    return Call(tool=name, args=params.model_dump(mode="json", by_alias=True))


def _validated(model: type[_Model], value: JsonValue, schema: Schema, name: str) -> _Model | Unfit:
    try:
        return model.model_validate(recased(value, schema))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    return _unfit(_fault(first, schema, name))


def _fault(error: ErrorDetails, schema: Schema, name: str) -> str:
    """What is wrong, in words that hold nothing of the answer: neither its keys nor its values."""
    if error["type"] == "extra_forbidden":
        return f"{name}: it holds a name that is not known"
    if error["type"] in {"model_type", "model_attributes_type"}:
        return f"{name}: the arguments must be an object"
    known = schema.get("properties")
    field = error["loc"][0] if error["loc"] else ""
    if not isinstance(known, dict) or field not in known:
        return f"{name}: the values do not fit together"
    told = known[str(field)]
    meaning = told.get("description", "") if isinstance(told, dict) else ""
    what = error["msg"] if error["type"] in _PLAIN else "does not fit"
    return f"{name}: {field}: {what}" + (f" ({meaning})" if meaning else "")


# Complaints of pydantic's own that speak of the schema alone; a validator's may quote the value.
_PLAIN = frozenset(
    {
        *("missing", "literal_error", "enum", "none_required", "finite_number"),
        *("string_type", "string_too_short", "string_too_long", "string_pattern_mismatch"),
        *("int_type", "int_parsing", "int_from_float", "float_type", "float_parsing"),
        *("bool_type", "bool_parsing", "list_type", "tuple_type", "dict_type", "model_type"),
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal"),
        *("too_short", "too_long"),
    }
)


def _named(word: JsonValue, among: Sequence[_Word]) -> _Word | None:
    if not isinstance(word, str):
        return None
    return next((each for each in among if each.casefold() == word.casefold()), None)


def _is_text(value: JsonValue) -> bool:
    """Whether it can be written down: no lone surrogates, no NaN, not nested without end."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _unfit(reason: str) -> Unfit:
    short = reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"
    return Unfit(short)
