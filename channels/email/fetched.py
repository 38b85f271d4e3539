"""What an IMAP server answers to FETCH, by the names of what was asked for. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

_BEGINS = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
_ESCAPED = re.compile(rb"\\(.)")
_TOKEN = re.compile(
    rb'[()]|"((?:[^"\\]|\\.)*)"|\{\d+\+?\}$|[^\s()"\[\]{}]+(?:\[[^\]]*\])?[^\s()"\[\]{}]*'
)

Values = dict[str, bytes | None]
"""By their names in upper case; None for NIL, and for what is a list."""


def values(lines: Iterable[bytes], uid: int) -> Values:
    """What was told of that mail; nothing if nothing was. A literal is a line that is a bytearray.

    Servers tell of other mails in between, and of one mail in any order and in several answers.
    """
    found: Values = {}
    for answer in _answers(lines):
        told = _values(answer)
        if told.get("UID") == str(uid).encode():
            found |= told
    return found


def moment(date: bytes | None) -> datetime | None:
    """When " 5-Nov-2026 10:00:00 +0100" is; None for what is no date."""
    told = (date or b"").decode("ascii", "replace").strip()
    try:
        return datetime.strptime(told, "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None


def _answers(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    answer: list[bytes] = []
    for line in lines:
        if not isinstance(line, bytearray) and _BEGINS.match(line):
            yield answer
            answer = []
        answer.append(line)
    yield answer


def _values(answer: Sequence[bytes]) -> Values:
    words = list(_words(answer))
    names = ((name or b"").decode("ascii", "replace").upper() for name in words[::2])
    return dict(zip(names, words[1::2], strict=False))


def _words(answer: Sequence[bytes]) -> Iterator[bytes | None]:
    """Names and their values in turns; lists within count as one value."""
    depth = 0
    for line in answer:
        if isinstance(line, bytearray):
            if depth == 1:
                yield bytes(line)
            continue
        for token in _TOKEN.finditer(line):
            word = token[0]
            depth += (word == b"(") - (word == b")")
            if depth == 0 and word == b")":
                return  # what the server says at the end is behind it
            if word == b")" and depth == 1:
                yield None
            elif depth == 1 and word[:1] not in {b"(", b"{"}:
                yield _value(word, token[1])


def _value(word: bytes, string: bytes | None) -> bytes | None:
    if string is not None:
        return _ESCAPED.sub(rb"\1", string)
    return None if word.upper() == b"NIL" else word
