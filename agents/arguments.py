"""The words after a command's name, given to the arguments they are meant for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from agents.options import Option, tail
from agents.words import Word, shown, unquoted

_NEAR = 70
_NAMED = re.compile(r"(?:--|[\u2013\u2014])?([A-Za-z][\w-]*)=(.*)", re.DOTALL | re.ASCII)
_DASHED = re.compile(r"(?:--|[\u2013\u2014])([A-Za-z][\w-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """The values as strings, by argument name, for the schema to check.

    fault: what does not fit, for people ("" if nothing is known to). prose: there are more words
    than arguments and none is named, so if anything is wrong with it, it was not meant as a call.
    """

    values: dict[str, str]
    fault: str
    prose: bool


def gather(known: tuple[Option, ...], words: Sequence[Word], line: str) -> Given:
    """Deal out the words: `name=value`, `--name value`, `--flag`, `--no-flag`, or by place."""
    dealer = _Dealer(known, tuple(words), line)
    fault = dealer.deal()
    places = sum(option.kind != "flag" for option in known)
    prose = not dealer.named and dealer.loose > places
    return Given(dealer.values, fault or _unfit(known, dealer.values), prose)


def named_word(word: Word) -> bool:
    """Whether the word names an argument, so that no prose would hold it."""
    return not word.quoted and bool(_NAMED.fullmatch(word.raw) or _DASHED.fullmatch(word.raw))


def nearest(word: str, among: Sequence[str]) -> str:
    """A question that names the likeliest of `among`, or "" if none is near."""
    best = process.extractOne(
        word.lower(), among, scorer=fuzz.ratio, processor=str.lower, score_cutoff=_NEAR
    )
    return f" Did you mean {best[0]}?" if best else ""


@dataclass
class _Dealer:
    """One pass over the words. `open` is where the tail's value begins in the line, once it has."""

    known: tuple[Option, ...]
    words: tuple[Word, ...]
    line: str
    values: dict[str, str] = field(default_factory=dict)
    at: int = 0
    loose: int = 0
    named: bool = False
    open: int | None = None

    def __post_init__(self) -> None:
        self.by_name = {_plain_name(option.name): option for option in self.known}
        self.tail = tail(self.known)

    def deal(self) -> str:
        """Give every word away; returns what is wrong, or ""."""
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            fault = self._one(word)
            if fault:
                return fault
        return ""

    def _one(self, word: Word) -> str:
        if not word.quoted and (match := _NAMED.fullmatch(word.raw)):
            return self._option(word, match[1], word.start + match.start(2))
        if not word.quoted and (match := _DASHED.fullmatch(word.raw)):
            return self._option(word, match[1], None)
        return self._place(word)

    def _option(self, word: Word, written: str, start: int | None) -> str:
        """A named argument. `start` is where its value begins, None for `--name` alone."""
        name = _plain_name(written)
        option = self.by_name.get(name)
        value = "yes"
        if option is None and start is None and name.startswith("no_"):
            option, value = self.by_name.get(name[3:]), "no"
            option = option if option and option.kind == "flag" else None
        if self.open is not None and (option is None or option.name in self.values):
            return self._place(word)
        if option is None:
            return f"There is no argument {shown(written)}." + nearest(name, list(self.by_name))
        if option.name in self.values:
            return f"{option.name} is given twice."
        self.named = True
        self.open = None
        if start is None and option.kind != "flag":
            if self.at == len(self.words):
                return f"{option.name} has no value."
            word = self.words[self.at]
            self.at += 1
            start = word.start
        if start is not None:
            value = self._value(option, start, word.end)
        self.values[option.name] = value
        return ""

    def _value(self, option: Option, start: int, end: int) -> str:
        raw = self.line[start:end]
        if option is self.tail and raw and raw == unquoted(raw):
            self.open = start
        return unquoted(raw)

    def _place(self, word: Word) -> str:
        """A word without a name: more of the tail, or the next argument's value."""
        self.loose += 1
        if self.open is not None and self.tail:
            self.values[self.tail.name] = self.line[self.open : word.end]
            return ""
        option = self._next(word)
        if option is None:
            return f"I do not understand {shown(word.text)} there."
        self.values[option.name] = option.choice(word.text) or word.text
        if option is self.tail:
            self.open = word.start
        return ""

    def _next(self, word: Word) -> Option | None:
        """Whom a word without a name is for: who knows it as a choice, then by order."""
        free = [o for o in self.known if o.name not in self.values and o.kind != "flag"]
        claimed = (o for o in free if o.kind == "choice" and o.choice(word.text))
        if (option := next(claimed, None)) is not None:
            return option
        if self.tail is None:
            plain = (o for o in free if o.kind != "choice")
            return next(plain, next(iter(free), None))
        # The rest of the line may be free text: only what must be there comes before it.
        for option in free:
            if option.required and option.kind != "text":
                near = option.kind != "choice" or nearest(word.text, option.choices)
                return option if near else self._free_tail()
        return self._free_tail()

    def _free_tail(self) -> Option | None:
        return None if self.tail is None or self.tail.name in self.values else self.tail


def _plain_name(name: str) -> str:
    return name.lower().replace("-", "_")


def _unfit(known: tuple[Option, ...], values: dict[str, str]) -> str:
    """What is wrong with the values as far as names and choices tell; puts choices in their case."""
    for option in known:
        value = values.get(option.name)
        if value is None or not option.choices:
            continue
        choice = option.choice(value)
        if choice is None:
            fault = f"{option.name} must be one of {', '.join(option.choices)}, not {shown(value)}."
            return fault + nearest(value, option.choices)
        values[option.name] = choice
    missing = [o.name for o in known if o.required and o.name not in values]
    return f"Missing: {', '.join(missing)}." if missing else ""
