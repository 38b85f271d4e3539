"""What is measured while the bot works, and for whom: numbers, never a person or a thread.

Every label is one of a few words that the code knows: a channel, an agent, a risk, an outcome.
"""

from typing import Literal, Protocol

Counted = Literal[
    "accepted",
    "refused",
    "answered",
    "requests",
    "sends",
    "runs",
    "model_failures",
    "leases_lost",
]
"""accepted, refused: messages by channel, and why. answered: by channel and outcome. requests:
by kind and what became of them. sends: by channel and outcome. runs: by risk and outcome.
model_failures: by agent and outcome. leases_lost: by why.
"""

Timed = Literal["turn", "step"]
"""turn: from a message that was taken in to the end of its turn, by channel. step: one effect, by
its kind and what does it.
"""


class Meter(Protocol):
    """Takes numbers. It costs next to nothing and never fails."""

    def count(self, what: Counted, *labels: str) -> None:
        """One more."""
        ...

    def time(self, what: Timed, seconds: float, *labels: str) -> None:
        """One more, which took so long."""
        ...

    def round(self, busy: int) -> None:
        """The loop that claims threads goes round, with so many of them at work."""
        ...


class Unmetered:
    """Where nobody looks."""

    def count(self, what: Counted, *labels: str) -> None:
        """See `Meter`."""

    def time(self, what: Timed, seconds: float, *labels: str) -> None:
        """See `Meter`."""

    def round(self, busy: int) -> None:
        """See `Meter`."""
