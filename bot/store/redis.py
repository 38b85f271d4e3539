# ruff: noqa: D102 - the port says what each method does
"""The thread store on Redis or Valkey: what `bot.store.port` promises, each as one script."""

import hashlib
import math
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot import audit
from bot.codec import from_ms
from bot.events import Event
from bot.spend import Limits
from bot.store import address, client
from bot.store.appending import Appender
from bot.store.books import Books
from bot.store.checks import doubts
from bot.store.client import Client, Revive
from bot.store.keys import Keys
from bot.store.leases import Leases
from bot.store.ledger import Ledger
from bot.store.packing import since, timer_words
from bot.store.port import (
    Appended,
    Batch,
    Claim,
    Claims,
    Committed,
    Conflict,
    Execution,
    Opened,
    Snapshot,
    Summary,
)
from bot.store.reading import BLOCK, Reader
from bot.store.replies import number, text
from bot.store.secret import kept_secret
from bot.store.shelf import AS_SAFE_AS_THE_STORE, Backlog
from bot.store.trail import Trail


async def connect(
    url: str,
    *,
    bot: str,
    secret: str | None = None,
    lease: float = 30.0,
    max_attempts: int = 5,
    revive: Revive | None = None,
) -> "RedisStore":
    """Connect to redis://, rediss:// or unix://; a cluster is recognised by itself.

    secret: what the audit is chained with; without one the store keeps one itself, and `checks`
    says so. lease: seconds a worker holds a thread without a word. max_attempts: how often a
    thread may be opened without anything being committed. revive: brings a server of our own back
    (see `bot.store.embedded`). Raises `StoreError`, in one line.
    """
    keys = Keys.of(bot)
    link = await client.connect(address.parse(url), revive)
    try:
        key = audit.key(secret or await kept_secret(link, keys), bot)
        store = RedisStore(
            link,
            keys,
            key=key,
            key_kept=not secret,
            lease=int(lease * 1000),
            max_attempts=max_attempts,
        )
        await store.checks()  # the first reply sets the clock
    except BaseException:
        await link.close()
        raise
    return store


