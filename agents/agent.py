"""The port of agents: what one is given to read, and how it answers.

An agent reads a `Reading` and answers with exactly one step, or with why there is none. Whatever
happens to it is data: nothing that a model or its provider does is raised.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from agents.model import Block, OverBudget, Spent
from agents.port import Step

Undecidedness = Literal[
    "transient",
    "permanent",
    "refused",
    "bad_output",
    "deferred",
    "breaker_open",
    "over_budget",
]
"""Why there is no step, as it stands in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an agent is given.

    id: names this one attempt in the books. text: the words to answer, and `person` who wrote
    them. words: the thread as a model is told it. feedback: what was wrong with the answer before.
    """

    thread: str
    text: str
    person: str | None
    id: str = ""
    words: tuple[Block, ...] = ()
    feedback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRef:
    """Which prompt it was: `sha256` is the hex hash of its file."""

    name: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a model was asked, and what it took.

    head: hex SHA-256 of all that a request holds besides the thread's words (`agents.head`).
    request_sha256: of the whole body, as it was sent; "" if nothing was. spent: None if nothing is
    known to have been paid.
    """

    prompt: PromptRef
    head: str
    request_sha256: str = ""
    spent: Spent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One validated step; `asked` is None for an agent that asks no model."""

    step: Step
    asked: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """No step. `reason` is for people, or for the model where the output was bad.

    after: how long to leave it alone, where somebody said so. over: the cap that was hit.
    """

    outcome: Undecidedness
    reason: str
    asked: Asked
    after: timedelta | None = None
    over: OverBudget | None = None


class Agent(Protocol):
    """Reads words, answers with one step."""

    async def step(self, reading: Reading) -> Decided | Undecided:
        """One step, or why there is none; raises nothing that a thread should die of."""
        ...
