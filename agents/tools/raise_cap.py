"""`raise-cap`: let models cost more than a cap allows."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.dollars import Dollars, format_dollars
from agents.model import Account, CapRaiser
from agents.port import Caller, Plan, Raised, Result, Risk, Tool, ToolFailed
from agents.tools.plain import narrowed
from agents.usage import arguments, rendered

NAME = "raise-cap"

_LARGEST = Decimal(1_000)
_WHOSE = {
    "thread": "this conversation",
    "person": "who asked, today",
    "day": "everybody together, today",
}


def _in_bounds(usd: Decimal) -> Decimal:
    if not 0 < usd <= _LARGEST:
        raise ValueError(f"a cap is raised by $0.01 to {format_dollars(_LARGEST)} at once")
    return usd


class RaiseCap(BaseModel):
    """Which cap, and by how much."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cap: Literal["thread", "person", "day"] = Field(
        description="of this conversation, of who asks (today), or of everybody (today)"
    )
    usd: Annotated[Dollars, AfterValidator(_in_bounds)] = Field(
        description="how many US dollars more, like 0.50"
    )


def raise_cap_tool(caps: CapRaiser) -> Tool:
    """Raises a cap for the caller's thread, person or day (in UTC); repeated, it counts once."""

    async def run(params: BaseModel, caller: Caller) -> Result:
        told = narrowed(RaiseCap, params)
        if told.cap == "person" and caller.person is None:
            raise ToolFailed(f"nobody knows whose cap that is: say `{NAME} cap=thread`")
        account = Account(thread=caller.thread, person=caller.person)
        await caps.raise_cap(told.cap, account, told.usd, key=caller.key)
        whose = {
            "thread": "The cap of this conversation",
            "person": f"The cap of {caller.person} for today",
            "day": "The cap of everybody together for today",
        }
        text = f"{whose[told.cap]} is raised by {format_dollars(told.usd)}."
        return Result(text=text, raised=Raised(cap=told.cap, usd=str(told.usd)))

    return Tool(
        name=NAME,
        summary="Let models cost more than a cap allows",
        params=RaiseCap,
        risk=Risk.WRITE,
        idempotent=True,
        plan=_plan,
        run=run,
    )


async def _plan(params: BaseModel) -> Plan:
    told, args = narrowed(RaiseCap, params), arguments(params)
    more = f"{_WHOSE[told.cap]}: {format_dollars(told.usd)} more"
    return Plan(line=f"{rendered(NAME, args)} ({more})", facts={"tool": NAME, "args": args})
