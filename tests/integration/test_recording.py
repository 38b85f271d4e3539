"""Recordings of calls, with the real SDK: what is written down, and what is answered from it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from agents import wire
from agents.anthropic_model import connect
from agents.model import Answered, BadOutput, Declined, Failed, ModelCall, Outcome
from agents.recording import Recorder, RecordingError, Replayer, read
from tests.fake_model import call
from tests.model_server import (
    HTML,
    Reply,
    Scripted,
    error,
    message,
    model_server,
    step,
    text,
    use,
)

KEY = "sk-ant-test-0123456789"
SAY: JsonValue = {"kind": "say", "text": "»hi« \u2028 😀"}
ECHO = error(401, "authentication_error", f"bad key {KEY}")
NO_FORMAT = error(400, "invalid_request_error", "'m' does not support output format.")
CALLED = message([use("step", {"step": SAY})], stop_reason="tool_use")


async def record(path: Path, *script: Scripted, calls: tuple[ModelCall, ...]) -> list[Outcome]:
    """Ask a server by this script, and write down what it answers."""
    async with model_server(*script) as server:
        model = connect(KEY, server.url, middleware=(Recorder(path),))
        outcomes = [await model.ask(each) for each in calls]
        await model.close()
    return outcomes


async def replay(path: Path, *calls: ModelCall) -> list[Outcome]:
    """Ask the recordings; there is no server."""
    model = connect("none", middleware=(Replayer(read(path), path.name),))
    outcomes = [await model.ask(each) for each in calls]
    await model.close()
    return outcomes


SCRIPTS: dict[str, tuple[type[Outcome], tuple[Reply, ...]]] = {
    "a step": (Answered, (step(SAY),)),
    "half a step": (BadOutput, (message([text('{"st')], stop_reason="max_tokens"),)),
    "not JSON": (BadOutput, (message([text("hello")]),)),
    "declined": (Declined, (message([text("no")], stop_reason="refusal"),)),
    "overloaded": (Failed, (error(529, "overloaded_error"),)),
    "a page": (Failed, (Reply(headers=HTML, body="<p>»down«</p>".encode()),)),
    "half a letter": (Failed, (Reply(body=b'{"type": "message", "model": "\\ud83d"}'),)),
    "another way": (Answered, (NO_FORMAT, CALLED)),
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_what_was_recorded_is_answered_again(tmp_path: Path, name: str) -> None:
    """Without a server the outcome is the very same, whichever it was."""
    kind, script = SCRIPTS[name]
    file = tmp_path / "calls.jsonl"
    recorded = await record(file, *script, calls=(call(),))
    assert isinstance(recorded[0], kind)
    assert await replay(file, call()) == recorded


async def test_answers_come_in_the_order_in_which_they_were_recorded(tmp_path: Path) -> None:
    """The same request again gets the next answer, and from then on the last one."""
    file = tmp_path / "calls.jsonl"
    again = (call(), call(), call("else"))
    recorded = await record(file, step({"n": 1}), step({"n": 2}), step({"n": 3}), calls=again)
    one, two, other = recorded
    assert await replay(file, call(), call("else"), call(), call()) == [one, other, two, two]


async def test_what_was_not_recorded_fails_for_good(tmp_path: Path) -> None:
    """The reason names the file and the hash of the request, so that it can be looked for."""
    file = tmp_path / "calls.jsonl"
    await record(file, step(SAY), calls=(call(),))
    (got,) = await replay(file, call("something else"))
    assert isinstance(got, Failed)
    assert not got.passing
    sha256 = wire.request(call("something else")).sha256
    assert got.reason.startswith("404 not_recorded: calls.jsonl has no answer to this request")
    assert sha256 in got.reason


async def test_a_line_holds_the_bodies_and_their_hash(tmp_path: Path) -> None:
    """And nothing else: a later call is a later line, also in a file that was there."""
    file = tmp_path / "calls.jsonl"
    await record(file, step(SAY), calls=(call(),))
    await record(file, step(SAY), calls=(call("else"),))
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [set(row) for row in rows] == [{"request_sha256", "request", "status", "response"}] * 2
    for row, asked in zip(rows, (call(), call("else")), strict=True):
        body = wire.request(asked).body
        assert wire.dump(row["request"]).encode() == body
        assert row["request_sha256"] == wire.sha256(body)
        assert row["response"]["content"][0]["text"] == json.dumps({"step": SAY})


async def test_no_header_and_no_key_is_written_down(tmp_path: Path) -> None:
    """Not even where a proxy repeats the key; the file is its owner's alone."""
    file = tmp_path / "calls.jsonl"
    file.touch(0o644)
    secret = replace(step(SAY), headers={"content-type": "application/json", "x-who": "secret"})
    await record(file, ECHO, secret, calls=(call(), call()))
    kept = file.read_text()
    assert "bad key [key]" in kept
    for word in (KEY, "Bearer", "uthorization", "secret", "content-type", "user-agent"):
        assert word not in kept
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_call_without_a_response_is_not_written_down(tmp_path: Path) -> None:
    """There is nothing to answer it with."""
    file = tmp_path / "calls.jsonl"
    (got,) = await record(file, replace(step(SAY), drop="before"), calls=(call(),))
    assert isinstance(got, Failed)
    assert file.read_bytes() == b""


GOOD = {"request_sha256": "0" * 64, "request": {}, "status": 200, "response": {}}
SPOILT: dict[str, Callable[[Path], object]] = {
    "cannot be read: No such file": lambda _file: None,
    "line 1: is not JSON": lambda file: file.write_bytes(b"\xff\n"),
    "line 1: is not": lambda file: file.write_text("what\n"),
    "line 2: status: ": lambda file: file.write_text(
        f"{json.dumps(GOOD)}\n{json.dumps({**GOOD, 'status': 'fine'})}\n"
    ),
    "line 1: headers: ": lambda file: file.write_text(json.dumps({**GOOD, "headers": {}})),
}


@pytest.mark.parametrize("told", SPOILT)
def test_a_file_that_can_not_be_one_is_refused(tmp_path: Path, told: str) -> None:
    """The one line names the file, the line and the key."""
    file = tmp_path / "calls.jsonl"
    SPOILT[told](file)
    with pytest.raises(RecordingError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file}")
    assert told in str(refused.value)


def test_a_place_that_can_not_be_written_is_refused_at_once(tmp_path: Path) -> None:
    """Before anything is asked and paid for."""
    with pytest.raises(RecordingError, match="cannot be written: No such file"):
        Recorder(tmp_path / "nowhere" / "calls.jsonl")
