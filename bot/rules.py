"""The rules that decide by: what configuration says, as frozen data, and how words are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, time, timedelta, tzinfo
from typing import Literal

from pydantic import JsonValue

from agents.port import Risk, Service, Step
from bot.approval import Approval
from bot.people import People

Unknown = Literal["ignore", "notice", "chat"]
"""What happens to people whom the configuration does not name."""


ByMail = Literal["read", "write", "prod"]
"""What may be approved by mail: calls of a risk, and those in production."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours in which nobody is reminded: from `start` to `end` in `zone`, over midnight if so."""

    start: time
    end: time
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What policy knows of one tool. `place`: where the settings say who approves it."""

    risk: Risk
    idempotent: bool
    approval: Approval | None = None
    place: str = "approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One `[[policy]]`: what becomes of the calls that all of its conditions match.

    who: roles, rotas or persons who ask. tools: names. args: argument -> the values that match.
    channels: where it is said; rooms: the same with the room, as "slack:C012". A condition that is
    None matches everything, an empty one nothing. approval: what is needed if the verdict says so.
    """

    name: str
    verdict: Literal["allow", "approve", "refuse"]
    approval: Approval | None = None
    who: tuple[str, ...] | None = None
    tools: tuple[str, ...] | None = None
    args: Mapping[str, tuple[JsonValue, ...]] | None = None
    channels: tuple[str, ...] | None = None
    rooms: tuple[str, ...] | None = None


Args = dict[str, JsonValue]


def no_edit(tool: str, _args: Mapping[str, JsonValue], _edits: Mapping[str, str]) -> Args | str:
    """Where nothing is known of tools, nothing of them can be changed."""
    return f"there is no tool {tool}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that `decide` needs besides the thread.

    policy: what is said of calls besides their gates. mail: what may be approved by mail. read: the
    command grammar, pure. edit: a tool's arguments with changes as people write them, or what is
    wrong with these, pure. prose: the agent for what is no command. agents: the agents there are,
    and how many steps each may take for one message. offers: what can be said instead of prose,
    pure. services: what there is to act on. handover: the role, rota or person who is asked to go
    on where agents stop; "" for nobody in particular. quiet: when reminders wait. turns_per_hour:
    messages of one person that are taken in an hour, None for any number. at_once: channels on
    which a committed reply is already with the reader. watch: how long an input may go without a
    word. patience: how long something runs before those who wait behind it are told.
    """

    people: People
    gates: Mapping[str, Gate]
    policy: tuple[Rule, ...] = ()
    mail: frozenset[ByMail] = frozenset()
    read: Callable[[str], Step]
    edit: Callable[[str, Mapping[str, JsonValue], Mapping[str, str]], Args | str] = no_edit
    prose: str = "guide"
    agents: Mapping[str, int] = field(default_factory=lambda: {"guide": 1})
    offers: Callable[[str], str] = lambda _text: ""
    services: tuple[Service, ...] = ()
    handover: str = ""
    quiet: Quiet | None = None
    turns_per_hour: int | None = None
    unknown: Unknown = "notice"
    at_once: frozenset[str] = field(default_factory=lambda: frozenset({"console"}))
    watch: timedelta = timedelta(seconds=100)
    patience: timedelta = timedelta(seconds=1)
