"""Telling those who look after the bot itself that something of it has to be mended."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot import events as e
from bot.people import People, Person
from bot.store.port import StoreError, ThreadStore
from channels import console
from channels.port import Address

log = structlog.get_logger()

ADMIN = "admin"
"""The role of the people who are told."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a person is told: `reference` names the thread, `address` where its words go."""

    reference: str
    address: Address


class Alerts:
    """Tells every admin, once, whoever of the bot's processes finds it first."""

    def __init__(self, store: ThreadStore, people: People) -> None:
        self._store = store
        self._people = people

    async def raise_alert(self, key: str, text: str, now: datetime) -> int:
        """Tell them `text`, once for each `key` and day (in UTC); how many were told just now.

        Raises nothing: whatever has to be mended, the caller has to go on with what it is doing.
        """
        told, reached = 0, False
        for person in self._admins():
            for place in _places(person):
                reached = True
                told += await self._tell(place, key, text, person.name, now)
        if not reached:
            log.error("alert.nobody", alert=key, words=text)
        elif told:
            log.warning("alert", alert=key, words=text, told=told)
        return told

    def _admins(self) -> Iterator[Person]:
        return (person for person in self._people.everybody if ADMIN in person.roles)

    async def _tell(self, place: _Place, key: str, text: str, person: str, now: datetime) -> bool:
        notice = e.NoticeQueued(at=now, address=place.address, text=text)
        digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
        dedupe = f"alert:{now.astimezone(UTC):%Y-%m-%d}:{digest}:{person}"
        try:
            stored = await self._store.append([place.reference], notice, dedupe=dedupe)
        except StoreError as fault:
            log.error("alert.lost", alert=key, words=text, person=person, why=str(fault))
            return False
        return stored is not None and stored.fresh


def _places(person: Person) -> Iterator[_Place]:
    """Where somebody can be told without having asked: on the console, in this version."""
    for channel, user in sorted(person.ids):
        if channel == console.NAME:
            yield _Place(console.reference(user), console.address(user))
