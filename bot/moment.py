"""What a decision is made from."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules import Rules
from bot.thread import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a decision is made from. `running`: ids of the effects that this worker performs."""

    thread: Thread
    rules: Rules
    now: datetime
    running: frozenset[str] = frozenset()
