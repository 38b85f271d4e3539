"""What of a mail is a copy of what we have sent, however it was wrapped or marked. Pure, linear."""

import re
from collections.abc import Sequence

from channels.email.reply.lines import Line, quoted

_TOGETHER = 5
"""Words in a row that are compared: five are hardly ever the same by chance."""

_ENOUGH = 15
"""Words of a passage that is taken for a copy; shorter ones may be somebody's own."""

_WORD = re.compile(r"\w+")


def without_copies(lines: list[Line], sent: Sequence[str]) -> list[Line]:
    """The lines, those that repeat long passages of `sent` marked as quoted.

    What begins a mail is never a copy: a request's example, typed again, is a decision.
    """
    known = _known(sent)
    if not known:
        return lines
    words = [_WORD.findall(line.bare.lower()) if not line.depth else [] for line in lines]
    copied = _copied(words, known)
    marked = list(lines)
    for start, end in _passages(lines, words, copied):
        marked[start:end] = [quoted(line) for line in marked[start:end]]
    return marked


def _known(sent: Sequence[str]) -> frozenset[tuple[str, ...]]:
    grams: set[tuple[str, ...]] = set()
    for text in sent:
        words = _WORD.findall(text.lower())
        grams.update(tuple(words[at : at + _TOGETHER]) for at in range(len(words) - _TOGETHER + 1))
    return frozenset(grams)


def _copied(words: Sequence[Sequence[str]], known: frozenset[tuple[str, ...]]) -> list[bool]:
    """Per line, whether each of its words stands in a run that we have sent."""
    flat = [(word, number) for number, line in enumerate(words) for word in line]
    hit = [False] * len(flat)
    for at in range(len(flat) - _TOGETHER + 1):
        if tuple(word for word, _ in flat[at : at + _TOGETHER]) in known:
            hit[at : at + _TOGETHER] = [True] * _TOGETHER
    whole = [bool(line) for line in words]
    for (_, number), is_hit in zip(flat, hit, strict=True):
        whole[number] = whole[number] and is_hit
    return whole


def _passages(
    lines: Sequence[Line], words: Sequence[Sequence[str]], copied: Sequence[bool]
) -> list[tuple[int, int]]:
    """Runs of copied lines that are long enough; empty lines go with what is around them."""
    found: list[tuple[int, int]] = []
    at, seen = 0, False
    while at < len(lines):
        if not copied[at]:
            seen = seen or not lines[at].blank
            at += 1
            continue
        start, end, count = at, at, 0
        while at < len(lines) and (copied[at] or not words[at]) and not lines[at].depth:
            count += len(words[at])
            at += 1
            end = at if copied[at - 1] else end
        if seen and count >= _ENOUGH:
            found.append((start, end))
        seen = True
    return found
