"""The steps of the four agents: what each may answer, on the wire and read back."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from pydantic import JsonValue

from agents.port import Found, Risk, Tool
from agents.schema import too_large
from agents.steps import (
    ALLOWED,
    LONGEST_REASON,
    AgentName,
    Ask,
    Call,
    Done,
    Handover,
    Kind,
    Reply,
    Route,
    Unfit,
    offered,
    read_step,
    wire_schema,
)
from agents.tools.help import help_tool
from agents.tools.remind import remind_tool
from agents.tools.services import services_tool
from agents.tools.threads import threads_tool
from tests.unit.test_tools_runbook import NOTE, RESTART, Catalogue, built

ROOT = Path(__file__).parents[2]
AGENTS: tuple[AgentName, ...] = get_args(AgentName)
KINDS: tuple[Kind, ...] = get_args(Kind)


class NoThreads:
    """A search that finds nothing."""

    async def search(
        self, query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """Nothing."""
        return ()


TOOLS: tuple[Tool, ...] = (
    built(RESTART),
    built(NOTE),
    remind_tool(),
    threads_tool(NoThreads()),
    services_tool(Catalogue()),
    help_tool(()),
)


def call(tool: str, **args: JsonValue) -> JsonValue:
    """A call as it comes over the wire."""
    return {"kind": "call", "tool": tool, "args": args}


def inner(schema: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Every schema and table inside it."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from inner(each)
    if isinstance(schema, list):
        for each in schema:
            yield from inner(each)


def at(value: JsonValue, *path: str) -> JsonValue:
    """What stands there, None if nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def branches(schema: JsonValue) -> list[str]:
    """What may be answered: kinds of step, and of a call the tool as well."""
    step = at(schema, "properties", "step")
    several = at(step, "anyOf")
    found = []
    for each in several if isinstance(several, list) else [step]:
        consts = (at(each, "properties", name, "const") for name in ("kind", "tool"))
        found.append(" ".join(str(const) for const in consts if const))
    return found


# --- who may do what -----------------------------------------------------------------------------


def test_the_retriever_is_never_offered_what_writes() -> None:
    """No tool that changes something is on the wire for the retriever, nor read if it comes."""
    tools = offered("retriever", TOOLS)
    assert {tool.name for tool in tools} == {"remind", "threads", "services", "help"}
    assert all(tool.risk is Risk.READ for tool in tools)
    written = json.dumps(wire_schema(ALLOWED["retriever"], tools))
    assert "restart" not in written
    assert "note" not in written
    step = read_step(call("restart", service="api", env="prod"), ALLOWED["retriever"], tools)
    assert step == Unfit("tool must be one of: help, remind, services, threads")


def test_only_two_agents_have_tools() -> None:
    """The executor is offered every tool, the classifier and the responder none."""
    assert offered("executor", TOOLS) == TOOLS
    assert offered("classifier", TOOLS) == offered("responder", TOOLS) == ()


@pytest.mark.parametrize("agent", AGENTS)
def test_the_wire_holds_what_an_agent_may_do(agent: AgentName) -> None:
    """Each allowed step is one branch, a call one a tool, and there is nothing else."""
    tools = offered(agent, TOOLS)
    wanted = {kind for kind in ALLOWED[agent] if kind != "call"}
    calls = {f"call {tool.name}" for tool in tools}
    assert sorted(branches(wire_schema(ALLOWED[agent], tools))) == sorted(wanted | calls)


def test_no_step_is_no_schema() -> None:
    """An agent that may only call, without a tool to call, can not be asked."""
    with pytest.raises(ValueError, match="no step to take"):
        wire_schema({"call"}, ())


# --- on the wire ---------------------------------------------------------------------------------

DIALECT = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const"}
    | {"description"}
)


def test_the_wire_schema_is_closed_and_plain() -> None:
    """An object with the one key `step`; every object closed, no keyword that is not taken."""
    schema = wire_schema(KINDS, TOOLS)
    assert schema["required"] == ["step"]
    tables = [id(node["properties"]) for node in inner(schema) if "properties" in node]
    for node in inner(schema):
        if id(node) in tables:
            continue  # names of arguments, not keywords
        assert set(node) <= DIALECT
        if node.get("type") == "object":
            assert set(node) == {"type", "properties", "required", "additionalProperties"}
            assert node["additionalProperties"] is False


def test_the_kind_is_written_first() -> None:
    """A model says which step and which tool before it writes the arguments."""
    step = at(wire_schema({"call"}, TOOLS[:1]), "properties", "step")
    assert json.dumps(at(step, "required")) == '["kind", "tool", "args"]'
    assert json.dumps(at(step, "properties")).startswith('{"kind": ')


def test_the_wire_schema_is_the_same_in_every_process() -> None:
    """Neither the order of what is given nor the process changes a byte of it."""
    code = (
        "import json, sys; from tests.unit.test_steps import *\n"
        "sys.stdout.write(json.dumps(wire_schema(frozenset(KINDS), [*TOOLS][::-1])))"
    )
    here = json.dumps(wire_schema(KINDS, TOOLS))
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == here


