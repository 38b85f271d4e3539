"""A program's output as plain text: no terminal sequences, nothing that is not seen."""

import re
from dataclasses import dataclass

from agents.words import UNSEEN

_CSI = r"\[[0-?]*[ -/]*[@-~]"
_STRING = r"[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
_SEQUENCE = re.compile(rf"\x1b(?:{_CSI}|{_STRING}|[ -/]*[0-~])")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?\Z")
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{UNSEEN}]")
_MOST_HELD = 4_096


def clean(text: str) -> str:
    """The text without terminal sequences and invisible characters; lines end in a newline."""
    stream = CleanStream()
    return stream.feed(text) + stream.close()


@dataclass(slots=True)
class CleanStream:
    """Cleans text that comes in pieces; holds back a sequence until it is whole."""

    held: str = ""

    def feed(self, piece: str) -> str:
        """The next part of the clean text."""
        text = self.held + piece
        begun = _UNFINISHED.search(text)
        cut = (
            len(text) if begun is None or len(text) - begun.start() > _MOST_HELD else begun.start()
        )
        if text[cut - 1 : cut] == "\r":
            cut -= 1  # perhaps half of "\r\n"
        self.held = text[cut:]
        return _cleaned(text[:cut])

    def close(self) -> str:
        """The rest."""
        rest, self.held = self.held, ""
        return _cleaned(rest)


def _cleaned(text: str) -> str:
    text = _SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)
