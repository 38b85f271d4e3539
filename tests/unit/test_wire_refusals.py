"""Error statuses as outcomes: what passes, what has to be mended, and when to come back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import refusal
from agents.model import Deferred, Failed
from tests.model_server import Reply, error

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def outcome(reply: Reply) -> Deferred | Failed:
    """What the reply says."""
    return refusal.outcome(reply.status, reply.headers, reply.body, NOW)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529, 304])
def test_04_what_passes(status: int) -> None:
    """A later try may do."""
    got = outcome(error(status, "some_error"))
    assert isinstance(got, Failed)
    assert got.passing


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422])
def test_04_what_has_to_be_mended(status: int) -> None:
    """No later try will do, however long anybody waits."""
    got = outcome(error(status, "some_error", headers={"retry-after": "3"}))
    assert isinstance(got, Failed)
    assert not got.passing


@pytest.mark.parametrize(
    "code",
    [
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
    ],
)
def test_04_a_spend_limit_has_to_be_mended(code: str) -> None:
    """It comes as a 429 and may name a time; waiting does not raise it."""
    got = outcome(error(429, "rate_limit_error", code=code, headers={"retry-after": "3600"}))
    assert isinstance(got, Failed)
    assert not got.passing


def test_the_reason_is_one_short_line() -> None:
    """It says what the provider said, and nothing of a proxy's page."""
    got = outcome(error(400, "invalid_request_error", "too\nmany " + "words " * 100))
    assert got.reason.startswith("400 invalid_request_error: too many words")
    assert len(got.reason) < 240
    assert outcome(Reply(status=502, body=b"<html>bad gateway</html>")).reason == "502"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "3600"}, 3600.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "60"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "60"}, 60.0),
        ({"retry-after": "Fri, 02 Jan 2026 03:14:05 GMT"}, 600.0),
        ({"retry-after": "Fri, 02 Jan 2026 03:00:00 GMT"}, 1.0),
        ({"retry-after": "0"}, 1.0),
        ({"retry-after": "-5"}, 1.0),
        ({"retry-after": "1e300"}, 86_400.0),
    ],
)
def test_03_a_wait_is_read_in_every_form(headers: dict[str, str], seconds: float) -> None:
    """Seconds, milliseconds (which are finer, so they win) or a date; a second to a day."""
    got = outcome(error(429, "rate_limit_error", headers=headers))
    assert isinstance(got, Deferred)
    assert got.after == timedelta(seconds=seconds)


@pytest.mark.parametrize("told", [None, "", "soon", "nan", "inf", "Fri, 99 Foo 2026"])
def test_03_a_429_that_names_no_time_passes(told: str | None) -> None:
    """It is the caller's to wait a little and try again."""
    headers = {} if told is None else {"retry-after": told}
    got = outcome(error(429, "rate_limit_error", headers=headers))
    assert isinstance(got, Failed)
    assert got.passing


@given(st.text(max_size=60))
def test_no_header_raises(told: str) -> None:
    """Whatever a proxy writes there."""
    refusal.retry_after({"retry-after": told, "retry-after-ms": told}, NOW)


@given(st.integers(100, 599), st.binary(max_size=60))
def test_no_body_raises(status: int, body: bytes) -> None:
    """Whatever comes with an error is an outcome."""
    assert isinstance(outcome(Reply(status=status, body=body)), Failed)


@pytest.mark.parametrize(
    "words",
    [
        "The compiled grammar is too large, which would cause performance issues. "
        "Simplify your tool schemas or reduce the number of strict tools.",
        "Schema is too complex for compilation",
        "Schemas contains too many parameters with union types, which exceeds the limit: 16",
        "'claude-old-1' does not support output format.",
        "output_config.format: structured outputs are not supported by this model",
        "tools.0.custom.strict: Extra inputs are not permitted",
    ],
)
def test_a_model_that_can_not_be_asked_so_is_known(words: str) -> None:
    """There are only words for it, no code."""
    assert refusal.unfit(400, error(400, "invalid_request_error", words).body)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "prompt is too long: 300000 tokens > 200000 maximum"),
        (400, "output_config.effort: not supported by this model"),
        (400, "Your credit balance is too low"),
        (403, "structured outputs are not available to you"),
        (500, "grammar compilation timed out"),
    ],
)
def test_any_other_refusal_is_not_taken_for_it(status: int, words: str) -> None:
    """Asking in another way would not help."""
    assert not refusal.unfit(status, error(status, "invalid_request_error", words).body)
