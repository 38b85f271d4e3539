"""Small words that entries of a story are made with."""

from collections.abc import Sequence

from bot.entry import Entry, EntryKind, Trust
from bot.fact import Fact
from bot.shortening import one_line
from bot.thread import Thread, Turn
from channels.port import Author

LONGEST_WORDS = 300
"""Characters of what is said in passing: a reason, an answer."""
MOST_NAMES = 6


def entry(
    event: Fact,
    kind: EntryKind,
    text: str,
    *,
    by: str = "",
    trust: Trust = "code",
    ref: str = "",
) -> Entry:
    """The entry that tells the event."""
    return Entry(seq=event.seq, kind=kind, text=text, at=event.at, by=by, trust=trust, ref=ref)


def who(person: str | None, by: Author | None) -> str:
    """The person's name in the configuration, or what the author is called."""
    return one_line(person or (by.name or by.id if by is not None else ""))


def trust_in(person: str | None, by: Author | None) -> Trust:
    """Whose words an author's are."""
    if person is not None:
        return "person"
    return "machine" if by is not None and by.bot else "stranger"


def said_here(turn: Turn, thread: Thread) -> bool:
    """Whether the turn's words stand in the story, or were no message: not said elsewhere."""
    return turn.source != "message" or any(told.seq == turn.id for told in reversed(thread.story))


def named(names: Sequence[str]) -> str:
    """The first few names."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES]) or 'nobody'}{more}"


def listed(options: Sequence[str]) -> str:
    """What one may choose from; "" for nothing."""
    return f"[{' | '.join(one_line(option) for option in options)}]" if options else ""
