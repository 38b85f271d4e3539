"""Whose words a message holds: its author's own, and what they only pass on. Pure.

In doubt a line counts as passed on: then the bot asks, where else it would obey somebody who never
wrote to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

from bot.fences import Piece, pieces
from bot.pasted import inline_log, log_lines
from bot.quoted import code_lines, quoted_lines

_MOST_PIECES = 4_000
"""Lines that are looked at: nobody writes so many, so what follows them counts as passed on."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a message. `own` is False for what its author did not say: quotes, code, logs."""

    text: str
    own: bool


def segments(text: str) -> tuple[Segment, ...]:
    """The message in its order, cut where the words stop being its author's own.

    Joined, the texts are the message. Code between backticks within a line and words in double
    quotes are own: so people write names.
    """
    parts = _parts(text)
    passed = _passed_on(["" if fenced else told for told, fenced in parts])
    own = (not fenced and at not in passed for at, (_, fenced) in enumerate(parts))
    told = zip(own, (told for told, _ in parts), strict=True)
    return tuple(
        Segment("".join(each for _, each in run), key)
        for key, run in groupby(told, key=itemgetter(0))
    )


def own_words(text: str) -> str:
    """Only what the author said, parts joined by line ends."""
    return "\n".join(part.text for part in segments(text) if part.own)


def _parts(text: str) -> list[Piece]:
    """The message in pieces; what counts as fenced is none of its author's."""
    parts = [half for piece in islice(pieces(text), _MOST_PIECES) for half in _halves(piece)]
    rest = text[sum(len(told) for told, _ in parts) :]
    return [*parts, (rest, True)] if rest else parts


def _halves(piece: Piece) -> Iterator[Piece]:
    """The piece, cut where a log begins within its line: the log counts as fenced."""
    told, fenced = piece
    cut = 0 if fenced else inline_log(told)
    if not told[:cut].strip():
        yield piece
    else:
        yield told[:cut], False
        yield told[cut:], True


def _passed_on(lines: Sequence[str]) -> frozenset[int]:
    """Which of the lines are passed on; those in a fence stand as empty ones."""
    found: set[int] = set()
    at = 0
    while at < len(lines):
        count = 0
        if lines[at] and not lines[at].isspace():
            count = next((n for rule in _RULES if (n := rule(lines, at))), 0)
            found.update(range(at, at + count))
        at += max(count, 1)
    return frozenset(found)


# Each tells how many lines from `at` on are passed on, by its own kind of sign; 0 without one.
_RULES = (quoted_lines, log_lines, code_lines)
