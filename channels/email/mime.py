"""A mail's parts: which there are, of what type, and their contents decoded. Pure; never raises.

Nothing is copied on the way down: parts are places within the raw mail. Depth and number of parts
are bounded, so that a mail is split in linear time whatever it nests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from channels.email.charset import decode
from channels.email.headers import Headers, split, unbased, unquoted, words

DEEPEST = 12
MOST_PARTS = 300

_PARAMETER = re.compile(
    r';\s*([^\s=;"*]{1,60})(\*\d{1,3})?(\*)?\s*=\s*("(?:[^"\\]|\\.){0,2000}"?|[^;]{0,2000})'
)
_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,80})/([\w!#$&^.+-]{1,80})")
_ESCAPED = re.compile(r"\\(.)")
_SOFT = re.compile(rb"=[ \t]{0,200}\r?\n")
_TRAILING = re.compile(rb"(?<![ \t])[ \t]{1,1000}(?=\r?\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that holds no others, or one that does (`parts`)."""

    raw: bytes = field(repr=False)
    start: int
    end: int
    headers: Headers
    kind: str
    parameters: dict[str, str]
    parts: tuple["Part", ...] = ()

    @property
    def charset(self) -> str:
        """As it is declared."""
        return self.parameters.get("charset", "")

    @property
    def attached(self) -> bool:
        """Whether it is a file beside the text rather than the text."""
        return self.told_so or bool(self.name)

    @property
    def told_so(self) -> bool:
        """Whether it says itself that it is a file."""
        disposition = self.headers.first("content-disposition").lstrip().lower()
        return disposition.startswith("attachment")

    @property
    def name(self) -> str:
        """The name of the file, "" without one; a name, never a path."""
        given = parameters(self.headers.first("content-disposition")).get("filename", "")
        name = words(given or self.parameters.get("name", ""))
        return re.split(r"[/\\]", name)[-1].strip()[:255]

    @property
    def size(self) -> int:
        """Bytes of the content, near enough for base64 without decoding it."""
        length = self.end - self.start
        return length * 73 // 100 if self._encoding == "base64" else length

    def content(self, most: int) -> bytes:
        """The decoded content, or its beginning: of at most `most` encoded bytes."""
        data = self.raw[self.start : min(self.end, self.start + most)]
        match self._encoding:
            case "base64":
                return unbased(data)
            case "quoted-printable":
                return unquoted(_SOFT.sub(b"", _TRAILING.sub(b"", data)))
        return data

    def text(self, most: int) -> str:
        """The content as text, with line ends as one newline each."""
        text = decode(self.content(most), self.charset)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def leaves(self) -> Iterator["Part"]:
        """The parts that hold no others, in their order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    @property
    def _encoding(self) -> str:
        return self.headers.first("content-transfer-encoding").strip().lower()


class _Splitter:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.left = MOST_PARTS

    def part(self, start: int, end: int, depth: int, default: str) -> Part:
        headers, body = split(self.raw, start, end)
        value = headers.first("content-type")
        known = _TYPE.match(value)
        kind = f"{known[1]}/{known[2]}".lower() if known else default
        given = parameters(value)
        inner: tuple[Part, ...] = ()
        if kind.startswith("multipart/") and depth < DEEPEST and given.get("boundary"):
            inside = "message/rfc822" if kind == "multipart/digest" else "text/plain"
            places = self._places(given["boundary"], body, end)
            inner = tuple(self.part(at, to, depth + 1, inside) for at, to in places)
        if kind.startswith("multipart/") and not inner:
            kind = "text/plain"  # its boundary never comes: what there is can still be read
        return Part(
            raw=self.raw,
            start=body,
            end=end,
            headers=headers,
            kind=kind,
            parameters=given,
            parts=inner,
        )

    def _places(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        mark = re.compile(
            rb"^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*\r?$",
            re.MULTILINE,
        )
        at = None
        for found in mark.finditer(self.raw, start, end):
            if at is not None:
                yield at, max(at, found.start() - 1)
            if found[1] or self.left <= 0:
                return
            self.left -= 1
            at = min(found.end() + 1, end)
        if at is not None:
            yield at, end


def read(raw: bytes) -> Part:
    """The whole mail as one part."""
    return _Splitter(raw).part(0, len(raw), 0, "text/plain")


def parameters(value: str) -> dict[str, str]:
    """What follows the first word of a structured field, by name in lower case."""
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, number, extended, text in _PARAMETER.findall(";" + value.partition(";")[2][:8000]):
        order = int(number[1:]) if number else -1
        pieces.setdefault(name.lower(), []).append((order, bool(extended), _plain(text)))
    return {name: _joined(some) for name, some in pieces.items()}


def _plain(text: str) -> str:
    if text.startswith('"'):
        return _ESCAPED.sub(r"\1", text[1:].removesuffix('"'))
    return text.strip()


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """Continuations put together and decoded (RFC 2231); a plain value where there is none."""
    pieces.sort(key=lambda piece: piece[0])
    if not any(extended for _, extended, _ in pieces):
        first, *more = pieces
        return first[2] if first[0] < 0 else "".join(text for _, _, text in (first, *more))
    charset, data = "", b""
    for number, (_, extended, text) in enumerate(pieces):
        if extended and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)  # noqa: PLW2901
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return decode(data, charset)
