"""Searching threads by their summaries, within an audience."""

from collections.abc import Iterator
from itertools import islice

from agents.port import Found
from bot import about
from bot.store.port import Summary, ThreadStore

LOOKED_AT = 500
"""How many threads back a search looks."""

Row = tuple[Summary, about.About]


class Search:
    """The `ThreadSearch` of the tools."""

    def __init__(self, store: ThreadStore) -> None:
        self._store = store

    async def search(
        self, query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """Newest first: threads with all the words, seen by everyone who will see the answer."""
        words = query.casefold().split()
        found = (
            Found(thread=row.thread, title=told.title, state=told.state, at=row.at)
            for row, told in await self.rows(audience)
            if all(word in told.title.casefold() for word in words)
        )
        return tuple(islice(found, max(0, limit)))

    async def rows(self, audience: tuple[str, ...], *, waiting: bool = False) -> Iterator[Row]:
        """Newest first: what everyone of `audience` has seen; with open requests if `waiting`."""
        if not audience:  # nobody knows who will see the answer
            return iter(())
        listed = await self._store.threads(limit=LOOKED_AT, waiting=waiting)
        rows = ((row, about.read(row.about)) for row in listed)
        return (row for row in rows if set(audience) <= set(row[1].audience))
