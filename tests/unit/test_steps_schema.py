"""Closed schemas: what a pydantic model becomes, what can not be said, what is too large."""

from dataclasses import replace
from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from agents.schema import (
    MOST_OPTIONAL,
    MOST_UNIONS,
    Schema,
    an_object,
    closed,
    recased,
    too_large,
)
from agents.steps import wire_schema
from agents.tools.services import services_tool
from tests.unit.test_steps import TOOLS
from tests.unit.test_tools_runbook import Catalogue


class Colour(Enum):
    RED = "red"
    BLUE = "Blue"


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")

    room: Annotated[str, Field(min_length=2, pattern="^[a-z]+$")] = Field(description="which room")
    floor: Annotated[int, Field(ge=0, le=9)] = 0


class Paint(BaseModel):
    """A docstring is not for the wire."""

    model_config = ConfigDict(extra="forbid")

    colour: Colour = Field(description="of the wall")
    places: list[Place]
    coats: int | None = None
    tone: Literal["warm", "COLD"] | int = "warm"
    by: str | None


def test_a_model_becomes_a_closed_schema() -> None:
    """References are written out, bounds left out, and "or null" is optional where it may be."""
    room: Schema = {"type": "string", "description": "which room"}
    place = an_object({"room": room, "floor": {"type": "integer"}}, frozenset({"floor"}))
    warmth: Schema = {"type": "string", "enum": ["warm", "COLD"]}
    properties: Schema = {
        "colour": {"type": "string", "enum": ["red", "Blue"], "description": "of the wall"},
        "places": {"type": "array", "items": place},
        "coats": {"type": "integer"},
        "tone": {"anyOf": [warmth, {"type": "integer"}]},
        "by": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
    assert closed(Paint) == an_object(properties, frozenset({"coats", "tone"}))


class Tree(BaseModel):
    children: list["Tree"]


class Holder(BaseModel):
    free: dict[str, str]


class Untyped(BaseModel):
    value: JsonValue


class Pair(BaseModel):
    both: tuple[int, str]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (Tree, r"Tree\.children\[\]: a type that holds itself"),
        (Holder, r"Holder\.free: an object with free names"),
        (Untyped, r"Untyped\.value: has no closed schema"),
        (Pair, r"Pair\.both: has no closed schema"),
        (Open, "Open: an object with free names"),
    ],
)
def test_what_can_not_be_said(model: type[BaseModel], complaint: str) -> None:
    """A tool whose arguments have no closed schema is told at once, with its name and argument."""
    with pytest.raises(ValueError, match=complaint):
        closed(model)


def test_recased() -> None:
    """Words of an enum get its own case, deep inside too; all other values stay as they are."""
    given: Schema = {
        "colour": "BLUE",
        "places": [{"room": "RED", "floor": "RED"}, "RED"],
        "tone": "cold",
        "by": "WARM",
        "more": "Red",
    }
    assert recased(given, closed(Paint)) == {**given, "colour": "Blue", "tone": "COLD"}


def test_two_words_that_differ_in_case() -> None:
    """An exact word is never turned into its neighbour."""
    assert recased("a", {"enum": ["A", "a"]}) == "a"
    assert recased("b", {"enum": ["A", "a"]}) == "b"


def with_fields(count: int, annotation: object, default: object) -> type[BaseModel]:
    """A model with that many fields alike."""
    fields = {f"field{number}": (annotation, default) for number in range(count)}
    return create_model("Wide", __config__=ConfigDict(extra="forbid"), **fields)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    ("annotation", "default", "most", "complaint"),
    [
        (str, "", MOST_OPTIONAL, "25 optional arguments, of at most 24"),
        (str | None, None, MOST_OPTIONAL, "25 optional arguments, of at most 24"),
        (str | int, ..., MOST_UNIONS, "17 arguments of several types, of at most 16"),
    ],
)
def test_too_large(annotation: object, default: object, most: int, complaint: str) -> None:
    """More than structured outputs take is counted over everything, and told with the number."""
    fits, wide = (closed(with_fields(count, annotation, default)) for count in (most, most + 1))
    assert too_large(fits) == ""
    assert too_large(wide).startswith(complaint)
    halves = [closed(with_fields(count, annotation, default)) for count in (most - 3, 3)]
    both = an_object({"left": halves[0], "right": {"type": "array", "items": halves[1]}})
    assert too_large(both) == ""
    assert too_large(an_object({"both": both, "more": halves[1]})) != ""


def test_the_choice_of_step_is_one_union() -> None:
    """Any number of steps and tools is one union; with a single step there is none."""
    assert str(wire_schema({"ask", "call", "done"}, TOOLS)).count("anyOf") == 1
    assert "anyOf" not in str(wire_schema({"reply"}, TOOLS))


def test_a_tool_that_can_not_be_said_is_named() -> None:
    """The error names the tool, so that its author finds it."""
    tool = services_tool(Catalogue())
    odd = replace(tool, name="odd", params=Holder)
    with pytest.raises(ValueError, match=r"^tool odd: Holder\.free: "):
        wire_schema({"call"}, [tool, odd])
