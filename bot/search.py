"""Searching threads by their summaries, within an audience."""

from agents.port import Found
from bot import about
from bot.store.port import ThreadStore

LOOKED_AT = 500
"""How many threads back a search looks."""


class Search:
    """The `ThreadSearch` of the tools."""

    def __init__(self, store: ThreadStore) -> None:
        self._store = store

    async def search(
        self, query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """Newest first: threads with all the words, seen by everyone who will see the answer."""
        words = query.casefold().split()
        found: list[Found] = []
        for row in await self._store.threads(limit=LOOKED_AT):
            told = about.read(row.about)
            fits = all(word in told.title.casefold() for word in words)
            if fits and set(audience) <= set(told.audience):
                found.append(
                    Found(thread=row.thread, title=told.title, state=told.state, at=row.at)
                )
            if len(found) == limit:
                break
        return tuple(found)
