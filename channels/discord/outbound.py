"""Answers and requests as Discord takes them: messages, cards, files for what is long. Pure."""

import hashlib
from dataclasses import dataclass

from channels.discord.cards import Layout, card, is_together
from channels.discord.markup import shown
from channels.port import Outbound
from channels.splitting import split

PLAIN = 2_000
"""Characters of a plain message."""
WHOLE = 4_000
"""Characters of all texts of a message of components."""
MOST = 3
"""Messages that one answer may be; a longer one is a file with its beginning above it."""

_ROOM = 200
_BEGINNING = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A text too long to be read in a message."""

    name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message. mark: its nonce, and the id of its first text. layout: a card, under the text.

    rich: it is made of components, which hold more than a plain message does.
    """

    mark: str
    text: str
    layout: Layout | None = None
    file: File | None = None

    @property
    def rich(self) -> bool:
        """Whether a plain message would not do."""
        return self.layout is not None or len(self.text) > PLAIN

    @property
    def number(self) -> int:
        """The mark as a component's id, by which a message is found again."""
        return int(self.mark[:7], 16) + 1


def render(message: Outbound) -> tuple[Post, ...]:
    """The messages for it, in order: at least one, however empty the text is."""
    layout = card(message.card) if message.card else None
    # Made harmless before it is cut: it grows by that, and what grows after would not fit.
    text = shown(_besides(message) if message.card else message.text)
    if layout is not None:
        fitting = _fitting(layout)
        cut = fitting != layout
        layout = fitting
        parts: tuple[str, ...] = (_first(text, WHOLE - _size(layout) - _ROOM),)
        cut = cut or parts[0] != text
    else:
        parts = _parts(text)
        cut = len(parts) > MOST
        parts = (_first(text, _BEGINNING),) if cut else parts
    file = (
        File(name=f"answer-{mark(message.key, 0)[:8]}.md", content=_whole(message)) if cut else None
    )
    last = len(parts) - 1
    return tuple(
        Post(
            mark=mark(message.key, number),
            text=part + (f"\n\n-# All of it is in {file.name}." if file else ""),
            layout=layout if number == 0 else None,
            file=file if number == last else None,
        )
        for number, part in enumerate(parts)
    )


def mark(key: str, number: int) -> str:
    """The name of one part of a message: 24 characters, which is what a nonce may have."""
    return hashlib.sha256(f"{key}#{number}".encode()).hexdigest()[:24]


def _parts(text: str) -> tuple[str, ...]:
    if len(text) <= PLAIN - _ROOM:
        return (text if text.strip() else "…",)
    return split(text, WHOLE - _ROOM) or ("…",)


def _first(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return split(text, max(limit, 200))[0]


def _fitting(layout: Layout) -> Layout:
    """With texts that leave room: what is said beside a card is short, the card may not be."""
    room, texts = WHOLE - _ROOM, []
    for text in layout.texts:
        kept = text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"
        room -= len(kept)
        texts.append(kept)
    rows = layout.rows
    if tuple(texts) != layout.texts:
        # Nobody approves together what is not all shown.
        rows = tuple(row for row in rows if not any(is_together(one) for one in row))
    return Layout(texts=tuple(one for one in texts if one), rows=rows, open=layout.open)


def _size(layout: Layout) -> int:
    return min(sum(map(len, layout.texts)), WHOLE - 2 * _ROOM - 200)


def _whole(message: Outbound) -> str:
    """All of it, for a file: the text, and what of the card is not in it."""
    told = message.card
    if told is None:
        return message.text
    beside = (f"{one.request}: {one.shown}" for one in told.beside)
    missing = [one for one in (*told.lines, *beside) if one not in message.text]
    return "\n".join((message.text, *missing))


def _besides(message: Outbound) -> str:
    """What is said besides the lines of the card, which are shown anyway."""
    told = {" ".join(line.split()) for line in message.card.lines} if message.card else set()
    kept = (line for line in message.text.split("\n") if " ".join(line.split()) not in told)
    return "\n".join(kept).strip()
