"""Checkpoints of a story: what is kept of it, what is told shorter, what is left out. Pure.

Kept as it is: the first request; what open requests, calls and turns are about; the newest words.
Of the rest, errors that a later call of the same tool made good are dropped, what is long is told
in a line, and the oldest are left out, with a note that says so. Whatever people send, what is
left is well below `HIGH`: where too much had to be kept, it is cut as well, the oldest first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.entry import Entry
from bot.shortening import cut, cut_message, one_line
from bot.thread import Thread, Turn

HIGH = 24_000
"""Characters, as a model reads them, from which on a story is due to be condensed."""
LOW = 8_000
"""What is left then of all that does not have to be kept."""
KEPT = 12_000
"""The most that is left of what has to be kept."""

FIRST_REQUEST = 2_000
OLD_MESSAGE = 200
NEWEST = 2
"""Messages that are kept whatever they are about."""

TAGS = 110
"""Characters of an entry's tags and labels, about."""
LEFT_OUT = "left-out"
_COUNTED = re.compile(r"(\d+) events? left out here, from seq (\d+) to (\d+)")
_CAPS = (4_000, 2_000, 1_000, 500, 250, 120)


def size(entries: Iterable[Entry]) -> int:
    """How many characters a model reads there, about."""
    return sum(_size(entry) for entry in entries)


def _size(entry: Entry) -> int:
    text = entry.text
    escapes = 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return TAGS + len(text) + len(entry.ref) + escapes


def condensed(thread: Thread) -> tuple[Entry, ...]:
    """The story in fewer words; the same story gives the same ones."""
    story = [entry for entry in thread.story if entry.ref != LEFT_OUT]
    must = _must_be_kept(thread, story)
    kept = _fitted([_whole(entry, story) for entry in story if entry.seq in must])
    gone = {entry.seq for entry in _made_good(story)} - must
    rest = [_short(entry) for entry in story if entry.seq not in must and entry.seq not in gone]
    left = sorted([*kept, *_newest(rest, LOW)], key=lambda entry: entry.seq)
    seqs = {entry.seq for entry in left}
    note = _note(thread.story, [entry for entry in story if entry.seq not in seqs])
    return tuple(sorted([*left, *note], key=lambda entry: entry.seq))


# --- what has to be kept -------------------------------------------------------------------------


def _must_be_kept(thread: Thread, story: Sequence[Entry]) -> frozenset[int]:
    """The numbers of the events whose entries stay."""
    messages = [entry.seq for entry in story if entry.kind == "message"]
    worked_on = [turn for turn in thread.turns if turn.work is not None and not turn.answered]
    since = min((turn.id for turn in worked_on), default=None)
    refs = {
        *thread.calls,
        *thread.requests,
        *(request.call for request in thread.requests.values()),
    }
    refs |= {call for turn in worked_on if turn.work for call in turn.work.calls}
    return frozenset(
        {*messages[:1], *messages[-NEWEST:]}
        | {entry.seq for turn in thread.turns for entry in words_of(turn, story)}
        | {entry.seq for entry in story if entry.ref in refs}
        | {entry.seq for entry in story if since is not None and entry.seq > since}
    )


def words_of(turn: Turn, story: Sequence[Entry]) -> Sequence[Entry]:
    """The entry of the message that the turn is about, if it is in the story."""
    messages = (entry for entry in reversed(story) if entry.kind == "message")
    return tuple(entry for entry in messages if entry.seq == (turn.about or turn.id))


def _whole(entry: Entry, story: Sequence[Entry]) -> Entry:
    first = next((other.seq for other in story if other.kind == "message"), None)
    if entry.seq == first:
        return replace(entry, text=cut_message(entry.text, FIRST_REQUEST))
    return entry


def _fitted(entries: list[Entry]) -> list[Entry]:
    """The entries, cut as far as they are more than `KEPT` together; at worst only the newest."""
    for most in _CAPS:
        if size(entries) <= KEPT:
            return entries
        entries = [_capped(entry, most) for entry in entries]
    return [*entries[:1], *_newest(entries[1:], KEPT - size(entries[:1]))]


def _capped(entry: Entry, most: int) -> Entry:
    # What looks short may be long as a model reads it: "&" is five characters there.
    most = most * len(entry.text) // max(_size(entry) - TAGS, 1)
    shorter = cut_message if entry.kind == "message" else cut
    return replace(entry, text=shorter(entry.text, most))


# --- what does not -------------------------------------------------------------------------------


def _made_good(story: Sequence[Entry]) -> list[Entry]:
    """Failures, and their calls, of tools that worked later on."""
    worked: dict[str, int] = {}
    for entry in story:
        if entry.kind == "result":
            worked[entry.by] = entry.seq
    failed = {
        entry.ref
        for entry in story
        if entry.kind == "failure" and entry.by and entry.seq < worked.get(entry.by, 0)
    }
    return [entry for entry in story if entry.ref in failed and entry.kind in {"failure", "call"}]


def _short(entry: Entry) -> Entry:
    match entry.kind:
        case "message":
            return replace(entry, text=cut_message(entry.text, OLD_MESSAGE))
        case "result" | "failure":
            return replace(entry, text=_result(entry.text))
        case _:
            return replace(entry, text=one_line(entry.text))


def _result(text: str) -> str:
    """How it ended, and the last words."""
    first, _, words = text.partition("\n")
    last = words.strip().rpartition("\n")[2]
    return f"{one_line(first)}\n{one_line(last)}" if last else one_line(first)


def _newest(entries: Sequence[Entry], most: int) -> list[Entry]:
    """The last ones that have `most` characters together."""
    left, used = [], 0
    for entry in reversed(entries):
        used += _size(entry)
        if used > most:
            break
        left.append(entry)
    return left[::-1]


def _note(story: Sequence[Entry], left_out: Sequence[Entry]) -> list[Entry]:
    """One line for all that is left out, now or at an earlier checkpoint."""
    spans = [(1, entry.seq, entry.seq) for entry in left_out]
    for entry in story:
        counted = _COUNTED.fullmatch(entry.text) if entry.ref == LEFT_OUT else None
        if counted:
            spans.append((int(counted[1]), int(counted[2]), int(counted[3])))
    if not spans:
        return []
    count = sum(span[0] for span in spans)
    first, last = min(span[1] for span in spans), max(span[2] for span in spans)
    told = f"{count} event{'s' * (count > 1)} left out here, from seq {first} to {last}"
    at = min(entry.at for entry in story)
    return [Entry(seq=first, kind="note", text=told, at=at, ref=LEFT_OUT)]
