"""What prose is answered with when there is no model."""

from typing import Annotated

from pydantic import BaseModel

from agents.agent import Reading
from agents.choice import OneOf
from agents.guide import Guide
from agents.port import Risk, Say, Tool
from tests.fakes import never_planned, never_run


class Restart(BaseModel):
    service: Annotated[str, OneOf(("api", "web"))]


class Nothing(BaseModel):
    pass


def tool(name: str, params: type[BaseModel] = Nothing) -> Tool:
    """A tool that is only talked about."""
    return Tool(
        name=name,
        summary=f"Does {name}",
        params=params,
        risk=Risk.READ,
        idempotent=True,
        plan=never_planned,
        run=never_run,
    )


TOOLS = (*(tool(f"other-{n}") for n in "abcdef"), tool("restart", Restart), tool("threads"))


async def told(guide: Guide, text: str) -> list[str]:
    """The lines of the guide's answer."""
    step = (await guide.step(Reading(thread="t", text=text, person=None))).step
    assert isinstance(step, Say)
    return step.text.splitlines()


async def test_says_why_and_what_can_be_said() -> None:
    """The reason comes first, then a few commands as they are written."""
    lines = await told(Guide(TOOLS), "good morning")
    assert lines[0].startswith("No model is configured")
    assert lines[1] == "- `other-a` Does other-a"
    assert len(lines) == 6


async def test_the_nearest_command_comes_first() -> None:
    """What the prose speaks of is offered first."""
    lines = await told(Guide(TOOLS), "could you restart the api, please?")
    assert lines[1] == "- `restart service=api|web` Does restart"
    assert (await told(Guide(TOOLS), "any threads?"))[1] == "- `threads` Does threads"


async def test_a_given_reason_is_told() -> None:
    """Whoever knows better why no model reads it may say so."""
    assert await told(Guide((), reason="The budget is spent."), "hi") == ["The budget is spent."]
