"""One person across channels: matched by native ids, never by names."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from channels.port import Address, Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the team. `ids` are (channel, native id); `places` is where to tell them."""

    name: str
    ids: frozenset[tuple[str, str]] = frozenset()
    roles: frozenset[str] = frozenset()
    places: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in the configuration."""

    everybody: tuple[Person, ...] = ()
    _by_id: dict[tuple[str, str], str] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        for person in self.everybody:
            self._by_id.update(dict.fromkeys(person.ids, person.name))

    def find(self, author: Author) -> str | None:
        """The name of the person who wrote; None for bots, strangers and unproven senders."""
        if author.bot or not author.authenticated:
            return None
        return self._by_id.get((author.channel, author.id))

    def roles(self, name: str) -> tuple[str, ...] | None:
        """The roles of a person, sorted; None for who is not in the configuration."""
        return next((tuple(sorted(p.roles)) for p in self.everybody if p.name == name), None)

    def places(self, name: str) -> tuple[Address, ...]:
        """Where a person can be told something without having asked; () for nobody known."""
        return next((one.places for one in self.everybody if one.name == name), ())

    def who(self, name: str) -> tuple[str, ...]:
        """The persons that a role or a person's name stands for, sorted; () for neither."""
        return _names(p for p in self.everybody if p.name == name or name in p.roles)


def _names(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(sorted(person.name for person in people))
