"""Secrets are taken out where output is captured, before anything else sees it."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from agents.tools.clean import clean

MARK = "[redacted]"

_SHORTEST = 6
_SHORTEST_INNER = 8
# The shortest lines that programs break base64 and hexadecimal digits into.
_NARROWEST = 60

_JSON_ESCAPES: tuple[dict[int, str], ...] = (
    {},
    str.maketrans({"/": r"\/"}),
    str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"}),
)
_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
_PERCENT_ESCAPE = re.compile("%[0-9A-F]{2}")


class Redactor:
    """Knows the secrets, and the forms in which they show up.

    These are: as it is, in JSON, URL-encoded, in base64 and in hexadecimal (these two also broken
    into lines of 60 characters or more). Values shorter than 6 characters are ignored: they are
    too likely to be ordinary words.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        stripped = (secret.strip() for secret in secrets)
        known = [secret for secret in stripped if len(secret) >= _SHORTEST]
        self._forms = tuple(sorted({form for secret in known for form in _forms(secret)}))
        self._broken = tuple(sorted({form for secret in known for form in _broken(secret)}))

    def redact(self, text: str) -> str:
        """The text with `[redacted]` in place of every secret in it."""
        stream = self.stream()
        return stream.feed(text) + stream.close()

    def stream(self) -> "RedactedStream":
        """A fresh stream, for text that comes in pieces."""
        return RedactedStream(self._forms, self._broken)


@dataclass(slots=True)
class RedactedStream:
    """Takes pieces, gives back what is safe to show: the result does not depend on the pieces.

    `forms` are looked for as they are, `broken` also with line breaks in them. It holds back as
    many characters as a secret could have begun with. `covered` of the held characters belong to a
    secret whose mark was given out already.
    """

    forms: tuple[str, ...]
    broken: tuple[str, ...]
    held: str = ""
    covered: int = 0
    _reach: int = field(init=False)

    def __post_init__(self) -> None:
        widths = [len(form) for form in self.forms]
        widths += [_widest(len(form)) for form in self.broken]
        self._reach = max(widths, default=1) - 1

    def feed(self, piece: str) -> str:
        """The next part of the redacted text; "" while it is not certain."""
        self.held += piece
        return self._give(len(self.held) - self._reach)

    def close(self) -> str:
        """The rest."""
        return self._give(len(self.held))

    def _give(self, end: int) -> str:
        """Everything before `end`: every secret that begins there is whole by now."""
        if end <= 0:
            return ""
        given: list[str] = []
        done = self.covered
        for start, stop in self._found(end):
            if start >= done:
                given += [self.held[done:start], MARK]
            done = max(done, stop)
        given.append(self.held[done:end])
        self.held, self.covered = self.held[end:], max(done - end, 0)
        return "".join(given)

    def _found(self, end: int) -> list[tuple[int, int]]:
        """Every occurrence of every form that begins before `end`, overlapping ones too."""
        whole = [at for at in _occurrences(self.held, self.forms) if at[0] < end]
        return sorted([*whole, *(at for at in self._found_broken() if at[0] < end)])

    def _found_broken(self) -> list[tuple[int, int]]:
        """Occurrences of the forms that may have line breaks in them."""
        flat = self.held.replace("\r", "").replace("\n", "")
        found = list(_occurrences(flat, self.broken))
        if not found or len(flat) == len(self.held):
            return found
        places = [at for at, c in enumerate(self.held) if c not in "\r\n"]
        spans = ((places[a], places[b - 1] + 1, b - a) for a, b in found)
        return [(start, stop) for start, stop, size in spans if stop - start <= _widest(size)]


def _occurrences(text: str, forms: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Start and end of each form wherever it stands, overlaps too."""
    for form in forms:
        start = text.find(form)
        while start >= 0:
            yield start, start + len(form)
            start = text.find(form, start + 1)


def _widest(size: int) -> int:
    """How many characters `size` of them take, with every line break that may be among them."""
    return size + len("\r\n") * (size // _NARROWEST + 1)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    if len(seen := clean(secret)) >= _SHORTEST:
        yield seen  # what is left of it in cleaned output
    yield from _in_json(secret)
    yield from _in_urls(_bytes(secret))


def _in_json(secret: str) -> Iterator[str]:
    """With and without ASCII only, escaped slashes, and escapes for HTML."""
    for ascii_only in (True, False):
        told = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        for escapes in _JSON_ESCAPES:
            form = told.translate(escapes)
            yield form
            yield _UNICODE_ESCAPE.sub(lambda match: rf"\u{match[1].upper()}", form)


def _in_urls(data: bytes) -> Iterator[str]:
    """As encoders differ in what they leave as it is, and in the case of the digits."""
    for form in (*(quote(data, safe=safe) for safe in ("", "/", "!'()*")), quote_plus(data)):
        yield form
        yield _PERCENT_ESCAPE.sub(lambda match: match[0].lower(), form)


def _broken(secret: str) -> Iterator[str]:
    data = _bytes(secret)
    yield data.hex()
    yield data.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        yield from _inner(encode(b"\0" * skip + data).decode() for skip in range(3))


def _bytes(secret: str) -> bytes:
    return secret.encode(errors="surrogateescape")


def _inner(encoded: Iterable[str]) -> Iterator[str]:
    """Base64 of the secret inside something longer, as in `user:secret`: only its own letters."""
    for skip, text in enumerate(encoded):
        own = re.sub(r".?=+$", "", text)[(0, 2, 3)[skip] :]
        if len(own) >= _SHORTEST_INNER:
            yield own
