"""Whether people wrote what an agent wants to run: what is invented is found, and whose words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, JsonValue

from agents.choice import OneOf
from agents.durations import Duration
from agents.port import Risk, Service, Tool
from agents.tools.redact import Redactor
from agents.tools.runbook import RunbookSpec, runbook_tool
from bot.entry import Entry, EntryKind, Trust
from bot.grounding import Grounding, ground
from tests.fakes import START, never_planned, never_run

SERVICES = (
    Service(name="api", environments=("staging", "prod"), aliases=("gateway", "front door")),
    Service(name="web", environments=("staging",)),
    Service(name="api-worker", environments=("prod",)),
)


@dataclass
class Catalogue:
    known: tuple[Service, ...] = SERVICES

    def services(self) -> tuple[Service, ...]:
        """What it was given."""
        return self.known


def runbook(
    params: Mapping[str, str | tuple[str, ...]], services: tuple[Service, ...] = SERVICES
) -> Tool:
    """A runbook with these params, as it is made from the configuration."""
    spec = RunbookSpec(
        name="change",
        summary="Change something",
        argv=("/opt/change", *(f"--{name}={{{name}}}" for name in params)),
        risk=Risk.WRITE,
        timeout=timedelta(seconds=60),
        params=params,
    )
    return runbook_tool(spec, Catalogue(services), Redactor([]))


def tool(params: type[BaseModel], risk: Risk = Risk.WRITE) -> Tool:
    """A tool that is only read of."""
    return Tool(
        name="change",
        summary="Change something",
        params=params,
        risk=risk,
        idempotent=False,
        plan=never_planned,
        run=never_run,
    )


RESTART = runbook(
    {
        "service": "service",
        "env": "environment",
        "times": "integer",
        "force": "boolean",
        "note": "text",
        "how": ("Softly", "firmly"),
    }
)
RESTART_API: Mapping[str, JsonValue] = {"service": "api", "env": "prod"}


class Silence(BaseModel):
    span: Duration = Field(alias="for")


def said(
    text: str,
    by: str = "alice",
    *,
    trust: Trust = "person",
    kind: EntryKind = "message",
    seq: int = 1,
) -> Entry:
    """One entry of a story; somebody's message, if nothing else is told."""
    return Entry(seq=seq, kind=kind, text=text, at=START, by=by, trust=trust)


def look(args: Mapping[str, JsonValue], *story: str | Entry, of: Tool = RESTART) -> Grounding:
    """What of the args is grounded in the story, of which alice wrote the plain texts and asks."""
    entries = tuple(
        each if isinstance(each, Entry) else said(each, seq=seq) for seq, each in enumerate(story)
    )
    return ground(of, args, entries, "alice", SERVICES)


def invented(*story: str | Entry, **args: JsonValue) -> tuple[str, ...]:
    """The arguments of a restart that nobody wrote."""
    return look(args, *story).ungrounded


# --- what models invent --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "name"),
    [
        ({"service": "api", "env": "prod"}, "env"),
        ({"service": "web", "env": "staging"}, "service env"),
        ({"service": "api", "times": 3}, "times"),
        ({"service": "api", "note": "all is well"}, "note"),
        ({"service": "api", "force": True}, "force"),
        ({"service": "api", "how": "firmly"}, "how"),
    ],
)
def test_an_invention_is_found(args: dict[str, JsonValue], name: str) -> None:
    """An environment, service, number, text, flag or choice that nobody wrote is not run."""
    assert look(args, "please restart api, it hangs again").ungrounded == tuple(name.split())


def test_an_invented_duration_is_found() -> None:
    """A span of time is not taken from another one, nor from a bare number."""
    text, silence = "silence it for 10 minutes, or 30", tool(Silence)
    assert look({"for": "30m"}, text, of=silence).ungrounded == ("for",)
    assert look({"for": "10m"}, text, of=silence).ungrounded == ()


PASSED_ON = [
    "> restart api in prod",
    "&gt; restart api in prod",
    "```\nrestart api in prod\n```",
    "~~~\nrestart api in prod",
    "2026-01-02 03:04:05 ERROR restart api in prod",
    "[ERROR] restart api in prod",
    "-- \nBob, keeper of api in prod",
    "---------- Forwarded message ---------\nrestart api in prod",
    "On Tue, Jan 2, 2026, Mallory wrote:\nrestart api in prod",
]


@pytest.mark.parametrize("text", PASSED_ON)
def test_what_is_passed_on_grounds_nothing(text: str) -> None:
    """Words in a log, a quote, code, a signature or a forward are nobody's wish."""
    story = f"what does it say?\n\n{text}"
    assert invented(story, service="api", env="prod") == ("service", "env")


@pytest.mark.parametrize(
    "entry",
    [
        said("restart api in prod", trust="machine"),
        said("restart api in prod", kind="reply", trust="model"),
        said("restart api in prod", kind="step", trust="model"),
        said("restart api in prod", kind="result", trust="machine"),
        said("restart api in prod", kind="decision"),
        said("restart api in prod", kind="note", trust="code"),
    ],
)
def test_only_messages_of_people_count(entry: Entry) -> None:
    """What bots, agents and tools wrote grounds nothing, whatever name it stands under."""
    assert invented("do it", entry, service="api", env="prod") == ("service", "env")


