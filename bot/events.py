"""What has happened on a thread: frozen facts in the past tense, one class a kind.

`seq` is the event's place on its thread (gapless, from 1), `at` when it was recorded (UTC, whole
milliseconds). Both are stamped when the event is committed. Changes are additive only: a field
may be added with a default, never removed, renamed or given another meaning.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from agents.port import FailureReason, Later, Risk
from bot.agent_events import (
    CapRaised,
    Condensed,
    HandedBack,
    HandedOver,
    ModelFailed,
    StepDecided,
)
from bot.approval import Approval
from bot.fact import Fact
from bot.request_events import (
    ApprovalExpired,
    ApprovalGiven,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    DecisionRefused,
    HumanEscalated,
    HumanReminded,
    QuestionAnswered,
    QuestionAsked,
    QuestionExpired,
    QuestionWithdrawn,
)
from channels.port import Address, Author, Card

# --- people said -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Fact):
    """A person wrote. `via` is set when it was said elsewhere, and is where its answer goes.

    outsiders: people from outside of the team read where its answer goes.
    """

    kind: Literal["message_received"] = "message_received"
    by: Author
    person: str | None
    address: Address
    text: str
    audience: tuple[str, ...]
    via: Address | None = None
    outsiders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Fact):
    """Nothing new starts on this thread until it is resumed."""

    kind: Literal["paused"] = "paused"
    by: Author
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Fact):
    """The thread goes on."""

    kind: Literal["resumed"] = "resumed"
    by: Author
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Fact):
    """Everything under way or asked on this thread so far is called off.

    turn: the message that said so; what was said after it stands.
    """

    kind: Literal["cancelled"] = "cancelled"
    by: Author
    person: str | None
    turn: int = 0


# --- tools --------------------------------------------------------------------------------------


Verdict = Literal["allowed", "approval", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequested(Fact):
    """A call as resolved, with what policy said of it and by which rule.

    approval: what it needs, if policy said so: decided here, once.
    shown: the line people see. digest: hex SHA-256 of what would run (`Plan.digest`).
    address: where its outcome is told. asked_by: whose message it is for. requesters: people whose
    words it came from. replaces: the call that it asks for anew, and `preface` why. agent: who
    called, "" for a person's own command. ungrounded: the arguments that nobody here wrote.
    """

    kind: Literal["tool_requested"] = "tool_requested"
    call_id: str
    turn: int
    tool: str
    args: dict[str, JsonValue]
    shown: str
    digest: str
    risk: Risk
    verdict: Verdict
    rule: str
    approval: Approval | None = None
    address: Address
    requesters: tuple[str, ...] = ()
    replaces: str | None = None
    preface: str = ""
    agent: str = ""
    ungrounded: tuple[str, ...] = ()
    asked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted(Fact):
    """The call is about to run: from here on its outcome is recorded, or unknown."""

    kind: Literal["tool_started"] = "tool_started"
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReturned(Fact):
    """The call succeeded. `text` is for people, `brief` for models, `output` is all of it."""

    kind: Literal["tool_returned"] = "tool_returned"
    call_id: str
    text: str
    output: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    later: Later | None = None
    brief: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFailed(Fact):
    """The call did not succeed; what it did before it failed, it did."""

    kind: Literal["tool_failed"] = "tool_failed"
    call_id: str
    reason: FailureReason
    text: str
    output: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    brief: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUncertain(Fact):
    """The worker died while the call ran: nobody knows what it did, so it is not repeated."""

    kind: Literal["tool_uncertain"] = "tool_uncertain"
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyResolved(Fact):
    """A person looked: the call was done, not done, or shall be asked for again."""

    kind: Literal["uncertainty_resolved"] = "uncertainty_resolved"
    call_id: str
    outcome: Literal["done", "not done", "run again"]
    by: Author
    person: str | None


# --- time and answers ----------------------------------------------------------------------------


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
    """The answer to the inputs `answers`, or a word to others who wait for the outcome (none)."""

    kind: Literal["reply_queued"] = "reply_queued"
    address: Address
    text: str
    answers: tuple[int, ...]
    card: Card | None = None


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


Event = (
    MessageReceived
    | Paused
    | Resumed
    | Cancelled
    | StepDecided
    | ModelFailed
    | HandedOver
    | HandedBack
    | Condensed
    | CapRaised
    | ToolRequested
    | ToolStarted
    | ToolReturned
    | ToolFailed
    | ToolUncertain
    | UncertaintyResolved
    | ApprovalRequested
    | ApprovalGiven
    | ApprovalRefused
    | ApprovalExpired
    | ApprovalWithdrawn
    | DecisionRefused
    | HumanReminded
    | HumanEscalated
    | QuestionAsked
    | QuestionAnswered
    | QuestionExpired
    | QuestionWithdrawn
    | TimerFired
    | NoticeQueued
    | ReplyQueued
    | ReplyDelivered
    | ReplyPostponed
    | ReplyFailed
    | DeadLettered
    | TurnEnded
)
"""Everything that can stand on a thread."""
