"""Long Markdown cut into messages: between lines, and never so that code loses its fence. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)$")
_ENDS = re.compile(r"\r\n?")
_BLANK = " \t"
"""What may follow the end of a fence: Markdown takes no other space for one."""
_NARROWEST = 64
"""Characters: a limit below this could not hold a fence and a word."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of Markdown, without its end. `code`: it is inside of a fence, or is its mark."""

    text: str
    code: bool
    opening: str = ""
    """The line that opened the fence it is in."""
    opens: bool = False
    """It is that line itself."""
    sure: bool = False
    """It is code whatever the dialect: no list, no quote and no stray mark may have ended it."""


def lines(text: str) -> Iterator[Line]:
    """Every line, with the fence that it stands in; a fence that is never closed goes on."""
    opening, marks, sure = "", "", False
    for one in _ENDS.sub("\n", text).split("\n"):
        found = _FENCE.match(one)
        if not marks:
            if found is None or ("`" in found["info"] and found["marks"][0] == "`"):
                yield Line(one, code=False)
                continue
            opening, marks, sure = one, found["marks"], one.startswith("`")
            yield Line(one, code=True, opening=opening, opens=True, sure=sure)
            continue
        yield Line(one, code=True, opening=opening, sure=sure)
        # Where a fence may be opened in a list, or closed in the middle of a line, it ends sooner.
        sure = sure and "```" not in one
        if found and found["marks"].startswith(marks) and not found["info"].strip(_BLANK):
            opening, marks = "", ""


@dataclass(slots=True)
class _Cutter:
    limit: int
    done: list[str] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    size: int = 0
    fence: str = ""

    def put(self, line: Line) -> None:
        """The next line: here if it fits, with room for the end of its fence."""
        closing = _closing(line.opening)
        for part in _parts(line.text, self.limit - len(line.opening) - len(closing) - 2):
            if self.here and self.size + len(part) + len(closing) + 2 > self.limit:
                self.cut()
                if line.opening and part != line.opening:
                    self._add(line.opening)
            self._add(part)
            self.fence = line.opening

    def cut(self) -> None:
        """What was put so far is a message."""
        closing = _closing(self.fence)
        open_still = self.fence and not (
            len(self.here) > 1 and self.here[-1].strip(_BLANK) == closing
        )
        if not (self.fence and self.here == [self.fence]):
            self.done.append("\n".join([*self.here, closing] if open_still else self.here))
        self.here, self.size, self.fence = [], 0, ""

    def _add(self, part: str) -> None:
        self.here.append(part)
        self.size += len(part) + 1


def split(text: str, limit: int) -> tuple[str, ...]:
    """The text as messages of at most `limit` characters each, in order; () for an empty one.

    Cut between lines, at spaces where one line is too long. A fence that is cut is closed, and
    opened again with what it was opened with. Raises `ValueError` for a limit below 64.
    """
    if limit < _NARROWEST:
        raise ValueError(f"a message of {limit} characters can not hold a fence")
    if len(text) <= limit:
        return (text,) if text.strip() else ()
    cutter = _Cutter(limit)
    for line in lines(text):
        cutter.put(_short(line, limit))
    if cutter.here:
        cutter.cut()
    return tuple(one for one in cutter.done if one.strip())


def _short(line: Line, limit: int) -> Line:
    """With an opening that leaves room for code: what it says of the language may be dropped."""
    if len(line.opening) <= limit // 4:
        return line
    bare = _closing(line.opening)[: limit // 4]
    return Line(bare if line.text == line.opening else line.text, code=True, opening=bare)


def _closing(opening: str) -> str:
    found = _FENCE.match(opening)
    return found["marks"] if found else ""


def _parts(text: str, room: int) -> Iterator[str]:
    """A line in pieces that fit, cut at spaces if there are some."""
    while len(text) > room:
        at = text.rfind(" ", room // 2, room)
        at = at if at > 0 else room
        yield text[:at]
        text = text[at:].removeprefix(" ")
    yield text
