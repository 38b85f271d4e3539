"""What tools have in common that run no program: their plan is the call itself."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel

from agents.port import Plan
from agents.usage import arguments, rendered

Params = TypeVar("Params", bound=BaseModel)


def plan_of(name: str) -> Callable[[BaseModel], Awaitable[Plan]]:
    """A `Tool.plan` that shows the call as people would write it, and covers its arguments."""

    async def plan(params: BaseModel) -> Plan:
        args = arguments(params)
        return Plan(line=rendered(name, args), facts={"tool": name, "args": args})

    return plan


def narrowed(model: type[Params], params: BaseModel) -> Params:
    """The params as the tool's own model. Raises `TypeError` if they are another tool's."""
    if not isinstance(params, model):
        raise TypeError(f"{type(params).__name__} given where {model.__name__} was expected")
    return params
