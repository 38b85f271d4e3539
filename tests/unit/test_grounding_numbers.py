"""Numbers, spans of time and sizes: the same amount counts however people write it."""

from datetime import timedelta

import pytest
from pydantic import BaseModel

from agents.durations import Duration, format_duration
from tests.unit.test_grounding import invented, look, tool


class Amount(BaseModel):
    size: str
    ratio: float
    span: Duration


AMOUNT = tool(Amount)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("times=3.", 3),
        ("three", 3),
        ("Drei", 3),
        ("trois", 3),
        ("tres", 3),
        ("zwölf", 12),
        ("zero", 0),
        ("twenty-five", 25),
        ("vingt cinq", 25),
        ("1,000", 1000),
        ("1.000", 1000),
        ("1'000", 1000),
        ("1 000", 1000),
        ("1\u00a0000", 1000),
        ("12,345,678", 12_345_678),
        ("1k", 1000),
        ("3%", 3),
        ("$3", 3),
        ("(3), #3", 3),
        ("**3**", 3),
        ("3 times", 3),
        ("10m", 10),
        ("2GB", 2),
        ("port:8080", 8080),
        ("-3", -3),
        ("05", 5),
    ],
)
def test_numbers_are_found(text: str, number: int) -> None:
    """A number counts in digits of any style, with its unit, and as a word of four languages."""
    assert invented(f"make it {text}", times=number) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("v3", 3),
        ("x3", 3),
        ("3rd", 3),
        ("-3", 3),
        ("3.5", 3),
        ("3,5", 3),
        ("33", 3),
        ("2026-01-02", 2),
        ("10:30", 30),
        ("10.0.0.5", 5),
        ("5-10", 10),
        ("1/2", 2),
        ("a-3", 3),
        ("https://example.com/3/", 3),
        ("1 000", 1),
        ("1,000", 1),
        ("000", 0),
        ("one-off", 1),
        ("someone", 1),
        ("a", 1),
        ("ein Mal", 1),
        ("once", 11),
        ("twenty five", 5),
        ("twenty five", 20),
        ("two hundred", 2),
        ("3 million", 3),
        ("3k", 3),
        ("9" * 50, 9),
    ],
)
def test_other_numbers_are_not_found(text: str, number: int) -> None:
    """A part of another number, a date, a version or an address is no number of its own."""
    assert invented(f"make it {text}", times=number) == ("times",)


def test_fractions() -> None:
    """A number with a fraction may have a point or a comma, and is not rounded."""
    assert look({"ratio": 0.5}, "0.5", of=AMOUNT).ungrounded == ()
    assert look({"ratio": 0.5}, "0,5", of=AMOUNT).ungrounded == ()
    assert look({"ratio": 1.5}, "1.500", of=AMOUNT).ungrounded == ()
    assert look({"ratio": 7.0}, "7", of=AMOUNT).ungrounded == ()
    assert look({"ratio": 0.5}, "0.51", of=AMOUNT).ungrounded == ("ratio",)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("10m", 10),
        ("10 m", 10),
        ("10 min.", 10),
        ("10 minutes", 10),
        ("10-minute", 10),
        ("ten minutes", 10),
        ("zehn Minuten", 10),
        ("dix minutes", 10),
        ("diez minutos", 10),
        ("once minutos", 11),
        ("600s", 10),
        ("twenty-five minutes", 25),
        ("half an hour", 30),
        ("half-hour", 30),
        ("eine halbe Stunde", 30),
        ("une demi-heure", 30),
        ("media hora", 30),
        ("a quarter of an hour", 15),
        ("Viertelstunde", 15),
        ("un quart d'heure", 15),
        ("an hour", 60),
        ("eine Stunde", 60),
        ("une heure", 60),
        ("una hora", 60),
        ("1h30m", 90),
        ("1h30", 90),
        ("1h 30min", 90),
        ("1 hour and 30 minutes", 90),
        ("1:30 h", 90),
        ("1.5 hours", 90),
        ("1,5 Stunden", 90),
        ("anderthalb Stunden", 90),
        ("an hour and a half", 90),
        ("une heure et demie", 90),
        ("una hora y media", 90),
        ("two and a half hours", 150),
        ("2 days", 2_880),
        ("ein Tag", 1_440),
        ("a week", 10_080),
        ("1 day, 2 hours", 1_560),
    ],
)
def test_spans_are_found(text: str, minutes: int) -> None:
    """The same span of time counts, whatever units and words it was written with."""
    value = format_duration(timedelta(minutes=minutes))
    assert look({"span": value}, f"wait for {text}", of=AMOUNT).ungrounded == ()
    assert invented(f"wait for {text}", note=value) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", "10m"),
        ("10 meters", "10m"),
        ("1h30m", "1h"),
        ("1h30m", "30m"),
        ("half an hour", "1h"),
        ("three quarters of an hour", "1h"),
        ("5-10 minutes", "10m"),
        ("twenty five minutes", "5m"),
        ("two hundred minutes", "2m"),
        ("v10m", "10m"),
        ("10m2", "10s"),
        ("10 hours", "10m"),
    ],
)
def test_other_spans_are_not_found(text: str, value: str) -> None:
    """A part of a span is not the span, and a number alone is none."""
    assert look({"span": value}, f"wait for {text}", of=AMOUNT).ungrounded == ("span",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2GB", "2GB"),
        ("2 GB", "2GB"),
        ("2g", "2GB"),
        ("2 GiB", "2GB"),
        ("2Gi", "2g"),
        ("2048 MB", "2GB"),
        ("2000 MB", "2GB"),
        ("two gigabytes", "2GB"),
        ("2 Go", "2GB"),
        ("512 bytes", "512b"),
    ],
)
def test_sizes_are_found(text: str, value: str) -> None:
    """The same size counts, by the thousand or by 1024."""
    assert look({"size": value}, f"give it {text}", of=AMOUNT).ungrounded == ()


@pytest.mark.parametrize(
    ("text", "value"), [("2", "2GB"), ("2MB", "2GB"), ("12GB", "2GB"), ("2100 MB", "2GB")]
)
def test_other_sizes_are_not_found(text: str, value: str) -> None:
    """Another unit or amount is another size."""
    assert look({"size": value}, f"give it {text}", of=AMOUNT).ungrounded == ("size",)
