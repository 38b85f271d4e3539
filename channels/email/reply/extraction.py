"""What somebody has newly written in a mail, without what they answer, sign with or pass on.

Pure; linear in the text. When it is not sure, words are kept; and what may be somebody else's is
never shown as the writer's own (`Reply.doubtful`), because a first line can decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from channels.email.markup import CUT
from channels.email.reply import attributions, separators, signatures
from channels.email.reply.copies import without_copies
from channels.email.reply.lines import Line, clean, nonblank, quoted, read
from channels.email.reply.words import GREETING

MOST_LINES = 10_000
"""What is read; anything below is not looked for own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was written, and the rest.

    text: the writer's words. Lines of others that they wrote between are there with their ">".
    quoted: everything else, as it stood there.
    forwarded: another mail is passed on rather than answered; it is in `quoted`.
    doubtful: nothing tells whether `text` is theirs or what they answer. contested: another part of
    the mail begins with other words, so that its first line decides nothing.
    """

    text: str
    quoted: str = ""
    forwarded: bool = False
    doubtful: bool = False
    contested: bool = False


@dataclass(slots=True)
class _Passage:
    """Lines of one writer: the mail's own, or quoted ones (`announced` or not)."""

    lines: list[Line] = field(default_factory=list)
    quote: bool = False
    announced: bool = False

    @property
    def says(self) -> bool:
        return any(not line.blank for line in self.lines)


def extract(text: str, *, sent: Sequence[str] = (), marked: bool = False) -> Reply:
    """The new words of a mail's text.

    sent: what we have sent that they may answer. marked: the text is one that `markup` has made.
    """
    rows = clean(text, marked=marked).split("\n", MOST_LINES)
    beyond = rows.pop() if len(rows) > MOST_LINES else ""
    lines = without_copies(_unshared(read("\n".join(rows))), sent)
    lines = lines[signatures.banner(lines) :]
    limit = _asked_above(lines)
    reader = _Reader(lines[:limit])
    passages = _kept(reader.passages())
    if limit < len(lines) and not any(one.says and not one.quote for one in passages):
        reader, limit = _Reader(lines), len(lines)
        passages = _kept(reader.passages())
        reader.doubtful |= not any(one.quote for one in passages)
    own = [line for passage in passages for line in passage.lines]
    rest = [*_missing(lines, own), Line(beyond, beyond)]
    return Reply(
        text=_joined(passages),
        quoted="\n".join(line.text for line in rest if line.text != CUT).strip("\n"),
        forwarded=reader.forwarded,
        doubtful=reader.doubtful,
    )


class _Reader:
    """Goes down the lines once and sorts them into passages."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._found = [_Passage()]
        self.forwarded = False
        self.doubtful = False
        self._above = self._written = self._ruled = False

    def passages(self) -> list[_Passage]:
        """Whose lines they are, until only others' follow."""
        at, announced = 0, False
        while at < len(self._lines):
            line = self._lines[at]
            if line.depth:
                at, announced = self._quote(at, announced), False
                continue
            if self._ends(at):
                break
            skipped = self._skipped(at)
            if skipped:
                at += skipped
                announced = attributions.quote_at(self._lines, at, 0)
                if not announced and not self._begins(at):
                    break
                continue
            if not announced or not line.blank:
                self._own(at).append(line)
            self._ruled = self._ruled or separators.rule(line)
            at += 1
        return self._found

    def _own(self, at: int) -> list[Line]:
        if not self._lines[at].blank:
            self.doubtful |= not self._written and _torn(self._lines, at)
            self._written = self._above = True
        if self._found[-1].quote:
            self._found.append(_Passage())
        return self._found[-1].lines

    def _ends(self, at: int) -> bool:
        """Whether nothing of the mail's own follows from here on."""
        line, lines = self._lines[at], self._lines
        if not line.judged:
            return False
        if separators.another(lines, at):
            self.forwarded = separators.forwards(line.judged) or (
                self.forwarded and not self._above
            )
            return True
        if separators.underline(line) or signatures.delimiter(line):
            return True
        if separators.headers(lines, at):
            return self._above or self._ruled
        if signatures.note(line) and (at == 0 or lines[at - 1].blank):
            return not self._quote_below(at + 1)
        return False

    def _skipped(self, at: int) -> int:
        """How many lines only announce or describe what follows."""
        count = attributions.attribution(self._lines, at)
        if count:
            bars = nonblank(self._lines, at + count)
            for number in range(bars, bars + attributions.barred(self._lines, bars)):
                self._lines[number] = quoted(self._lines[number])
            return count
        return separators.headers(self._lines, at)

    def _begins(self, at: int) -> bool:
        """Whether what is announced, but not marked, is all that there is: kept, as doubtful."""
        if self._above or nonblank(self._lines, at) == len(self._lines):
            return False
        self.doubtful = True
        return True

    def _quote_below(self, at: int) -> bool:
        """Whether a marked quote follows next, behind which own words may stand."""
        at = nonblank(self._lines, at)
        if at < len(self._lines):
            at = nonblank(self._lines, at + attributions.attribution(self._lines, at))
        return at < len(self._lines) and self._lines[at].depth > 0

    def _quote(self, at: int, announced: bool) -> int:
        """Takes a run of quoted lines, and those that belong between them."""
        lines = self._lines
        start, end = at, at
        while at < len(lines):
            if lines[at].depth or (self._written and _torn(lines, at)):
                at = end = at + 1
            elif lines[at].blank:
                at += 1
            else:
                break
        announced = announced or self._announced(start, end)
        self._found.append(_Passage(lines[start:end], quote=True, announced=announced))
        self._above = self._above or self._found[-1].says
        return end

    def _announced(self, start: int, end: int) -> bool:
        """Whether the quote begins with who wrote it, or with another mail's headers."""
        seen = 0
        for at in range(start, end):
            line = self._lines[at]
            if line.blank:
                continue
            if separators.another(self._lines, at):
                self.forwarded = self.forwarded or separators.forwards(line.judged)
                return True
            if attributions.attribution(self._lines, at) or separators.headers(self._lines, at):
                return True
            seen += 1
            if seen == 2:
                break
        return False


