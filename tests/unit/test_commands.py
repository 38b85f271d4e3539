"""The command grammar: what people type, and the one step it is."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from agents.choice import OneOf
from agents.commands import Grammar
from agents.durations import Duration
from agents.port import CallTool, Risk, Say, Step, Tool
from agents.usage import usage
from tests.fakes import never_planned, never_run


class Tier(StrEnum):
    GOLD = "gold"
    SILVER = "silver"


class Restart(BaseModel):
    service: Annotated[str, OneOf(("api", "web"))]
    env: Annotated[str, OneOf(("staging", "prod"))]
    force: bool = False


class RollBack(BaseModel):
    service: Literal["api", "web"]
    env: Literal["staging", "prod"]
    reason: Annotated[str, Field(min_length=1)]


class Scale(BaseModel):
    service: Literal["api", "web"]
    count: Annotated[int, Field(ge=0, le=100)]
    tier: Tier | None = None


class Remind(BaseModel):
    delay: Duration = Field(alias="in")
    text: Annotated[str, Field(min_length=1)]


class Status(BaseModel):
    service: Literal["api", "web"]


class Threads(BaseModel):
    query: str | None = None


class Nothing(BaseModel):
    pass


def tool(name: str, params: type[BaseModel], aliases: tuple[str, ...] = ()) -> Tool:
    """A tool that is only talked about."""
    return Tool(
        name=name,
        summary=f"Does {name}",
        params=params,
        risk=Risk.WRITE,
        idempotent=False,
        plan=never_planned,
        run=never_run,
        aliases=aliases,
    )


TOOLS = (
    tool("restart", Restart, ("bounce",)),
    tool("roll-back", RollBack),
    tool("scale", Scale),
    tool("remind", Remind),
    tool("status", Status),
    tool("threads", Threads),
    tool("services", Nothing),
)
GRAMMAR = Grammar(TOOLS, names=("watchkeeper", "<@U0BOT>"))
ID = "abcdefgh2345-1"


def said(step: Step) -> str:
    """The text of a step that says something."""
    assert isinstance(step, Say), step
    return step.text


def called(text: str) -> tuple[str, dict[str, object]]:
    """The call that a text is."""
    step = GRAMMAR.read(text)
    assert isinstance(step, CallTool), step
    return step.tool, dict(step.args)


RESTARTED = ("restart", {"service": "api", "env": "staging", "force": False})
FORCED = ("restart", {"service": "api", "env": "staging", "force": True})


@pytest.mark.parametrize(
    "text",
    [
        "restart service=api env=staging",
        "restart env=staging service=api",
        "restart api staging",
        "restart staging api",
        "Restart API Staging",
        "restart --service api --env staging",
        "restart --service=api --env=staging",
        "restart Service=api ENV=STAGING",
        "restart \u2014service api \u2013env staging",
        "restart\u00a0api\u200b staging",
        'restart service="api" env=\u201cstaging\u201d',
        "restart <http://api|api> staging",
        "bounce api staging",
        "!restart api staging",
        "@watchkeeper restart api staging",
        "@Watchkeeper: restart api staging",
        "watchkeeper: restart api staging",
        "watchkeeper, restart api staging",
        "<@U0BOT> restart api staging",
        "restart api staging --no-force",
        "restart api staging force=no",
    ],
)
def test_ways_to_say_one_call(text: str) -> None:
    """Every way of writing a call gives the same validated arguments."""
    assert called(text) == RESTARTED


@pytest.mark.parametrize(
    "text",
    ["restart api staging --force", "restart --force api staging", "restart api force=YES staging"],
)
def test_booleans(text: str) -> None:
    """A boolean is a flag anywhere in the line, or a named yes."""
    assert called(text) == FORCED


@pytest.mark.parametrize(
    ("text", "tool_name", "args"),
    [
        ("roll back api prod broke", "roll-back", {"reason": "broke"}),
        ("roll-back api prod broke", "roll-back", {"reason": "broke"}),
        ("Roll_Back api prod broke", "roll-back", {"reason": "broke"}),
        ("roll back api prod it's  broken", "roll-back", {"reason": "it's  broken"}),
        ('roll back api prod "it broke"', "roll-back", {"reason": "it broke"}),
        (
            'roll back api prod say "it broke" twice',
            "roll-back",
            {"reason": 'say "it broke" twice'},
        ),
        ("roll back api prod as a=b in web", "roll-back", {"reason": "as a=b in web"}),
        ("roll back api prod so --hard", "roll-back", {"reason": "so --hard"}),
        ("roll back service=api reason=it broke env=prod", "roll-back", {"reason": "it broke"}),
        ("roll back service=api reason= it broke env=prod", "roll-back", {"reason": "it broke"}),
        ("roll back api --reason it broke --env prod", "roll-back", {"reason": "it broke"}),
    ],
)
def test_the_last_free_text_takes_the_rest(text: str, tool_name: str, args: dict[str, str]) -> None:
    """A trailing free text needs no quotes, and keeps what was typed; a named argument ends it."""
    assert called(text) == (tool_name, {"service": "api", "env": "prod", **args})


@pytest.mark.parametrize(
    "text",
    [
        "remind 10m check the deploy",
        "remind in=10m text=check the deploy",
        "remind text=check the deploy in=10m",
        'remind in=10m text="check the deploy"',
        "remind --in 10m check the deploy",
    ],
)
def test_free_text_after_a_typed_value(text: str) -> None:
    """What must come before the free text is read by its own type first."""
    assert called(text) == ("remind", {"in": "10m", "text": "check the deploy"})


def test_places_and_types() -> None:
    """Words without a name go to the choices that know them, the others by order."""
    assert called("scale 5 gold web") == ("scale", {"service": "web", "count": 5, "tier": "gold"})
    assert called("scale web 5") == ("scale", {"service": "web", "count": 5, "tier": None})
    assert called("threads the release") == ("threads", {"query": "the release"})
    assert called("services") == ("services", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("restart", "Missing: service, env."),
        ("restart api", "Missing: env."),
        ("restart service=apu env=prod", "Did you mean api?"),
        ("restart staing api", "Did you mean staging?"),
        ("restart servce=api env=prod", "Did you mean service?"),
        ("restart api env=prod --env staging", "env is given twice."),
        ("restart api --env", "env has no value."),
        ("restart api --env --force", "env has no value."),
        ('restart api "staging', "A quote is not closed."),
        ("restart api $HOME", 'not "$HOME"'),
        ("scale api many", "count: "),
        ("scale api 101", "count: "),
        ("scale api 5 10", "tier must be one of gold, silver"),
        ("scale service=api 5 gold 10", 'I do not understand "10" there.'),
        ("remind 10x check", "in: give a duration like"),
        ("remind 10m", "Missing: text."),
        ("remind 10m text=", "text: "),
    ],
)
def test_wrong_arguments_are_told(text: str, expected: str) -> None:
    """A call that does not fit its schema says what to mend and how, and calls nothing."""
    told = said(GRAMMAR.read(text))
    assert expected in told
    assert "Usage: `" in told


@pytest.mark.parametrize("text", ["help restart", "restart help", "restart --help", "restart ?"])
def test_asking_for_one_commands_usage(text: str) -> None:
    """Usage comes from the schema: arguments, choices and aliases."""
    told = said(GRAMMAR.read(text))
    assert "`restart service=api|web env=staging|prod [--force]`" in told
    assert "`bounce`" in told


def test_asking_for_a_name_of_several_words() -> None:
    """`help` takes a name however it is parted."""
    expected = "`roll-back service=api|web env=staging|prod reason=<text>`"
    for text in ("help roll back", "help roll-back", "roll back help"):
        assert expected in said(GRAMMAR.read(text))


@pytest.mark.parametrize(
    ("tools", "complaint"),
    [
        ((tool("a", Nothing), tool("a", Nothing)), "'a' is already a name of a"),
        ((tool("a-b", Nothing), tool("c", Nothing, ("a-b",))), "already a name of a-b"),
        ((tool("stop", Nothing),), "is a word of the bot's own"),
        ((tool("x", Nothing, ("cancel",)),), "is a word of the bot's own"),
        ((tool("approve-all", Nothing),), "is a word of the bot's own"),
        ((tool("Restart", Nothing),), "lower case words"),
        ((tool("restart it", Nothing),), "lower case words"),
    ],
)
def test_names_are_checked_when_built(tools: tuple[Tool, ...], complaint: str) -> None:
    """Two tools of one name, or one that hides a decision, are refused before anybody chats."""
    with pytest.raises(ValueError, match=complaint):
        Grammar(tools)


def test_a_tool_may_be_called_requests() -> None:
    """The word for what waits to be decided is no decision: a tool may list it."""
    grammar = Grammar([tool("requests", Nothing), *TOOLS])
    assert grammar.read("requests") == CallTool(tool="requests", args={})
    assert "`requests`" in said(grammar.read("help requests"))


def test_usage_shows_few_of_many_choices() -> None:
    """A usage line stays short when the catalogue is long."""

    class Wide(BaseModel):
        service: Annotated[str, OneOf(tuple(f"s{n}" for n in range(50)))]

    assert usage(tool("x", Wide)) == "x service=s0|s1|s2|s3|s4|s5|s6|s7|…"
