"""Looking at threads without holding them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import cast

from bot.codec import from_ms
from bot.events import Event
from bot.store.client import Client, Reply
from bot.store.keys import Keys
from bot.store.ledger import Ledger
from bot.store.port import Execution, Snapshot, StoreError, Summary
from bot.store.replies import entries, items, last_seq, number, pairs, text, timers
from bot.store.shelf import Backlog

PAGE = 500  # events or names asked for at once
SAMPLE = 200  # summaries that a look at the backlog reads at most
BLOCK = 2_000  # ms a call waits at the server, well below the time an answer may take


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads through `client`, and shows `ledger` every page of a log."""

    client: Client
    keys: Keys
    ledger: Ledger

    async def pages(self, thread: str, first: Reply, *, upto: int) -> AsyncIterator[Reply]:
        """`first`, then what follows: all entries up to and with `upto`, at most 500 at once."""
        page = first
        while items(page):
            self.ledger.saw(thread, page)
            yield page
            seen = last_seq(page)
            if seen >= upto:
                return
            page = await self._page(thread, after=seen)
            if not items(page):
                raise StoreError(f"the log of thread {thread} ends at {seen}, not at {upto}")

    async def _page(self, thread: str, *, after: int) -> Reply:
        start = f"{after + 1}-0"
        return await self.client.command(
            "XRANGE", self.keys.events(thread), start, "+", "COUNT", PAGE
        )

    async def rest(self, thread: str, first: Reply, *, upto: int) -> tuple[Event, ...]:
        """The events of `first` and all that follow. Raises `NewerEvent`."""
        pages = self.pages(thread, first, upto=upto)
        return tuple([event async for page in pages for event in entries(page)])

    async def log(self, thread: str, after: int) -> AsyncIterator[Reply]:
        """All entries after a version, some at a time."""
        while page := items(await self._page(thread, after=after)):
            self.ledger.saw(thread, page)
            yield page
            after = last_seq(page)

    async def events(self, thread: str, after: int) -> tuple[Event, ...]:
        """See `ThreadStore.events`."""
        return tuple([event async for page in self.log(thread, after) for event in entries(page)])

    async def follow(self, thread: str, after: int) -> AsyncIterator[Event]:
        """See `ThreadStore.follow`."""
        words = ("XREAD", "COUNT", PAGE, "BLOCK", BLOCK, "STREAMS", self.keys.events(thread))
        while True:
            found = await self.client.block(*words, f"{after}-0")
            if found is None:
                continue
            ((_, page),) = cast("list[tuple[bytes, Reply]]", found)
            for event in entries(page):
                yield event
            after = last_seq(page)

    async def find(self, reference: str) -> str | None:
        """See `ThreadStore.find`."""
        thread = await self.client.command("GET", self.keys.alias(reference))
        return None if thread is None else text(thread)

    async def exists(self, thread: str) -> bool:
        """See `ThreadStore.exists`."""
        return await self.client.command("EXISTS", self.keys.meta(thread)) == 1

    async def snapshot(self, thread: str) -> Snapshot | None:
        """See `ThreadStore.snapshot`."""
        found = await self.client.command("HMGET", self.keys.snapshot(thread), "v", "d")
        version, data = cast("list[bytes | None]", found)
        if version is None or data is None:
            return None
        return Snapshot(version=int(version), data=data)

    async def execution(self, thread: str) -> Execution:
        """See `ThreadStore.execution`."""
        keys = self.keys
        names = (keys.timers(thread), keys.run(thread), keys.queue, keys.dead)
        leased, ready, attempts, dead, due = await self.client.script("look", names, thread)
        return Execution(
            timers=timers(due),
            ready=ready == 1,
            leased=leased == 1,
            attempts=number(attempts),
            dead=text(dead),
        )

    async def dead(self) -> Mapping[str, str]:
        """See `ThreadStore.dead`."""
        found = await self.client.command("HGETALL", self.keys.dead)
        return {thread.decode(): why.decode() for thread, why in pairs(found)}

    async def backlog(self) -> Backlog:
        """See `Shelf.backlog`."""
        keys = self.keys
        names = (keys.queue, keys.dead, keys.about, keys.waiting, keys.owing)
        due, oldest, dead, asking, abouts = await self.client.script("backlog", names, SAMPLE)
        since = number(oldest)
        return Backlog(
            due=number(due),
            oldest=from_ms(since) if since >= 0 else None,
            dead=number(dead),
            asking=number(asking),
            abouts=tuple(about for about in cast("list[bytes | None]", abouts) if about),
        )

    async def newest(self, limit: int) -> tuple[Summary, ...]:
        """The threads with the newest input first."""
        words = ("ZRANGE", self.keys.index, 0, limit - 1, "REV", "WITHSCORES")
        found = await self.client.command(*words) if limit > 0 else []
        return await self._summaries([(name, int(float(at))) for name, at in pairs(found)])

    async def waiting(self, limit: int) -> tuple[Summary, ...]:
        """The threads with open requests, the newest input first."""
        names = cast("list[bytes]", await self.client.command("SMEMBERS", self.keys.waiting))
        if not names:
            return ()
        found = await self.client.command("ZMSCORE", self.keys.index, *names)
        scores = cast("list[bytes | None]", found)
        rows = [(name, int(float(at or 0))) for name, at in zip(names, scores, strict=True)]
        rows.sort(key=lambda row: -row[1])
        return await self._summaries(rows[: max(0, limit)])

    async def _summaries(self, rows: list[tuple[bytes, int]]) -> tuple[Summary, ...]:
        if not rows:
            return ()
        names = [name for name, _ in rows]
        found = await self.client.command("HMGET", self.keys.about, *names)
        told = cast("list[bytes | None]", found)
        return tuple(
            Summary(thread=name.decode(), at=from_ms(at), about=about or b"")
            for (name, at), about in zip(rows, told, strict=True)
        )

    async def kept(self, sha256: str) -> bytes | None:
        """See `ThreadStore.kept`."""
        return cast("bytes | None", await self.client.command("GET", self.keys.kept(sha256)))

    async def all_threads(self) -> AsyncIterator[str]:
        """See `ThreadStore.all_threads`."""
        seen: set[bytes] = set()
        place = b"0"
        while True:
            found = await self.client.command("ZSCAN", self.keys.index, place, "COUNT", PAGE)
            place, page = cast("tuple[bytes, Reply]", found)
            for name, _ in pairs(page):
                if name not in seen:
                    seen.add(name)
                    yield name.decode()
            if place == b"0":
                return
