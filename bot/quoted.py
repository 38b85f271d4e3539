"""What mail programs and chat clients put around somebody else's words. Pure.

Each function tells how many lines from `at` on are passed on, by its kind of sign: 0 without one.
They look at a bounded number of lines ahead, or at lines that are then taken, so that any message
is read in linear time.
"""

import re
from collections.abc import Sequence

from bot.fences import QUOTE

_LONGEST_SIGN = 300
_HEADERS_WITHIN = 6

_QUOTE_TO_END = re.compile(r"[ \t]{0,3}(?:>|&gt;){3}[ \t]*[^\s>&]")
# "-- " is what mail programs write; phones and editors make a longer dash of it.
_SIGNATURE = re.compile(r"(?:--|[\u2013\u2014])[ \t]*$")
_FORWARD = re.compile(
    r"[ \t*_]{0,8}(?:(?:-{2,}+|[\u2013\u2014]++)[ \t]*+(?:"
    r"forwarded (?:message|by)|original (?:message|appointment)|(?:weitergeleitete|ursprüngliche) "
    r"nachricht|message (?:transféré|d['\u2019]origine)|mensaje (?:reenviado|original))"
    r"|begin forwarded message|anfang der weitergeleiteten |inicio del mensaje reenviado"
    r"|début du message (?:transféré|réexpédié))",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"[ \t]{0,3}[*_]{0,2}(?:(?P<sender>from|von|de)|(?P<other>sent|date|gesendet|datum|envoyé"
    r"|enviado(?: el)?|fecha|to|an|à|para|cc|subject|betreff|objet|asunto))[*_]{0,2}[ \u00a0]?:",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"[ \t*_]{0,8}(?:(?:on|am|le|el|il|op)\b[^\n]*?\d|\d|[^<\n]*+<[^@\n]++@)", re.IGNORECASE
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb|geschrieben|[aà] écrit|escribi[óo]|ha scritto|schreef)\b",
    re.IGNORECASE,
)
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)[ \t]*+\S")


def quoted_lines(lines: Sequence[str], at: int) -> int:
    """Quotes, signatures, forwarded messages and the lines that announce them."""
    line = lines[at]
    rest = len(lines) - at
    if QUOTE.match(line):
        first = at == 0 or not QUOTE.match(lines[at - 1])
        return rest if first and _QUOTE_TO_END.match(line) else 1
    if _SIGNATURE.match(line) or _FORWARD.match(line) or _headers(lines, at):
        return rest
    announced = _attribution(lines, at)
    if announced and not _quote_follows(lines, at + announced):
        return rest  # its program marks no lines: all that follows may be the other's
    return announced


def code_lines(lines: Sequence[str], at: int) -> int:
    """Code as Markdown has it: several lines that are indented, after an empty one."""
    if not _INDENTED.match(lines[at]) or (at > 0 and lines[at - 1].strip()):
        return 0
    code = [at]
    end = at + 1
    while end < len(lines) and (_INDENTED.match(lines[end]) or not lines[end].strip()):
        code += [end] if lines[end].strip() else []
        end += 1
    return code[-1] - at + 1 if len(code) > 1 else 0


def _headers(lines: Sequence[str], at: int) -> bool:
    """Whether the headers of another mail begin here: who sent it, and two more of them."""
    sender = _HEADER.match(lines[at])
    if sender is None or not sender["sender"]:
        return False
    following = (_HEADER.match(line) for line in lines[at + 1 : at + _HEADERS_WITHIN])
    return sum(match is not None and bool(match["other"]) for match in following) >= 2


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines say that somebody wrote what follows: "On …, Bob wrote:"."""
    if len(lines[at]) > _LONGEST_SIGN or not _SOMEBODY.match(lines[at]):
        return 0
    told = ""
    for count, line in enumerate(lines[at : at + 3], start=1):
        if not line.strip() or len(line) > _LONGEST_SIGN:
            return 0
        told += line
        if line.rstrip().endswith(":"):
            return count if _WROTE.search(told) else 0
    return 0


def _quote_follows(lines: Sequence[str], at: int) -> bool:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at < len(lines) and QUOTE.match(lines[at]) is not None