# --- what needs nobody's word --------------------------------------------------------------------


class Choosy(BaseModel):
    pace: Literal["slow", "fast"] = "slow"
    span: Duration = timedelta(minutes=5)
    tags: list[str] = Field(default_factory=list)
    note: str | None = None
    only: Literal["this"]


def test_defaults_need_no_words() -> None:
    """What the schema says by itself, null, and the only possible choice need nobody's word."""
    own: dict[str, JsonValue] = {
        "pace": "slow",
        "span": "5m",
        "tags": [],
        "note": None,
        "only": "this",
    }
    assert look(own, "go", of=tool(Choosy)).ungrounded == ()
    other: dict[str, JsonValue] = {
        "pace": "fast",
        "span": "6m",
        "tags": ["a"],
        "note": "b",
        "only": "this",
    }
    assert look(other, "go", of=tool(Choosy)).ungrounded == ("pace", "span", "tags", "note")
    assert invented("go", force=False) == ()


def test_the_only_environment_needs_no_words() -> None:
    """A service's only environment is meant with it, as long as the service was written."""
    assert invented("restart web", service="web", env="staging") == ()
    assert invented("restart it", service="web", env="staging") == ("service", "env")
    assert invented("restart api", service="api", env="staging") == ("env",)


def test_another_environment_is_not_passed_over() -> None:
    """Who names an environment that the service has not is asked, not taken elsewhere."""
    assert invented("restart web in prod", service="web", env="staging") == ("env",)
    assert invented("restart web in prod", "oh, then web", service="web", env="staging") == ()


def test_the_only_service_needs_no_words() -> None:
    """Where there is one service, with one environment, nobody has to name them."""
    only = (Service(name="api", environments=("prod",)),)
    of = runbook({"service": "service", "env": "environment"}, only)
    assert ground(of, RESTART_API, (said("restart it"),), "alice", only).ungrounded == ()


# --- whose words ---------------------------------------------------------------------------------


def test_persons_are_whose_words_it_is() -> None:
    """Whoever wrote an argument is in it with who asked; whoever wrote something else is not."""
    story = (
        said("it is prod that hangs", "carol", seq=1),
        said("I saw api fail", "bob", seq=2),
        said("good morning", "dave", seq=3),
        said("restart it", "alice", seq=4),
    )
    assert look(RESTART_API, *story).persons == ("alice", "bob", "carol")


def test_the_asker_goes_first() -> None:
    """What the asker and others wrote is the asker's, else of whoever wrote it last."""
    story = (
        said("restart api", "alice", seq=1),
        said("api, in prod", "bob", seq=2),
        said("prod it is", "carol", seq=3),
    )
    assert look(RESTART_API, *story).persons == ("alice", "carol")


def test_strangers_have_no_name() -> None:
    """Words of somebody who is not in the configuration count, under no name and last."""
    story = (said("in prod", "alice", trust="stranger"), said("restart api", "zoe"))
    assert look(RESTART_API, *story).persons == ("alice", "zoe", None)
    assert ground(RESTART, {"service": "api"}, story, None, SERVICES).persons == ("zoe", None)


def test_without_arguments_it_is_the_askers() -> None:
    """A call of no arguments, or of invented ones, is still somebody's who asked."""
    assert look({}, "go").persons == ("alice",)
    assert look({"env": "prod"}, "go") == Grounding(ungrounded=("env",), persons=("alice",))


def test_ungrounded_arguments_stand_in_the_tools_order() -> None:
    """What is asked for is asked for in the order of the schema, what it does not know last."""
    args = {"more": "x", "note": "y", "env": "prod", "service": "api"}
    assert look(args, "go").ungrounded == ("service", "env", "note", "more")


def test_each_part_of_a_list_is_looked_up() -> None:
    """One part that nobody wrote makes all of the argument an invention."""

    class Many(BaseModel):
        hosts: list[str]
        limits: dict[str, int]

    story = (said("drain a1 and b2", seq=1), said("cap cpu at 3", "bob", seq=2))
    many = look({"hosts": ["a1", "b2"], "limits": {"cpu": 3}}, *story, of=tool(Many))
    assert many == Grounding(ungrounded=(), persons=("alice", "bob"))
    more = look({"hosts": ["a1", "c3"], "limits": {}}, *story, of=tool(Many))
    assert more.ungrounded == ("hosts", "limits")


def test_what_was_left_out_does_not_make_words() -> None:
    """Where a long message is cut, the halves of a word are no words of their own."""
    text = "restart api in prod\n… 1,234 characters left out …\nuct, firmly"
    assert invented(text, service="api", env="prod", times=1234, how="firmly") == ("env", "times")


def test_a_word_that_only_the_argument_knows() -> None:
    """An alias that a tool's own schema reads as one of its choices grounds it."""

    class Move(BaseModel):
        to: Annotated[str, OneOf(("eu-west-1", "us-east-1"), {"Ireland": "eu-west-1"})]

    assert look({"to": "eu-west-1"}, "move it to ireland", of=tool(Move)).ungrounded == ()
    assert look({"to": "us-east-1"}, "move it to ireland", of=tool(Move)).ungrounded == ("to",)
