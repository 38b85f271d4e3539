"""The port of tools, and of the steps that ask for them.

A step is a request, never an action: the loop checks it against policy and performs it.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, JsonValue

from agents.brief import brief


class Risk(StrEnum):
    """What a tool may do to the world."""

    READ = "read"
    WRITE = "write"


# --- steps -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTool:
    """Run a tool with these arguments (already valid for its schema), if policy lets it."""

    kind: Literal["call"] = "call"
    tool: str
    args: dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Answer with this text."""

    kind: Literal["say"] = "say"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A person's decision on a request: `text` is the reason of a denial or the answer given.

    others: more requests that are approved by the same words.
    """

    kind: Literal["judge"] = "judge"
    request: str
    verdict: Literal["approve", "deny", "answer"]
    text: str = ""
    edits: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A person's hand on the thread itself."""

    kind: Literal["control"] = "control"
    action: Literal["cancel", "pause", "resume", "handback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Not for this agent: the next one reads it."""

    kind: Literal["pass"] = "pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Another agent goes on with these words."""

    kind: Literal["route"] = "route"
    to: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """Ask whoever wrote; `options` are answers to choose from."""

    kind: Literal["ask"] = "ask"
    question: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The agent is through; `summary` is for the one that answers, people do not read it.

    left_out: what was asked for and not done, and why, so that people hear of it; "" for nothing.
    """

    kind: Literal["done"] = "done"
    summary: str
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A human has to go on."""

    kind: Literal["handover"] = "handover"
    reason: str


Step = CallTool | Say | Judge | Control | Pass | Route | AskPerson | Done | HandOver


# --- tools -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a tool runs for. `key` is the call's idempotency key; `audience` sees the answer."""

    thread: str
    key: str
    person: str | None
    audience: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What exactly would run. `line` is shown to people; `facts` are what its digest covers."""

    line: str
    facts: Mapping[str, JsonValue]

    @property
    def digest(self) -> str:
        """Hex SHA-256 over the line and the facts: what was shown is what runs."""
        told = json.dumps([self.line, dict(self.facts)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Say `text` on the same thread at `at` (UTC)."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A spend cap now allows `usd` dollars more (a decimal number as text)."""

    cap: Literal["thread", "person", "day"]
    usd: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool answered.

    text: Markdown for the channel, already condensed. output: everything captured, kept on the
    thread. exit_code: of a program, None for tools that are not one. later, raised: what else the
    thread has to know of.
    """

    text: str
    output: str = ""
    exit_code: int | None = None
    later: Later | None = None
    raised: Raised | None = None


FailureReason = Literal["error", "exit", "timeout", "cancelled", "changed"]


class ToolFailed(Exception):
    """The tool ran, or tried to, and did not succeed: `text` says it to people."""

    def __init__(
        self,
        text: str,
        *,
        reason: FailureReason = "error",
        output: str = "",
        exit_code: int | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.reason: FailureReason = reason
        self.output = output
        self.exit_code = exit_code


class PlanRefused(Exception):
    """The call can not be planned (a program is missing, a value is unfit): says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One thing the bot can do.

    name: lower case words joined by "-". params: a pydantic model, the only schema of its
    arguments. idempotent: whether it may be repeated under the same key after a crash.
    plan: resolves the arguments to what would run; raises `PlanRefused`.
    run: does it; returns a `Result` or raises `ToolFailed`. Cancelling it stops all it started;
    it then raises `ToolFailed` with reason "cancelled" and what it had said so far, and the
    cancellation is taken back (`Task.uncancel`), so that its caller can still record the outcome.
    What had ended by itself before returns as ever; what started nothing may just be cancelled.
    condense: what a model is shown of what people are shown: as short as still tells it.
    """

    name: str
    summary: str
    params: type[BaseModel]
    risk: Risk
    idempotent: bool
    plan: Callable[[BaseModel], Awaitable[Plan]]
    run: Callable[[BaseModel, Caller], Awaitable[Result]]
    aliases: tuple[str, ...] = ()
    condense: Callable[[str], str] = brief


# --- what agents and tools need from above -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service of the team and the environments it runs in.

    hosts: where it is on the network, as "api.example.com" or, with its port, "10.0.0.7:8443".
    """

    name: str
    environments: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class Catalogue(Protocol):
    """What there is to act on."""

    def services(self) -> tuple[Service, ...]:
        """Every service, in the order of the configuration."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thread that a search found: `state` is a word for people ("waiting", "idle")."""

    thread: str
    title: str
    state: str
    at: datetime


class ThreadSearch(Protocol):
    """Finds earlier threads, none of which was said to fewer people than will see the answer."""

    async def search(
        self, query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """Newest first; every thread found has an audience that contains all of `audience`."""
        ...


class Outputs(Protocol):
    """What earlier calls on a thread gave."""

    async def output(self, thread: str, ref: str) -> str | None:
        """All that the call with the id `ref` gave; None if it has not ended, or never was."""
        ...
