"""The port of language models: what is asked, and every way in which an answer can come.

A call asks for exactly one step, as JSON of a given schema. Whatever happens is data: nothing of
a provider's library, and no exception of it, gets past an adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal, Protocol

from pydantic import JsonValue

Effort = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of the words a model is given. `cached`: a good place to end a cached prefix."""

    text: str
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request for one step.

    id: names this attempt in the books, so another one has another. system / words: blocks in
    order; equal calls are equal byte for byte on the wire. schema: a closed JSON schema of an
    object with the one key `step`. feedback: what was wrong with the last answer, at most 300
    characters.
    """

    id: str
    agent: str
    model: str
    effort: Effort | None
    max_tokens: int
    system: tuple[Block, ...]
    words: tuple[Block, ...]
    schema: Mapping[str, JsonValue]
    feedback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as a provider counts them: `input` is without what the cache gave or took."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a call used, by which model, for how much (US dollars)."""

    model: str
    usage: Usage
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A complete answer that is JSON: the value of `step`, not validated further."""

    step: JsonValue
    spent: Spent
    request_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadOutput:
    """An answer that is cut off or no such JSON: it was paid for, and nothing acts on it."""

    reason: str
    spent: Spent
    request_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The model will not answer this."""

    reason: str
    spent: Spent
    request_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Come back after `after`: the provider said so, or its breaker is open (`resting`)."""

    reason: str
    after: timedelta
    resting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No answer. `passing`: whether a later try may have one; if not, somebody has to mend it.

    charged: it may have been paid for nevertheless, nobody can tell.
    """

    reason: str
    passing: bool
    charged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBudget:
    """Not asked: `cap` (thread, person or day) would be passed. `spent` and `limit` in dollars."""

    cap: Literal["thread", "person", "day"]
    spent: Decimal
    limit: Decimal


Outcome = Answered | BadOutput | Declined | Deferred | Failed | OverBudget
"""Every way in which a call can end."""


class Model(Protocol):
    """Asks a language model, once."""

    async def ask(self, call: ModelCall) -> Outcome:
        """One attempt, within a minute. Raises nothing of a provider's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose money a call is: its thread, and the person whose words it is for."""

    thread: str
    person: str | None


class Budget(Protocol):
    """The books: the worst case is booked before a call, what it really cost after it."""

    async def reserve(self, call: str, account: Account, usd: Decimal) -> OverBudget | None:
        """Book `usd` on all counters at once, or none of it. The same call is booked once."""
        ...

    async def settle(self, call: str, account: Account, usd: Decimal) -> None:
        """Put what the call really cost in place of what was booked; unsettled, that stays."""
        ...


class CapRaiser(Protocol):
    """Lets models cost more than a cap allows."""

    async def raise_cap(
        self, cap: Literal["thread", "person", "day"], account: Account, usd: Decimal, *, key: str
    ) -> None:
        """Allow `usd` more: to the thread, or to the person or all today. `key` counts once."""
        ...
