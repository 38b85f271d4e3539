"""Sums of money as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from agents.dollars import Dollars, format_dollars, parse_dollars
from agents.options import options
from agents.schema import closed


class Paid(BaseModel):
    usd: Dollars


@pytest.mark.parametrize(
    ("text", "usd", "told"),
    [
        ("0.50", "0.50", "$0.50"),
        (" 0.5 ", "0.5", "$0.50"),
        ("$12", "12", "$12.00"),
        ("$ 1500.25", "1500.25", "$1,500.25"),
        ("0", "0", "$0.00"),
    ],
)
def test_reads_and_tells(text: str, usd: str, told: str) -> None:
    """With or without its sign, to the cent; told with two places, always."""
    read = parse_dollars(text)
    assert str(read) == usd
    assert format_dollars(read) == told


@pytest.mark.parametrize(
    "text", ["", "$", "-1", "+1", ".5", "5.", "0.505", "1e3", "1,000", "0,50", "٣", "nan", "1 2"]
)
def test_refuses(text: str) -> None:
    """Anything that could be meant in two ways, or is no sum of cents."""
    with pytest.raises(ValueError, match="give US dollars like"):
        parse_dollars(text)


@given(st.decimals(0, 999_999_999, places=2))
def test_every_sum_reads_back(usd: Decimal) -> None:
    """What stands in an event or a command is read as the same sum, and written the same."""
    text = Paid(usd=usd).model_dump(mode="json")["usd"]
    again = Paid.model_validate({"usd": text})
    assert again.usd == usd
    assert again.model_dump(mode="json")["usd"] == text


@pytest.mark.parametrize("value", [1, 0.5, True, None])
def test_a_number_is_no_sum(value: object) -> None:
    """0.1 is not what it seems in a computer: money is told as text."""
    with pytest.raises(ValidationError, match="as a text"):
        Paid.model_validate({"usd": value})


def test_models_and_people_are_told_the_form() -> None:
    """It is a plain text in a schema, and one word of dollars in a command."""
    assert closed(Paid)["properties"] == {"usd": {"type": "string"}}
    (option,) = options(Paid)
    assert (option.kind, option.hint) == ("value", "<dollars>")
