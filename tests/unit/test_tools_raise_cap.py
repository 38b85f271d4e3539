"""`raise-cap` as people and models call it; what it does to the books is an integration test."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import JsonValue, ValidationError

from agents.commands import Grammar
from agents.model import Account
from agents.port import Caller, CallTool, Raised, Risk, Say, Tool, ToolFailed
from agents.schema import closed
from agents.steps import Call, read_step
from agents.tools.raise_cap import raise_cap_tool


@dataclass
class Caps:
    raised: list[tuple[str, Account, Decimal, str]] = field(default_factory=list)

    async def raise_cap(self, cap: str, account: Account, usd: Decimal, *, key: str) -> None:
        """Remembers what was asked."""
        self.raised.append((cap, account, usd, key))


def caller(person: str | None = "alice") -> Caller:
    """Who asks."""
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    return Caller(thread="abcdefgh2345", key="t:c1", person=person, audience=(), now=now)


def tool() -> Tool:
    """The tool, with books that nobody looks at."""
    return raise_cap_tool(Caps())


@pytest.mark.parametrize(
    "line",
    ["raise-cap cap=thread usd=0.50", "raise-cap thread 0.50", "raise-cap 0.50 --cap Thread"],
)
def test_people_call_it(line: str) -> None:
    """By name or by place; the sum stays as it was written."""
    args: dict[str, JsonValue] = {"cap": "thread", "usd": "0.50"}
    assert Grammar([tool()]).read(line) == CallTool(tool="raise-cap", args=args)


@pytest.mark.parametrize("line", ["raise-cap", "raise-cap thread", "raise-cap week 5"])
def test_a_call_that_says_too_little_is_answered(line: str) -> None:
    """Nothing is guessed about money."""
    assert isinstance(Grammar([tool()]).read(line), Say)


def test_models_call_it() -> None:
    """Its schema is closed, and a step comes back as the same arguments."""
    assert closed(tool().params)["required"] == ["cap", "usd"]
    args: dict[str, JsonValue] = {"cap": "day", "usd": "5"}
    step: JsonValue = {"kind": "call", "tool": "raise-cap", "args": args}
    assert read_step(step, ["call"], [tool()]) == Call(tool="raise-cap", args=args)


@pytest.mark.parametrize("usd", ["0", "0.00", "0.001", "1000.01", "-5", "5 dollars"])
def test_a_raise_has_bounds(usd: str) -> None:
    """From a cent to a thousand dollars at once."""
    with pytest.raises(ValidationError):
        tool().params.model_validate({"cap": "day", "usd": usd})


@pytest.mark.parametrize(
    ("cap", "line"),
    [
        ("thread", "raise-cap cap=thread usd=0.5 (this conversation: $0.50 more)"),
        ("person", "raise-cap cap=person usd=0.5 (who asked, today: $0.50 more)"),
        ("day", "raise-cap cap=day usd=0.5 (everybody together, today: $0.50 more)"),
    ],
)
async def test_who_approves_sees_what_is_raised(cap: str, line: str) -> None:
    """Whose cap and by how much; another sum is another digest."""
    one, more = [tool().params.model_validate({"cap": cap, "usd": usd}) for usd in ("0.5", "0.6")]
    plan = await tool().plan(one)
    assert plan.line == line
    assert plan.digest != (await tool().plan(more)).digest


@pytest.mark.parametrize(
    ("cap", "text"),
    [
        ("thread", "The cap of this conversation is raised by $0.50."),
        ("person", "The cap of alice for today is raised by $0.50."),
        ("day", "The cap of everybody together for today is raised by $0.50."),
    ],
)
async def test_it_raises_for_the_caller(cap: str, text: str) -> None:
    """The caller's thread, person and key; the answer and the record say what was raised."""
    caps = Caps()
    raising = raise_cap_tool(caps)
    params = raising.params.model_validate({"cap": cap, "usd": "0.50"})
    result = await raising.run(params, caller())
    account = Account(thread="abcdefgh2345", person="alice")
    assert caps.raised == [(cap, account, Decimal("0.50"), "t:c1")]
    assert result.text == text
    assert isinstance(result.raised, Raised)
    assert (result.raised.cap, result.raised.usd) == (cap, "0.50")


async def test_a_cap_of_nobody_is_not_raised() -> None:
    """Where nobody is known, the tool says what can be raised instead."""
    caps = Caps()
    raising = raise_cap_tool(caps)
    params = raising.params.model_validate({"cap": "person", "usd": "0.50"})
    with pytest.raises(ToolFailed, match="say `raise-cap cap=thread`"):
        await raising.run(params, caller(person=None))
    assert caps.raised == []


def test_it_needs_a_yes_and_may_be_repeated() -> None:
    """It changes the world, so policy asks people; after a crash it counts once."""
    assert tool().risk is Risk.WRITE
    assert tool().idempotent
