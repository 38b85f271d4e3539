"""Answers as outcomes: nothing counts as a step unless it is whole."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from agents import answer, wire
from agents.model import Answered, BadOutput, Declined, Failed, Outcome, Usage
from tests.fake_model import call
from tests.model_server import Reply, message, text, use

SAY: JsonValue = {"kind": "say", "text": "hi"}
WHOLE = json.dumps({"step": SAY})


def read(reply: Reply, way: wire.Way = "format") -> Outcome:
    """What the reply says to a call."""
    return answer.read(reply.body, call(), way, "0" * 64)


def bad(reply: Reply, way: wire.Way = "format") -> str:
    """Why the answer is none; it was paid for."""
    got = read(reply, way)
    assert isinstance(got, BadOutput)
    assert got.spent.usage.output == 20
    assert len(got.reason) <= wire.FEEDBACK
    return got.reason


def test_02_a_whole_answer_is_one_step() -> None:
    """One JSON object with the one key, blanks around it or not; thoughts beside it are ignored."""
    thought: JsonValue = {"type": "thinking", "thinking": "hm", "signature": "s"}
    for content in ([text(WHOLE)], [thought, text(f" {WHOLE}\n")]):
        got = read(message(content))
        assert isinstance(got, Answered)
        assert got.step == SAY


def test_tokens_are_counted_as_the_provider_counts_them() -> None:
    """Reads and writes of the cache are apart from the input, and all are paid for."""
    usage = {
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_creation_input_tokens": 30,
        "cache_read_input_tokens": 40,
    }
    got = read(message([text(WHOLE)], usage=usage))
    assert isinstance(got, Answered)
    assert got.spent.usage == Usage(input=10, output=20, cache_write=30, cache_read=40)
    per_million = 10 * Decimal("0.1") + 20 * Decimal("0.5") + 30 * Decimal("0.125")
    assert got.spent.usd == (per_million + 40 * Decimal("0.01")) / 1_000_000


@pytest.mark.parametrize(
    "words",
    [
        "",
        "restart it",
        f"Here it is: {WHOLE}",
        f"```json\n{WHOLE}\n```",
        WHOLE + WHOLE,
        f"[{WHOLE}]",
        WHOLE[:-1],
        "{}",
        "null",
        '{"step": 1, "also": 2}',
        '{"step": 1, "step": 2}',
        '{"step": {"kind": "say", "kind": "pass"}}',
        '{"step": NaN}',
        '{"step": "\\ud83d"}',
        "[" * 100_000,
    ],
)
def test_02_anything_else_is_no_step(words: str) -> None:
    """Two steps, words around one, half a one, a key said twice: nothing acts on them."""
    bad(message([text(words)]))


def test_02_two_texts_are_no_step() -> None:
    """It is not for us to choose."""
    bad(message([text(WHOLE), text(WHOLE)]))
    bad(message([]))


@pytest.mark.parametrize(
    "reason", [None, "max_tokens", "stop_sequence", "pause_turn", "tool_use", "new"]
)
def test_05_only_the_right_end_is_an_end(reason: str | None) -> None:
    """However whole the JSON looks, the answer may not be."""
    bad(message([text(WHOLE)], stop_reason=reason))


def test_05_a_cut_off_answer_says_how_to_do_better() -> None:
    """The reason can be told to the model as it is, and repeats none of its words."""
    said = bad(message([text("secret plan")], stop_reason="max_tokens"))
    assert "512" in said
    assert "secret" not in said


def test_05_a_refusal_overrides_the_schema() -> None:
    """A step beside it does not count, and what it cost does."""
    details: JsonValue = {"type": "refusal", "category": "cyber", "explanation": None}
    got = read(message([text(WHOLE)], stop_reason="refusal", stop_details=details))
    assert isinstance(got, Declined)
    assert got.spent.usd > 0
    assert "cyber" in got.reason
    assert isinstance(read(message([], stop_reason="refusal")), Declined)


@pytest.mark.parametrize("way", ["strict", "plain"])
def test_02_a_tool_call_is_one_step(way: wire.Way) -> None:
    """Models like to say something first; nobody reads it."""
    called = use("step", {"step": SAY})
    got = read(message([text("I'll answer."), called], stop_reason="tool_use"), way)
    assert isinstance(got, Answered)
    assert got.step == SAY


@pytest.mark.parametrize(
    "content",
    [
        [text(WHOLE)],
        [use("other", {"step": 1})],
        [use("step", {})],
        [use("step", {"step": 1, "also": 2})],
        [use("step", "step")],
        [use("step", {"step": 1}), use("step", {"step": 2})],
    ],
)
def test_02_any_other_tool_call_is_no_step(content: list[JsonValue]) -> None:
    """None, another's, two, or one whose input was cut off to nothing."""
    bad(message(content, stop_reason="tool_use"), "strict")


def test_05_a_tool_call_has_its_own_end() -> None:
    """A truncated call comes with an empty input and says so only in its stop reason."""
    called = use("step", {"step": SAY})
    for reason in ("max_tokens", "end_turn", None):
        bad(message([called], stop_reason=reason), "strict")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"<html>200</html>",
        b'{"type": "message"',
        b'{"type": "message", "content": [], "stop_reason": "end_turn", "model": "m"}',
        b'{"type": "error", "error": {"type": "overloaded_error", "message": "x"}}',
        message([text(WHOLE)], usage={"output_tokens": -1}).body,
    ],
)
def test_04_what_is_no_message_passes(body: bytes) -> None:
    """A page of a proxy, half a body, a message without usage: to be tried again."""
    got = read(Reply(body=body))
    assert isinstance(got, Failed)
    assert got.passing


@given(st.binary() | st.text().map(str.encode))
def test_no_body_raises(body: bytes) -> None:
    """Whatever comes is an outcome."""
    assert isinstance(read(Reply(body=body)), Failed)


@given(st.text(), st.sampled_from(["end_turn", "tool_use", "max_tokens"]))
def test_no_words_raise(words: str, reason: str) -> None:
    """Whatever the model says is an outcome that was paid for."""
    got = read(message([text(words)], stop_reason=reason))
    assert isinstance(got, BadOutput)