def test_what_ships_fits() -> None:
    """All tools that come with the bot and a few runbooks are not too large to be asked for."""
    assert too_large(wire_schema(KINDS, TOOLS)) == ""


# --- read back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (
            {"kind": "route", "to": "executor", "reason": " why "},
            Route(to="executor", reason="why"),
        ),
        ({"kind": "ROUTE", "to": "Executor", "reason": "y"}, Route(to="executor", reason="y")),
        ({"kind": "reply", "text": "Hello"}, Reply(text="Hello")),
        ({"kind": "ask", "question": "Which?", "options": []}, Ask(question="Which?", options=())),
        (
            {"kind": "ask", "question": "Which?", "options": ["a", "b"]},
            Ask(question="Which?", options=("a", "b")),
        ),
        ({"kind": "done", "summary": "it"}, Done(summary="it")),
        ({"kind": "handover", "reason": "it"}, Handover(reason="it")),
        (
            call("Restart", service="WEB", env="PROD"),
            Call(tool="restart", args={"service": "Web", "env": "prod"}),
        ),
        (
            call("note", service="api", how="softly", times=2, text="all  well"),
            Call(
                tool="note",
                args={
                    "service": "api",
                    "how": "Softly",
                    "times": 2,
                    "text": "all  well",
                    "loud": False,
                },
            ),
        ),
        (
            call("remind", **{"in": "90m", "text": "x"}),
            Call(tool="remind", args={"in": "1h30m", "text": "x"}),
        ),
        (call("services"), Call(tool="services", args={})),
        (call("help", name=None), Call(tool="help", args={"name": None})),
    ],
)
def test_steps_are_read(value: JsonValue, step: object) -> None:
    """A fit answer is its step; arguments come as the tool's own schema has them, in any case."""
    assert read_step(value, KINDS, TOOLS) == step


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("reply", "must be an object"),
        (None, "must be an object"),
        ({}, "kind must be one of: ask, call, done, handover, reply, route"),
        ({"kind": ["reply"], "text": "x"}, "kind must be one of"),
        ({"kind": "approve"}, "kind must be one of"),
        ({"kind": "reply"}, "reply: text: Field required (Markdown, at most 4000 characters)"),
        ({"kind": "reply", "text": "  "}, "at least 1 character"),
        ({"kind": "reply", "text": "x" * 4_001}, "at most 4000 characters"),
        ({"kind": "reply", "text": 7}, "should be a valid string"),
        ({"kind": "reply", "text": "\ud800"}, "must be an object of plain JSON"),
        ({"kind": "reply", "text": float("nan")}, "must be an object of plain JSON"),
        ({"kind": "reply", "text": "x", "card": "y"}, "reply: it holds a name that is not known"),
        ({"kind": "route", "to": "human", "reason": "x"}, "route: to: Input should be 'retriever'"),
        ({"kind": "ask", "question": "x" * 501, "options": []}, "at most 500 characters"),
        ({"kind": "ask", "question": "x"}, "ask: options: Field required"),
        ({"kind": "ask", "question": "x", "options": ["a"] * 9}, "ask: options: Tuple should have"),
        ({"kind": "call", "tool": "reboot", "args": {}}, "tool must be one of: help, note, remind"),
        ({"kind": "call", "tool": "services"}, "a call must have kind, tool and args"),
        ({**{"kind": "call", "tool": "services", "args": {}}, "by": 1}, "and nothing else"),
        ({"kind": "call", "tool": "services", "args": None}, "services: the arguments must be an"),
        (call("restart", service="api"), "restart: env: Field required"),
        (call("restart", service="db", env="prod"), "restart: service: Input should be 'api' or"),
        (call("restart", service="Web", env="staging"), "restart: the values do not fit together"),
        (call("restart", service="api", env="prod", force=True), "a name that is not known"),
        (call("remind", **{"in": "soon", "text": "x"}), "remind: in: does not fit (how long from"),
        (call("note", service="api", how="softly", times="1; ls", text="x"), "note: times: "),
        (call("note", service="api", how="softly", times=1, text="$(reboot)"), "note: text: does"),
    ],
)
def test_unfit_answers(value: JsonValue, reason: str) -> None:
    """What is wrong is told in words that name the field and repeat nothing of the answer."""
    unfit = read_step(value, KINDS, TOOLS)
    assert isinstance(unfit, Unfit)
    assert reason in unfit.reason
    assert not any(word in unfit.reason for word in ("soon", "reboot", "force", "card", "db", "; "))


def test_a_step_that_is_not_allowed_is_unfit() -> None:
    """A step of another agent's is no step here, whatever it says."""
    value: JsonValue = {"kind": "handover", "reason": "it"}
    assert read_step(value, ALLOWED["responder"], ()) == Unfit("kind must be one of: reply")


def test_a_long_list_is_cut() -> None:
    """A reason never grows with the number of tools."""
    tools = [replace(TOOLS[0], name=f"restart-{number}") for number in range(100)]
    unfit = read_step(call("reboot"), {"call"}, tools)
    assert isinstance(unfit, Unfit)
    assert len(unfit.reason) == LONGEST_REASON
