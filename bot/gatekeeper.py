"""Whether a call may run, and what exactly would: resolved by the tool, then judged by policy."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import JsonValue, ValidationError

from agents.port import PlanRefused, Risk, Tool
from agents.usage import arguments
from bot import policy
from bot.policy import Asked, Judgement
from bot.rules import Rules

log = structlog.get_logger()

PLAN_TIME = 30.0
"""Seconds after which a tool that should have said what would run has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What would run: the line for people and its digest, or why it can not (`fault`).

    args: as the tool reads them; as they were given where it can not.
    """

    args: dict[str, JsonValue]
    shown: str
    digest: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What becomes of a call: `judged` is a refusal where it can not be resolved, too."""

    resolved: Resolved
    risk: Risk
    judged: Judgement


class Gatekeeper:
    """Looks at every call before it runs; runs none."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools

    async def admit(
        self, rules: Rules, asked: Asked, now: datetime, *, fault: str = ""
    ) -> Admitted:
        """What becomes of the call by these rules; fault: what else is wrong with it already."""
        resolved = await self.resolve(asked.tool, asked.args)
        asked = Asked(
            tool=asked.tool,
            args=resolved.args,
            requesters=asked.requesters,
            address=asked.address,
        )
        gate = rules.gates.get(asked.tool)
        judged = policy.judge(rules, asked, now)
        if wrong := resolved.fault or fault:
            judged = Judgement(verdict="refused", rule=wrong)
        return Admitted(
            resolved=resolved, risk=gate.risk if gate else policy.UNKNOWN_RISK, judged=judged
        )

    async def resolve(self, name: str, args: Mapping[str, JsonValue]) -> Resolved:
        """What would run with these arguments. Raises nothing."""
        tool, given = self._tools.get(name), dict(args)
        if tool is None:
            return Resolved(args=given, shown=name, fault=f"there is no tool {name}")
        try:
            async with asyncio.timeout(PLAN_TIME):
                params = tool.params.model_validate(given)
                planned = await tool.plan(params)
        except PlanRefused as refused:
            fault = str(refused)
        except ValidationError as invalid:
            fault = _first_fault(invalid)
        except Exception:
            log.exception("plan.broke", tool=name)
            fault = "it broke while it was looked at; the log has the details"
        else:
            return Resolved(args=arguments(params), shown=planned.line, digest=planned.digest)
        return Resolved(args=given, shown=name, fault=fault)


def _first_fault(invalid: ValidationError) -> str:
    fault = invalid.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
