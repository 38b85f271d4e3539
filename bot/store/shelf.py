"""The port of what the store holds besides threads: cursors, the audit, keepsakes, money."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from agents.model import Account, Budget
from bot.audit import Entry, Head, Note, Point
from bot.spend import Cap, Limits, Standing

AS_SAFE_AS_THE_STORE = (
    "WATCHKEEPER_SECRET is not set, so the audit is chained with a secret that is kept in the"
    " store, and is only as safe as the store: set it for every process, then run `audit seal`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits. due: threads that a worker should be at. oldest: since when somebody waits.

    dead: threads that were set aside. asking: threads with open requests, and the summaries
    (`abouts`) of 200 of them, whichever.
    """

    due: int
    oldest: datetime | None
    dead: int
    asking: int
    abouts: tuple[bytes, ...]


class Books(Budget, Protocol):
    """What models cost, under caps. Raises `StoreUnreachable`, and `ValueError` for bad amounts."""

    async def raise_cap(self, cap: Cap, account: Account, usd: Decimal, *, key: str) -> None:
        """Allow `usd` more, to the thread or to the person or the bot today; `key` counts once."""
        ...

    async def spent(self, account: Account) -> Standing:
        """The counters of the account as they stand, bookings included."""
        ...


class Trail(Protocol):
    """The audit: rows of threads are written by commits, those about the whole bot by `note`.

    Whoever reads may see more rows than there were at the start. Raises `StoreUnreachable`.
    """

    @property
    def key(self) -> bytes:
        """What the rows are chained with."""
        ...

    @property
    def kept_in_store(self) -> bool:
        """Whether the key is in the store itself, and the audit only as safe as that."""
        ...

    async def note(self, note: Note, *, after: Head | None = None) -> bool:
        """Add a row about the whole bot; False if the last row is another than that of `after`."""
        ...

    def rows(self, *, after: str = "0-0", upto: str = "+") -> AsyncIterator[Entry]:
        """The rows after an id, up to and with another, oldest first."""
        ...

    async def newest(self, limit: int) -> tuple[Entry, ...]:
        """The last rows, oldest first."""
        ...

    async def point(self, thread: str) -> Point:
        """How far the chain of a thread is, and where the stream ends at that moment."""
        ...

    async def log(self, thread: str) -> tuple[tuple[int, bytes], ...]:
        """Each event of a thread as it is stored, after where it stands."""
        ...


class Shelf(Protocol):
    """The part of `ThreadStore` that is of no one thread."""

    async def keep(self, data: bytes) -> str:
        """Keep bytes under their hex SHA-256 for good (business data); again changes nothing."""
        ...

    async def kept(self, sha256: str) -> bytes | None:
        """What was kept under that name."""
        ...

    async def tally(self, name: str, member: str, *, kept: timedelta) -> int:
        """Which one it is of those counted under `name` (from 1); `kept` after the last new one.

        A member that comes again has the place it had.
        """
        ...

    async def uncount(self, name: str) -> None:
        """Nothing was counted under `name`."""
        ...

    async def pace(self, room: str, interval: float, *, burst: int, most: float) -> float:
        """Seconds until the next place in a room that takes one thing each `interval` seconds.

        After a pause it takes `burst` of them at once. The place is taken by that, unless the wait
        is over `most` (execution state).
        """
        ...

    async def name(self, thread: str, references: Sequence[str]) -> None:
        """A thread that exists is known by these as well; what names one already stays with it."""
        ...

    async def backlog(self) -> Backlog:
        """What waits; it takes as long however many threads there are."""
        ...

    async def cursor(self, name: str) -> str | None:
        """Where a reader stopped, as it said itself (business data)."""
        ...

    async def set_cursor(self, name: str, value: str) -> None:
        """Remember where a reader stopped."""
        ...

    @property
    def trail(self) -> Trail:
        """The audit."""
        ...

    def books(self, limits: Limits) -> Books:
        """The books of what models cost, under these caps."""
        ...
