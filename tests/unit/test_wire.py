"""Calls as requests: the bytes that are sent, and what is never in them."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from agents import wire
from agents.model import Block, ModelCall
from tests.fake_model import SCHEMA, call

WAYS: tuple[wire.Way, ...] = ("format", "strict", "plain")
ALLOWED = {
    "max_tokens",
    "messages",
    "model",
    "output_config",
    "system",
    "tool_choice",
    "tools",
}


def blocks(*marks: bool) -> tuple[Block, ...]:
    """One block a mark."""
    return tuple(Block(text=f"block {index}", cached=mark) for index, mark in enumerate(marks))


def breakpoints(asked: ModelCall) -> list[str]:
    """The texts of the blocks that end a cached prefix, in order."""
    sent = json.loads(wire.request(asked).body)
    said = [*sent.get("system", []), *sent["messages"][0]["content"]]
    marks = [block["cache_control"] for block in said if "cache_control" in block]
    assert all(mark == {"type": "ephemeral"} for mark in marks)
    return [block["text"] for block in said if "cache_control" in block]


@given(st.text(), st.text(), st.sampled_from(WAYS), st.sampled_from([None, "low", "high"]))
def test_01_no_request_carries_what_models_refuse(
    words: str, feedback: str, way: wire.Way, effort: str | None
) -> None:
    """No sampling, no prefill, no forced tool, no thinking switched off, in any way of asking."""
    asked = replace(call(words, feedback=feedback), effort=effort)  # type: ignore[arg-type]
    sent = json.loads(wire.request(asked, way).body)
    assert sent.keys() <= ALLOWED
    assert [turn["role"] for turn in sent["messages"]] == ["user"]
    assert sent.get("tool_choice", {"type": "auto"})["type"] == "auto"


def test_the_step_is_asked_for_as_the_format_of_the_answer() -> None:
    """The schema goes out as it is; the effort beside it, or not at all."""
    sent = wire.request(call()).params
    assert sent["output_config"] == {
        "effort": "low",
        "format": {"type": "json_schema", "schema": SCHEMA},
    }
    plain = wire.request(replace(call(), effort=None)).params
    assert plain["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}


@pytest.mark.parametrize(("way", "strict"), [("strict", True), ("plain", None)])
def test_or_as_one_tool_that_is_called_alone(way: wire.Way, strict: bool | None) -> None:
    """The tool's input has the schema; the format is not set then."""
    sent = wire.request(call(), way).params
    assert sent["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert isinstance(sent["tools"], list)
    (tool,) = sent["tools"]
    assert isinstance(tool, dict)
    assert (tool["name"], tool["input_schema"], tool.get("strict")) == ("step", SCHEMA, strict)
    assert sent["output_config"] == {"effort": "low"}
    assert "output_config" not in wire.request(replace(call(), effort=None), way).params


def test_equal_calls_are_equal_bytes() -> None:
    """The id names a call in the books and nowhere else."""
    assert wire.request(call()).body == wire.request(replace(call(), id="another")).body
    assert wire.request(call()).sha256 == wire.request(call()).sha256


def test_the_order_of_a_schema_is_kept() -> None:
    """Models write keys in the order of the schema: it is not sorted on the way."""
    schema: dict[str, JsonValue] = {"z": {"y": 1, "b": 2}, "a": 3}
    body = wire.request(replace(call(), schema=schema)).body
    assert b'{"z":{"y":1,"b":2},"a":3}' in body


def test_feedback_is_appended_and_the_prefix_stays() -> None:
    """All up to the last words is byte for byte the same: the cache holds."""
    plain = wire.request(call()).body
    told = wire.request(call(feedback="one JSON object, please")).body
    prefix = plain[: plain.index(b"}]}]")]
    assert told.startswith(prefix)
    assert b'{"type":"text","text":"one JSON object, please"}' in told


def test_05_feedback_has_300_characters_at_most() -> None:
    """Whatever the caller says."""
    assert b"x" * 300 in wire.request(call(feedback="x" * 900)).body
    assert b"x" * 301 not in wire.request(call(feedback="x" * 900)).body


def test_breakpoints_stand_where_they_are_asked_for() -> None:
    """Only blocks that say so end a cached prefix."""
    asked = replace(call(), system=blocks(False, True), words=blocks(False, True, False))
    assert breakpoints(asked) == ["block 1", "block 1"]
    assert breakpoints(replace(call(), system=blocks(False), words=blocks(False))) == []


def test_there_are_four_breakpoints_at_most() -> None:
    """The end of the system, which all threads share, and the latest words keep theirs."""
    asked = replace(call(), system=blocks(True, True), words=blocks(True, True, True, True))
    assert breakpoints(asked) == ["block 1", "block 1", "block 2", "block 3"]
    only_words = replace(call(), system=(), words=blocks(*[True] * 6))
    assert breakpoints(only_words) == ["block 2", "block 3", "block 4", "block 5"]
    only_system = replace(call(), system=blocks(*[True] * 6), words=blocks(False))
    assert breakpoints(only_system) == ["block 2", "block 3", "block 4", "block 5"]


def test_blank_blocks_are_left_out() -> None:
    """The API refuses them."""
    asked = replace(call(), system=(Block(text=" \n"),), words=(Block(text=""), Block(text="hi")))
    sent = json.loads(wire.request(asked).body)
    assert "system" not in sent
    assert sent["messages"][0]["content"] == [{"type": "text", "text": "hi"}]


@given(st.text(alphabet=st.characters()))
def test_any_text_can_be_sent(words: str) -> None:
    """Half a surrogate pair becomes a replacement character, two halves become their character."""
    wire.request(call(f"{words}.")).body.decode()
    assert "😀 \ufffd." in wire.request(call("\ud83d\ude00 \ud83d.")).body.decode()
