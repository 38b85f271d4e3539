"""How a worker gets a thread, decides on it and gives it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from bot.codec import encode
from bot.events import Event
from bot.store.client import Client, Reply, Word
from bot.store.keys import Keys
from bot.store.ledger import Ledger
from bot.store.packing import batch_words
from bot.store.port import (
    Batch,
    Claim,
    Claims,
    Committed,
    Conflict,
    Fenced,
    NewerEvent,
    Opened,
    Snapshot,
    StoreError,
)
from bot.store.reading import Reader
from bot.store.replies import claims, entries, items, number, text, timers

RESERVED = 5_000  # ms a claim waits for its open: its worker is awake, unlike one with a lease
TRIES = 3  # with what the store says of the audit; it says so once, unless somebody meddles with it

Mode = Literal["keep", "release", "aside"]


@dataclass(frozen=True, slots=True)
class Leases:
    """Hands threads out through `client`: for `lease` ms, after `attempts` opens as dead."""

    client: Client
    keys: Keys
    reader: Reader
    ledger: Ledger
    lease: int
    attempts: int

    @property
    def _reserved(self) -> int:
        return min(self.lease, RESERVED)

    async def claim(self, count: int) -> Claims:
        """See `ThreadStore.claim`."""
        names = (self.keys.queue, self.keys.bell)
        stamp, wait, taken = await self.client.script("claim", names, count, self._reserved)
        ms = number(wait)
        return Claims(claims=claims(taken, stamp), wait=ms / 1000 if ms >= 0 else None)

    async def open(self, claim: Claim, token: str, have: int) -> Opened | None:
        """See `ThreadStore.open`."""
        keys, thread = self.keys, claim.thread
        names = (*_log(keys, thread), keys.snapshot(thread), *_run(keys, thread))
        status, *told = await self.client.script(
            "open", names, thread, claim.stamp, token, have, self.lease
        )
        return None if status == b"BUSY" else await self._opened(thread, told)

    async def _opened(self, thread: str, told: Sequence[Reply]) -> Opened:
        fence, version, attempts, folded, data, pending, page, covered, mac = told
        self.ledger.begin(thread, number(covered), text(mac))
        events, newer = await self._readable(thread, page, upto=number(version))
        gave_up = number(attempts) > self.attempts
        return Opened(
            thread=thread,
            fence=number(fence),
            version=number(version),
            attempts=number(attempts),
            snapshot_version=number(folded),
            snapshot=_snapshot(folded, data),
            events=events,
            timers=timers(pending),
            dead=newer or (f"gave up after {self.attempts} attempts" if gave_up else ""),
        )

    async def _readable(
        self, thread: str, page: Reply, *, upto: int
    ) -> tuple[tuple[Event, ...], str]:
        """The events before the first one of a newer version, and what is said of that one."""
        events: list[Event] = []
        try:
            async for more in self.reader.pages(thread, page, upto=upto):
                for event in entries(more):
                    events.append(event)
        except NewerEvent as newer:
            return tuple(events), str(newer)
        return tuple(events), ""

    async def commit(
        self,
        thread: str,
        fence: int,
        batch: Batch,
        *,
        mode: Mode,
        reason: str = "",
        want: int = 0,
    ) -> Committed | Conflict:
        """See `ThreadStore.commit`, `release` (which takes `want` next) and `set_aside`."""
        keys = self.keys
        names = (
            *_log(keys, thread),
            keys.snapshot(thread),
            *_run(keys, thread),
            keys.bell,
            keys.dead,
            keys.about,
            keys.waiting,
            keys.audit,
            keys.owing,
        )
        decided = (thread, fence, batch.id, batch.expect, mode, reason or "set aside")
        spans = (self.lease, want, self._reserved)
        events = [encode(event) for event in batch.events]
        for _ in range(TRIES):
            words = batch_words(batch, events, await self._rows(thread, batch, events))
            status, *told = await self.client.script("commit", names, *decided, *spans, *words)
            match status:
                case b"FENCED":
                    self.ledger.end(thread)
                    raise Fenced(thread)
                case b"CONFLICT":
                    version, page = told
                    missed = await self.reader.rest(thread, page, upto=number(version))
                    return Conflict(events=missed)
                case b"CHAIN":
                    covered, mac = told
                    self.ledger.begin(thread, number(covered), text(mac))
                case _:
                    return self._committed(thread, told, mode)
        raise StoreError(f"somebody else writes the audit of thread {thread}")

    def _committed(self, thread: str, told: Sequence[Reply], mode: Mode) -> Committed:
        version, stamp, taken, mac = told
        if mode == "keep":
            self.ledger.wrote(thread, number(version), text(mac))
        else:
            self.ledger.end(thread)
        return Committed(version=number(version), next=claims(taken, stamp))

    async def _rows(self, thread: str, batch: Batch, events: Sequence[bytes]) -> list[Word]:
        """What the commit adds to the audit, of everything that nobody has added yet.

        All of the log has been read before it was decided on; what was not is read now.
        """
        while (seen := self.ledger.seen(thread)) is None or seen < batch.expect:
            if seen is None:
                found = await self.client.command("HMGET", self.keys.meta(thread), "au", "am")
                covered, mac = cast("list[bytes | None]", found)
                self.ledger.begin(thread, int(covered or 0), (mac or b"").decode())
                continue
            async for _ in self.reader.log(thread, seen):
                pass
            if self.ledger.seen(thread) == seen:
                break  # the log ends before: the commit is void, as it will be told
        return self.ledger.words(thread, batch, events)

    async def renew(self, thread: str, fence: int) -> int:
        """See `ThreadStore.renew`."""
        names = (*_log(self.keys, thread), *_run(self.keys, thread))
        status, *told = await self.client.script("renew", names, thread, fence, self.lease)
        if status == b"FENCED":
            self.ledger.end(thread)
            raise Fenced(thread)
        return number(told[0])

    async def free(self, worker: str) -> int:
        """See `ThreadStore.free`."""
        queue, now = self.keys.queue, self.client.clock.ms()
        window = (f"({now}", now + 2 * self.lease, "BYSCORE")
        found = await self.client.command("ZRANGE", queue, *window)
        freed = 0
        for name in items(found):
            thread = text(name)
            names = (self.keys.run(thread), queue, self.keys.bell)
            (done,) = await self.client.script("free", names, thread, worker)
            freed += number(done)
        return freed

    async def retry_later(self, thread: str, fence: int, delay: float) -> None:
        """See `ThreadStore.retry_later`."""
        self.ledger.end(thread)
        names = (self.keys.run(thread), self.keys.queue, self.keys.bell)
        await self.client.script("retry_later", names, thread, fence, max(0, int(delay * 1000)))


def _log(keys: Keys, thread: str) -> tuple[str, str]:
    return keys.events(thread), keys.meta(thread)


def _run(keys: Keys, thread: str) -> tuple[str, str, str]:
    return keys.timers(thread), keys.run(thread), keys.queue


def _snapshot(version: Reply, data: Reply) -> Snapshot | None:
    if data is None:
        return None
    return Snapshot(version=number(version), data=cast("bytes", data))
