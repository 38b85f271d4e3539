"""What is close to a command, to a control or to neither."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel

from agents.choice import OneOf
from agents.commands import Grammar
from agents.port import CallTool, Control, Pass
from tests.unit.test_commands import GRAMMAR, ID, Nothing, said, tool


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


def test_a_control_may_begin_a_commands_name() -> None:
    """A tool called cancel-build is called by its two words; the one word is still the control."""
    grammar = Grammar([tool("cancel-build", Nothing)])
    assert grammar.read("cancel build") == CallTool(tool="cancel-build", args={})
    assert grammar.read("cancel") == Control(action="cancel")


def test_a_long_catalogue_is_not_read_out() -> None:
    """A wrong name among many is answered with a few of them, and the nearest."""

    class Wide(BaseModel):
        service: Annotated[str, OneOf(tuple(f"service-{n}" for n in range(90)))]

    told = said(Grammar([tool("x", Wide)]).read("x servce-77"))
    assert "Did you mean service-77?" in told
    assert len(told) < 500
