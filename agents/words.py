r"""What people's clients send, made plain and cut into words.

Only double quotes quote ("it's" stays one word), and inside them \" and \\ stand for " and \.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What nobody sees, for a pattern's brackets: marks of direction and format, tags, blank letters,
selectors of variants. The joiners U+200C and U+200D stay: scripts and emoji need them."""

_SYMBOL = (
    "[\u00a9\u00ae\u203c\u2049\u2122-\u27ff\u2900-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff]"
)
# Chooses how a symbol or a keycap looks; anywhere else it does nothing.
_STRAY_SELECTOR = rf"(?<!{_SYMBOL})[\ufe0e\ufe0f](?!\u20e3)"
# With control characters, but those that end a line. Nobody sees them, so they may not matter.
_INVISIBLE = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{UNSEEN}]|{_STRAY_SELECTOR}")
_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LABELLED_LINK = re.compile(r"<(?:https?://|mailto:)[^|<>\s]*\|([^<>\n]*)>")
_BARE_LINK = re.compile(r"<(https?://[^|<>\s]+)>")

_QUOTES = '"\u201c\u201d\u201e'
_QUOTED = rf"[{_QUOTES}](?:[^{_QUOTES}\\]|\\.)*[{_QUOTES}]"
_PIECE = re.compile(rf"{_QUOTED}|[^\s{_QUOTES}]+", re.DOTALL)
_WORD = re.compile(rf"(?:{_QUOTED}|[^\s{_QUOTES}])+|(?P<open>[{_QUOTES}])", re.DOTALL)
_ESCAPED = re.compile(rf"\\([{_QUOTES}\\])")


_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as it was typed, and where it starts and ends in the line."""

    raw: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """The word without its quotes."""
        return unquoted(self.raw)

    @property
    def quoted(self) -> bool:
        """Whether it begins with a quote: then it is never an option or a command."""
        return self.raw[0] in _QUOTES


def plain(text: str) -> str:
    """The text without invisible characters and link markup, with plain spaces, trimmed."""
    text = text.encode(errors="replace").decode()  # a lone surrogate is no text
    text = _SPACE.sub(" ", _INVISIBLE.sub("", text))
    text = _LABELLED_LINK.sub(r"\1", text)
    return _BARE_LINK.sub(r"\1", text).strip()


def invisible(text: str) -> bool:
    """Whether it holds anything that `plain` takes out because nobody sees it."""
    return _INVISIBLE.search(text) is not None


def unaddressed(line: str, names: Sequence[str]) -> str:
    """The line without a leading "!", "@name", "name:" or "name"."""
    if line.startswith("!"):
        return line[1:].strip()
    for name in sorted(names, key=len, reverse=True):
        for head in (f"@{name}", name):
            rest = line[len(head) :]
            if line[: len(head)].lower() == head.lower() and _ends_a_name(rest):
                return rest.lstrip(":,").strip()
    return line


def _ends_a_name(rest: str) -> bool:
    return not rest or rest[0] in ":," or rest[0].isspace()


def split(line: str) -> tuple[tuple[Word, ...], bool]:
    """The words of a line, and whether every quote was closed (the words end where one is not)."""
    words: list[Word] = []
    for match in _WORD.finditer(line):
        if match["open"]:
            return tuple(words), False
        words.append(Word(match[0], match.start(), match.end()))
    return tuple(words), True


def unquoted(raw: str) -> str:
    """A word as it is meant: quotes removed, escapes inside them resolved."""
    if not any(quote in raw for quote in _QUOTES):
        return raw
    return "".join(
        _ESCAPED.sub(r"\1", piece[1:-1]) if piece[0] in _QUOTES else piece
        for piece in _PIECE.findall(raw)
    )


def quoted(value: str) -> str:
    """The shortest way to write `value` as one word: `unquoted` gives it back."""
    if value and not any(c.isspace() or c in _QUOTES for c in value):
        return value
    return '"' + re.sub(rf"([{_QUOTES}\\])", r"\\\1", value) + '"'


def is_name(text: str) -> bool:
    """Whether it can name a tool: lower case words and numbers joined by "-"."""
    return _NAME.fullmatch(text) is not None


def shown(value: str, *, limit: int = 40) -> str:
    """A person's own words inside a sentence of ours: one short line, no markup."""
    flat = " ".join(value.replace("`", "'").split())
    return f'"{flat}"' if len(flat) <= limit else f'"{flat[: limit - 1]}…"'
