"""Caps on what models may cost: what they are, how money is counted, and what people are told.

A day is a day in UTC. Costs are rounded up to whole micro-dollars and caps down, so that no
rounding ever passes a cap.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from agents.durations import format_duration
from agents.model import Account, OverBudget

Cap = Literal["thread", "person", "day"]
"""What a cap is on: a thread, a person and a day, or the whole bot and a day."""

MOST = Decimal(1_000_000_000)  # dollars; sums of a few of them are still exact in a script
_MICRO = Decimal("0.000001")
_SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The caps in US dollars, each None for no cap. Raises `ValueError` that names the bad one."""

    thread_usd: Decimal | None = None
    person_day_usd: Decimal | None = None
    day_usd: Decimal | None = None

    def __post_init__(self) -> None:
        caps = (
            ("thread_usd", self.thread_usd),
            ("person_day_usd", self.person_day_usd),
            ("day_usd", self.day_usd),
        )
        for name, usd in caps:
            if usd is not None and not _countable(usd):
                raise ValueError(f"limits.{name}: give dollars from 0 to {MOST:,}, not {usd}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One counter in US dollars: spent or booked, and its cap with all raises (None: no cap)."""

    spent: Decimal
    limit: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The three counters of an account today; `person` is None where nobody is known."""

    thread: Balance
    person: Balance | None
    day: Balance


def cost_micros(usd: Decimal) -> int:
    """A cost in micro-dollars, rounded up. Raises `ValueError` if it can not be one."""
    return _micros(usd, ROUND_CEILING)


def cap_micros(usd: Decimal) -> int:
    """A cap in micro-dollars, rounded down. Raises `ValueError` if it can not be one."""
    return _micros(usd, ROUND_FLOOR)


def dollars(micros: int) -> Decimal:
    """Micro-dollars in dollars, exactly."""
    return Decimal(micros).scaleb(-6)


def money(usd: Decimal) -> str:
    """As people read it: "$0.50", "$0.4838"; rounded up to four places, never under two."""
    shown = usd.quantize(_SHOWN, ROUND_CEILING)
    cents = shown.quantize(Decimal("0.01"), ROUND_CEILING)
    return f"${cents if cents == shown else shown.normalize():,f}"


def cap_hit(over: OverBudget, account: Account, now: datetime) -> str:
    """Why the model was not asked: which cap, how much of it is spent, when it ends.

    now: with its time zone.
    """
    match over.cap:
        case "thread":
            whose, end = "This conversation", "That cap stays until somebody raises it"
        case "person":
            whose, end = f"{account.person or 'You'} today", _until_midnight(now)
        case "day":
            whose, end = "Everybody together today", _until_midnight(now)
    return (
        f"I did not ask the model: the next call could pass a spend cap. {whose}:"
        f" {money(over.spent)} of {money(over.limit)} spent. {end}. Commands still work."
    )


def _until_midnight(now: datetime) -> str:
    today = now.astimezone(UTC)
    midnight = datetime.combine(today.date() + timedelta(days=1), time(), UTC)
    minutes = -((today - midnight) // timedelta(minutes=1))  # rounded up: never 0
    left = format_duration(timedelta(minutes=minutes))
    return f"The day ends at 00:00 UTC, in {left}, unless somebody raises the cap before"


def _micros(usd: Decimal, rounding: str) -> int:
    if not _countable(usd):
        raise ValueError(f"give dollars from 0 to {MOST:,}, not {usd}")
    return int(usd.quantize(_MICRO, rounding).scaleb(6))


def _countable(usd: Decimal) -> bool:
    return usd.is_finite() and 0 <= usd <= MOST
