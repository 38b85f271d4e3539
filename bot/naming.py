"""Which choice of an argument a text names: by its own word, or by another for it. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agents.options import Option
from agents.port import Service
from bot.wording import Wording, folded, negated, places_of

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")
_MOST_WORDS = 3
_SPACES = re.compile(r"[\s_-]+")


def is_service(option: Option, services: tuple[Service, ...]) -> bool:
    """Whether it chooses among the services."""
    return bool(option.choices) and {*option.choices} <= {each.name for each in services}


def is_environment(option: Option, services: tuple[Service, ...]) -> bool:
    """Whether it chooses among the environments of the services."""
    known = {place for each in services for place in each.environments}
    return bool(option.choices) and {*option.choices} <= known and not is_service(option, services)


def names(words: Wording, value: str, option: Option, services: tuple[Service, ...]) -> bool:
    """Whether this choice is named there, as a word of its own and not denied right before it.

    Where a longer name that is known stands ("api gateway"), none that is a part of it does.
    """
    known = {*option.choices}
    for each in services:
        known |= {each.name, *each.aliases, *each.environments}
    return any(
        _stands(words, name, [longer for longer in known if _is_part(name, longer)])
        for name in (value, *_other_words(words, value, option, services))
    )


def _stands(words: Wording, name: str, longer: list[str]) -> bool:
    taken = {at for each in longer for span in places_of(words, each) for at in range(*span)}
    return any(
        start not in taken and not negated(words, start) for start, _ in places_of(words, name)
    )


def _is_part(name: str, longer: str) -> bool:
    return len(name) < len(longer) and _spaced(name) in _spaced(longer)


@lru_cache(maxsize=4_096)
def _spaced(name: str) -> str:
    return _SPACES.sub(" ", folded(name))


def _other_words(
    words: Wording, value: str, option: Option, services: tuple[Service, ...]
) -> Iterator[str]:
    """What else means the choice: a service's aliases, and what the argument itself reads so."""
    if is_service(option, services):
        yield from (alias for each in services if each.name == value for alias in each.aliases)
    known = _WORD.findall(words.here)
    runs = dict.fromkeys(
        tuple(known[at : at + count])
        for count in range(1, _MOST_WORDS + 1)
        for at in range(len(known) - count + 1)
    )
    written = (joint.join(run) for run in runs for joint in ("-_ " if len(run) > 1 else " "))
    own = folded(value)
    yield from (name for name in written if name != own and option.choice(name) == value)
