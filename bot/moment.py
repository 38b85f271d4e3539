"""What a decision is made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.rules import Rules
from bot.thread import Thread, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a decision is made from. `running`: ids of the effects that this worker performs."""

    thread: Thread
    rules: Rules
    now: datetime
    running: frozenset[str] = frozenset()

    def unanswered(self) -> Iterator[Turn]:
        """The turns that wait for an answer, oldest first."""
        return (turn for turn in self.thread.turns if not turn.answered)
