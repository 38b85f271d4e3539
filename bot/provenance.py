"""Whose words a message holds: its author's own, and what they only pass on. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a message. `own` is False for what its author did not say: quotes, code, logs."""

    text: str
    own: bool


def segments(text: str) -> tuple[Segment, ...]:
    """The message in its order, cut where the words stop being its author's own.

    Joined, the texts are the message.
    """
    return (Segment(text, own=True),)


def own_words(text: str) -> str:
    """Only what the author said, parts joined by line ends."""
    return "\n".join(part.text for part in segments(text) if part.own)
