"""Lines that say who wrote what follows: "On Monday, Bob wrote:", in any language and width.

What such a line is made of counts more than its words: a date near its beginning, a name or an
address, a verb that means "wrote" or nothing but a colon, and a quote behind it.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from channels.email.reply.lines import Line, nonblank
from channels.email.reply.words import PROSE, WROTE, WROTE_AT_END, WROTE_ENDINGS

MOST_LINES = 6
_DEEPEST = 2_000
"""Lines of a mail below which none is looked for: looking is slow."""
_LONGEST = 420
_LONGEST_VERB = 60
_DIGIT = frozenset("0123456789")
_AFTER_VERB = " \t:\uff1a,.-_\u2014\u2013*>"

_TIME = re.compile(r"\d{1,2}\s?[:.hH]\s?\d{2}(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)\d{1,4}\s?[./-]\s?\d{1,2}\.?\s?[./-]\s?\d{2,4}(?!\d)")
_CJK_DATE = re.compile(r"\d{1,4}\s?[年月년월]\s?\d{1,2}")
_NUMBER = re.compile(r"\d+")
_MAIL = re.compile(r"[^\s<>()\[\]\"',;:]{1,120}@[^\s<>()\[\]\"',;:]{1,120}")
_MAIL_AT_END = re.compile(
    r"@[^\s<>()\[\]\"',;:]{1,120}[\s>)\]\"']{0,6}(?:<mailto:[^<>\s]{1,200}>[\s>)]{0,4})?"
    r"[\s:\uff1a>*_]{0,6}$"
)
_ANGLED_AT_END = re.compile(r"@[^\s<>]{1,120}>\s?[:\uff1a]$")
_COLON = re.compile(r"[:\uff1a][\s*_>]{0,4}$")
_FRAME = re.compile(r"^[\s*_\-\u2014\u2013=#]+|[\s*_\-\u2014\u2013=#]+$")
_DATE_FIRST = re.compile(r"\W{0,3}(?:[^\W\d]+[.,:)]*\s+){0,3}[(\[]?\s?\d")
_CJK_FIRST = re.compile(r"\W{0,3}[^\W\d]{0,4}\s{0,2}\d")
_ZONED = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d\s+\d{1,2}:\d\d\s+(?:GMT|UTC)[+-]\d\d:\d\d\s+\S[^\d:=]{1,60}$"
)
_SHARED = re.compile(
    r"(?P<own>.{0,300}?)(?:(?<!-)-{2,40}\s*|(?<=[.!?])\s+)"
    r"(?P<other>On\s.{0,40}?\d.{0,250}\bwrote:)(?P<rest>.*)$"
)


def attribution(lines: Sequence[Line], at: int) -> int:
    """How many lines from `at` on announce a quote; 0 if none does."""
    first = lines[at]
    if at >= _DEEPEST or not first.judged or not _may_begin(first.judged):
        return 0
    told, end, depth = "", at, first.depth
    for _ in range(MOST_LINES):
        line = lines[end]
        if not line.judged or not (line.depth == depth or _tail(line)):
            return 0
        told = f"{told} {line.judged}".strip()
        if len(told) > _LONGEST:
            return 0
        end += 1
        if announces(told, quote_follows=quote_at(lines, end, depth)):
            return end - at
        end = _going_on(lines, end, told)
        if end == len(lines):
            return 0
    return 0


def announces(told: str, *, quote_follows: bool) -> bool:
    """Whether these words, put together from their lines, announce a quote."""
    one = _Told(told, quote_follows)
    if not (one.colon or quote_follows or one.verb_last or _ZONED.match(one.text)):
        return False
    if one.date and _date_comes_first(one.text):
        return _dated(one)
    if not one.mail:
        return one.colon and quote_follows and one.words <= 8 and one.verb_last
    return _named(one)


class _Told:
    """What is known of some words; found out when it is asked for."""

    def __init__(self, told: str, quote_follows: bool) -> None:
        self.told = told
        self.text = _FRAME.sub("", told)
        self.quote_follows = quote_follows
        self.colon = _COLON.search(told) is not None
        self.words = len(told.split())

    @cached_property
    def verb_last(self) -> bool:
        return verb_at(self.text) is not None

    @cached_property
    def verb(self) -> bool:
        return self.verb_last or WROTE.search(self.text) is not None

    @cached_property
    def mail(self) -> bool:
        return _MAIL.search(self.text) is not None

    @cached_property
    def mail_last(self) -> bool:
        return _MAIL_AT_END.search(self.told) is not None

    @cached_property
    def date(self) -> bool:
        return has_date(self.text)

    @cached_property
    def prose(self) -> bool:
        """Whether somebody tells something: the last words before the verb are none of a name."""
        end = verb_at(self.text)
        before = self.text[:end]
        last = max((number.end() for number in _NUMBER.finditer(before)), default=0)
        return PROSE.search(before[last:]) is not None or len(before[last:].split()) > 7


def _named(one: _Told) -> bool:
    """Whether words that begin with a name and hold an address announce a quote."""
    if one.colon and one.date and one.words <= 16 and _closed_or_timed(one.told):
        return True
    if len(_MAIL.split(one.text, maxsplit=1)[0].split()) > 10:
        return False
    if one.verb_last:
        return one.colon or one.quote_follows
    return one.colon and ((one.date and one.verb) or (one.quote_follows and one.mail_last))


def _dated(one: _Told) -> bool:
    """Whether words that begin with a date announce a quote."""
    framed = one.text != one.told.strip()
    named = one.mail or one.quote_follows
    if (one.colon or one.quote_follows or framed) and one.verb_last:
        return named or not one.prose
    if one.mail_last:
        return one.colon or one.quote_follows
    if one.colon and one.verb:
        return named or not one.prose
    if one.colon and one.quote_follows:
        return _TIME.search(one.text) is not None
    return _ZONED.match(one.text) is not None and not one.mail


def verb_at(text: str) -> int | None:
    """Where the verb stands that the text ends with, if it does."""
    if not text.rstrip(_AFTER_VERB).lower().endswith(WROTE_ENDINGS):
        return None
    skipped = max(len(text) - _LONGEST_VERB, 0)
    found = WROTE_AT_END.search(text, skipped)
    return None if found is None else found.start()


def _closed_or_timed(told: str) -> bool:
    """Whether an address in brackets ends it, or stands beside a time and a day."""
    if _ANGLED_AT_END.search(told):
        return True
    day = _YEAR.search(told) or _NUMBERS.search(told)
    return "@" in told and ">" in told and bool(day) and _TIME.search(told) is not None


def has_date(text: str) -> bool:
    """Whether a day stands in it, or a time with another number."""
    if _NUMBERS.search(text) or _CJK_DATE.search(text):
        return True
    timed = _TIME.search(text) is not None or _YEAR.search(text) is not None
    return timed and len(_NUMBER.findall(text)) >= 2


def quote_at(lines: Sequence[Line], at: int, depth: int) -> bool:
    """Whether what comes next is quoted deeper than `depth`."""
    at = nonblank(lines, at)
    if at == len(lines) or _tail(lines[at]):
        return False
    return lines[at].depth > depth or _barred(lines, at)


def barred(lines: Sequence[Line], at: int) -> int:
    """How many lines from `at` on begin with a bar, as some programs quote."""
    end = at
    while end < len(lines) and lines[end].bare.startswith("|"):
        end += 1
    return end - at


def shared(text: str) -> tuple[str, str, str] | None:
    """Own words, an announcement and what follows it, where they stand on one line."""
    if "wrote:" not in text or len(text) > 900:
        return None
    found = _SHARED.match(text)
    if found is None or not found["own"].strip() or not has_date(found["other"]):
        return None
    return found["own"].rstrip(), found["other"], found["rest"].strip()


def _barred(lines: Sequence[Line], at: int) -> bool:
    return lines[at].bare.startswith("|") and not lines[at].bare.endswith("|")


def _may_begin(text: str) -> bool:
    """Whether there is what any announcement has: an address, a number, or the verb at its end."""
    return "@" in text or not _DIGIT.isdisjoint(text) or verb_at(text) is not None


def _tail(line: Line) -> bool:
    """The end of an announcement that was broken before its ">": "> wrote:"."""
    if line.bare in {":", "\uff1a"}:
        return True
    return len(line.bare) < _LONGEST_VERB and verb_at(line.bare) == 0


def _going_on(lines: Sequence[Line], at: int, told: str) -> int:
    """Where it may go on: the next line, or behind an empty one if an address is still open."""
    after = nonblank(lines, at)
    if after == at:
        return at
    opened = told.endswith("<") or (after < len(lines) and lines[after].bare.startswith("<"))
    return after if opened else len(lines)


def _date_comes_first(text: str) -> bool:
    return _DATE_FIRST.match(text) is not None or _CJK_FIRST.match(text) is not None
