"""A thread as folded from its events: frozen, bounded, and nothing that the log does not say."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from agents.port import FailureReason, Risk, Step
from bot.approval import Approval
from bot.entry import Entry
from bot.lifecycle import Phase
from bot.work import Work
from channels.port import Address, Author, Card, Doubt

CLOSED_KEPT = 20
"""How many decided requests a thread remembers, to tell a latecomer what became of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One input that is being dealt with; `id` is the input's seq.

    source: "outcome" is a call that agents made for somebody and that people were asked about: once
    it has ended, they go on; "answer" is the same for a question that was answered elsewhere.
    about: the message that either goes on for. address: where its answer goes. step: what an agent
    read in it. call: the tool call that it waits for and reports. due: its watch has fired, so that
    people must be told something. notice: what they were told last: "" (nothing), "busy" or
    "paused". work: what agents have done for it, None if none has been asked. doubt, answers: as in
    `Inbound`.
    """

    id: int
    source: Literal["message", "timer", "outcome", "answer"]
    at: datetime
    address: Address
    text: str
    by: Author | None = None
    person: str | None = None
    step: Step | None = None
    call: str | None = None
    answered: bool = False
    cancelled: bool = False
    undelivered: bool = False
    due: bool = False
    notice: Literal["", "busy", "paused"] = ""
    told_at: datetime
    work: Work | None = None
    about: int = 0
    doubt: Doubt = ""
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool call.

    address: where it was asked for, asked_by: who did. report: the turn that tells its end.
    preface: what is said before it is asked again. acted: what it returned is more than an answer.
    ungrounded: the arguments that nobody wrote. asker: the turn of the agents that made it, as it
    was then; None for a person's own command. edited: arguments with which it is asked for anew,
    as `editor` wants them, who is asked no more than needed: approving is what they did.
    approval: what it needs, as decided when it was asked for; None if nothing.
    """

    id: str
    tool: str
    args: dict[str, JsonValue]
    shown: str
    digest: str
    risk: Risk
    phase: Phase
    rule: str
    approval: Approval | None = None
    address: Address
    report: int
    requesters: tuple[str, ...] = ()
    asked_by: str | None = None
    request: str | None = None
    approved_by: tuple[str, ...] = ()
    approved_at: datetime | None = None
    cancelled_by: str = ""
    preface: str = ""
    started_at: datetime | None = None
    text: str = ""
    reason: FailureReason | Literal[""] = ""
    exit_code: int | None = None
    seconds: float = 0.0
    acted: bool = False
    ungrounded: tuple[str, ...] = ()
    asker: Turn | None = None
    edited: dict[str, JsonValue] | None = None
    editor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One open question or approval. `deciders` are the persons who may, when it was asked.

    remind_at, escalate_at: None once done; `nag` says which of them is due. escalated: the name
    that may decide as well by now. call: "" for an agent's own question; then `asker` is its turn
    and seq the event that asked.
    """

    id: str
    kind: Literal["approval", "question"]
    call: str
    shown: str
    by: str
    deciders: tuple[str, ...]
    quorum: int = 1
    votes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    expires_at: datetime | None = None
    due: bool = False
    cancelled: bool = False
    remind_at: datetime | None = None
    escalate_at: datetime | None = None
    escalate_to: str = ""
    escalated: str = ""
    nag: Literal["", "remind", "escalate"] = ""
    asker: Turn | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What became of a request, in words for people, and when."""

    id: str
    outcome: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A card that people have before them: where, and the native reference of its message."""

    address: Address
    ref: str
    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that may still be edited: its native reference, and the seq of its event."""

    ref: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A reply or notice on its way to people; `id` is the seq of the event that queued it.

    tries: how often its channel would not take it. not_before: when it is tried again.
    """

    id: int
    at: datetime
    address: Address
    text: str
    answers: tuple[int, ...] = ()
    card: Card | None = None
    only: str = ""
    edits: str = ""
    tries: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Something to be said later."""

    id: str
    at: datetime
    text: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Persons have the thread since `at`. told: who writes there has heard of it."""

    to: tuple[str, ...]
    at: datetime
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Something that is said with the next answer that goes to the same room."""

    address: Address
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """Everything that deciding needs. `version` is the seq of the last event folded, `at` its time.

    cards: what people have before them of requests that are open, or that is not settled yet.
    heard: the newest messages, by which edits name them.
    outsiders: the rooms that people from outside read as well (`discretion.room_of`).
    story: what models are told of it, bounded by checkpoints (`condensed`). handed: who goes on
    instead of the bot, None while it answers by itself. owed: what else the next answer says.
    undelivered: where nothing arrives (`folding.owing.place_of`), until somebody writes from there.
    """

    id: str
    version: int = 0
    title: str = ""
    titled_by: int = 0
    address: Address | None = None
    audience: tuple[str, ...] = ()
    outsiders: tuple[str, ...] = ()
    paused_by: str = ""
    asked: int = 0
    turns: tuple[Turn, ...] = ()
    calls: dict[str, Call] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    closed: tuple[Closed, ...] = ()
    reminders: dict[str, Reminder] = field(default_factory=dict)
    outbox: tuple[Queued, ...] = ()
    cards: tuple[Shown, ...] = ()
    heard: tuple[Heard, ...] = ()
    story: tuple[Entry, ...] = ()
    handed: Handed | None = None
    owed: tuple[Owed, ...] = ()
    undelivered: tuple[str, ...] = ()
    at: datetime | None = None

    def turn(self, number: int) -> Turn | None:
        """The open turn of that input."""
        return next((turn for turn in self.turns if turn.id == number), None)

    def with_turn(self, turn: Turn) -> "Thread":
        """The thread with that turn in place of the one with its id, or added at the end."""
        if self.turn(turn.id) is None:
            return replace(self, turns=(*self.turns, turn))
        turns = tuple(turn if turn.id == old.id else old for old in self.turns)
        return replace(self, turns=turns)

    def with_call(self, call: Call) -> "Thread":
        """The thread with that call."""
        return replace(self, calls={**self.calls, call.id: call})

    def with_request(self, request: Request) -> "Thread":
        """The thread with that request open."""
        return replace(self, requests={**self.requests, request.id: request})

    def without_request(self, request: str, outcome: str, at: datetime) -> "Thread":
        """The thread with that request closed, remembered as `outcome`."""
        left = {key: value for key, value in self.requests.items() if key != request}
        closed = (*self.closed, Closed(id=request, outcome=outcome, at=at))[-CLOSED_KEPT:]
        return replace(self, requests=left, closed=closed)


# A dataclass as a whole: pydantic only writes and reads it, the snapshot is not a public format.
_THREAD = TypeAdapter(Thread)
SNAPSHOT_FORMAT = b"3\n"
"""First line of a snapshot; another one is thrown away and folded again from the log."""


def dump(thread: Thread) -> bytes:
    """The thread as bytes, for a snapshot: equal threads give equal bytes."""
    return SNAPSHOT_FORMAT + _THREAD.dump_json(thread)


def load(data: bytes) -> Thread | None:
    """The thread of a snapshot; None if this version can not read it (fold the log instead)."""
    if not data.startswith(SNAPSHOT_FORMAT):
        return None
    try:
        return _THREAD.validate_json(data[len(SNAPSHOT_FORMAT) :])
    except ValidationError:
        return None
