"""Secrets are taken out where output is captured, before anything else sees it."""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from agents.tools.clean import clean

MARK = "[redacted]"

_SHORTEST = 6
_SHORTEST_INNER = 8


class Redactor:
    """Knows the secrets, and the forms in which they show up: plain, URL-encoded, base64.

    Values shorter than 6 characters are ignored: they are too likely to be ordinary words.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        stripped = (secret.strip() for secret in secrets)
        known = [secret for secret in stripped if len(secret) >= _SHORTEST]
        self._forms = tuple(sorted({form for secret in known for form in _forms(secret)}))

    def redact(self, text: str) -> str:
        """The text with `[redacted]` in place of every secret in it."""
        stream = self.stream()
        return stream.feed(text) + stream.close()

    def stream(self) -> "RedactedStream":
        """A fresh stream, for text that comes in pieces."""
        return RedactedStream(self._forms)


@dataclass(slots=True)
class RedactedStream:
    """Takes pieces, gives back what is safe to show: the result does not depend on the pieces.

    It holds back as many characters as a secret could have begun with. `covered` of the held
    characters belong to a secret whose mark was given out already.
    """

    forms: tuple[str, ...]
    held: str = ""
    covered: int = 0
    _reach: int = field(init=False)

    def __post_init__(self) -> None:
        self._reach = max((len(form) for form in self.forms), default=1) - 1

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
        found: list[tuple[int, int]] = []
        for form in self.forms:
            start = self.held.find(form)
            while 0 <= start < end:
                found.append((start, start + len(form)))
                start = self.held.find(form, start + 1)
        return sorted(found)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    if len(seen := clean(secret)) >= _SHORTEST:
        yield seen  # what is left of it in cleaned output
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    data = secret.encode(errors="surrogateescape")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        yield from _inner(encode(b"\0" * skip + data).decode() for skip in range(3))


def _inner(encoded: Iterable[str]) -> Iterator[str]:
    """Base64 of the secret inside something longer, as in `user:secret`: only its own letters."""
    for skip, text in enumerate(encoded):
        own = re.sub(r".?=+$", "", text)[(0, 2, 3)[skip] :]
        if len(own) >= _SHORTEST_INNER:
            yield own
