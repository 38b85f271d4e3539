"""Reading a step back, for any answer; what goes out as a schema comes back as a step."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from agents.port import Risk, Tool
from agents.steps import LONGEST_REASON, AgentName, Call, Kind, Unfit, offered, read_step
from tests.unit.test_steps import AGENTS, KINDS, TOOLS

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None))
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    ),
    max_leaves=12,
)
LOOSE_ARGS = st.dictionaries(
    st.sampled_from(["service", "env", "in", "text", "name", "query", "times", "how", "loud", "x"]),
    st.one_of(
        ANY_JSON, st.sampled_from(["api", "WEB", "prod", "Staging", "10m", "softly", "help", "1"])
    ),
)
FIT_ARGS = st.one_of(
    st.fixed_dictionaries(
        {"service": st.sampled_from(["api", "WEB"]), "env": st.sampled_from(["prod", "Staging"])}
    ),
    st.fixed_dictionaries({"in": st.sampled_from(["90s", "1h30m"]), "text": st.text(min_size=1)}),
)
ARGS = st.one_of(LOOSE_ARGS, FIT_ARGS)
KIND = st.sampled_from([*KINDS, "CALL", "Reply", "", "approve"])
NEARLY = st.fixed_dictionaries(
    {"kind": st.one_of(KIND, ANY_JSON)},
    optional={
        "tool": st.one_of(st.sampled_from([tool.name for tool in TOOLS]), ANY_JSON),
        "args": st.one_of(ARGS, ANY_JSON),
        "to": st.one_of(st.sampled_from(["retriever", "EXECUTOR"]), ANY_JSON),
        "text": ANY_JSON,
        "question": ANY_JSON,
        "options": ANY_JSON,
        "reason": ANY_JSON,
        "summary": ANY_JSON,
    },
)
CALLS = st.builds(
    lambda tool, args: {"kind": "call", "tool": tool, "args": args},
    st.sampled_from([tool.name for tool in TOOLS]),
    ARGS,
)
ANSWERS = st.one_of(ANY_JSON, NEARLY, CALLS)
SOME_KINDS = st.frozensets(st.sampled_from(KINDS), min_size=1)


@given(ANSWERS, SOME_KINDS)
def test_any_answer_is_a_step_or_unfit(value: JsonValue, kinds: frozenset[Kind]) -> None:
    """No JSON raises; what is read is of an allowed kind, and can be stored and read again."""
    step = read_step(value, kinds, TOOLS)
    if isinstance(step, Unfit):
        assert 0 < len(step.reason) <= LONGEST_REASON
        step.reason.encode()
        return
    assert step.kind in kinds
    told: JsonValue = json.loads(step.model_dump_json())
    assert read_step(told, kinds, TOOLS) == step


@given(ANSWERS, st.sampled_from(AGENTS))
def test_no_agent_calls_what_it_is_not_offered(value: JsonValue, agent: AgentName) -> None:
    """Whatever the retriever answers only reads, and agents without tools call none."""
    step = read_step(value, KINDS, offered(agent, TOOLS))
    if isinstance(step, Call):
        risk = next(tool.risk for tool in TOOLS if tool.name == step.tool)
        assert agent == "executor" or (agent == "retriever" and risk is Risk.READ)


@given(ARGS, st.sampled_from(TOOLS))
def test_arguments_that_are_read_are_valid(args: dict[str, JsonValue], tool: Tool) -> None:
    """A call holds arguments as the tool's own schema dumps them."""
    step = read_step({"kind": "call", "tool": tool.name, "args": args}, {"call"}, TOOLS)
    if isinstance(step, Call):
        again = tool.params.model_validate(step.args)
        assert again.model_dump(mode="json", by_alias=True) == step.args


SECRET = "zq" + "x7" * 4


@given(st.sampled_from(TOOLS), st.sampled_from(["service", "env", "in", "text", "name", SECRET]))
def test_a_reason_repeats_nothing(tool: Tool, name: str) -> None:
    """Neither a value nor a name that the answer made up is told back."""
    values: list[JsonValue] = [SECRET, [SECRET], {SECRET: SECRET}]
    for value in values:
        step = read_step({"kind": "call", "tool": tool.name, "args": {name: value}}, KINDS, TOOLS)
        assert isinstance(step, Call) or SECRET not in str(step)


def test_an_answer_without_end_is_unfit() -> None:
    """Nesting beyond all measure, and numbers beyond all measure, are told like anything else."""
    deep: JsonValue = []
    for _ in range(100_000):
        deep = [deep]
    for text in (deep, 10**5_000):
        value: JsonValue = {"kind": "reply", "text": text}
        assert isinstance(read_step(value, KINDS, TOOLS), Unfit)
