"""Fenced code in a message: where it begins and ends, as chat platforms and Markdown have it. Pure.

Backticks may open and close inside a line, as in Slack; tildes only fence whole lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

QUOTE = re.compile(r"[\s\u200b\u200e\u200f\ufeff]{0,16}(?:>|&gt;)")
"""How a line begins that quotes somebody: as it is typed, or as Slack escapes it."""

_TICKS = re.compile(r"`{3,}+")
_ALONE = re.compile(r"\s*+`{3,}+[^`\n]*$")
_TILDES = re.compile(r"[ \t]*+(~{3,}+)(?!.*~)")
_END_OF_TILDES = re.compile(r"[ \t]*+(~{3,}+)\s*$")

Piece = tuple[str, bool]
"""A line of a message, or a part of one, and whether it is inside a fence."""


@dataclass(frozen=True, slots=True)
class _Fence:
    """An open fence. `whole`: its opening has a line to itself, its close is at the edge of one."""

    tildes: bool
    length: int
    whole: bool = True


def pieces(text: str) -> Iterator[Piece]:
    """Every line in its order, cut where a fence begins or ends: joined, they are the text.

    A fence that is never closed goes on to the end. A line that is a quote opens none.
    """
    fence: _Fence | None = None
    for line in text.splitlines(keepends=True):
        if fence is None and "```" not in line and "~~~" not in line:
            yield line, False
            continue
        at = inside = 0
        while at < len(line):
            if fence is None:
                begin, inside, fence = _opening(line, at)
                if begin > at:
                    yield line[at:begin], False
                at = begin
            if fence is not None:
                end, closed = _closing(line, inside, fence)
                yield line[at:end], True
                fence = None if closed else fence
                at = inside = end


def _opening(line: str, at: int) -> tuple[int, int, _Fence | None]:
    """Where the next fence begins, where its code does, and what it is: the line's end if none."""
    none = len(line), len(line), None
    if at == 0 and QUOTE.match(line):
        return none
    if at == 0 and (tildes := _TILDES.match(line)):
        return 0, tildes.end(), _Fence(tildes=True, length=len(tildes[1]))
    ticks = _TICKS.search(line, at)
    if ticks is None:
        return none
    whole = at == 0 and _ALONE.match(line) is not None
    return ticks.start(), ticks.end(), _Fence(tildes=False, length=len(ticks[0]), whole=whole)


def _closing(line: str, inside: int, fence: _Fence) -> tuple[int, bool]:
    """Where the code ends in this line, its marks included, and whether the fence does."""
    if fence.tildes:
        close = _END_OF_TILDES.match(line) if inside == 0 else None
        return len(line), close is not None and len(close[1]) >= fence.length
    edges = (len(line) - len(line.lstrip()), len(line.rstrip())) if fence.whole else (0, 0)
    for ticks in _TICKS.finditer(line, inside):
        at_edge = ticks.start() == edges[0] or ticks.end() == edges[1]
        if len(ticks[0]) >= fence.length and (at_edge or not fence.whole):
            return ticks.end(), True
    return len(line), False
