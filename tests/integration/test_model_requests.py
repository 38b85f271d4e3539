"""What Claude's server receives, with the real SDK: bytes, headers, and what no log holds."""

import asyncio
import hashlib
import logging
from dataclasses import replace

import pytest
from pydantic import JsonValue

from agents import wire
from agents.anthropic_model import connect
from agents.model import Answered, Block, Failed, ModelCall, Outcome
from tests.fake_model import call
from tests.model_server import ModelServer, error, message, model_server, step, use

KEY = "sk-ant-test-0123456789"
SAY: JsonValue = {"kind": "say", "text": "hi"}
HARD = '»é« \u2028 \\ " </thread> 😀 \ud83d \x00'


async def ask(server: ModelServer, *calls: ModelCall) -> list[Outcome]:
    """Ask one after the other over one connection."""
    model = connect(KEY, server.url)
    try:
        return [await model.ask(each) for each in calls]
    finally:
        await model.close()


def hard() -> ModelCall:
    """A call with everything in it that could be written in more than one way."""
    return replace(
        call(HARD, feedback=HARD),
        system=(Block(text=HARD), Block(text="b", cached=True)),
        words=(Block(text=HARD, cached=True), Block(text="d", cached=True)),
        schema={"type": "object", "z": [1, 1.5, True, None, {}], "a": HARD[:3]},
    )


async def test_the_hash_is_of_the_bytes_that_the_server_received() -> None:
    """And those are the bytes that the call is rendered to, so that a replay can show them."""
    async with model_server(step(SAY), step(SAY)) as server:
        outcomes = await ask(server, call(), hard())
    for asked, got, received in zip((call(), hard()), outcomes, server.requests, strict=True):
        assert isinstance(got, Answered)
        assert hashlib.sha256(received.body).hexdigest() == got.request_sha256
        assert wire.request(asked).body == received.body


async def test_01_no_request_carries_what_models_refuse() -> None:
    """The SDK adds nothing to what was rendered: no sampling, no thinking, no stream."""
    async with model_server(step(SAY)) as server:
        await ask(server, call())
    (received,) = server.requests
    assert received.path == "/v1/messages"
    assert received.json.keys() == {
        "max_tokens",
        "messages",
        "model",
        "output_config",
        "system",
    }


async def test_no_trace_context_leaves_the_house() -> None:
    """The key goes out as it should, and no `traceparent` with it."""
    async with model_server(step(SAY)) as server:
        await ask(server, call())
    (received,) = server.requests
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert "traceparent" not in received.headers


NO_FORMAT = error(400, "invalid_request_error", "'m' does not support output format.")
TOO_LARGE = error(400, "invalid_request_error", "The compiled grammar is too large.")


async def test_02_a_model_without_structured_outputs_is_asked_for_a_tool() -> None:
    """It is found out once a process; the step and its hash are those of the second request."""
    called = message([use("step", {"step": SAY})], stop_reason="tool_use")
    async with model_server(NO_FORMAT, called, called, step(SAY)) as server:
        outcomes = await ask(server, call(), call(), call(model="claude-opus-5-5"))
    ways = ["format", "strict", "strict", "format"]
    bodies = [received.body for received in server.requests]
    assert bodies[:3] == [wire.request(call(), way).body for way in ways[:3]]  # type: ignore[arg-type]
    assert [isinstance(got, Answered) and got.step for got in outcomes] == [SAY] * 3
    assert isinstance(outcomes[0], Answered)
    assert outcomes[0].request_sha256 == hashlib.sha256(bodies[1]).hexdigest()


async def test_02_a_grammar_too_large_for_a_strict_tool_is_not_checked_there() -> None:
    """The size counts for strict tools as well; whoever takes the step validates it anyway."""
    called = message([use("step", {"step": SAY})], stop_reason="tool_use")
    async with model_server(TOO_LARGE, TOO_LARGE, called) as server:
        (got,) = await ask(server, call())
    assert isinstance(got, Answered)
    assert server.requests[-1].body == wire.request(call(), "plain").body


async def test_a_model_that_takes_no_way_fails_for_good() -> None:
    """Three refusals are the end of it."""
    async with model_server(TOO_LARGE, TOO_LARGE, TOO_LARGE) as server:
        (got,) = await ask(server, call())
    assert isinstance(got, Failed)
    assert not got.passing
    assert len(server.requests) == 3


async def test_no_log_holds_the_key_or_the_words(caplog: pytest.LogCaptureFixture) -> None:
    """With every logger on debug, whether it goes well or badly."""
    caplog.set_level(logging.DEBUG)
    bad = error(400, "invalid_request_error", "no")
    async with model_server(step("an answer"), bad, NO_FORMAT, bad) as server:
        await ask(server, *[call("secret words", system="secret prompt")] * 3)
    for kept in (KEY, "secret words", "secret prompt", "an answer"):
        assert kept not in caplog.text


async def test_no_reason_holds_the_key() -> None:
    """A proxy may repeat it in its words on what is wrong."""
    async with model_server(error(401, "authentication_error", f"bad key {KEY}")) as server:
        (got,) = await ask(server, call())
    assert isinstance(got, Failed)
    assert got.reason == "401 authentication_error: bad key [key]"


@pytest.mark.parametrize("key", ["", " ", "a b", "schlüssel", "key\n"])
def test_a_key_that_can_not_be_one_is_refused_at_once(key: str) -> None:
    """The line names the setting and does not repeat the key."""
    with pytest.raises(ValueError, match=r"^ANTHROPIC_API_KEY has to be") as refused:
        connect(key)
    assert not key.strip() or key not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["", "api.example.com", "ftp://example.com", "https://", "http://a:b"]
)
def test_an_address_that_can_not_be_one_is_refused_at_once(address: str) -> None:
    """The line names the setting."""
    with pytest.raises(ValueError, match=r"^ANTHROPIC_BASE_URL has to be like"):
        connect(KEY, address)


async def test_a_cancelled_call_leaves_the_model_usable() -> None:
    """People cancel; the next call goes as ever."""
    late = replace(step(SAY), until=asyncio.Event())
    async with model_server(late, step(SAY)) as server:
        model = connect(KEY, server.url)
        first = asyncio.create_task(model.ask(call()))
        await server.received(1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert isinstance(await model.ask(call()), Answered)
        await model.close()
