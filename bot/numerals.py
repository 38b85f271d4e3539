"""Numbers as people write them: in digits, or as words in four languages. Pure.

Everything here reads folded text (`bot.wording.folded`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_FROM_NOTHING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen",
    "_ eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
    " sechzehn siebzehn achtzehn neunzehn",
    "zéro _ deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince",
)
"""Without "un", "ein" and the like: as articles they stand everywhere and count nothing."""
_FROM_TWENTY = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "vingt trente quarante cinquante soixante",
    "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
)
_WORDS: dict[str, Decimal] = {
    "fünfundvierzig": Decimal(45),
    "anderthalb": Decimal("1.5"),
    "eineinhalb": Decimal("1.5"),
    **{word: Decimal(n) for words in _FROM_NOTHING for n, word in enumerate(words.split())},
    **{word: Decimal(20 + 10 * n) for ten in _FROM_TWENTY for n, word in enumerate(ten.split())},
}
# Next to one of these a number is only a part of another, which nobody reads here.
_MULTIPLIERS = frozenset(
    [
        "dozen",
        "hundred",
        "thousand",
        "million",
        "billion",
        "dutzend",
        "hundert",
        "tausend",
        "millionen",
        "cent",
        "cents",
        "mille",
        "million",
        "millions",
        "cien",
        "ciento",
        "mil",
        "millones",
    ]
)
_COUNTS = frozenset(_WORDS) - {"_"} | _MULTIPLIERS
_OTHERWISE = frozenset({"once"})
"""Words that mean something else as well, far more often than a number."""

_TOKEN = re.compile(r"(?P<digits>\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,:'_]\d+)*)|(?P<word>[^\W\d_]+)")
_GROUPED = re.compile(r"([1-9]\d{0,2}(?:([.,'_ ])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d+))?")
_DECIMAL = re.compile(r"(\d+)[.,](\d+)")
_WHOLE = re.compile(r"0|0?[1-9]\d*")
_LONGEST = 40
_BETWEEN = re.compile(r"[ \n-]{1,2}")

_GLUE = "-_./\u2013"
_UNIT = re.compile(
    r"(?:(?P<kilo>k)|secs?|s|mins?|m|hrs?|h|days?|d|w|[kmgt]i?b|[gt]|b|ms|%)?"
    r"(?![^\W_]|[-_/\u2013][^\W_]|[.:]\d)"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number where it stands. `values`: what it can mean, none if that is not known."""

    start: int
    end: int
    values: frozenset[Decimal]
    word: str = ""


def numbers(text: str) -> frozenset[Decimal]:
    """Every number that stands in the text by itself, or with a unit behind its digits.

    Digits in a compound ("v2", "2026-01-02", "10.0.0.5") are no numbers.
    """
    found: set[Decimal] = set()
    for numeral in numerals(text):
        unit = None if glued(text, numeral.start) else _UNIT.match(text, numeral.end)
        if unit is None or (numeral.word and unit[0]) or numeral.word in _OTHERWISE:
            continue
        sign = -1 if text[numeral.start - 1 : numeral.start] == "-" else 1
        found |= {sign * value * (1_000 if unit["kilo"] else 1) for value in numeral.values}
    return frozenset(found)


def glued(text: str, at: int) -> bool:
    """Whether what begins there is only the end of a compound."""
    before, last = text[at - 2 : at - 1] if at > 1 else "", text[at - 1 : at] if at else ""
    return last.isalnum() or (last in _GLUE and last != "" and before.isalnum())


def numerals(text: str) -> tuple[Numeral, ...]:
    """Every number in the text, in its order; of words that count together, one."""
    found = [_numeral(match) for match in _TOKEN.finditer(text) if _counts(match)]
    return tuple(_joined(text, found))


def _counts(match: re.Match[str]) -> bool:
    return match["word"] is None or match["word"] in _COUNTS


def _numeral(match: re.Match[str]) -> Numeral:
    if match["word"] is None:
        return Numeral(match.start(), match.end(), _meanings(match["digits"]))
    value = _WORDS.get(match["word"])
    values = frozenset() if value is None else frozenset({value})
    return Numeral(match.start(), match.end(), values, match["word"])


def _meanings(digits: str) -> frozenset[Decimal]:
    """What digits can mean: "1.500" is fifteen hundred here and one and a half there."""
    if len(digits) > _LONGEST:
        return frozenset()
    meant: set[Decimal] = set()
    if grouped := _GROUPED.fullmatch(digits):
        meant.add(Decimal(re.sub(r"\D", "", grouped[1]) + f".{grouped[3] or 0}"))
    if _WHOLE.fullmatch(digits):
        meant.add(Decimal(digits))
    if (parts := _DECIMAL.fullmatch(digits)) and not (grouped and parts[2] == "000"):
        meant.add(Decimal(f"{parts[1]}.{parts[2]}"))
    return frozenset(meant)


def _joined(text: str, found: list[Numeral]) -> Iterator[Numeral]:
    """Words next to each other are one number: "twenty five", or an unread "two hundred"."""
    runs: list[list[Numeral]] = []
    for numeral in found:
        last = runs[-1][-1] if runs else None
        together = last is not None and _BETWEEN.fullmatch(text, last.end, numeral.start)
        if last is not None and together and _countable(last, numeral):
            runs[-1].append(numeral)
        else:
            runs.append([numeral])
    for run in runs:
        yield run[0] if len(run) == 1 else _sum(run)


def _countable(one: Numeral, other: Numeral) -> bool:
    """Whether two neighbours may be one number: digits only with a multiplier."""
    return bool(one.word and other.word) or bool({one.word, other.word} & _MULTIPLIERS)


def _sum(run: list[Numeral]) -> Numeral:
    """Tens and units added; anything longer is not read."""
    values: frozenset[Decimal] = frozenset()
    if len(run) == 2 and all(each.values for each in run):
        (tens,), (units,) = (each.values for each in run)
        if tens >= 20 and tens % 10 == 0 and 0 < units < 10:
            values = frozenset({tens + units})
    return Numeral(run[0].start, run[-1].end, values, " ".join(each.word for each in run))
