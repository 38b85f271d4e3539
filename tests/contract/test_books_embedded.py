"""The contract of the books on the server that comes with the bot."""

from tests.contract.books_contract import ReserveContract, SettleContract
from tests.contract.books_days import DayContract, RaiseContract


class TestReserve(ReserveContract):
    """On the embedded Valkey."""


class TestSettle(SettleContract):
    """On the embedded Valkey."""


class TestDay(DayContract):
    """On the embedded Valkey."""


class TestRaise(RaiseContract):
    """On the embedded Valkey."""
