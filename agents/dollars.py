"""Sums of US dollars as people write them: "0.50", "5", "$12.5"."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_FORM = re.compile(r"\$?\s*([0-9]{1,9}(?:\.[0-9]{1,2})?)", re.ASCII)


def parse_dollars(text: str) -> Decimal:
    """The sum that `text` names, with as many decimal places as it has there: two at most.

    Raises `ValueError` with a line for people.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"give US dollars like 0.50 or 5, not {text.strip()[:20]!r}")
    return Decimal(match[1])


def format_dollars(usd: Decimal) -> str:
    """As people read it: "$0.50". Of a sum that `parse_dollars` gave, nothing is lost."""
    return f"${usd:,.2f}"


def _read(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        return parse_dollars(value)
    raise ValueError('give US dollars as a text like "0.50"')


Dollars = Annotated[
    Decimal,
    PlainValidator(_read),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]+([.][0-9]{1,2})?$"}),
]
"""A pydantic type: a `Decimal` in Python, in JSON the text that it was written as."""
