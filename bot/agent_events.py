"""What has happened with agents and their models: the kinds of events about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agents.agent import PromptRef, Undecidedness
from agents.model import Usage
from agents.port import Step
from bot.entry import Entry
from bot.fact import Fact
from channels.port import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked(Fact):
    """What a model was asked: enough to write the same request again, byte for byte.

    agent: who read the input `turn`, having seen all up to `upto`. head: hex SHA-256 of the part
    that is not the thread (kept under that name in the store). prefetched: what was looked up for
    it. request_sha256: of the body that was sent. usd: a decimal number. All but the first three
    are empty where no model was asked.
    """

    agent: str
    turn: int
    upto: int
    prompt: PromptRef | None = None
    head: str = ""
    prefetched: tuple[str, ...] = ()
    request_sha256: str = ""
    model: str = ""
    usage: Usage | None = None
    usd: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecided(_Asked):
    """An agent read the input and answered with `step`."""

    kind: Literal["step_decided"] = "step_decided"
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailed(_Asked):
    """An agent read the input and there is no step.

    reason: for people; of bad output, for the model as well. until: when it is tried again.
    """

    kind: Literal["model_failed"] = "model_failed"
    outcome: Undecidedness
    reason: str
    until: datetime | None = None


HandOverReason = Literal["asked", "cap", "spinning", "refused", "bad_output"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Fact):
    """Agents stop here, and people have to go on. `summary` tells them how far it came.

    to: the persons who are asked, none where the settings name nobody. While somebody is, the bot
    keeps quiet on the thread until it is handed back.
    """

    kind: Literal["handed_over"] = "handed_over"
    turn: int
    agent: str
    reason: HandOverReason
    text: str
    summary: str = ""
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack(Fact):
    """A person is through: agents answer on the thread again."""

    kind: Literal["handed_back"] = "handed_back"
    by: Author
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condensed(Fact):
    """The story up to `upto` is told from here on as `entries`: a checkpoint of what models see."""

    kind: Literal["condensed"] = "condensed"
    upto: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRaised(Fact):
    """People who may have allowed `usd` more: to the thread, or to the person or the bot today."""

    kind: Literal["cap_raised"] = "cap_raised"
    call_id: str
    cap: Literal["thread", "person", "day"]
    usd: str
    person: str | None = None
    approved_by: tuple[str, ...] = ()
