"""Spans of time and sizes of data as people write them. Pure; everything reads folded text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bot.numerals import glued, numerals

_UNITS = {
    "w": (604_800, r"w|wks?|weeks?|wochen?|semaines?|semanas?"),
    "d": (86_400, r"d|days?|tag(?:en?)?|jours?|d[ií]as?"),
    "h": (3_600, r"h|hrs?|hours?|std|stunden?|heures?|horas?"),
    "m": (60, r"m|mins?|minutes?|minuten|minutos?"),
    "s": (1, r"s|secs?|seconds?|sek|sekunden?|secondes?|seg|segundos?"),
}
_UNIT = "|".join(f"(?P<{name}>{forms})" for name, (_, forms) in _UNITS.items())
_SECONDS = {name: seconds for name, (seconds, _) in _UNITS.items()}
_ORDER = tuple(_UNITS)
_HALF_MORE = r"(?: and a half| et demie?| y media| y medio)"
_IN_UNIT = re.compile(
    rf"(?P<half>{_HALF_MORE})?[ \t-]?(?:{_UNIT})(?P<more>{_HALF_MORE})?(?![^\W\d_])"
)
_START = r"(?<![^\W_])(?<![^\W_][-_./'])"
_ONE = re.compile(rf"{_START}(?<!of )(?:an?|ein(?:e[nmrs]?)?|une?|una|uno)(?=[ \t-])")
_PART = re.compile(
    rf"{_START}(?:(?P<half>half(?:[ -]an?)?|demi|halbe[nrs]?|medi[ao])(?=[ -])"
    rf"|(?P<quarter>quarter(?: of an?)?|cuarto de|quart d)(?:(?=[ -])|'(?=heure)))"
)
_CLOCK = re.compile(
    rf"{_START}(?:(\d{{1,3}})h(\d{{2}})|(\d{{1,3}}):(\d{{2}}) ?(?:{_UNITS['h'][1]}))(?![^\W_])"
)
_WORDED = {"viertelstunde": 900, "dreiviertelstunde": 2_700}
_WORD = re.compile(rf"{_START}(?:{'|'.join(_WORDED)})(?![^\W_])")
_AND = re.compile(r"[ \t]*(?:,|and|und|et|y|&)?[ \t]*")

_SIZE = re.compile(
    r"[ \t-]?(?:(?P<power>[kmgtp])i?b?|(?P<octets>[kmg])o|b"
    r"|(?P<name>kilo|mega|giga|tera)?(?:bytes?|octets?))(?![^\W_])"
)
_POWERS = "kmgtp"


@dataclass(frozen=True, slots=True)
class _Part:
    """A span in one unit, where it stands. `unit`: its place among the units, largest first."""

    start: int
    end: int
    seconds: frozenset[Decimal]
    unit: int


def spans(text: str) -> frozenset[Decimal]:
    """Every span of time in the text, in seconds: "1h30m" is one of ninety minutes and no other."""
    return frozenset(value for whole in _wholes(text) for value in whole.seconds)


def sizes(text: str) -> frozenset[tuple[int, Decimal]]:
    """Every size in the text: in bytes, once by the thousand and once by 1024, told apart."""
    return frozenset(size for _, _, found in _sizes(text) for size in found)


def written(value: str, text: str) -> bool:
    """Whether the value is, as a whole, a span or a size, and the same one stands in the text."""
    everything = (0, len(value))
    span = {each.seconds for each in _wholes(value) if (each.start, each.end) == everything}
    size = {found for start, end, found in _sizes(value) if (start, end) == everything}
    return any(spans(text) & each for each in span) or any(sizes(text) & each for each in size)


# --- spans ---------------------------------------------------------------------------------------


def _wholes(text: str) -> Iterator[_Part]:
    """The parts, with those that belong together added up."""
    whole: _Part | None = None
    for part in _apart(text):
        if (
            whole is not None
            and part.unit > whole.unit
            and _AND.fullmatch(text, whole.end, part.start)
        ):
            sums = frozenset(a + b for a in whole.seconds for b in part.seconds)
            whole = _Part(whole.start, part.end, sums, part.unit)
            continue
        if whole is not None:
            yield whole
        whole = part
    if whole is not None:
        yield whole


def _apart(text: str) -> Iterator[_Part]:
    """Every part in its order, none inside another: "half an hour" is not "an hour"."""
    end = 0
    for part in sorted(_parts(text), key=lambda part: (part.start, -part.end)):
        if part.start < end:
            continue
        if part.start != end and glued(text, part.start):
            continue
        end = part.end
        yield part


def _parts(text: str) -> Iterator[_Part]:
    for numeral in numerals(text):
        yield from _in_unit(text, numeral.start, numeral.end, numeral.values)
    for one in _ONE.finditer(text):
        yield from _in_unit(text, one.start(), one.end(), frozenset({Decimal(1)}))
    for part in _PART.finditer(text):
        share = Decimal("0.5") if part["half"] else Decimal("0.25")
        yield from _in_unit(text, part.start(), part.end(), frozenset({share}))
    for clock in _CLOCK.finditer(text):
        hours, minutes = (int(each) for each in clock.groups() if each is not None)
        if minutes < 60:
            seconds = Decimal(3_600 * hours + 60 * minutes)
            yield _Part(clock.start(), clock.end(), frozenset({seconds}), _ORDER.index("m"))
    for word in _WORD.finditer(text):
        seconds = Decimal(_WORDED[word[0]])
        yield _Part(word.start(), word.end(), frozenset({seconds}), _ORDER.index("m"))


def _in_unit(text: str, start: int, end: int, values: frozenset[Decimal]) -> Iterator[_Part]:
    """The part that such a number of the unit behind it is, if there is one."""
    match = _IN_UNIT.match(text, end)
    if match is None or not values:
        return
    unit = next(name for name in _UNITS if match[name])
    half = Decimal("0.5") if match["half"] or match["more"] else Decimal(0)
    seconds = frozenset((value + half) * _SECONDS[unit] for value in values)
    yield _Part(start, match.end(), seconds, _ORDER.index(unit))


# --- sizes ---------------------------------------------------------------------------------------


def _sizes(text: str) -> Iterator[tuple[int, int, frozenset[tuple[int, Decimal]]]]:
    """Where each size begins and ends, and what it can be."""
    for numeral in numerals(text):
        match = None if glued(text, numeral.start) else _SIZE.match(text, numeral.end)
        if match is None:
            continue
        letter = (match["power"] or match["octets"] or match["name"] or "")[:1]
        power = _POWERS.index(letter) + 1 if letter else 0
        found = {(base, value * base**power) for value in numeral.values for base in (1_000, 1_024)}
        yield numeral.start, match.end(), frozenset(found)
