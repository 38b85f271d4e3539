"""What has happened on a thread: frozen facts in the past tense, one class a kind.

`seq` is the event's place on its thread (gapless, from 1), `at` when it was recorded (UTC, whole
milliseconds). Both are stamped when the event is committed. Changes are additive only: a field
may be added with a default, never removed, renamed or given another meaning.
"""

from dataclasses import dataclass
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
from bot.reply_events import (
    DeadLettered,
    NoticeQueued,
    ReplyDelivered,
    ReplyFailed,
    ReplyPostponed,
    ReplyQueued,
    ReplyUncertain,
    ReplyUndelivered,
    TimerFired,
    TurnEnded,
)
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
from bot.word_events import (
    Cancelled,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Paused,
    Resumed,
)
from channels.port import Address, Author

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


Event = (
    MessageReceived
    | MessageEdited
    | MessageDeleted
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
    | ReplyUncertain
    | ReplyUndelivered
    | DeadLettered
    | TurnEnded
)
"""Everything that can stand on a thread."""
