"""Long texts made short, in a way that what is left still shows whose words it is. Pure."""

import re

from bot.provenance import Segment, own_words, segments

TRACEBACK = "Traceback (most recent call last)"
_FRAME = re.compile(r'File "[^"\n]*", line \d')
_NOTE = re.compile(r"\n?… (\d[\d,]{0,8}) characters left out …\n?")
_FENCED = re.compile(r"```[\w-]*\n(.*?)\n?```", re.DOTALL)
LONGEST_NOTE = 40
"""Room for the line that says how much is left out."""
LINE = 160
"""Characters of something long that is told in one line."""


def cut(text: str, most: int) -> str:
    """Its beginning and its end, and how many characters are left out between; `most` in all.

    What an earlier cut has left out is counted as well.
    """
    if len(text) <= most:
        return text
    room = max(most - LONGEST_NOTE, 0)
    tail = room // 3
    head, end = room - tail, len(text) - tail
    shorter = f"{text[:head]}\n{_left_out(text[head:end])}\n{text[end:]}"
    return min(shorter, text, key=len)


def one_line(text: str, most: int = LINE) -> str:
    """The text without line ends, its end cut off."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def cut_message(text: str, most: int) -> str:
    """At most `most` characters of it; nothing there looks more its author's own than it did.

    A cut through a quote or a block of code could make the rest of it look like the author's
    words. Where the parts can not be cut so that this is plain, only the author's own are kept.
    """
    if len(text) <= most:
        return text
    parts = segments(text)
    own = "\n".join(part.text for part in parts if part.own).strip()
    for room in (most, most * 3 // 4, most // 2):
        shorter = "".join(_shared_out(parts, room))
        if len(shorter) <= most and _honest(shorter, own):
            return shorter
    passed = f"{_left_out(''.join(part.text for part in parts if not part.own))} (passed on)"
    return f"{cut(own, most - len(passed) - 1)}\n{passed}".strip()


def _shared_out(parts: tuple[Segment, ...], most: int) -> list[str]:
    """Each part cut to its share; at least three quarters of the room are for the author's own."""
    own = sum(len(part.text) for part in parts if part.own)
    passed = sum(len(part.text) for part in parts) - own
    room = {True: max(most - passed, most * 3 // 4), False: max(most - own, most // 4)}
    size = {True: own, False: passed}
    return [
        (cut if part.own else _cut_lines)(
            part.text, min(len(part.text), room[part.own] * len(part.text) // size[part.own])
        )
        for part in parts
        if part.text
    ]


def _cut_lines(text: str, most: int) -> str:
    """As `cut`, but by whole lines: what marks a line as passed on stands where it begins."""
    if len(text) <= most:
        return text
    most = max(most - LONGEST_NOTE, 0)
    tail = text[len(text) - most // 3 :].partition("\n")[2]
    head, line_end, _ = text[: most - len(tail)].rpartition("\n")
    head = head if line_end else text[: most - len(tail)]
    shorter = f"{head}\n{_left_out(text[len(head) : len(text) - len(tail)])}\n{tail}"
    return min(shorter, text, key=len)


def _honest(shorter: str, own: str) -> bool:
    """Whether every line that looks the author's own there was so in the whole message."""
    lines = (line.strip() for line in own_words(shorter).splitlines())
    return all(line in own or _NOTE.fullmatch(line) for line in lines)


def _left_out(gone: str) -> str:
    before = [(len(note[0]), int(note[1].replace(",", ""))) for note in _NOTE.finditer(gone)]
    count = len(gone) + sum(counted - length for length, counted in before)
    return f"… {count:,} characters left out …"


# --- what tools wrote ----------------------------------------------------------------------------


def untraced(text: str) -> str:
    """The text with every traceback of Python told by its last line, behind a log's marks too."""
    kept: list[str] = []
    inside, margin = False, 0
    for line in text.splitlines():
        rest = line[margin:]
        if TRACEBACK in line:
            inside, margin = True, line.index(TRACEBACK)
        elif _FRAME.search(line):
            inside = True
        elif not (inside and (not rest.strip() or rest[0].isspace())):
            inside, margin = False, 0
            kept.append(line)
    return "\n".join(kept)


def unfenced(text: str) -> str:
    """What stands in a code fence, if that is all; else the text."""
    fenced = _FENCED.fullmatch(text.strip())
    return fenced[1] if fenced and "```" not in fenced[1] else text
