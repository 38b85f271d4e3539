"""What is said to people, and what becomes of it; and the turn of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.fact import Fact
from channels.port import Address, Card


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Fact):
    """A due time passed. The only event that the store's scripts create."""

    kind: Literal["timer_fired"] = "timer_fired"
    id: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeQueued(Fact):
    """A word in between that answers nothing: still running, still working, whom to ask."""

    kind: Literal["notice_queued"] = "notice_queued"
    address: Address
    text: str
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyQueued(Fact):
    """The answer to the inputs `answers`, or a word to others who wait for the outcome (none).

    only: who alone is to see it, by their id on the channel of `address`; "" for everybody there.
    edits: the native reference of the message that it is put in the place of, "" for a new one.
    """

    kind: Literal["reply_queued"] = "reply_queued"
    address: Address
    text: str
    answers: tuple[int, ...]
    card: Card | None = None
    only: str = ""
    edits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDelivered(Fact):
    """The reply or notice queued as `reply` is with people; `ref` is its native reference."""

    kind: Literal["reply_delivered"] = "reply_delivered"
    reply: int
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPostponed(Fact):
    """The channel would not take it just now: it is tried again under its key, from `until` on."""

    kind: Literal["reply_postponed"] = "reply_postponed"
    reply: int
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFailed(Fact):
    """The channel will not take it."""

    kind: Literal["reply_failed"] = "reply_failed"
    reply: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyUncertain(Fact):
    """Nobody knows whether it arrived: it is never sent again unasked, but told later.

    ref: its native reference, if it did.
    """

    kind: Literal["reply_uncertain"] = "reply_uncertain"
    reply: int
    reason: str
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyUndelivered(Fact):
    """What had been delivered as `ref` came back: nothing arrives at `address`."""

    kind: Literal["reply_undelivered"] = "reply_undelivered"
    address: Address
    ref: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered(Fact):
    """The thread was set aside after `attempts`; its people are told, it can be retried."""

    kind: Literal["dead_lettered"] = "dead_lettered"
    reason: str
    attempts: int


Outcome = Literal["replied", "waiting", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Fact):
    """The input `turn` has been dealt with."""

    kind: Literal["turn_ended"] = "turn_ended"
    turn: int
    outcome: Outcome
