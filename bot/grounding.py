"""Whether people wrote what an agent wants to run, and which of them. Pure.

A model may invent an argument, or take one out of a log that somebody only pasted. What a tool
that changes something is told has to be written by a person, in their own words, or to be the only
thing that can be meant.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial

from pydantic import JsonValue

from agents.options import Option, options
from agents.port import Risk, Service, Tool
from agents.reach import Reach
from bot.entry import Entry
from bot.hosts import hosts, names_host
from bot.naming import is_environment, is_service, names
from bot.numerals import numbers
from bot.quantities import written
from bot.typed import typed
from bot.wording import Wording, flag, folded, given, holds
from bot.writings import Writing, author, writings


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """What people wrote of a call.

    ungrounded: the arguments that nobody wrote, in the tool's order. persons: whose words the
    others are, and who asked, sorted; None, the last, is somebody who is not in the configuration.
    The call may have the rights of the least of them.
    """

    ungrounded: tuple[str, ...]
    persons: tuple[str | None, ...]


def ground(
    tool: Tool,
    args: Mapping[str, JsonValue],
    story: tuple[Entry, ...],
    asker: str | None,
    services: tuple[Service, ...],
) -> Grounding:
    """Look up every argument in what people wrote in the thread.

    args: as `CallTool.args`. asker: whose message the agent works on; what they and others wrote is
    theirs. Of a tool that only reads, just the hosts in its arguments have to be written. What says
    where a tool goes is one of the services' hosts, or was typed just so, whatever its risk.
    """
    call = _Call(tool, args, writings(story), asker, services)
    authors = {name: call.authors(name) for name in call.order()}
    persons = {asker}.union(*(each for each in authors.values() if each is not None))
    return Grounding(
        ungrounded=tuple(name for name, each in authors.items() if each is None),
        persons=tuple(sorted(persons, key=lambda person: (person is None, person or ""))),
    )


_Authors = frozenset[str | None]
_NOBODY: _Authors = frozenset()
"""What nobody had to say."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A call, and everything that people wrote."""

    tool: Tool
    args: Mapping[str, JsonValue]
    found: tuple[Writing, ...]
    asker: str | None
    services: tuple[Service, ...]

    def order(self) -> Iterator[str]:
        """The names of the arguments that there are, in the tool's order."""
        known = (option.name for option in options(self.tool.params))
        return (name for name in dict.fromkeys((*known, *self.args)) if name in self.args)

    def authors(self, name: str) -> _Authors | None:
        """Whose words the argument is; None if nobody wrote it and somebody had to."""
        value, option = self.args[name], self._option(name)
        defaults = self.tool.params.model_construct()
        dumped = defaults.model_dump(mode="json", by_alias=True, warnings=False)
        if value is None or (name in dumped and _same(value, dumped[name])):
            return _NOBODY
        if option.reach is not None:
            return self._of_reach(value, option.reach)
        if self.tool.risk is Risk.READ:
            return self._of_hosts(value) if option.kind != "choice" else _NOBODY
        return self._of(value, option)

    def _option(self, name: str) -> Option:
        known = {option.name: option for option in options(self.tool.params)}
        return known.get(name) or _unknown(name)

    def _of_hosts(self, value: JsonValue) -> _Authors | None:
        named = sorted({host for text in _texts(value) for host in hosts(text)})
        return _together(self._author(partial(names_host, host=host)) for host in named)

    def _of_reach(self, value: JsonValue, reach: Reach) -> _Authors | None:
        """Config knows where it goes, or somebody typed all of it."""
        if not isinstance(value, str):
            return None
        if _within(value, reach, self.services):
            return _NOBODY
        return self._author(partial(typed, value=value, same=reach.same))

    def _of(self, value: JsonValue, option: Option) -> _Authors | None:
        match value:
            case None:
                return _NOBODY
            case dict() | list() if not value:
                return None
            case dict():
                return _together(self._of(each, _unknown(key)) for key, each in value.items())
            case list():
                return _together(self._of(each, option) for each in value)
            case bool():
                return self._of_flag(value, option)
        says = partial(_says, value=value, option=option, services=self.services)
        return self._author(says) or (_NOBODY if self._only(value, option) else None)

    def _of_flag(self, value: bool, option: Option) -> _Authors | None:
        """A flag is as it was said last: "no, without force" takes back what was said before."""
        mentions = (flag(writing.words, option.name) for writing in self.found)
        said, denied = next((each for each in mentions if any(each)), (False, False))
        if not (said if value else denied):
            return None
        return self._author(lambda words: flag(words, option.name)[0 if value else 1])

    def _author(self, says: Callable[[Wording], bool]) -> _Authors | None:
        writing = author(self.found, says, self.asker)
        return None if writing is None else frozenset({writing.person})

    # --- what can only be meant

    def _only(self, value: JsonValue, option: Option) -> bool:
        """Whether there is nothing else that the argument could be."""
        if len(option.choices) == 1:
            return True
        owners = [o for o in options(self.tool.params) if is_service(o, self.services)]
        if not is_environment(option, self.services) or len(owners) != 1:
            return False
        (owner,) = owners
        has = {each.name: each.environments for each in self.services}
        service = self.args.get(owner.name)
        if not isinstance(service, str) or has.get(service) != (value,):
            return False
        return self.authors(owner.name) is not None and not self._elsewhere(service, owner, option)

    def _elsewhere(self, service: str, owner: Option, place: Option) -> bool:
        """Whether the message that named the service last names an environment that it has not."""
        named = partial(_says, value=service, option=owner, services=self.services)
        writing = author(self.found, named, self.asker)
        own = self.args.get(place.name)
        others = [each for each in place.choices if each != own]
        return writing is not None and any(
            names(each.words, other, place, self.services)
            for each in self.found
            if each.message == writing.message
            for other in others
        )


def _says(
    words: Wording, *, value: JsonValue, option: Option, services: tuple[Service, ...]
) -> bool:
    """Whether these words say a value that is one word, number or text."""
    if not isinstance(value, str):
        return Decimal(str(value)) in numbers(words.here)
    if written(folded(value), words.here):
        return True
    told = [*given(words, option.name)]
    if any(folded(each) == folded(value) for each in told):
        return True
    if option.kind == "choice":
        picked = any(option.choice(each) == value for each in told)
        return picked or names(words, value, option, services)
    if option.kind == "value" and (number := _number(value)) is not None:
        return number in numbers(words.here)
    return holds(words, value, option.name)


def _within(value: str, reach: Reach, services: tuple[Service, ...]) -> bool:
    try:
        return reach.within(value, frozenset(host for one in services for host in one.hosts))
    except ValueError:
        return False


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _same(value: JsonValue, default: JsonValue) -> bool:
    """Whether they are equal as JSON, where 1 is not true."""
    return value == default and isinstance(value, bool) == isinstance(default, bool)


def _unknown(name: str) -> Option:
    """An argument of which only the name is known."""
    return Option(name=name, kind="value", hint="<value>", required=True)


def _together(each: Iterable[_Authors | None]) -> _Authors | None:
    """Everybody's words together; None if one of them is nobody's."""
    authors = [*each]
    known = [persons for persons in authors if persons is not None]
    return _NOBODY.union(*known) if len(known) == len(authors) else None


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text inside the value."""
    if isinstance(value, str):
        yield value
    inner = value.items() if isinstance(value, dict) else ()
    for each in value if isinstance(value, list) else [part for pair in inner for part in pair]:
        yield from _texts(each)
