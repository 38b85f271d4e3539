"""The header fields of a mail or of a part: split, unfolded, and encoded words decoded. Pure.

Written here because the standard library raises on fields that real mail programs send. Nothing
in this module raises, whatever the bytes; what is too much of something is left off.
"""

import binascii
import re
from dataclasses import dataclass

from channels.email.charset import decode

MOST_BYTES = 512 * 1024
"""What is read of one block of fields."""

MOST_FIELDS = 2000
LONGEST = 64 * 1024
"""Characters of one field that are kept."""

_EMPTY = re.compile(rb"\r?\n")
_BLANK = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"\s+")
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_SPACE = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in their order; names in lower case, values unfolded and not decoded."""

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The topmost field of that name, "" without one."""
        return next((value for key, value in self.fields if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """All fields of that name, topmost first."""
        return tuple(value for key, value in self.fields if key == name)


def split(raw: bytes, start: int = 0, end: int | None = None) -> tuple[Headers, int]:
    """The fields that `raw[start:end]` begins with, and where what follows them begins."""
    end = len(raw) if end is None else end
    blank = _EMPTY.match(raw, start, end) or _BLANK.search(raw, start, end)
    stop, after = (blank.start(), blank.end()) if blank else (end, end)
    return _fields(raw[start : min(stop, start + MOST_BYTES)]), after


def words(value: str) -> str:
    """A field's text with its encoded words decoded, on one line."""
    if "=?" in value:
        value = _decoded(value)
    return _SPACE.sub(" ", value).strip()


def unquoted(data: bytes) -> bytes:
    """`=41` as `A`: what quoted-printable and Q encoding have in common."""
    return _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), data)


def unbased(data: bytes) -> bytes:
    """Base64 as it is found: anything else between its characters is left out."""
    kept = data.translate(None, _NOT_BASE64)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    try:
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):  # pragma: no cover - padded above
        return b""


_NOT_BASE64 = bytes(
    code
    for code in range(256)
    if not (chr(code).isascii() and (chr(code).isalnum() or chr(code) in "+/"))
)


def _fields(block: bytes) -> Headers:
    fields: list[tuple[str, list[bytes]]] = []
    goes_on = False
    for line in block.split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            if goes_on:
                fields[-1][1].append(line.rstrip(b"\r"))
            continue
        found = _FIELD.match(line.rstrip(b"\r"))
        goes_on = found is not None
        if found is None:
            continue  # "From " of a mailbox file, or what is broken: nor does it go on below
        if len(fields) == MOST_FIELDS:
            break
        fields.append((found[1].decode("ascii").lower(), [found[2]]))
    return Headers(tuple((name, _text(b"".join(lines))) for name, lines in fields))


def _text(value: bytes) -> str:
    value = value[:LONGEST]
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return decode(value, "").strip()


def _decoded(value: str) -> str:
    """Encoded words decoded; adjacent ones of one charset as one, as some split characters."""
    out: list[str] = []
    held, charset, at = b"", "", 0
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        if not (charset and (not between or _BETWEEN.fullmatch(between))):
            out += [decode(held, charset), between]
            held = b""
        elif charset != found[1].lower():
            out.append(decode(held, charset))
            held = b""
        charset, at = found[1].lower(), found.end()
        held += _word(found[2], found[3])
    return "".join((*out, decode(held, charset), value[at:]))


def _word(how: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return unbased(data) if how in "bB" else unquoted(data.replace(b"_", b" "))
