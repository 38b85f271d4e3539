"""The console as a channel, pure: lines of a person in, plain text out."""

import hashlib
import unicodedata
from datetime import UTC, datetime, tzinfo

from channels.port import Address, Author, Card, Inbound

NAME = "console"

_KEPT = frozenset("\n\t")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def address(user: str, thread: str = "") -> Address:
    """Where the answers to OS user `user` go; `thread` names one of several conversations."""
    return Address(channel=NAME, room=user, thread=thread)


def author(user: str) -> Author:
    """The OS user as who wrote: the system has authenticated them."""
    return Author(channel=NAME, id=user, name=user)


def reference(user: str, thread: str = "") -> str:
    """The native name of the conversation."""
    return f"{NAME}:{user}:{thread}" if thread else f"{NAME}:{user}"


def inbound(
    user: str, line: str, *, thread: str = "", input_name: str = "", number: int = 0
) -> Inbound:
    """The message that a line is.

    With `input_name`, line `number` of that input is known again however often it is piped.
    """
    said = "\0".join((thread, input_name, line))
    digest = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:16]
    return Inbound(
        references=(reference(user, thread),),
        dedupe=f"{reference(user, thread)}:{input_name}:{number}:{digest}" if input_name else "",
        author=author(user),
        address=address(user, thread),
        text=line,
        audience=(f"{NAME}:{user}",),
    )


def clean(text: str) -> str:
    """The text without what could steer a terminal or turn the order of what is read."""
    return "".join(
        char
        for char in text.replace("\r\n", "\n")
        if char in _KEPT or (unicodedata.category(char) not in _UNSEEN and char not in _TURNING)
    )


def text(words: str, card: Card | None = None, *, zone: tzinfo = UTC) -> str:
    """A reply as plain lines for people; times are told in `zone`. Safe to print."""
    if card is None:
        return clean(words)
    parts = (besides(words, card), *card_lines(card, zone=zone))
    return "\n".join(part for part in parts if part)


def besides(words: str, card: Card) -> str:
    """What a reply says besides the lines of its card, which are shown anyway."""
    shown = {flat(line) for line in card.lines}
    return "\n".join(line for line in clean(words).splitlines() if flat(line) not in shown)


def card_lines(card: Card, *, zone: tzinfo = UTC) -> tuple[str, ...]:
    """What runs, who may say so, until when and how: everything needed to decide, as it is."""
    if card.outcome:
        below: tuple[str, ...] = (card.outcome,)
    else:
        options = tuple(f"{n}. {option}" for n, option in enumerate(card.options, start=1))
        until = (f"until {_time(card.expires_at, zone)}",) if card.expires_at else ()
        below = (*options, *until, *_hints(card))
    head = flat(f"{card.title} ({card.request})")
    return (head, *(f"  {flat(line)}" for line in (*card.lines, *below)))


def flat(words: str) -> str:
    """On one line, so that nothing can pass for a line of its own; no space of it is lost."""
    return clean(words).strip("\n").replace("\n", "⏎")


def _hints(card: Card) -> tuple[str, ...]:
    if card.kind == "approval":
        return (f"approve {card.request}", f"deny {card.request} REASON")
    return (f"answer {card.request} {'NUMBER' if card.options else 'TEXT'}",)


def _time(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname() or ''}".rstrip()
