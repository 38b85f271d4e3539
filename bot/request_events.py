"""What has happened to questions and approvals: the kinds of events about requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from bot.fact import Fact
from channels.port import Address, Author


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested(Fact):
    """People are asked whether a call may run. `approvers` are the persons who may say so.

    remind_at, escalate_at: when they are reminded, and when the role, rota or person `escalate_to`
    is asked as well; None for never.
    """

    kind: Literal["approval_requested"] = "approval_requested"
    request_id: str
    call_id: str
    shown: str
    digest: str
    by: str
    approvers: tuple[str, ...]
    quorum: int
    expires_at: datetime
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    escalate_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven(Fact):
    """One vote. `final` when it was the one that was still needed: then `counted` are all.

    edited: all arguments as whoever votes wants them: then it is asked for anew with these.
    """

    kind: Literal["approval_given"] = "approval_given"
    request_id: str
    by: Author
    person: str
    via: Address
    final: bool
    turn: int
    counted: tuple[str, ...] = ()
    edited: dict[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRefused(Fact):
    """A person who may decide said no."""

    kind: Literal["approval_refused"] = "approval_refused"
    request_id: str
    by: Author
    person: str
    via: Address
    reason: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalExpired(Fact):
    """Nobody decided in time."""

    kind: Literal["approval_expired"] = "approval_expired"
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWithdrawn(Fact):
    """The request no longer stands: it was cancelled, or what it showed has changed."""

    kind: Literal["approval_withdrawn"] = "approval_withdrawn"
    request_id: str
    reason: Literal["cancelled", "superseded"]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanReminded(Fact):
    """`to`, who have not decided yet, were told again."""

    kind: Literal["human_reminded"] = "human_reminded"
    request_id: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanEscalated(Fact):
    """Nobody decided, so that `name` (a role, rota or person: `to` just now) may decide as well."""

    kind: Literal["human_escalated"] = "human_escalated"
    request_id: str
    name: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRefused(Fact):
    """Somebody tried to decide and may not, or not any more. The request is as it was."""

    kind: Literal["decision_refused"] = "decision_refused"
    request_id: str
    by: Author
    person: str | None
    reason: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(Fact):
    """People are asked something; `answerers` are the persons who may answer.

    call_id: the call that it is about, "" for the question of an agent, which deals with `turn`.
    """

    kind: Literal["question_asked"] = "question_asked"
    request_id: str
    call_id: str
    text: str
    options: tuple[str, ...]
    answerers: tuple[str, ...]
    expires_at: datetime | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered(Fact):
    """The first valid answer."""

    kind: Literal["question_answered"] = "question_answered"
    request_id: str
    by: Author
    person: str
    via: Address
    answer: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionExpired(Fact):
    """Nobody answered in time."""

    kind: Literal["question_expired"] = "question_expired"
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionWithdrawn(Fact):
    """The question no longer stands."""

    kind: Literal["question_withdrawn"] = "question_withdrawn"
    request_id: str
    reason: Literal["cancelled", "superseded"]
