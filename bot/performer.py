"""Effects to events: runs agents and tools, sends replies. The only room that reaches out."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime

import structlog
from pydantic import BaseModel, JsonValue, ValidationError

from agents.port import Agent, Caller, CallTool, PlanRefused, Reading, Say, Step, Tool, ToolFailed
from bot import events as e
from bot import policy, sentences
from bot.delivery import Delivery
from bot.effects import CallAgent, PlanCall, Reaching, RunTool, Send
from bot.lifecycle import Phase
from bot.rules import Rules
from bot.thread import Call, Thread

log = structlog.get_logger()

AGENT_TIME = 120.0
PLAN_TIME = 30.0
"""Seconds after which something that should have answered has not."""


class Performer:
    """Performs one effect on what a thread says, and answers with the events of its outcome."""

    def __init__(
        self,
        *,
        rules: Rules,
        tools: Mapping[str, Tool],
        agents: Mapping[str, Agent],
        delivery: Delivery,
    ) -> None:
        self._rules = rules
        self._tools = tools
        self._agents = agents
        self.delivery = delivery

    async def perform(self, thread: Thread, effect: Reaching, now: datetime) -> tuple[e.Event, ...]:
        """The outcome. Raises only what the whole thread should be tried again for."""
        match effect:
            case CallAgent():
                return (await self._call_agent(thread, effect),)
            case PlanCall():
                return (await self._plan(thread, effect),)
            case RunTool():
                return (await self._run(thread, thread.calls[effect.call], now),)
            case Send():
                queued = next(word for word in thread.outbox if word.id == effect.reply)
                return (await self.delivery.send(thread.id, queued, now),)

    # --- agents

    async def _call_agent(self, thread: Thread, effect: CallAgent) -> e.Event:
        try:
            async with asyncio.timeout(AGENT_TIME):
                step = await self._step(thread, effect)
        except Exception:
            # One agent's fault must not end what runs beside it: people hear of it, the log too.
            log.exception("agent.broke", thread=thread.id, agent=effect.agent)
            step = Say(text=sentences.NOT_READ)
        return e.StepDecided(agent=effect.agent, step=step, turn=effect.turn, upto=thread.version)

    async def _step(self, thread: Thread, effect: CallAgent) -> Step:
        turn = thread.turn(effect.turn)
        reading = Reading(
            thread=thread.id,
            text=turn.text if turn else "",
            person=turn.person if turn else None,
        )
        step = await self._agents[effect.agent].step(reading)
        if not isinstance(step, CallTool | Say):
            # Deciding and cancelling is for people: an agent that tries to is broken.
            raise TypeError(f"agent {effect.agent} answered with a {step.kind}")
        return step

    # --- tools

    async def _plan(self, thread: Thread, effect: PlanCall) -> e.Event:
        old = thread.calls.get(effect.replaces or "")
        turn = thread.turn(effect.turn)
        if turn is None:
            raise LookupError(f"turn {effect.turn} is over")
        asked = turn.step if old is None else None
        name, args = _asked(old, asked if isinstance(asked, CallTool) else None)
        requesters = _requesters(old, turn.person)
        shown, digest, fault = await self._resolve(name, args)
        judged = policy.judge(self._rules, name, requesters)
        gate = self._rules.gates.get(name)
        return e.ToolRequested(
            call_id=effect.call,
            turn=effect.turn,
            tool=name,
            args=args,
            shown=shown,
            digest=digest,
            risk=gate.risk if gate else policy.UNKNOWN_RISK,
            verdict="refused" if fault else judged.verdict,
            rule=fault or judged.rule,
            address=old.address if old else turn.address,
            requesters=requesters,
            replaces=effect.replaces,
            preface=sentences.changed(old) if old and old.phase is Phase.CHANGED else "",
        )

    async def _resolve(self, name: str, args: dict[str, JsonValue]) -> tuple[str, str, str]:
        """What would run (line, digest), or why it can not."""
        tool = self._tools.get(name)
        if tool is None:
            return name, "", f"there is no tool {name}"
        try:
            async with asyncio.timeout(PLAN_TIME):
                planned = await tool.plan(tool.params.model_validate(args))
        except PlanRefused as refused:
            return name, "", str(refused)
        except ValidationError as invalid:
            return name, "", _first_fault(invalid)
        except Exception:
            log.exception("plan.broke", tool=name)
            return name, "", "it broke while it was looked at; the log has the details"
        return planned.line, planned.digest, ""

    async def _run(self, thread: Thread, call: Call, now: datetime) -> e.Event:
        begun = time.monotonic()
        try:
            params = await self._unchanged(call)
            result = await self._tools[call.tool].run(params, _caller(thread, call, now))
        except ToolFailed as failed:
            return e.ToolFailed(
                call_id=call.id,
                reason=failed.reason,
                text=failed.text,
                output=failed.output,
                exit_code=failed.exit_code,
                seconds=_elapsed(begun),
            )
        except asyncio.CancelledError:
            # Told to stop: that is how it ended, and it has to be told.
            seconds = _elapsed(begun)
            return e.ToolFailed(call_id=call.id, reason="cancelled", text="", seconds=seconds)
        except Exception:
            # A tool must not take its thread with it: people hear of it, the log has the rest.
            log.exception("tool.broke", thread=thread.id, call=call.id, tool=call.tool)
            return e.ToolFailed(
                call_id=call.id,
                reason="error",
                text="it broke inside; the log has the details",
                seconds=_elapsed(begun),
            )
        return e.ToolReturned(
            call_id=call.id,
            text=result.text,
            output=result.output,
            exit_code=result.exit_code,
            seconds=_elapsed(begun),
            later=result.later,
        )

    async def _unchanged(self, call: Call) -> BaseModel:
        """The call's arguments; raises if what was approved is not what would run now."""
        shown, digest, fault = await self._resolve(call.tool, call.args)
        if fault:
            raise ToolFailed(fault)
        if call.approved_by and digest != call.digest:
            raise ToolFailed(
                f"what would run has changed since it was approved (now {shown})",
                reason="changed",
            )
        return self._tools[call.tool].params.model_validate(call.args)


def _asked(old: Call | None, step: CallTool | None) -> tuple[str, dict[str, JsonValue]]:
    if old is not None:
        return old.tool, old.args
    if step is None:
        raise LookupError("there is no call to plan")
    return step.tool, step.args


def _requesters(old: Call | None, person: str | None) -> tuple[str, ...]:
    """Whose words it came from; who wants it run again asks for it too."""
    asked = set(old.requesters) if old else set()
    if person is not None and (old is None or old.phase is Phase.AGAIN):
        asked.add(person)
    return tuple(sorted(asked))


def _caller(thread: Thread, call: Call, now: datetime) -> Caller:
    return Caller(
        thread=thread.id,
        key=f"{thread.id}:{call.id}",
        person=call.requesters[0] if call.requesters else None,
        audience=thread.audience,
        now=now,
    )


def _first_fault(invalid: ValidationError) -> str:
    fault = invalid.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"


def _elapsed(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
