"""The port of what the store holds besides threads: cursors, the audit, keepsakes, money."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from agents.model import Account, Budget
from bot.spend import Cap, Limits, Standing


class Books(Budget, Protocol):
    """What models cost, under caps. Raises `StoreUnreachable`, and `ValueError` for bad amounts."""

    async def raise_cap(self, cap: Cap, account: Account, usd: Decimal, *, key: str) -> None:
        """Allow `usd` more, to the thread or to the person or the bot today; `key` counts once."""
        ...

    async def spent(self, account: Account) -> Standing:
        """The counters of the account as they stand, bookings included."""
        ...


class Shelf(Protocol):
    """The part of `ThreadStore` that is of no one thread."""

    async def keep(self, data: bytes) -> str:
        """Keep bytes under their hex SHA-256 for good (business data); again changes nothing."""
        ...

    async def kept(self, sha256: str) -> bytes | None:
        """What was kept under that name."""
        ...

    async def cursor(self, name: str) -> str | None:
        """Where a reader stopped, as it said itself (business data)."""
        ...

    async def set_cursor(self, name: str, value: str) -> None:
        """Remember where a reader stopped."""
        ...

    async def note(self, row: Mapping[str, str]) -> None:
        """Add a row about the whole bot to the audit stream."""
        ...

    def books(self, limits: Limits) -> Books:
        """The books of what models cost, under these caps."""
        ...
