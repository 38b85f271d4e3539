"""What shall happen next: effects in the imperative, as data. The worker has them performed.

`Record` is a consequence that needs nothing from outside: its events are committed as they are.
The others reach out; their outcome comes back as events. Each has a deterministic `id`, under
which it is under way at most once on its thread.
"""

from dataclasses import dataclass

from bot.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """These events follow from what is known."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgent:
    """Have an agent read the turn's words."""

    turn: int
    agent: str

    @property
    def id(self) -> str:
        """One agent reads a turn at a time."""
        return f"agent:{self.turn}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCall:
    """Resolve the turn's tool step to what would run, and let policy judge it.

    replaces: the call that is asked for anew, if any.
    """

    turn: int
    call: str
    replaces: str | None = None

    @property
    def id(self) -> str:
        """The call that will come of it."""
        return f"plan:{self.call}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTool:
    """Run the call. `started` says that an earlier worker began it (only if it may be repeated)."""

    call: str
    started: bool = False

    @property
    def id(self) -> str:
        """The call."""
        return f"run:{self.call}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Deliver the queued reply."""

    reply: int

    @property
    def id(self) -> str:
        """One send at a time and thread keeps their order."""
        return "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing to do until input, an outcome or a timer."""


Reaching = CallAgent | PlanCall | RunTool | Send
"""Effects that reach out of the thread."""

Effect = Record | Reaching | Wait
"""Everything that `decide` can ask for."""
