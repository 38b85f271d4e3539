"""What is remembered of messages on their way out, across processes: the `SentLog` of channels."""

import secrets
from datetime import timedelta

from bot.store.shelf import Shelf

REMEMBERED = timedelta(days=2)
"""Longer than a reply is tried for."""

MOST = 1.0
"""Seconds that are waited for in place; for longer than that a timer is set."""


class Sending:
    """Backed by the store, so that whoever goes on after a crash knows what may be out already."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def begin(self, key: str) -> bool:
        """See `SentLog`. Raises `StoreError`."""
        attempt = secrets.token_hex(8)
        return await self._shelf.tally(f"sent:{key}", attempt, kept=REMEMBERED) > 1

    async def kept_back(self, key: str) -> None:
        """See `SentLog`. Raises `StoreError`."""
        await self._shelf.uncount(f"sent:{key}")

    async def name(self, key: str, references: tuple[str, ...]) -> None:
        """See `SentLog`; of what no thread has sent, nothing is kept. Raises `StoreError`."""
        thread, _, _ = key.partition(":")  # as `Delivery` makes keys
        await self._shelf.name(thread, references)

    async def pace(self, room: str, interval: float, *, burst: int = 1) -> float:
        """See `SentLog`. Raises `StoreError`."""
        return await self._shelf.pace(room, interval, burst=burst, most=MOST)
