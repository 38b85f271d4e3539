"""The port of the store: what is durable, and how a worker holds a thread.

The store knows nothing of people, tools or requests: it keeps the events of threads in order,
absorbs duplicates, hands each thread to one worker at a time, and turns due timers into events.
What a commit writes, and what others wrote before it, is in the audit with that commit.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.events import Event
from bot.store.shelf import Shelf


class StoreError(Exception):
    """The store could not do it; nothing was changed. The text names what to mend."""


class StoreUnreachable(StoreError):
    """No answer from the store, or it takes no writes (full disk, full memory)."""


class NoSuchThread(StoreError):
    """There is no thread with that id."""


class NewerEvent(Exception):
    """The thread holds an event that only a newer version can read: `kind` names it."""

    def __init__(self, seq: int, kind: str) -> None:
        super().__init__(f"event {seq} ({kind}) was written by a newer version")
        self.seq = seq
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where an input stands. `fresh` is False for a duplicate, which then names the first one."""

    thread: str
    seq: int
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A due thread, stamped for this worker until it is opened."""

    thread: str
    stamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Due threads; `wait` is how long until the next thing is due (seconds), None for never."""

    claims: tuple[Claim, ...]
    wait: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A thread folded up to `version`, as bytes that the store does not read."""

    version: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The lease is ours under `fence`.

    snapshot: the newest, if it is newer than what the worker said it has. events: all after it
    (or after what the worker has). timers: id -> due, as the store holds them. dead: why the
    thread is to be set aside ("" if it is not): nothing may be performed then but saying so.
    """

    thread: str
    fence: int
    version: int
    attempts: int
    snapshot_version: int
    snapshot: Snapshot | None
    events: tuple[Event, ...]
    timers: Mapping[str, datetime]
    dead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One commit: everything in it happens, or nothing does.

    id: names the commit, so that repeating it after a lost answer changes nothing.
    expect: the version this was decided on; the commit conflicts if input came meanwhile.
    events: drafts; the store stamps seq. timers_set / timers_cleared: id -> due / ids.
    about: a summary of the thread for lists, as bytes; None leaves it.
    waiting: whether the thread has open requests. unanswered: since when somebody waits for an
        answer, None if nobody does. Both go with `about`.
    progress: whether it got anywhere, so that the attempts to open it count from nought again.
    """

    id: str
    expect: int
    events: tuple[Event, ...] = ()
    timers_set: Mapping[str, datetime] = field(default_factory=dict)
    timers_cleared: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    about: bytes | None = None
    waiting: bool = False
    unanswered: datetime | None = None
    progress: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """It is durable; `version` is the newest event. `next` are threads handed out on release."""

    version: int
    next: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Nothing was written: these events came first."""

    events: tuple[Event, ...]


class Fenced(Exception):
    """The lease is no longer ours: whatever was decided is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One row of a list of threads: `about` are the bytes of the last commit's summary."""

    thread: str
    at: datetime
    about: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What the store holds of a thread besides its log, all of it derived."""

    timers: Mapping[str, datetime]
    ready: bool
    leased: bool
    attempts: int
    dead: str = ""


class ThreadStore(Shelf, Protocol):
    """Five atomic operations on threads, and ways to look at them.

    Every operation may be repeated after a lost answer. All raise `StoreUnreachable`.
    """

    def now(self) -> datetime:
        """The store's clock, UTC, whole milliseconds; no round trip."""
        ...

    # --- input
    async def append(
        self, references: Sequence[str], event: Event, *, dedupe: str, may_open: bool = True
    ) -> Appended | None:
        """Append to the thread of the first known reference and register the others for it.

        With none known, a new thread is made from the last reference, or None is returned if it
        may not open one. A second append under the same non-empty `dedupe` changes nothing.
        """
        ...

    async def append_to(self, thread: str, event: Event, *, dedupe: str) -> Appended:
        """Append to a known thread. Raises `NoSuchThread`."""
        ...

    # --- work
    async def claim(self, count: int) -> Claims:
        """Up to `count` due threads, each stamped with the end of a lease."""
        ...

    async def open(self, claim: Claim, *, token: str, have: int) -> Opened | None:
        """Take the lease if the stamp is still ours, raise the fence, turn due timers to events.

        token: unique for this call. have: the version the worker holds folded (0 for none).
        Returns None if another worker has it. With too many attempts, or an event of a newer
        version, `Opened.dead` says so and `events` are the readable ones: the caller says sorry
        and sets the thread aside.
        """
        ...

    async def commit(self, thread: str, fence: int, batch: Batch) -> Committed | Conflict:
        """Append the batch and keep the lease. Raises `Fenced`."""
        ...

    async def release(
        self, thread: str, fence: int, batch: Batch, *, want: int
    ) -> Committed | Conflict:
        """Commit and give the lease back until the next input or timer; takes up to `want` next."""
        ...

    async def set_aside(
        self, thread: str, fence: int, batch: Batch, reason: str
    ) -> Committed | Conflict:
        """Commit and put the thread among the dead letters; an input or `revive` wakes it."""
        ...

    async def retry_later(self, thread: str, fence: int, delay: float) -> None:
        """Give the lease back without a word; due again after `delay` s, attempts still count."""
        ...

    async def free(self, worker: str) -> int:
        """A worker is known to be dead: what it held is due at once. How many threads those are.

        Its tokens began with `worker` and a dot. Whatever it still tries is fenced.
        """
        ...

    async def renew(self, thread: str, fence: int) -> int:
        """Hold the lease, turn due timers into events; the newest version. Raises `Fenced`."""
        ...

    async def idle(self, timeout: float) -> None:
        """Return when something may be due, or after `timeout` seconds."""
        ...

    # --- looking
    async def events(self, thread: str, *, after: int = 0) -> tuple[Event, ...]:
        """All events after a version, () for an unknown thread. Raises `NewerEvent`."""
        ...

    def follow(self, thread: str, *, after: int) -> AsyncIterator[Event]:
        """Events after a version as they are committed, without end."""
        ...

    async def find(self, reference: str) -> str | None:
        """The thread that a reference names."""
        ...

    async def exists(self, thread: str) -> bool:
        """Whether the thread has any event."""
        ...

    async def snapshot(self, thread: str) -> Snapshot | None:
        """The newest snapshot."""
        ...

    async def execution(self, thread: str) -> Execution:
        """What is held of it besides the log."""
        ...

    async def threads(self, *, limit: int, waiting: bool = False) -> tuple[Summary, ...]:
        """Newest first; only those with open requests if `waiting`."""
        ...

    async def dead(self) -> Mapping[str, str]:
        """Dead letters: thread -> why."""
        ...

    async def revive(self, thread: str) -> bool:
        """Give a dead letter its attempts again and make it due. False if it is not dead."""
        ...

    async def rebuild(
        self,
        thread: str,
        *,
        version: int,
        timers: Mapping[str, datetime],
        about: bytes,
        waiting: bool,
        unanswered: datetime | None = None,
    ) -> bool:
        """Restore the derived keys from what was folded at `version`, and make the thread due.

        False if a worker holds it or input came meanwhile.
        """
        ...

    def all_threads(self) -> AsyncIterator[str]:
        """Every thread id, from business keys alone."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...
