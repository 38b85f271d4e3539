"""Spans of time as people write them."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from agents.durations import Duration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "span", "form"),
    [
        ("90s", timedelta(seconds=90), "1m30s"),
        ("10m", timedelta(minutes=10), "10m"),
        ("1h30m", timedelta(minutes=90), "1h30m"),
        (" 1H 30M ", timedelta(minutes=90), "1h30m"),
        ("2d", timedelta(days=2), "2d"),
        ("10d", timedelta(days=10), "10d"),
        ("1w", timedelta(weeks=1), "1w"),
        ("0s", timedelta(), "0s"),
    ],
)
def test_reads_and_writes(text: str, span: timedelta, form: str) -> None:
    """Units from weeks to seconds, largest first; written back in the shortest form."""
    assert parse_duration(text) == span
    assert format_duration(span) == form


@pytest.mark.parametrize(
    "text",
    ["", " ", "10", "m", "1.5h", "-1h", "1m1h", "1h1h", "ten minutes", "1h30", "٣m", "9999999s"],
)
def test_refuses(text: str) -> None:
    """Anything else is refused with an example of the form."""
    with pytest.raises(ValueError, match="give a duration like 90s, 10m, 1h30m, 2d or 1w"):
        parse_duration(text)


def test_has_a_longest() -> None:
    """No span is so long that adding it to a date fails by overflow."""
    assert parse_duration("100000d") == timedelta(days=100_000)
    with pytest.raises(ValueError, match="longer than 100000d"):
        parse_duration("999999w")


def test_a_negative_span_has_no_form() -> None:
    """There is nothing it could be read back from."""
    with pytest.raises(ValueError, match="negative"):
        format_duration(timedelta(seconds=-1))


@given(st.integers(0, 100_000 * 86_400))
def test_every_form_reads_back(seconds: int) -> None:
    """What is written is read as the same span."""
    span = timedelta(seconds=seconds)
    assert parse_duration(format_duration(span)) == span


@given(st.text() | st.text("0123456789wdhms ", max_size=12))
def test_any_text_is_a_span_or_a_value_error(text: str) -> None:
    """No text does anything else, and no span is negative."""
    with suppress(ValueError):
        assert parse_duration(text) >= timedelta()


class Wait(BaseModel):
    span: Duration


def test_as_a_field() -> None:
    """In a model it takes the text or the span, and is text again in JSON."""
    assert Wait.model_validate({"span": "1h"}) == Wait(span=timedelta(hours=1))
    assert Wait.model_validate_strings({"span": "1h"}) == Wait(span=timedelta(hours=1))
    assert Wait(span=timedelta(hours=1)).model_dump(mode="json") == {"span": "1h"}
    assert Wait.model_json_schema()["properties"]["span"]["type"] == "string"


def test_a_bare_number_lacks_its_unit() -> None:
    """A number from TOML or JSON is refused: nobody knows its unit."""
    with pytest.raises(ValidationError, match="with its unit, like 90s"):
        Wait.model_validate({"span": 60})
