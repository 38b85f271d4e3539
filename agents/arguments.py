"""The words after a command's name, given to the arguments they are meant for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from agents.options import Option, places, tail
from agents.words import Word, shown, unquoted

_NEAR = 60
_MOST = 12
_NAMED = re.compile(r"(?:--|[\u2013\u2014])?([A-Za-z][\w-]*)=(.*)", re.DOTALL | re.ASCII)
_PLAIN = re.compile(r"[\w'-]+[?!.…]*")
_DASHED = re.compile(r"(?:--|[\u2013\u2014])([A-Za-z][\w-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """The values as strings, by argument name, for the schema to check.

    fault: what does not fit, for people ("" if nothing is known to). prose: there are more words
    than arguments, or a plain word stands for an address, and none is named, so if anything is
    wrong with it, it was not meant as a call.
    """

    values: dict[str, str]
    fault: str
    prose: bool


def gather(known: tuple[Option, ...], words: Sequence[Word], line: str) -> Given:
    """Deal out the words: `name=value`, `--name value`, `--flag`, `--no-flag`, or by place."""
    dealer = _Dealer(known, tuple(words), line)
    fault = dealer.deal()
    plainly = not dealer.named and _plainly(known, dealer.values)
    fault = fault or _unfit(known, dealer.values) or ("That is no address." if plainly else "")
    prose = plainly or (not dealer.named and dealer.loose > places(known))
    return Given(dealer.values, fault, prose)


def _plainly(known: tuple[Option, ...], values: Mapping[str, str]) -> bool:
    """Whether what says where to go is a word that prose would have there: "check staging"."""
    told = (values.get(option.name, "") for option in known if option.reach)
    return any(_PLAIN.fullmatch(value) for value in told)


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
    """One pass over the words.

    spare: words without a name, dealt out at the end; where the rest of the line may be free text
    they are dealt at once instead. open: where that text begins in the line, while it goes on.
    """

    known: tuple[Option, ...]
    words: tuple[Word, ...]
    line: str
    values: dict[str, str] = field(default_factory=dict)
    spare: list[Word] = field(default_factory=list)
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
        return self._deal_spare()

    def _one(self, word: Word) -> str:
        if not word.quoted and (match := _NAMED.fullmatch(word.raw)):
            option = self.by_name.get(_plain_name(match[1]))
            return self._option(word, match[1], option, word.start + match.start(2))
        if not word.quoted and (match := _DASHED.fullmatch(word.raw)):
            return self._dashed(word, match[1])
        return self._place(word)

    def _dashed(self, word: Word, written: str) -> str:
        """`--flag`, `--no-flag`, or `--name` with its value in the next word."""
        name = _plain_name(written)
        option = self.by_name.get(name)
        refused = self.by_name.get(name.removeprefix("no_"))
        if option is None and refused is not None and refused.kind == "flag":
            return self._option(word, written, refused, None, "no")
        return self._option(word, written, option, None)

    def _option(
        self, word: Word, written: str, option: Option | None, start: int | None, flag: str = "yes"
    ) -> str:
        """A named argument; its value begins at `start`, None if it is not in the same word."""
        if self.open is not None and (option is None or option.name in self.values):
            return self._place(word)
        if option is None:
            near = nearest(_plain_name(written), list(self.by_name))
            return f"There is no argument {shown(written)}.{near}"
        if option.name in self.values:
            return f"{option.name} is given twice."
        self.named = True
        self.open = None
        if start is not None:
            self._set(option, self.line[start : word.end], start)
        elif option.kind == "flag":
            self.values[option.name] = flag
        elif self.at == len(self.words) or named_word(self.words[self.at]):
            return f"{option.name} has no value."
        else:
            self._set(option, self.words[self.at].raw, self.words[self.at].start)
            self.at += 1
        return ""

    def _set(self, option: Option, raw: str, start: int) -> None:
        value = unquoted(raw)
        self.values[option.name] = option.choice(value) or value
        if option is self.tail and raw == value:
            self.open = start

    def _place(self, word: Word) -> str:
        """A word without a name."""
        self.loose += 1
        if self.tail is None:
            self.spare.append(word)
            return ""
        if self.open is not None:
            self.values[self.tail.name] = self.line[self.open : word.end].strip()
            return ""
        option = self._before(self.tail, word)
        if option.name in self.values:
            return _odd(word)
        self.values[option.name] = option.choice(word.text) or word.text
        if option is self.tail:
            self.open = word.start
        return ""

    def _before(self, end: Option, word: Word) -> Option:
        """Whom a word is for that may already be free text: only what must be there comes first."""
        for option in self._free():
            if option.choice(word.text):
                return option
        for option in self._free():
            if option.required and option is not end:
                near = option.kind != "choice" or nearest(word.text, option.choices)
                return option if near else end
        return end

    def _deal_spare(self) -> str:
        """By place: who knows the word as a choice takes it, the others go by order."""
        others: list[Word] = []
        for word in self.spare:
            claimed = next((o for o in self._free() if o.choice(word.text)), None)
            if claimed is None:
                others.append(word)
            else:
                self.values[claimed.name] = claimed.choice(word.text) or ""
        for word in others:
            open_to_all = [o for o in self._free() if o.kind != "choice"]
            option = next(iter(open_to_all or self._free()), None)
            if option is None:
                return _odd(word)
            self.values[option.name] = word.text
        return ""

    def _free(self) -> list[Option]:
        return [o for o in self.known if o.name not in self.values and o.kind != "flag"]


def _odd(word: Word) -> str:
    return f"I do not understand {shown(word.text)} there."


def _plain_name(name: str) -> str:
    return name.lower().replace("-", "_")


def _unfit(known: tuple[Option, ...], values: Mapping[str, str]) -> str:
    """What is wrong with the values, as far as names and choices tell."""
    for option in known:
        value = values.get(option.name)
        if value is not None and option.choices and option.choice(value) is None:
            few = ", ".join(option.choices[:_MOST]) + (" …" if len(option.choices) > _MOST else "")
            fault = f"{option.name} must be one of {few}, not {shown(value)}."
            return fault + nearest(value, option.choices)
    missing = [o.name for o in known if o.required and o.name not in values]
    return f"Missing: {', '.join(missing)}." if missing else ""
