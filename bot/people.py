"""One person across channels: matched by native ids, never by names."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.rotas import Rota
from channels.port import Address, Author

MAIL = "email"
"""The channel whose ids are the same in upper and lower case."""


def native(channel: str, one: str) -> str:
    """An id as it is compared: exactly, but for the case of mail addresses."""
    return one.casefold() if channel == MAIL else one


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the team. `ids` are (channel, native id); `places` is where to tell them."""

    name: str
    ids: frozenset[tuple[str, str]] = frozenset()
    roles: frozenset[str] = frozenset()
    places: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in the configuration.

    rosters: whom the runbook of a rota has named, as of now; none for one that named nobody known.
    """

    everybody: tuple[Person, ...] = ()
    rotas: Mapping[str, Rota] = field(default_factory=dict)
    rosters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _by_id: dict[tuple[str, str], str] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        for person in self.everybody:
            ids = ((channel, native(channel, one)) for channel, one in person.ids)
            self._by_id.update(dict.fromkeys(ids, person.name))

    def find(self, author: Author) -> str | None:
        """The name of the person who wrote; None for bots, strangers and unproven senders."""
        if author.bot or not author.authenticated:
            return None
        return self._by_id.get((author.channel, native(author.channel, author.id)))

    def named(self, word: str) -> str | None:
        """The one person of that name or with that id on some channel; None for none or several."""
        ids = self._by_id.items()
        found = {name for (channel, one), name in ids if one == native(channel, word)}
        found |= {person.name for person in self.everybody if person.name == word}
        return found.pop() if len(found) == 1 else None

    def roles(self, name: str) -> tuple[str, ...] | None:
        """The roles of a person, sorted; None for who is not in the configuration."""
        return next((tuple(sorted(p.roles)) for p in self.everybody if p.name == name), None)

    def places(self, name: str) -> tuple[Address, ...]:
        """Where a person can be told something without having asked; () for nobody known."""
        return next((one.places for one in self.everybody if one.name == name), ())

    def is_on(self, name: str, channels: Collection[str]) -> bool:
        """Whether the person is known on one of them."""
        found = (one.ids for one in self.everybody if one.name == name)
        return any(channel in channels for ids in found for channel, _ in ids)

    def in_audience(self, name: str, audience: tuple[str, ...]) -> bool:
        """Whether the person is one of those keys ("console:alice")."""
        ids = (one.ids for one in self.everybody if one.name == name)
        keys = {f"{channel}:{native(channel, each)}" for some in ids for channel, each in some}
        return not keys.isdisjoint(audience)

    def who(self, name: str, now: datetime) -> tuple[str, ...]:
        """The persons that a role, a rota or a person's name stands for at `now`, sorted."""
        rota = self.rotas.get(name)
        if rota is None:
            return self._group(name)
        if not rota.runbook:
            return self._known((rota.on_duty(now),))
        return self._known(self.rosters.get(name, ())) or self._group(rota.fallback)

    def _group(self, name: str) -> tuple[str, ...]:
        return _names(p for p in self.everybody if p.name == name or name in p.roles)

    def _known(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return _names(person for person in self.everybody if person.name in names)


def _names(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(sorted(person.name for person in people))
