"""`result`: what an earlier call gave, a window at a time."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from agents.commands import Grammar
from agents.port import Caller, CallTool, Risk, ToolFailed
from agents.schema import closed
from agents.tools.result import result_tool

CALLER = Caller(
    thread="abcdefgh2345",
    key="t:c30",
    person="alice",
    audience=("console:alice",),
    now=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
)
LOG = "\n".join(f"line {n}" + (" Error: disk" if n % 100 == 7 else "") for n in range(1, 413))


@dataclass
class Outputs:
    known: dict[str, str]
    asked: list[str] = field(default_factory=list)

    async def output(self, thread: str, ref: str) -> str | None:
        """What it was given; remembers on which thread."""
        self.asked.append(thread)
        return self.known.get(ref)


async def ran(output: str, **args: JsonValue) -> str:
    """What is shown of an output."""
    tool = result_tool(Outputs({"c12": output}))
    params = tool.params.model_validate({"ref": "c12", **args})
    return (await tool.run(params, CALLER)).text


def shown(text: str) -> list[str]:
    """The lines in the fence."""
    return text.split("\n")[2:-1]


async def test_the_first_lines_and_how_to_go_on() -> None:
    """Sixty numbered lines, how many there are, and the word that gives the next ones."""
    told = await ran(LOG + "\n")
    assert told.startswith("c12, lines 1 to 60 of 412; 352 more, go on with `from=61`\n```\n")
    assert shown(told)[0] == " 1  line 1"
    assert shown(told)[-1] == "60  line 60"
    assert told.endswith("\n```")


async def test_a_window() -> None:
    """From any line on, as many as wanted; the last ones say nothing of more."""
    told = await ran(LOG, **{"from": 410, "lines": 200})
    assert told.startswith("c12, lines 410 to 412 of 412\n```\n")
    assert shown(told) == ["410  line 410", "411  line 411", "412  line 412"]
    assert await ran(LOG, **{"from": 413}) == "c12 ends with line 412."


async def test_lines_that_hold_a_text() -> None:
    """Whatever its case, as plain text: nothing in it is a pattern."""
    told = await ran(LOG, find="error: D")
    assert told.startswith('c12, lines with "error: D": 5 of 412\n')
    assert [line.split()[0] for line in shown(told)] == ["7", "107", "207", "307", "407"]
    told = await ran(LOG, find="error", lines=2, **{"from": 100})
    assert told.startswith('c12, lines with "error" from line 100 on: 4 of 412; 2 more, go on')
    assert "`from=208`" in told
    assert await ran(LOG, find="li.e") == 'c12, lines with "li.e": none of 412'


async def test_no_output() -> None:
    """A call that said nothing is told apart from a call that there is not."""
    assert await ran("\n\n") == "c12 gave no output."
    tool = result_tool(Outputs({}))
    with pytest.raises(ToolFailed, match='no call "c99" on this thread that has ended'):
        await tool.run(tool.params.model_validate({"ref": "c99"}), CALLER)


async def test_only_the_callers_thread_is_looked_at() -> None:
    """Whoever asks gets nothing of other conversations."""
    outputs = Outputs({"c12r": "x"})
    tool = result_tool(outputs)
    await tool.run(tool.params.model_validate({"ref": " C12R "}), CALLER)
    assert outputs.asked == ["abcdefgh2345"]


@given(
    st.lists(st.text(alphabet="`a \u200b~x", max_size=1200), max_size=300).map("\n".join),
    st.integers(1, 200),
)
async def test_it_is_bounded_and_closes_no_fence(output: str, lines: int) -> None:
    """Whatever a program wrote: 8,000 characters at most, in one fence."""
    told = await ran(output, lines=lines)
    assert len(told) <= 8_000
    if "```" in told:
        assert re.fullmatch(r"[^`]*(`from=\d+`)?\n```\n(?:(?!```).)*\n```", told, re.DOTALL)
        assert len(shown(told)) <= lines


async def test_a_line_without_end_is_cut() -> None:
    """It says how much of it is not shown, and leaves room for others."""
    told = await ran("x" * 2_500 + "\nshort")
    assert shown(told) == [f"1  {'x' * 500}… 2,000 more characters", "2  short"]


async def test_a_model_sees_nearly_all_of_it() -> None:
    """It asked for these lines: up to 6,000 characters it gets them as they are."""
    tool = result_tool(Outputs({}))
    page = await ran(LOG, lines=200)
    assert tool.condense(page) == page
    wide = await ran("\n".join(f"{n} " + "x" * 90 for n in range(100)), lines=100)
    told = tool.condense(wide)
    assert 5_000 < len(told) <= 6_000
    assert told.startswith(wide[:5_000])
    assert told.endswith("characters left out: ask for fewer lines …")


def test_people_and_models_call_it() -> None:
    """By name or place; only `ref` has to be there, and the arguments go by the names we show."""
    tool = result_tool(Outputs({}))
    args: dict[str, JsonValue] = {"ref": "c12", "from": 61, "lines": 60, "find": None}
    for line in ("result ref=c12 from=61", "result c12 61"):
        assert Grammar([tool]).read(line) == CallTool(tool="result", args=args)
    assert closed(tool.params)["required"] == ["ref"]
    assert (tool.risk, tool.idempotent) == (Risk.READ, True)


@pytest.mark.parametrize(
    "args", [{"from": 0}, {"lines": 0}, {"lines": 201}, {"find": ""}, {"ref": " "}, {"first": 1}]
)
def test_arguments_have_bounds(args: dict[str, JsonValue]) -> None:
    """What makes no sense, or asks for too much, is refused before it runs."""
    with pytest.raises(ValidationError):
        result_tool(Outputs({})).params.model_validate({"ref": "c1", **args})
