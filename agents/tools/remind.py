"""`remind`: say something on the same thread, later."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.durations import Duration, format_duration
from agents.port import Caller, Later, Result, Risk, Tool
from agents.tools.plain import narrowed, plan_of

_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=366)


def _in_bounds(span: timedelta) -> timedelta:
    if not _SHORTEST <= span <= _LONGEST:
        bounds = f"{format_duration(_SHORTEST)} to {format_duration(_LONGEST)}"
        raise ValueError(f"a reminder can wait {bounds}")
    return span


class Remind(BaseModel):
    """When, counted from now, and what to say then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: Annotated[Duration, AfterValidator(_in_bounds)] = Field(
        alias="in", description="how long from now, like 10m or 1h30m"
    )
    text: Annotated[str, Field(min_length=1, max_length=1_000)] = Field(
        description="what to say then"
    )


def remind_tool() -> Tool:
    """Asks for a line on the caller's thread, `in` from the caller's now."""

    async def run(params: BaseModel, caller: Caller) -> Result:
        told = narrowed(Remind, params)
        at = caller.now + told.delay
        text = f"I will say it at {at:%Y-%m-%d %H:%M:%S} UTC, in {format_duration(told.delay)}."
        return Result(text=text, later=Later(at=at, text=told.text))

    return Tool(
        name="remind",
        summary="Say something here, later",
        params=Remind,
        risk=Risk.READ,
        idempotent=True,
        plan=plan_of("remind"),
        run=run,
    )
