"""Entries of a story as one-line tags, so that no text can close one, forge one or hide words.

The grammar is fixed: `<kind seq=12 by=alice trust=person at="2026-01-02 03:04">text</kind>`, with
`ref=c12` after `trust` where there is one. What is empty is left out, and so is what the kind says
already: whose words they usually are, and the time of what takes none. An element depends on its
entry alone. Pure.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from agents.words import UNSEEN
from bot.entry import Entry, EntryKind, Trust
from bot.provenance import Segment, segments

LONGEST_ATTRIBUTE = 64
MOST_PARTS = 24
"""Parts of a message that are told apart; from there on all of it counts as passed on."""

USUAL: Mapping[EntryKind, Trust] = {
    "step": "model",
    "reply": "model",
    "result": "machine",
    "failure": "machine",
    "request": "code",
    "decision": "code",
    "note": "code",
}
"""Whose words they are where a tag does not say it; of messages and calls it always does."""
TIMELESS = frozenset({"step", "call", "reply", "request"})
"""They come right after what they follow from."""

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_HIDDEN = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x9f{UNSEEN}]")
# One selector and one joiner after a letter mean something; more of them only carry hidden words.
_CARRIERS = re.compile("((?>[\ufe0e\ufe0f]?[\u200c\u200d]?))[\u200c\u200d\ufe0e\ufe0f]+")
_BARE = re.compile(r"[A-Za-z0-9_.:@-]+")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


# A thread's story is told anew for every step, and telling whose words are whose takes a while.
@lru_cache(maxsize=1_024)
def element(entry: Entry) -> str:
    """The entry as a model reads it."""
    attributes = {
        "seq": str(entry.seq),
        "by": entry.by,
        "trust": "" if USUAL.get(entry.kind) == entry.trust else entry.trust,
        "ref": entry.ref,
        "at": "" if entry.kind in TIMELESS else f"{entry.at:%Y-%m-%d %H:%M}",
    }
    inner = message(entry.text) if entry.kind == "message" else escaped(entry.text)
    return f"{opening(entry.kind, attributes)}{inner}</{entry.kind}>"


def opening(name: str, attributes: dict[str, str], *, end: str = ">") -> str:
    """The opening tag; `end` is "/>" for one that holds nothing."""
    told = [f" {key}={_attribute(value)}" for key, value in attributes.items() if value]
    return f"<{name}{''.join(told)}{end}"


def escaped(text: str) -> str:
    """The text as it can stand between tags: all of it seen, and none of it a tag."""
    return seen(text).strip().translate(_ESCAPES)


def message(text: str) -> str:
    """As `escaped`; what its author does not say, but pass on, stands between tags of its own."""
    parts = segments(seen(text).strip())
    if len(parts) > MOST_PARTS:
        rest = "".join(part.text for part in parts[MOST_PARTS - 1 :])
        parts = (*parts[: MOST_PARTS - 1], Segment(rest, own=False))
    return "".join(_part(part) for part in parts)


def seen(text: str) -> str:
    """The text without what nobody sees: controls, marks of direction, tags, blank letters."""
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    text = _HIDDEN.sub("", _LINE_END.sub("\n", text))
    return _CARRIERS.sub(r"\1", text)


def _part(part: Segment) -> str:
    told = part.text.translate(_ESCAPES)
    inner = told.strip("\n")
    if part.own or not inner.strip():
        return told
    before, _, after = told.partition(inner)
    return f"{before}<passed-on>{inner}</passed-on>{after}"


def _attribute(value: str) -> str:
    """The value on one line, in quotes unless it is a plain word; it can not end itself."""
    flat = " ".join(seen(value).split())
    if len(flat) > LONGEST_ATTRIBUTE:
        flat = f"{flat[: LONGEST_ATTRIBUTE - 1]}…"
    if _BARE.fullmatch(flat):
        return flat
    told = flat.translate(_ESCAPES).replace('"', "&quot;")
    return f'"{told}"'
