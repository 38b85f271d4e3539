"""What mail programs and habits put below somebody's words: never part of what they say. Pure.

Each function takes the lines of somebody's own words and says how many of them, from the top, are
to be kept. A closing formula alone is kept: it is theirs, and harmless.
"""

import re
from collections.abc import Sequence

from channels.email.reply.lines import Line
from channels.email.reply.separators import rule
from channels.email.reply.words import (
    BRAND,
    DEVICE,
    DISCLAIMER,
    EXCUSE,
    EXTERNAL,
    GET_APP,
    REGARDS,
    SENT,
    SENT_SOMEWHERE,
    THANKS,
)

_DELIMITER = re.compile(r"--\s?$")
_SENT_FROM = re.compile(
    r"^\W*(?:sent|written)\s+(?:from|via|with|using)\s+(?P<what>\S.{1,70})$", re.IGNORECASE
)
_LONGEST_NOTE = 110
_NAME = re.compile(
    r"(?:-{1,2}\s?|/)(?P<name>[^\W\d_][\w.'\u2019-]*(?:\s+[^\W\d_][\w.'\u2019-]*){0,3})$"
)
_CONTACT = re.compile(
    r"https?://|www\.|@|\+?\d[\d ()/.-]{6,}|\b(?:tel|fax|mobile|mobil|phone|ceo|cto|manager"
    r"|engineer|director|gmbh|inc|ltd|llc|corp)\b",
    re.IGNORECASE,
)
_SIGNED_WITHIN = 12
_LONGEST_DISCLAIMER = 40


def delimiter(line: Line) -> bool:
    """Whether a signature begins here, as mail programs write it: "-- "."""
    return not line.depth and _DELIMITER.match(line.judged) is not None


def note(line: Line, *, last: bool = False) -> bool:
    """Whether the line is what a device or a mail program adds: "Sent from my phone".

    last: nothing of the writer's follows, so that less has to be said to be sure.
    """
    text = line.judged
    if not text or len(text) > _LONGEST_NOTE or len(text.split()) > 16 or _goes_on(text):
        return False
    if GET_APP.match(text) or (SENT.match(text) and DEVICE.search(text)):
        return True
    if len(text.split()) <= 7 and SENT_SOMEWHERE.search(text) and BRAND.search(text):
        return not text[:1].islower() or text[1:2].isupper()
    found = _SENT_FROM.match(text)
    if found is None or len(found["what"].split()) > 8:
        return False
    return last or found["what"].lower().startswith("my ")


def kept(lines: Sequence[Line]) -> int:
    """How many of the lines are somebody's words."""
    count, before = _stripped(lines, len(lines)), -1
    while count != before:
        before = count
        for cut in (_without_notes, _without_disclaimer, _without_name, _without_closing):
            count = _stripped(lines, cut(lines, count))
    return count


def banner(lines: Sequence[Line]) -> int:
    """How many lines from the top warn that the mail comes from outside."""
    end = next((n for n, line in enumerate(lines) if line.blank and n), len(lines))
    told = " ".join(line.bare for line in lines[: min(end, 8)])
    if end >= len(lines) or end > 8 or len(told) > 600 or not EXTERNAL.search(told):
        return 0
    warns = re.match(r"\W{0,6}(?:caution|warning|external|attention|achtung|vorsicht)", told, re.I)
    return end if warns else 0


def closing(lines: Sequence[Line]) -> bool:
    """Whether the lines are a closing and a name, and nothing besides."""
    said = [line for line in lines if not line.blank]
    if not said or len(said) > 4:
        return False
    first = re.split(r"[,;!.]\s*", said[0].judged.lower(), maxsplit=1)[0]
    return first in REGARDS | THANKS and all(len(line.bare) <= 60 for line in said)


def _stripped(lines: Sequence[Line], count: int) -> int:
    """Without empty lines and rules at the end."""
    while count and (lines[count - 1].blank or _ends(lines[count - 1])):
        count -= 1
    return count


def _ends(line: Line) -> bool:
    return (rule(line) and not line.code and not set(line.bare) & set("?!.:;)]}\"'")) or (
        line.judged in {"\u1427", "--", "\u2014", "\u2013"}
    )


def _goes_on(text: str) -> bool:
    """Whether more is said than where it was sent from, other than an excuse for it."""
    head, mark, tail = text.partition(",") if "," in text else text.partition(". ")
    if not mark or not tail.strip(" .!)"):
        return False
    return (
        EXCUSE.search(tail) is None and len(tail.split()) > 2 and DEVICE.search(head) is None
    ) or (EXCUSE.search(tail) is None and len(tail.split()) > 6)


def _without_notes(lines: Sequence[Line], count: int) -> int:
    while count and (note(lines[count - 1], last=True) or lines[count - 1].blank):
        count -= 1
    return count


def _without_disclaimer(lines: Sequence[Line], count: int) -> int:
    """Without a last paragraph that lawyers have written."""
    start = count
    while start and count - start < _LONGEST_DISCLAIMER and not lines[start - 1].blank:
        start -= 1
    if not start or any(line.code for line in lines[start:count]):
        return count
    told = " ".join(line.bare for line in lines[start:count])
    found = {match.group().lower()[:6] for match in DISCLAIMER.finditer(told[:5000])}
    return start if len(told) >= 100 and len(found) >= 3 else count


def _without_name(lines: Sequence[Line], count: int) -> int:
    """Without a last line that is a dash or a slash and a name."""
    if count < 3 or not lines[count - 2].blank:
        return count
    found = _NAME.match(lines[count - 1].judged)
    if found is None:
        return count
    words = found["name"].split()
    return count - 1 if words[0][0].isupper() and words[-1][0].isupper() else count


def _without_closing(lines: Sequence[Line], count: int) -> int:
    """Without a closing formula and the signature below it."""
    said = 0
    for at in range(count - 1, 0, -1):
        if lines[at].blank:
            continue
        formula = lines[at].judged.lower().strip(" ,.;!-\u2013\u2014~*_")
        if formula in REGARDS or formula in THANKS:
            return _signed(lines, at, count, thanks=formula in THANKS)
        said += 1
        if said > _SIGNED_WITHIN or not _may_sign(lines[at]):
            break
    return count


def _signed(lines: Sequence[Line], at: int, count: int, *, thanks: bool) -> int:
    after = [line for line in lines[at + 1 : count] if not line.blank]
    if not after or all(lines[above].blank for above in range(at)):
        return count
    if thanks:
        more = len(after) >= 2 and any(_CONTACT.search(line.bare) for line in after)
        return at + 1 if more else count
    return at if not lines[at + 1].blank or len(after) >= 2 else count


def _may_sign(line: Line) -> bool:
    """Whether it may stand in a signature: nothing that says or asks something."""
    text = line.judged
    if not text or len(text) > 90 or text.endswith(("?", ":")):
        return False
    return not (text.endswith((".", "!")) and len(text.split()) > 7)
