"""What people wrote themselves in a thread, without what bots wrote or they passed on. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.entry import Entry
from bot.provenance import segments
from bot.wording import Wording, wording

# It stands in long messages, between two halves either of which may end within a word.
_LEFT_OUT = re.compile(r"… [\d,]+ characters left out …")


@dataclass(frozen=True, slots=True)
class Writing:
    """Words of one person without a gap in them.

    message: the seq of the message they stand in. person: None for somebody who is not in the
    configuration.
    """

    message: int
    person: str | None
    words: Wording


def writings(story: tuple[Entry, ...]) -> tuple[Writing, ...]:
    """The own words of every message of a person, the newest message first."""
    return tuple(
        Writing(entry.seq, entry.by if entry.trust == "person" else None, wording(text))
        for entry in reversed(story)
        if entry.kind == "message" and entry.trust in {"person", "stranger"}
        for part in segments(entry.text)
        if part.own
        for text in _uncut(part.text)
    )


def author(
    found: tuple[Writing, ...], says: Callable[[Wording], bool], asker: str | None
) -> Writing | None:
    """Who says it: the asker if they do, else whoever did last; None if nobody does."""
    last: Writing | None = None
    for writing in found:
        if last is not None and writing.person != asker:
            continue  # whoever wrote it last is found: only the asker goes before them
        if says(writing.words):
            if writing.person == asker:
                return writing
            last = writing
    return last


def _uncut(text: str) -> Iterator[str]:
    """The parts between cuts, without the words that a cut may have gone through."""
    parts = _LEFT_OUT.split(text)
    for at, part in enumerate(parts):
        told = part.strip() if len(parts) > 1 else part
        told = told.partition(" ")[2] if at > 0 else told
        yield told.rpartition(" ")[0] if at < len(parts) - 1 else told