def _asked_above(lines: Sequence[Line]) -> int:
    """Where the line stands that asks to write above it; the end without one."""
    places = (at for at, line in enumerate(lines) if separators.reply_above(line))
    return next(places, len(lines))


def _unshared(lines: list[Line]) -> list[Line]:
    """An announcement on a line of its own, where it shares one with own words."""
    out: list[Line] = []
    for line in lines:
        parts = attributions.shared(line.judged) if not line.depth else None
        if parts is None:
            out.append(line)
        else:
            out += [Line(part, part) for part in parts if part]
    return out


def _torn(lines: Sequence[Line], at: int) -> bool:
    """Whether the line is the end of the quoted one above, torn off by somebody's mail program."""
    if not 0 < at < len(lines) - 1 or not lines[at - 1].depth or not lines[at + 1].depth:
        return False
    text = lines[at].bare
    if not text or lines[at].code:
        return False
    if text.startswith(("(http", "<http", "http")) and len(text.split()) <= 2:
        return True
    return text[0].islower() and len(lines[at - 1].text) >= 60 and not lines[at - 1].blank


def _kept(found: list[_Passage]) -> list[_Passage]:
    """The passages that tell something new, and the quotes that are needed to follow them."""
    passages = _merged([passage for passage in found if passage.says])
    while passages and passages[-1].quote and not _stands(passages):
        passages.pop()
    _bottom_posted(passages)
    if passages and not passages[-1].quote:
        last = passages[-1]
        passages[-1] = _Passage(last.lines[: signatures.kept(last.lines)])
    return [passage for passage in passages if passage.says]


def _merged(passages: list[_Passage]) -> list[_Passage]:
    out: list[_Passage] = []
    for passage in passages:
        if out and out[-1].quote and passage.quote:
            out[-1].lines += passage.lines
            out[-1].announced |= passage.announced
        else:
            out.append(passage)
    return out


def _stands(passages: Sequence[_Passage]) -> bool:
    """Whether a last quote is the writer's own doing: nobody announces it, or they do."""
    if passages[-1].announced:
        return False
    if len(passages) == 1:
        return True
    said = [line for line in passages[-2].lines if not line.blank]
    return said[-1].bare.endswith((":", "\uff1a"))


def _bottom_posted(passages: list[_Passage]) -> None:
    """Without a quote that the whole answer stands below of, or that only a signature follows."""
    quotes = [at for at, passage in enumerate(passages) if passage.quote]
    if len(quotes) != 1 or not passages[quotes[0]].announced:
        return
    at = quotes[0]
    before = [line for passage in passages[:at] for line in passage.lines if not line.blank]
    after = passages[at + 1].lines if at + 1 < len(passages) else []
    greets = len(before) == 1 and GREETING.match(before[0].judged) is not None
    if not before or greets or signatures.closing(after):
        del passages[at]


def _joined(passages: Sequence[_Passage]) -> str:
    texts = ("\n".join(line.text for line in _trimmed(passage.lines)) for passage in passages)
    return "\n\n".join(text for text in texts if text.strip())


def _trimmed(lines: Sequence[Line]) -> Sequence[Line]:
    """Without what is empty at both ends; a first line keeps its indentation."""
    start, end = 0, len(lines)
    while start < end and not lines[start].text.strip():
        start += 1
    while end > start and not lines[end - 1].text.strip():
        end -= 1
    return lines[start:end]


def _missing(lines: Sequence[Line], own: Sequence[Line]) -> list[Line]:
    kept = {id(line) for line in own}
    return [line for line in lines if id(line) not in kept]