class RedisStore:
    """A `ThreadStore`; `lease` in ms, `key_kept`: the audit's key is in the store itself.

    Made by `connect`.
    """

    def __init__(
        self,
        link: Client,
        keys: Keys,
        *,
        key: bytes,
        key_kept: bool,
        lease: int,
        max_attempts: int,
    ) -> None:
        self._client = link
        self._keys = keys
        self._input = Appender(link, keys, max_attempts)
        ledger = Ledger(key)
        self._reader = reader = Reader(link, keys, ledger)
        self._leases = Leases(link, keys, reader, ledger, lease, max_attempts)
        self.trail = Trail(client=link, keys=keys, reader=reader, key=key, kept_in_store=key_kept)

    def now(self) -> datetime:
        """See `ThreadStore`, as for every method without a word of its own."""
        return from_ms(self._client.clock.ms())

    async def checks(self) -> tuple[str, ...]:
        """One line for each setting that puts a promise in doubt."""
        (info,) = await self._client.script("info", [self._keys.queue])
        return (*doubts(text(info)), *([AS_SAFE_AS_THE_STORE] if self.trail.kept_in_store else []))

    async def close(self) -> None:
        await self._client.close()

    # --- input
    async def append(
        self, references: Sequence[str], event: Event, *, dedupe: str, may_open: bool = True
    ) -> Appended | None:
        return await self._input.by_reference(references, event, dedupe, may_open=may_open)

    async def append_to(self, thread: str, event: Event, *, dedupe: str) -> Appended:
        return await self._input.by_id(thread, event, dedupe)

    # --- work
    async def claim(self, count: int) -> Claims:
        return await self._leases.claim(count)

    async def open(self, claim: Claim, *, token: str, have: int) -> Opened | None:
        return await self._leases.open(claim, token, have)

    async def commit(self, thread: str, fence: int, batch: Batch) -> Committed | Conflict:
        return await self._leases.commit(thread, fence, batch, mode="keep")

    async def release(
        self, thread: str, fence: int, batch: Batch, *, want: int
    ) -> Committed | Conflict:
        return await self._leases.commit(thread, fence, batch, mode="release", want=want)

    async def set_aside(
        self, thread: str, fence: int, batch: Batch, reason: str
    ) -> Committed | Conflict:
        return await self._leases.commit(thread, fence, batch, mode="aside", reason=reason)

    async def retry_later(self, thread: str, fence: int, delay: float) -> None:
        await self._leases.retry_later(thread, fence, delay)

    async def free(self, worker: str) -> int:
        return await self._leases.free(worker)

    async def renew(self, thread: str, fence: int) -> int:
        return await self._leases.renew(thread, fence)

    async def idle(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            wait = math.ceil(min(left * 1000, BLOCK)) / 1000  # 0 would mean for ever
            if await self._client.block("BLPOP", self._keys.bell, wait) is not None:
                return

    # --- looking
    async def events(self, thread: str, *, after: int = 0) -> tuple[Event, ...]:
        return await self._reader.events(thread, after)

    def follow(self, thread: str, *, after: int) -> AsyncIterator[Event]:
        return self._reader.follow(thread, after)

    async def find(self, reference: str) -> str | None:
        return await self._reader.find(reference)

    async def exists(self, thread: str) -> bool:
        return await self._reader.exists(thread)

    async def snapshot(self, thread: str) -> Snapshot | None:
        return await self._reader.snapshot(thread)

    async def execution(self, thread: str) -> Execution:
        return await self._reader.execution(thread)

    async def threads(self, *, limit: int, waiting: bool = False) -> tuple[Summary, ...]:
        return await (self._reader.waiting(limit) if waiting else self._reader.newest(limit))

    async def dead(self) -> Mapping[str, str]:
        return await self._reader.dead()

    async def revive(self, thread: str) -> bool:
        keys = self._keys
        names = (keys.run(thread), keys.queue, keys.bell, keys.dead)
        (revived,) = await self._client.script("revive", names, thread, secrets.token_hex(16))
        return revived == 1

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
        keys = self._keys
        names = (
            keys.meta(thread),
            keys.timers(thread),
            keys.run(thread),
            keys.queue,
            keys.bell,
            keys.dead,
            keys.about,
            keys.waiting,
            keys.owing,
        )
        told = (about, int(waiting), since(unanswered))
        words = (thread, version, *told, *timer_words(timers))
        (rebuilt,) = await self._client.script("rebuild", names, *words)
        return rebuilt == 1

    def all_threads(self) -> AsyncIterator[str]:
        return self._reader.all_threads()

    # --- what is not of one thread
    async def backlog(self) -> Backlog:
        return await self._reader.backlog()

    async def keep(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        await self._client.command("SET", self._keys.kept(name), data, "NX")
        return name

    async def kept(self, sha256: str) -> bytes | None:
        return await self._reader.kept(sha256)

    async def tally(self, name: str, member: str, *, kept: timedelta) -> int:
        span = kept // timedelta(milliseconds=1)
        (place,) = await self._client.script("tally", [self._keys.tally(name)], member, span)
        return number(place)

    async def uncount(self, name: str) -> None:
        await self._client.command("DEL", self._keys.tally(name))

    async def pace(self, room: str, interval: float, *, burst: int, most: float) -> float:
        words = round(interval * 1000), round(most * 1000), burst
        (wait,) = await self._client.script("pace", [self._keys.pace(room)], *words)
        return number(wait) / 1000

    async def name(self, thread: str, references: Sequence[str]) -> None:
        if await self._reader.exists(thread):
            for reference in references:
                await self._client.command("SET", self._keys.alias(reference), thread, "NX")

    async def cursor(self, name: str) -> str | None:
        value = await self._client.command("HGET", self._keys.cursors, name)
        return None if value is None else text(value)

    async def set_cursor(self, name: str, value: str) -> None:
        await self._client.command("HSET", self._keys.cursors, name, value)

    def books(self, limits: Limits) -> Books:
        """What models cost, under these caps."""
        return Books(self._client, self._keys, limits)
