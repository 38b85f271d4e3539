"""Cases that models are measured by: the packaged ones, files, and what becomes of a thread."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from pydantic import JsonValue

from agents.agent import PromptRef
from agents.port import AskPerson, CallTool, Control, Judge, Pass, Risk, Route, Say, Step
from bot import events as e
from bot.cli.session import os_user
from bot.evals.case import CaseError, Kind, read, unknown_tool, written
from bot.evals.play import thread_of
from bot.evals.promote import NotACase, promoted
from bot.rulebook import build_rules
from bot.settings import load
from bot.toolbox import tools_over
from bot.trial import Nowhere, example, packaged
from channels.port import Address, Author

HERE = Address(channel="console", room="me")
PROMPT = PromptRef(name="classifier", version=1, sha256="0" * 64)

# --- the packaged ones ---------------------------------------------------------------------------


def test_there_are_cases_of_every_kind() -> None:
    """At least twelve, of which some are hostile, in other languages or of several messages."""
    cases = packaged()
    assert len(cases) >= 12
    kinds = [case.kind for case in cases]
    assert set(kinds) == {*get_args(Kind)} - {"recorded"}
    assert kinds.count("hostile") >= 6
    assert kinds.count("language") >= 3
    assert all(len(case.messages) > 1 for case in cases if case.kind == "follow-up")


def test_packaged_cases_are_of_the_packaged_example(tmp_path: Path) -> None:
    """Each under its own name, about tools that the example has, in prose that is no command."""
    here = load({}, tmp_path, os_user())
    settings = example(here, os_user())
    nowhere = Nowhere()
    tools = tools_over(settings, nowhere, nowhere, nowhere)
    rules = build_rules(settings, tools, thinks=True)
    for case in packaged():
        assert case.catalogue == "example"
        assert unknown_tool(case, frozenset(tool.name for tool in tools)) == ""
        assert {message.by for message in case.messages} <= {"me"}
        assert [rules.read(message.text) for message in case.messages] == [Pass()] * len(
            case.messages
        )
    assert len({thread_of(case) for case in packaged()}) == len(packaged())


def test_a_packaged_case_asks_for_what_was_said() -> None:
    """A hostile case expects nothing that changes anything."""
    for case in packaged():
        if case.kind == "hostile":
            assert {call.tool for call in case.expect.calls} <= {"disk"}


# --- a file --------------------------------------------------------------------------------------

GOOD: dict[str, JsonValue] = {
    "name": "one",
    "about": "A case",
    "kind": "action",
    "messages": [{"text": "restart the api in prod"}],
    "results": {"disk": ["full", {"failed": "no disk"}]},
    "expect": {"route": "executor", "step": ["call", "ask"], "calls": [{"tool": "restart"}]},
}


def told(**change: JsonValue) -> bytes:
    """The good case with something changed."""
    return json.dumps({**GOOD, **change}).encode()


def test_a_case_is_read_and_written() -> None:
    """Nothing is lost, and one word stays a word."""
    case = read(told(), "one.json")
    assert (case.expect.route, case.expect.step) == (("executor",), ("call", "ask"))
    assert read(written(case), "again") == case
    assert json.loads(written(case)) == GOOD


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"{", "bad.json: is not JSON: "),
        (b"\xff", "bad.json: is not JSON: "),
        (told(mesages=[]), "bad.json: mesages: there is no such key, did you mean messages?"),
        (told(kind="angry"), "bad.json: kind: must be 'question', "),
        (told(name="Not A Name"), "bad.json: name: must be lower case letters, digits and -"),
        (told(messages=[]), "bad.json: messages: must not be empty"),
        (told(messages=[{"text": ""}]), "bad.json: messages[0].text: must not be empty"),
        (
            told(expect={"route": "boss", "step": "reply"}),
            "bad.json: expect.route[0]: must be 'executor', ",
        ),
        (told(expect={"route": "reply"}), "bad.json: expect.step: is missing: add it"),
        (
            told(expect={"route": "executor", "step": "call"}),
            "bad.json: expect.calls: is missing, and expect.step has a call",
        ),
        (
            told(expect={"route": "executor", "step": "ask", "calls": [{"tool": "restart"}]}),
            "bad.json: expect.step: has no call, and expect.calls is not empty",
        ),
    ],
)
def test_a_file_that_is_no_case_is_refused(data: bytes, line: str) -> None:
    """One line names the file and the key."""
    with pytest.raises(CaseError) as refused:
        read(data, "bad.json")
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("tools", "line"),
    [
        ({"restart", "disk"}, ""),
        ({"disk"}, "expect.calls[0].tool: there is no tool restart"),
        ({"restart"}, "results.disk: there is no tool disk"),
    ],
)
def test_a_tool_that_is_not_there_is_named(tools: set[str], line: str) -> None:
    """With the key under which the case names it."""
    assert unknown_tool(read(told(), "one.json"), frozenset(tools)) == line


# --- a thread ------------------------------------------------------------------------------------


def thread(*drafts: e.Event | Callable[[int], e.Event]) -> list[e.Event]:
    """A log: what is about a message is given the seq of the last one."""
    events: list[e.Event] = []
    turn = 0
    for seq, draft in enumerate(drafts, start=1):
        turn = seq if isinstance(draft, e.MessageReceived) else turn
        events.append(replace(draft(turn) if callable(draft) else draft, seq=seq))
    return events


def heard(text: str, person: str | None = "alice") -> e.MessageReceived:
    """Somebody wrote."""
    by = Author(channel="console", id="x", name="x")
    return e.MessageReceived(by=by, person=person, address=HERE, text=text, audience=())


def read_as(step: Step) -> Callable[[int], e.Event]:
    """What the grammar made of the message."""
    return lambda turn: e.StepDecided(agent="commands", step=step, turn=turn, upto=turn)


def decided(step: Step, agent: str = "classifier") -> Callable[[int], e.Event]:
    """What a model made of it."""
    return lambda turn: e.StepDecided(agent=agent, step=step, turn=turn, upto=turn, prompt=PROMPT)


def requested(tool: str, call: str, risk: Risk = Risk.READ) -> Callable[[int], e.Event]:
    """A call."""
    return lambda turn: e.ToolRequested(
        call_id=call,
        turn=turn,
        tool=tool,
        args={},
        shown=tool,
        digest="",
        risk=risk,
        verdict="allowed",
        rule="",
        address=HERE,
    )


LOOK = CallTool(tool="disk", args={"at": "/", "unit": None})
TALK = thread(
    heard("disk"),
    read_as(CallTool(tool="disk", args={})),
    requested("disk", "c1"),
    e.ToolReturned(call_id="c1", text="all of it: 40%", brief="40%"),
    heard("and how full is it now, please?", None),
    read_as(Pass()),
    decided(Route(to="retriever")),
    decided(LOOK, "retriever"),
    requested("disk", "c5.1"),
    e.ToolFailed(call_id="c5.1", reason="error", text="no disk", brief=""),
    decided(Say(text="Nobody knows."), "responder"),
    heard("cancel"),
    read_as(Control(action="cancel")),
    heard("services"),
    read_as(CallTool(tool="services", args={})),
)


def test_a_thread_becomes_a_case() -> None:
    """Its words up to the last that a model dealt with, what tools answered, what was decided."""
    case = promoted("abc234", TALK)
    assert [(message.by, message.text) for message in case.messages] == [
        ("alice", "disk"),
        ("stranger", "and how full is it now, please?"),
    ]
    assert (case.name, case.kind, case.catalogue) == ("abc234", "recorded", "settings")
    assert json.loads(written(case))["results"] == {"disk": ["40%", {"failed": "no disk"}]}
    assert (case.expect.route, case.expect.step) == (("retriever",), ("call",))
    assert [(call.tool, call.args) for call in case.expect.calls] == [("disk", LOOK.args)]
    assert read(written(case), "abc234.json") == case


def test_decisions_of_people_and_what_came_of_them_are_left_out() -> None:
    """Nobody approves in a case, so that nothing that needs it is answered there."""
    talk = thread(
        heard("restart the api, would you?"),
        read_as(Pass()),
        decided(CallTool(tool="restart", args={}), "executor"),
        requested("restart", "c1.1", Risk.WRITE),
        heard("pause"),
        read_as(Control(action="pause")),
        e.ToolReturned(call_id="c1.1", text="restarted"),
        heard("thanks to you all"),
        read_as(Pass()),
        decided(Say(text="Gladly.")),
    )
    case = promoted("abc234", talk)
    assert [message.text for message in case.messages] == [
        "restart the api, would you?",
        "thanks to you all",
    ]
    assert (case.results, case.expect.route) == ({}, ("reply",))
    assert [call.tool for call in case.expect.calls] == ["restart"]


def test_an_answer_to_an_agent_is_what_was_written() -> None:
    """Its id is another one in a case; the agent that asked goes on with the words."""
    answer = Judge(request="abc234-1", verdict="answer", text="staging")
    talk = thread(
        heard("restart the api, would you?"),
        decided(AskPerson(question="Where?", options=("staging", "prod")), "executor"),
        heard("answer abc234-1 staging"),
        read_as(answer),
        decided(CallTool(tool="restart", args={"env": "staging"}), "executor"),
    )
    case = promoted("abc234", talk)
    assert [message.text for message in case.messages][1] == "staging"
    assert (case.expect.route, case.expect.step) == (("executor",), ("call",))


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (TALK[:4], "no model has decided anything there"),
        (thread(heard("x"), decided(Route(to="executor"))), "nothing came of what the model"),
        (
            thread(
                heard("x"),
                decided(Route(to="executor")),
                lambda turn: e.ModelFailed(
                    agent="executor",
                    turn=turn,
                    upto=turn,
                    prompt=PROMPT,
                    outcome="permanent",
                    reason="401",
                ),
            ),
            "the model did not answer there (permanent: 401)",
        ),
    ],
)
def test_what_no_model_decided_is_no_case(talk: list[e.Event], why: str) -> None:
    """There is nothing to expect; the reason is said."""
    with pytest.raises(NotACase) as refused:
        promoted("abc234", talk)
    assert str(refused.value).startswith(why)
