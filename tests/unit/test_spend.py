"""Caps: how money is counted, what is no cap, and the words for people."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.model import Account, OverBudget
from bot.spend import MOST, Cap, Limits, cap_hit, cap_micros, cost_micros, dollars, money

ALICE = Account(thread="t", person="alice")
EVENING = datetime(2026, 3, 1, 20, 40, 30, tzinfo=UTC)
AMOUNTS = st.decimals(min_value=0, max_value=MOST, allow_nan=False, allow_infinity=False)


@given(AMOUNTS)
def test_rounding_is_always_on_the_careful_side(usd: Decimal) -> None:
    """A cost is never counted as less than it is, a cap never as more; both to a micro-dollar."""
    micro = Decimal("0.000001")
    assert usd <= dollars(cost_micros(usd)) < usd + micro
    assert usd - micro < dollars(cap_micros(usd)) <= usd


def test_the_smallest_part_of_a_micro_dollar_counts() -> None:
    """However many digits a price has, none is lost."""
    assert cost_micros(Decimal("1.0000000000000000000000000000001")) == 1_000_001
    assert cap_micros(Decimal("0.9999999999999999999999999999999")) == 999_999


@pytest.mark.parametrize("usd", ["-0.01", "NaN", "Infinity", "1000000000.01"])
def test_what_is_no_amount_is_refused(usd: str) -> None:
    """It raises one line that shows the value, and for a cap names its key."""
    with pytest.raises(ValueError, match=usd):
        cost_micros(Decimal(usd))
    for name in ("thread_usd", "person_day_usd", "day_usd"):
        with pytest.raises(ValueError, match=rf"^limits\.{name}: .*{usd}$"):
            Limits(**{name: Decimal(usd)})


def test_a_cap_may_be_nothing_or_missing() -> None:
    """No cap is the default; a cap of $0 is a cap."""
    assert Limits() == Limits(thread_usd=None, person_day_usd=None, day_usd=None)
    assert Limits(day_usd=Decimal(0)).day_usd == 0


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("0", "$0.00"),
        ("0.5", "$0.50"),
        ("0.483712", "$0.4838"),
        ("0.125", "$0.125"),
        ("5", "$5.00"),
        ("0.000001", "$0.0001"),
        ("1234.5", "$1,234.50"),
        ("1E+3", "$1,000.00"),
    ],
)
def test_money_is_shown_as_people_write_it(usd: str, shown: str) -> None:
    """At least cents, at most four places, never less than it is."""
    assert money(Decimal(usd)) == shown


def over(cap: Cap) -> OverBudget:
    """A cap of 50 cents that is nearly used up."""
    return OverBudget(cap=cap, spent=Decimal("0.4837"), limit=Decimal("0.5"))


@pytest.mark.parametrize(
    ("cap", "whose", "end"),
    [
        ("thread", "This conversation", "stays until somebody raises it"),
        ("person", "alice today", "at 00:00 UTC, in 3h20m"),
        ("day", "Everybody together today", "at 00:00 UTC, in 3h20m"),
    ],
)
def test_a_hit_cap_says_which_how_much_and_until_when(cap: Cap, whose: str, end: str) -> None:
    """One paragraph: whose cap, spent of what, when it ends, and what works meanwhile."""
    said = cap_hit(over(cap), ALICE, EVENING)
    assert f"{whose}: $0.4837 of $0.50 spent." in said
    assert end in said
    assert "Commands still work." in said
    assert "\n" not in said


def test_a_day_ends_in_utc_wherever_the_clock_is() -> None:
    """A clock of another zone tells the same time, and the last second is still a minute."""
    elsewhere = EVENING.astimezone(timezone(timedelta(hours=9)))
    assert cap_hit(over("day"), ALICE, elsewhere) == cap_hit(over("day"), ALICE, EVENING)
    last = datetime(2026, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert "in 1m," in cap_hit(over("day"), ALICE, last)
    assert "in 1d," in cap_hit(over("day"), ALICE, datetime(2026, 3, 1, tzinfo=UTC))
