"""What a program wrote, as it may be kept and shown: decoded, cleaned, redacted, bounded."""

import codecs
import re
from dataclasses import dataclass, field

from agents.tools.clean import CleanStream
from agents.tools.redact import Redactor

_FIRST, _LAST = 10, 20
_WIDEST = 200


@dataclass(slots=True)
class Bounded:
    """The head and the tail of a text, together at most `limit` bytes of UTF-8, whatever comes."""

    limit: int
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    total: int = 0

    def feed(self, text: str) -> None:
        """Keep what fits of the next part."""
        data = text.encode()
        self.total += len(data)
        room = max(self.limit // 2 - len(self.head), 0)
        self.head += data[:room]
        self.tail += data[room:]
        del self.tail[: max(len(self.tail) - (self.limit - self.limit // 2), 0)]

    def text(self) -> str:
        """Head and tail; where something was left out between them, a line says how much."""
        left_out = self.total - len(self.head) - len(self.tail)
        if not left_out:
            return (self.head + self.tail).decode(errors="ignore")
        head, tail = (part.decode(errors="ignore") for part in (self.head, self.tail))
        return f"{head}\n… {left_out:,} bytes left out …\n{tail}"


class Transcript:
    """Takes the bytes as they come. Nothing unredacted is held longer than a secret's length.

    Redacted before the cleaning, which may take a secret's first letter for part of a sequence,
    and after it, which may join what a sequence parted.
    """

    def __init__(self, redactor: Redactor, limit: int) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._raw = redactor.stream()
        self._clean = CleanStream()
        self._redact = redactor.stream()
        self._kept = Bounded(limit)

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        text = self._raw.feed(self._decoder.decode(data))
        self._kept.feed(self._redact.feed(self._clean.feed(text)))

    def close(self) -> str:
        """The whole text, once nothing more comes."""
        rest = self._raw.feed(self._decoder.decode(b"", final=True)) + self._raw.close()
        rest = self._clean.feed(rest) + self._clean.close()
        self._kept.feed(self._redact.feed(rest) + self._redact.close())
        return self._kept.text()


def excerpt(output: str) -> str:
    """The first and the last lines in a code fence that they can not close; "" for no output."""
    lines = output.rstrip("\n").split("\n")
    if lines == [""]:
        return ""
    left_out = len(lines) - _FIRST - _LAST
    if left_out > 0:
        lines = [*lines[:_FIRST], f"… {left_out:,} lines left out …", *lines[-_LAST:]]
    return fenced("\n".join(_narrow(line) for line in lines))


def fenced(body: str) -> str:
    """The text in a code fence that it can not close."""
    # A zero-width space between backticks looks the same and ends no fence.
    body = re.sub("`(?=``)|(?<=`)`(?=`)", "`\u200b", body)
    return f"```\n{body}\n```"


def _narrow(line: str) -> str:
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
