"""What stands between somebody's words and the mail they answer or pass on. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache

from channels.email.markup import CUT
from channels.email.reply.lines import Line, has_letters, nonblank
from channels.email.reply.words import ABOVE, ANOTHER, FORWARDED, LABELS, REPLY_WORD

OURS = "-- Please reply above this line --"
"""What the bot may put above what it quotes; found again however it is quoted."""

_MOST_HEADERS = 14
_MOST_WRAPPED = 3

_LABEL = re.compile(
    r"[*_\s]{0,4}(?P<label>[^\W\d_][^\d:\uff1a*<>@()]{0,28}?)[*_\s]{0,4}[:\uff1a]\s?[*_]{0,3}(?P<value>.*)$"
)
_FRAMED = re.compile(
    r"[*_\s]{0,4}[-\u2010-\u2015_=]{2,60}\s*(?P<words>\S.{0,80}?\S)\s*[-\u2010-\u2015_=]{2,60}[*_\s]{0,4}$"
)
_DASH_LAST = re.compile(r"[-\u2010-\u2015_=][*_\s]{0,4}$")
_LAST = 5
_LONGEST_FRAME = 200
_FRAMED_LEFT = re.compile(r"[*_\s]{0,4}-{3,60}\s*(?P<words>\S.{0,60}?\S)\s*:?$")
_RULE = re.compile(r"\W{2,}$|_{2,}$")
_UNDERLINE = re.compile(r"[*\s]{0,4}_{5,200}[*\s]{0,4}$")
_MARKS = re.compile(r"[#=*~<>\-\u2010-\u2015_+|•\s]{2,12}")
_LINE_WORD = re.compile(
    r"\b(?:line|zeile|ligne|línea|linea|linha|riga|regel|linje\w*|rad\w*)\b",
    re.IGNORECASE,
)


def headers(lines: Sequence[Line], at: int, *, sure: bool = False) -> int:
    """How many lines from `at` on are headers of another mail; 0 if they are none.

    sure: something before them has already announced another mail.
    """
    if _role(lines[at]) is None:
        return 0
    roles: set[str] = set()
    address = False
    wrapped, end, last = 0, at, at
    while end < len(lines) and end - at < _MOST_HEADERS:
        line = lines[end]
        role = _role(line)
        if role is not None:
            roles.add(role[0])
            address |= role[0] == "from" and ("@" in role[1] or "mailto:" in role[1])
            wrapped, last = 0, end + 1
        elif line.blank:
            if _role_after(lines, end) is None:
                break
        else:
            wrapped += 1
            if wrapped > _MOST_WRAPPED or not line.judged:
                break
        end += 1
    enough = {"from"} <= roles and (len(roles) >= 3 or (len(roles) == 2 and (address or sure)))
    return last - at if enough or (sure and len(roles) >= 2) else 0


def another(lines: Sequence[Line], at: int) -> bool:
    """Whether the line says that another mail follows: "-----Original Message-----"."""
    text = lines[at].judged
    if text == CUT:
        return True
    framed = _framed(text)
    if framed is not None:
        if ANOTHER.search(framed["words"]) or FORWARDED.search(framed["words"]):
            return len(framed["words"].split()) <= 8
        return _headers_follow(lines, at)
    left = _FRAMED_LEFT.match(text)
    if left is not None and ANOTHER.fullmatch(left["words"].strip(" :")):
        return True
    short = len(text.split()) <= 6 and len(text) <= 70
    return short and FORWARDED.search(text) is not None and _headers_follow(lines, at)


def _framed(text: str) -> re.Match[str] | None:
    """Words between two rows of dashes; what is no frame for sure is not tried: it is slow."""
    if len(text) > _LONGEST_FRAME or not _DASH_LAST.search(text[-_LAST:]):
        return None
    return _FRAMED.match(text)


def underline(line: Line) -> bool:
    """Whether the line is one long underscore: below it are footers and other mails."""
    return _UNDERLINE.match(line.judged) is not None


def rule(line: Line) -> bool:
    """Whether the line separates without saying anything."""
    return (
        bool(line.judged) and not has_letters(line.judged) and _RULE.match(line.judged) is not None
    )


def forwards(text: str) -> bool:
    """Whether the words say that a mail is passed on, rather than answered."""
    return FORWARDED.search(text) is not None


def reply_above(line: Line) -> bool:
    """Whether the line asks to write above it."""
    text = line.judged
    if not text or len(text) > 160:
        return False
    framed = _MARKS.match(text) is not None and _MARKS.match(text[::-1]) is not None
    if not framed and not (len(text.split()) <= 10 and _LINE_WORD.search(text)):
        return False
    return ABOVE.search(text) is not None and REPLY_WORD.search(text) is not None


def _headers_follow(lines: Sequence[Line], at: int) -> bool:
    after = nonblank(lines, at + 1)
    return after < len(lines) and headers(lines, after, sure=True) > 0


def _role(line: Line) -> tuple[str, str] | None:
    """What a header tells, and its value."""
    return _role_of(line.judged)


@lru_cache(maxsize=1024)
def _role_of(text: str) -> tuple[str, str] | None:
    found = _LABEL.match(text) if ":" in text[:60] or "\uff1a" in text[:60] else None
    if found is None:
        return None
    role = LABELS.get(" ".join(found["label"].lower().split()))
    return None if role is None else (role, found["value"])


def _role_after(lines: Sequence[Line], at: int) -> tuple[str, str] | None:
    after = nonblank(lines, at)
    return _role(lines[after]) if after < len(lines) and after - at <= 1 else None
