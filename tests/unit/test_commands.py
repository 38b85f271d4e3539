"""The command grammar: what people type, and the one step it is."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agents.choice import OneOf
from agents.commands import Grammar
from agents.durations import Duration
from agents.port import Caller, CallTool, Control, Judge, Pass, Plan, Result, Risk, Say, Step, Tool
from agents.usage import rendered, usage


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


async def no_plan(params: BaseModel) -> Plan:
    """Never called here."""
    raise NotImplementedError


async def no_run(params: BaseModel, caller: Caller) -> Result:
    """Never called here."""
    raise NotImplementedError


def tool(name: str, params: type[BaseModel], aliases: tuple[str, ...] = ()) -> Tool:
    """A tool that is only talked about."""
    return Tool(
        name=name,
        summary=f"Does {name}",
        params=params,
        risk=Risk.WRITE,
        idempotent=False,
        plan=no_plan,
        run=no_run,
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


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("restrat", "restart "),
        ("restrat api staging", "restart "),
        ("restrat service=api", "restart "),
        ("`restart api staging`", "restart "),
        ("rollback api prod broken", "roll-back "),
        ("servces", "services"),
        ("aprove", "approve"),
        (f"aprove {ID}", "approve"),
        ("stop!", "stop"),
        ("cancle", "cancel"),
    ],
)
def test_near_misses_suggest_and_never_run(text: str, offer: str) -> None:
    """A misspelt command is answered with the command that was likely meant."""
    assert f"`{offer}" in said(GRAMMAR.read(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "!",
        "@watchkeeper",
        "hello there",
        "could you restart the api in staging?",
        "restart the api please, it is slow",
        "restart api in staging",
        "restarting api is what I would do now",
        "status of the release",
        "services are down again",
        "remind me to check the deploy",
        "roll back api it broke in prod today",
        "> restart api staging",
        '"restart" api staging',
        "restart api staging\nthanks",
        "- restart api staging",
        'the 5" disk restart',
        "restart " + "x" * 4_000,
    ],
)
def test_prose_is_passed_on(text: str) -> None:
    """What is not a call stays prose, even where it begins with a command's name."""
    assert GRAMMAR.read(text) == Pass()


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
    ("text", "action"),
    [
        ("cancel", "cancel"),
        ("stop", "cancel"),
        ("STOP", "cancel"),
        ("pause", "pause"),
        ("@watchkeeper resume", "resume"),
    ],
)
def test_controls_are_one_word(text: str, action: Literal["cancel", "pause", "resume"]) -> None:
    """A control is a message of one word, to nobody or to the bot."""
    assert GRAMMAR.read(text) == Control(action=action)


def test_a_word_too_many_is_no_control() -> None:
    """Talk about stopping stops nothing; where it may have been meant, the way is told."""
    assert "only `stop`" in said(GRAMMAR.read("stop now"))
    assert GRAMMAR.read("stop the deploy right now") == Pass()
    assert GRAMMAR.read("cancel\nplease") == Pass()


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


def test_usage_shows_few_of_many_choices() -> None:
    """A usage line stays short when the catalogue is long."""

    class Wide(BaseModel):
        service: Annotated[str, OneOf(tuple(f"s{n}" for n in range(50)))]

    assert usage(tool("x", Wide)) == "x service=s0|s1|s2|s3|s4|s5|s6|s7|…"


# --- for any text ------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(["restart", "roll", "back", "remind", "help", "api", "prod", "10m", "stop"]),
    st.sampled_from(["approve", "deny", ID, "--force", "--env", "env=prod", "x=", "=", "\u2014a"]),
    st.sampled_from(['"', "\u201c", "\\", "!", "@watchkeeper", "\n", "\u2028", "<http://", "|"]),
    st.sampled_from([">", "\ud800", "\0", "\u202e", "`", "1" * 3_000]),
)
ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=8).map("".join),
)


@given(ANY_TEXT)
@example("scale api " + "1" * 3_900)
@example('"' + '\\"' * 1_900)
def test_any_text_is_a_step(text: str) -> None:
    """No text raises, and a call that comes out holds only what its schema allows."""
    step = GRAMMAR.read(text)
    assert isinstance(step, CallTool | Judge | Control | Say | Pass)
    if isinstance(step, CallTool):
        params = next(each.params for each in TOOLS if each.name == step.tool)
        assert params.model_validate(step.args).model_dump(mode="json", by_alias=True) == step.args


PLAIN = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="<"), min_size=1, max_size=20
)
SENTENCE = st.lists(PLAIN, min_size=1, max_size=5).map(" ".join)
SERVICE, ENV = st.sampled_from(["api", "web"]), st.sampled_from(["staging", "prod"])
CALLS = st.one_of(
    st.builds(
        lambda **args: ("restart", Restart.model_validate(args)),
        service=SERVICE,
        env=ENV,
        force=st.booleans(),
    ),
    st.builds(
        lambda **args: ("roll-back", RollBack.model_validate(args)),
        service=SERVICE,
        env=ENV,
        reason=SENTENCE,
    ),
    st.builds(
        lambda **args: ("scale", Scale.model_validate(args)),
        service=SERVICE,
        count=st.integers(0, 100),
        tier=st.none() | st.sampled_from(Tier),
    ),
    st.builds(
        lambda span, text: ("remind", Remind.model_validate({"in": span, "text": text})),
        st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds)),
        SENTENCE,
    ),
    st.builds(lambda query: ("threads", Threads(query=query)), st.none() | SENTENCE),
)


@given(CALLS)
def test_what_we_write_reads_back(call: tuple[str, BaseModel]) -> None:
    """The canonical form of any call, sent as a message, is that call."""
    name, params = call
    args = params.model_dump(mode="json", by_alias=True)
    assert GRAMMAR.read(rendered(name, args)) == CallTool(tool=name, args=args)
