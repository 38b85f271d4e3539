"""Answers and requests as Slack takes them: messages of blocks, files for what is long. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from channels.links import honest
from channels.port import Outbound
from channels.slack import blocks
from channels.slack.blocks import Block
from channels.splitting import lines, split

MOST = 3
"""Messages that one answer may be; a longer one is a file with its beginning above it."""

SHOWN = 1_500
"""Characters of a long answer that are shown above its file."""

CODE = 3_000
"""Characters of one piece of code beyond which it is a file."""

_SHORTEST = 1_000
"""Characters that fit whatever they are."""
_FALLBACK = 3_000
_PLAIN = 12_000
KIND = "watchkeeper_reply"
"""The type of the metadata that our messages carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message. `text` is what notifications and screen readers have of it.

    plain: what it says without any blocks.
    """

    mark: str
    text: str
    plain: str
    blocks: tuple[Block, ...]

    @property
    def block(self) -> str:
        """The name of its first block, by which it is found where metadata is kept from us."""
        return f"{KIND}:{hashlib.sha256(self.mark.encode()).hexdigest()[:32]}"

    @property
    def named(self) -> tuple[Block, ...]:
        """Its blocks, the first one named."""
        name: Block = {"block_id": self.block}
        return tuple(name | one if one is self.blocks[0] else one for one in self.blocks)

    @property
    def metadata(self) -> dict[str, JsonValue]:
        """By which it is found again among what was sent."""
        return {"event_type": KIND, "event_payload": {"key": self.mark}}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something too long to be read in a message. Its name holds its mark, to be found by."""

    mark: str
    name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Everything that one `Outbound` is in Slack, in order; the first post names it."""

    posts: tuple[Post, ...]
    files: tuple[File, ...] = ()


def render(message: Outbound) -> Rendered:
    """The messages and files for it: at least one message, however empty the text is."""
    card = message.card
    said = _besides(message.text, card.lines) if card else message.text
    text, code = _without_long_code(message, said)
    files = list(code)
    parts = tuple(_fitting(text))
    if len(text) > MOST * blocks.LONGEST // 2 or len(parts) > MOST:
        files = [_file(message, len(files), "answer", "md", message.text)]
        beginning = next(iter(split(text, SHOWN)), "…")
        parts = (f"{beginning}\n\n_All of it is in {files[0].name}._",)
    whole = ""
    if card and not blocks.fits(card):
        files.append(_file(message, len(files), "request", "txt", "\n".join(card.lines)))
        whole = files[-1].name
    posts = tuple(_post(message, number, part, whole) for number, part in enumerate(parts or ("",)))
    return Rendered(posts=posts, files=tuple(files))


def _fitting(text: str, limit: int = blocks.LONGEST) -> Iterator[str]:
    """Parts that fit as they are sent: they grow by being made harmless."""
    for part in split(text, limit):
        if limit <= _SHORTEST or len(str(blocks.markdown(part)["text"])) <= blocks.WHOLE:
            yield part
        else:
            yield from _fitting(part, limit // 2)


def _post(message: Outbound, number: int, part: str, whole: str) -> Post:
    card = message.card if number == 0 else None
    body = [blocks.markdown(part)] if part.strip() else []
    shown = (*body, *(blocks.card(card, whole) if card else ()))
    text = message.text or f"{card.title}: {card.request}" if card else part or "…"
    words = honest(text)
    return Post(
        mark=mark(message.key, number),
        text=blocks.escaped(words, _FALLBACK),
        plain=blocks.escaped(words, _PLAIN),
        blocks=shown,
    )


def _besides(text: str, shown: tuple[str, ...]) -> str:
    """What is said besides the lines of the card, which are shown anyway."""
    told = {line.strip() for line in shown}
    return "\n".join(line for line in text.split("\n") if line.strip() not in told)


def _without_long_code(message: Outbound, text: str) -> tuple[str, tuple[File, ...]]:
    """The text with each long piece of code named only, and these as files."""
    kept: list[str] = []
    files: list[File] = []
    for piece in _pieces(text):
        if isinstance(piece, str) or len(piece.code) <= CODE:
            kept.append(piece if isinstance(piece, str) else piece.whole)
            continue
        file = _file(message, len(files), "output", piece.suffix, piece.code)
        files.append(file)
        kept.append(f"_{file.name}_")
    return "\n".join(kept), tuple(files)


@dataclass(frozen=True, slots=True)
class _Code:
    whole: str
    code: str
    suffix: str


def _pieces(text: str) -> Iterator[str | _Code]:
    """Lines outside of code, and each fence as a whole."""
    fence: list[str] = []
    for line in [*lines(text), None]:
        if line is not None and line.code and not (line.opens and fence):
            fence.append(line.text)
            continue
        if fence:
            yield _code(fence)
            fence = [line.text] if line is not None and line.code else []
        if line is not None and not line.code:
            yield line.text


def _code(fence: list[str]) -> _Code:
    info = fence[0].strip().lstrip("`~").split()
    suffix = info[0] if info and info[0].isascii() and info[0].isalnum() else "txt"
    closed = len(fence) > 1 and set(fence[-1].strip()) <= set("`~") and fence[-1].strip()
    inner = fence[1:-1] if closed else fence[1:]
    return _Code("\n".join(fence), "\n".join(inner), suffix[:10])


def mark(key: str, number: int) -> str:
    """The name of one part of a message."""
    return f"{key}#{number}"


def _file(message: Outbound, number: int, what: str, suffix: str, content: str) -> File:
    name = mark(f"{message.key}:file", number)
    short = hashlib.sha256(name.encode()).hexdigest()[:10]
    return File(mark=name, name=f"{what}-{short}.{suffix}", content=content)
