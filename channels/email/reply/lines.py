"""A mail's text as lines, each with how deep it is quoted. Pure; one pass."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from channels.email.markup import CUT

LONGEST = 500
"""Characters of a line that is judged; a longer one is a paragraph that somebody wrote."""

_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_INITIALS = re.compile(r"[A-Z]{1,2}>(?: |$)")
_EMPTY = frozenset(
    "\u200b\u200c\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_UNSEEN: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _EMPTY)),
    **{code: None for code in (*range(32), 0x7F) if chr(code) not in {"\n", "\t", CUT}},
    **dict.fromkeys((0xA0, 0x202F), " "),
    **dict.fromkeys((0x85, 0x2028), "\n"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`text` as it stands there, `bare` without quote marks and spaces around it."""

    text: str
    bare: str
    depth: int = 0
    code: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing stands there but marks."""
        return not self.bare

    @property
    def judged(self) -> str:
        """What is compared with what mail programs write; "" for what they never do."""
        return "" if self.code or len(self.bare) > LONGEST else self.bare


def clean(text: str, *, marked: bool = False) -> str:
    """The text without what can not be seen; `marked` leaves the marks of `markup`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    return text if marked else text.replace(CUT, "")


def read(text: str) -> list[Line]:
    """The lines of a cleaned text; what stands between two fences is code and never a quote."""
    rows = text.split("\n")
    fenced = _fenced(rows)
    lines = [
        Line(row.rstrip(), row.strip(), 0, code=True) if number in fenced else _line(row)
        for number, row in enumerate(rows)
    ]
    return _initialled(lines)


def nonblank(lines: Sequence[Line], at: int) -> int:
    """The next line from `at` on that says something, or the end."""
    while at < len(lines) and lines[at].blank:
        at += 1
    return at


def quoted(line: Line) -> Line:
    """The line as one of somebody else."""
    return line if line.depth else replace(line, text=f"> {line.text}", depth=1)


def has_letters(text: str) -> bool:
    """Whether there is a letter, a digit or a picture: anything but punctuation."""
    return any(unicodedata.category(char)[0] in "LN" or ord(char) > 0x2BFF for char in text)


def _line(row: str) -> Line:
    depth, at, spaces = 0, 0, 0
    for at, char in enumerate(row):  # noqa: B007 - where the marks end is used below
        if char == ">" and spaces <= 3:
            depth, spaces = depth + 1, 0
        elif char == " ":
            spaces += 1
        else:
            break
    else:
        at = len(row)
    bare = row[at:].strip() if depth else row.strip()
    if "&" in bare and len(bare) <= LONGEST:
        bare = html.unescape(bare)
    return Line(row.rstrip(), bare, depth)


def _fenced(rows: Sequence[str]) -> frozenset[int]:
    """Numbers of the lines of code blocks that are closed."""
    inside: set[int] = set()
    begun: int | None = None
    for number, row in enumerate(rows):
        if _FENCE.match(row):
            if begun is not None:
                inside.update(range(begun, number + 1))
            begun = number if begun is None else None
    return frozenset(inside)


def _initialled(lines: list[Line]) -> list[Line]:
    """Quotes marked by the initials of who wrote them ("AB> …"), two lines at least."""
    for at in range(len(lines) - 1):
        marks = [_INITIALS.match(one.text) for one in lines[at : at + 2]]
        first, second = marks
        if first is not None and second is not None and first[0].strip() == second[0].strip():
            for number in (at, at + 1):
                bare = lines[number].text.partition(">")[2].strip()
                lines[number] = replace(lines[number], depth=1, bare=bare)
    return lines
