# ruff: noqa: D102 - the port says what each method does
"""The audit's stream: rows about the whole bot get onto it, and everybody can read it."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

from bot import audit
from bot.audit import Entry, Head, Note, Point
from bot.store.client import Client, Reply
from bot.store.keys import Keys
from bot.store.port import StoreError
from bot.store.reading import Reader
from bot.store.replies import items, number, raw, text

PAGE = 200  # rows asked for at once
ROW_KEPT = 600_000  # ms in which a repeated row is known again
TRIES = 1000  # each one that fails means that somebody else's row was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """See `bot.store.shelf.Trail`; made by `RedisStore`."""

    client: Client
    keys: Keys
    reader: Reader
    key: bytes
    kept_in_store: bool

    async def note(self, note: Note, *, after: Head | None = None) -> bool:
        keys = self.keys
        names = (keys.audit, keys.noted(secrets.token_hex(16)), keys.noting)
        last = "" if after is None else after.id
        point = await self.point(audit.BOT)
        count, before = point.upto, point.mac
        for _ in range(TRIES):
            row = audit.noted(count + 1, self.client.clock.ms(), note)
            mac = audit.mac(self.key, before, row)
            words = (ROW_KEPT, count, before, last, row, mac)
            status, *told = await self.client.script("note", names, *words)
            if status != b"CHAIN":
                return status == b"DONE"
            count, before = number(told[0]), text(told[1])
        raise StoreError("the audit is written to without end: stop what does it")

    async def rows(self, *, after: str = "0-0", upto: str = "+") -> AsyncIterator[Entry]:
        while page := items(await self._range("XRANGE", f"({after}", upto, PAGE)):
            for entry in _entries(page):
                yield entry
                after = entry.id

    async def newest(self, limit: int) -> tuple[Entry, ...]:
        return tuple(_entries(await self._range("XREVRANGE", "+", "-", limit)))[::-1]

    async def point(self, thread: str) -> Point:
        meta = self.keys.meta(thread) if thread else self.keys.noting
        version, upto, mac, last = await self.client.script("point", (meta, self.keys.audit))
        return Point(version=number(version), upto=number(upto), mac=text(mac), last=text(last))

    async def log(self, thread: str) -> tuple[tuple[int, bytes], ...]:
        pages = self.reader.log(thread, 0)
        return tuple([entry async for page in pages for entry in raw(page)])

    async def _range(self, command: str, first: str, last: str, count: int) -> Reply:
        return await self.client.command(command, self.keys.audit, first, last, "COUNT", count)


def _entries(page: Reply) -> list[Entry]:
    """Whatever somebody put there: a row without its fields is a row that fits nothing."""
    found = []
    for name, fields in cast("list[tuple[bytes, list[bytes]]]", page):
        held = dict(zip(fields[::2], fields[1::2], strict=True))
        mac = held.get(b"m", b"").decode("ascii", "replace")
        found.append(Entry(id=name.decode(), row=held.get(b"r", b""), mac=mac))
    return found
