"""What an agent will surely need: looked up before it is asked, within the thread's audience."""

import re
from collections.abc import Iterable, Iterator, Sequence

import structlog

from agents.port import Service
from agents.words import shown
from bot import about
from bot.people import People
from bot.search import Row, Search
from bot.store.port import StoreError, ThreadStore
from bot.thread import Thread, Turn

log = structlog.get_logger()

MOST_OPEN = 5
MOST_RECENT = 3
"""Open requests that are told, and earlier threads of each service."""

_MOST_NAMES = 5
_WIDEST = 80


class Prefetch:
    """Looks things up for the turns of any thread; equal contents of the store give equal lines."""

    def __init__(self, store: ThreadStore, people: People, services: Sequence[Service]) -> None:
        self._search = Search(store)
        self._people = people
        self._named = [(service.name, _pattern(service)) for service in services]

    async def lines(self, thread: Thread, turn: Turn) -> tuple[str, ...]:
        """Who asks, what is open elsewhere, and earlier threads of the services that are named.

        One line each, in which words of people are cut short. Where the store does not answer,
        there are fewer of them.
        """
        lines = list(self._who(turn))
        try:
            lines += await self._open(thread)
            lines += await self._recent(thread, turn.text)
        except StoreError as fault:
            log.warning("prefetch.failed", thread=thread.id, why=str(fault))
        return tuple(lines)

    def _who(self, turn: Turn) -> Iterator[str]:
        if turn.source == "timer":
            return
        roles = None if turn.person is None else self._people.roles(turn.person)
        if roles is None:
            yield "Who asks: somebody who is not in the configuration"
        else:
            yield f"Who asks: {turn.person} ({', '.join(roles) or 'no role'})"

    async def _open(self, thread: Thread) -> list[str]:
        rows = _ordered(await self._search.rows(thread.audience, waiting=True), thread)
        requests = [request for _, told in rows for request in reversed(told.requests)]
        return [_request(request, bare=bool(thread.outsiders)) for request in requests[:MOST_OPEN]]

    async def _recent(self, thread: Thread, text: str) -> list[str]:
        named = [(name, pattern) for name, pattern in self._named if pattern.search(text)]
        if not named:
            return []
        rows = _ordered(await self._search.rows(thread.audience), thread)
        lines: list[str] = []
        for name, pattern in named:
            found = [row for row in rows if pattern.search(row[1].title)]
            lines += [_earlier(name, row) for row in found[:MOST_RECENT]]
        return lines


def _ordered(rows: Iterable[Row], thread: Thread) -> list[Row]:
    """The rows of other threads, newest first; those of one moment by their ids."""
    others = (row for row in rows if row[0].thread != thread.id)
    by_id = sorted(others, key=lambda row: row[0].thread)
    return sorted(by_id, key=lambda row: row[0].at, reverse=True)


def _pattern(service: Service) -> re.Pattern[str]:
    """The service's name or an alias of it, as a word of its own."""
    names = "|".join(re.escape(name) for name in (service.name, *service.aliases))
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)


def _request(request: about.Open, *, bare: bool) -> str:
    """Bare where people from outside read the answer."""
    what = request.tool if bare else request.shown
    asked = f", asked by {_names(request.asked_by, 'and')}" if request.asked_by else ""
    return (
        f"Open {request.kind} {request.id}{asked}, up to {_names(request.deciders, 'or')}:"
        f" {shown(what, limit=_WIDEST)}"
    )


def _earlier(name: str, row: Row) -> str:
    summary, told = row
    at = f"{summary.at:%Y-%m-%d %H:%M} UTC"
    title = shown(told.title, limit=_WIDEST)
    return f"Earlier thread on {name}: {summary.thread}, {at}, {told.state}: {title}"


def _names(names: Sequence[str], joined: str) -> str:
    more = len(names) - _MOST_NAMES
    told = f" {joined} ".join(names[:_MOST_NAMES]) or "nobody"
    return f"{told} and {more} more" if more > 0 else told
