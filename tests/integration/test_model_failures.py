"""Every way in which Claude fails without a stream, over real HTTP with the real SDK."""

import asyncio
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from agents.anthropic_model import connect
from agents.model import BadOutput, Declined, Deferred, Failed, Outcome
from tests.fake_model import call
from tests.model_server import HTML, Reply, error, message, model_server, step, text

WHOLE = text('{"step": {"kind": "pass"}}')


async def meet(reply: Reply, patience: float = 5.0) -> Outcome:
    """Ask once and meet this; the server saw exactly one request."""
    async with model_server(reply) as server:
        model = connect("key", server.url, patience=patience)
        got = await model.ask(call())
        await model.close()
    assert len(server.requests) == 1
    return got


async def passes(reply: Reply, patience: float = 5.0) -> str:
    """It may be tried again; the reason."""
    got = await meet(reply, patience)
    assert isinstance(got, Failed)
    assert got.passing
    return got.reason


# --- 3: to be left alone for a while -------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "3600"}, 3600.0),
        ({"retry-after-ms": "2500", "retry-after": "60"}, 2.5),
    ],
)
async def test_03_a_rate_limit_frees_the_worker(headers: dict[str, str], seconds: float) -> None:
    """Nobody sits out the hour: the time comes back at once, as data."""
    began = time.monotonic()
    got = await meet(error(429, "rate_limit_error", headers=headers))
    assert isinstance(got, Deferred)
    assert got.after == timedelta(seconds=seconds)
    assert time.monotonic() - began < 2.0


async def test_03_a_rate_limit_may_name_a_date() -> None:
    """As HTTP writes dates, whole seconds."""
    at = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    got = await meet(error(429, "rate_limit_error", headers={"retry-after": at}))
    assert isinstance(got, Deferred)
    assert timedelta(minutes=9, seconds=50) < got.after <= timedelta(minutes=10)


async def test_03_a_rate_limit_without_a_time_passes() -> None:
    """The caller waits a little by itself."""
    await passes(error(429, "rate_limit_error"))


# --- 4: to be mended by somebody, or to be tried again -------------------------------------------


async def test_04_a_spend_limit_is_not_retried() -> None:
    """It looks like a rate limit, and no waiting helps."""
    got = await meet(
        error(
            429,
            "rate_limit_error",
            "monthly limit",
            code="enforced_spend_limit_reached",
            headers={"retry-after": "60"},
        )
    )
    assert got == Failed(reason="429 rate_limit_error: monthly limit", passing=False)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
    ],
)
async def test_04_what_has_to_be_mended_is_not_retried(status: int, kind: str) -> None:
    """One request, and a reason for those who can mend it."""
    got = await meet(error(status, kind, "look here"))
    assert got == Failed(reason=f"{status} {kind}: look here", passing=False)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, "api_error"),
        (503, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
async def test_04_an_overload_passes(status: int, kind: str) -> None:
    """One request: whoever asked decides on the next."""
    assert (await passes(error(status, kind))).startswith(str(status))


async def test_04_a_time_out_passes() -> None:
    """The server took the request and says nothing."""
    assert "in time" in await passes(Reply(until=asyncio.Event()), patience=0.2)


async def test_04_an_answer_that_drips_ends_in_time() -> None:
    """The whole call has an end, not just each wait for a byte."""
    assert "in time" in await passes(Reply(body=b" " * 10_000, drip=0.02), patience=0.3)


async def test_04_a_dropped_connection_passes() -> None:
    """Before the answer, and in the middle of it."""
    await passes(replace(step({"kind": "pass"}), drop="before"))
    await passes(replace(step({"kind": "pass"}), drop="midway"))


async def test_04_nobody_listening_passes() -> None:
    """The network may come back."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        model = connect("key", f"http://127.0.0.1:{held.getsockname()[1]}")
        got = await model.ask(call())
        await model.close()
    assert got == Failed(reason="the model can not be reached (ConnectError)", passing=True)


async def test_04_a_page_of_html_passes() -> None:
    """A proxy's page with status 200 is no answer, and one with an error shows none of its text."""
    await passes(Reply(headers=HTML, body=b"<html>Sign in to the guest network</html>"))
    assert await passes(Reply(status=502, headers=HTML, body=b"<html>secret</html>")) == "502"


@pytest.mark.parametrize(
    "body", [b"{}", b"", b"[]", b'{"type": "mess', b'{"type":"message","content":[]}', b"\xff\xfe"]
)
async def test_04_a_good_status_with_other_json_passes(body: bytes) -> None:
    """The SDK makes a message full of nothing of it; here it is none."""
    await passes(Reply(body=body))


async def test_04_an_error_with_a_good_status_passes() -> None:
    """An overload that came after the status line was out."""
    await passes(replace(error(529, "overloaded_error"), status=200))


# --- 5: paid for, and nothing to act on ----------------------------------------------------------


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded", None])
async def test_05_an_answer_cut_off_is_charged(reason: str | None) -> None:
    """However whole it looks."""
    got = await meet(message([WHOLE], stop_reason=reason))
    assert isinstance(got, BadOutput)
    assert got.spent.usd > 0


@pytest.mark.parametrize("words", ["Done, restarted.", '{"step": 1, "step": 2}', '{"stop": 1}'])
async def test_05_words_that_are_no_step_are_charged(words: str) -> None:
    """What is wrong fits into the feedback and repeats nothing of the answer."""
    got = await meet(message([text(words)]))
    assert isinstance(got, BadOutput)
    assert got.spent.usd > 0
    assert len(got.reason) <= 300
    assert words not in got.reason


async def test_05_a_refusal_is_charged_and_no_failure() -> None:
    """It overrides the schema, and a step beside it."""
    got = await meet(message([WHOLE], stop_reason="refusal"))
    assert isinstance(got, Declined)
    assert got.spent.usd > 0
