"""Effects to events: runs agents and tools, sends replies. The only room that reaches out."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime

import structlog
from pydantic import BaseModel, JsonValue

from agents.port import Caller, CallTool, Result, Tool, ToolFailed
from bot import events as e
from bot import sentences
from bot.counting import named
from bot.delivery import Delivery
from bot.effects import CallAgent, PlanCall, Reaching, RunTool, Send
from bot.gatekeeper import Gatekeeper
from bot.grounding import Grounding, ground
from bot.lifecycle import Phase
from bot.meter import Meter, Unmetered
from bot.policy import Asked
from bot.rules import Rules
from bot.signs import Signs
from bot.thinking import Thinking
from bot.thread import Call, Queued, Thread, Turn

log = structlog.get_logger()

_DOING = {
    "classifier": "reading",
    "retriever": "looking it up",
    "executor": "preparing",
    "responder": "writing",
}
"""What an agent does, as people see it."""

NOTHING_INVENTED = Grounding(ungrounded=(), persons=())


class Performer:
    """Performs one effect on what a thread says, and answers with the events of its outcome."""

    def __init__(
        self,
        *,
        rules: Rules,
        tools: Mapping[str, Tool],
        thinking: Thinking,
        delivery: Delivery,
        signs: Signs | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._rules = rules
        self._tools = tools
        self._gatekeeper = Gatekeeper(tools)
        self._thinking = thinking
        self.delivery = delivery
        self.signs = signs or Signs({})
        self.meter = meter or Unmetered()

    async def perform(self, thread: Thread, effect: Reaching, now: datetime) -> tuple[e.Event, ...]:
        """The outcome. Raises only what the whole thread should be tried again for."""
        begun = time.monotonic()
        outcome = await self._perform(thread, effect, now)
        self.meter.time("step", time.monotonic() - begun, *named(thread, effect))
        return outcome

    async def _perform(
        self, thread: Thread, effect: Reaching, now: datetime
    ) -> tuple[e.Event, ...]:
        match effect:
            case CallAgent():
                self._show(thread, effect.turn, _DOING.get(effect.agent, "thinking"))
                return (await self._thinking.step(thread, effect, now),)
            case PlanCall():
                return (await self._plan(thread, effect, now),)
            case RunTool():
                call = thread.calls[effect.call]
                self._show(thread, call.report, f"running {call.tool}")
                return await self._run(thread, thread.calls[effect.call], now)
            case Send():
                queued = next(word for word in thread.outbox if word.id == effect.reply)
                to = _whom(thread, queued)
                return (await self.delivery.send(thread.id, queued, now, to=to),)

    def _show(self, thread: Thread, turn: int, doing: str) -> None:
        """Whoever waits for it sees what is done, and nothing of with what."""
        waiting = thread.turn(turn)
        if waiting is not None:
            self.signs.show(thread.id, waiting.address, doing)

    # --- tools

    async def _plan(self, thread: Thread, effect: PlanCall, now: datetime) -> e.Event:
        old = thread.calls.get(effect.replaces or "")
        turn = thread.turn(effect.turn)
        if turn is None:
            raise LookupError(f"turn {effect.turn} is over")
        name, args = _asked(old, turn)
        agent = turn.work.agent if old is None and turn.work is not None else ""
        grounding = self._ground(thread, turn, name, args) if agent else NOTHING_INVENTED
        requesters = _requesters(old, turn.person) if not agent else _grounded_by(grounding)
        address = old.address if old else turn.address
        asked = Asked(tool=name, args=args, requesters=requesters, address=address)
        admitted = await self._gatekeeper.admit(
            self._rules, asked, now, fault=_invented(grounding, args)
        )
        resolved, judged = admitted.resolved, admitted.judged
        return e.ToolRequested(
            call_id=effect.call,
            turn=effect.turn,
            tool=name,
            args=resolved.args,
            shown=resolved.shown,
            digest=resolved.digest,
            risk=admitted.risk,
            verdict=judged.verdict,
            rule=judged.rule,
            approval=judged.approval if judged.verdict == "approval" else None,
            address=address,
            requesters=requesters,
            replaces=effect.replaces,
            preface=_preface(old) if old else "",
            agent=agent or _agent_of(old),
            asked_by=old.asked_by if old else turn.person,
            ungrounded=grounding.ungrounded,
        )

    def _ground(
        self, thread: Thread, turn: Turn, name: str, args: dict[str, JsonValue]
    ) -> Grounding:
        """Who wrote what an agent would have run; who does not exist writes nothing."""
        tool = self._tools.get(name)
        if tool is None:
            return NOTHING_INVENTED
        return ground(tool, args, thread.story, turn.person, self._rules.services)

    async def _run(self, thread: Thread, call: Call, now: datetime) -> tuple[e.Event, ...]:
        begun = time.monotonic()
        try:
            params = await self._unchanged(call, now)
            result = await self._tools[call.tool].run(params, _caller(thread, call, now))
        except Exception as fault:  # noqa: BLE001 - told and logged, whatever it is
            return (self._broke(thread, call, fault, _elapsed(begun)),)
        except asyncio.CancelledError:
            # Told to stop: that is how it ended, and it has to be told.
            seconds = _elapsed(begun)
            return (e.ToolFailed(call_id=call.id, reason="cancelled", text="", seconds=seconds),)
        returned = e.ToolReturned(
            call_id=call.id,
            text=result.text,
            output=result.output,
            exit_code=result.exit_code,
            seconds=_elapsed(begun),
            later=result.later,
            brief=self._tools[call.tool].condense(result.output or result.text),
        )
        return (returned, *_raised(call, result))

    def _broke(self, thread: Thread, call: Call, fault: Exception, seconds: float) -> e.Event:
        """How a run failed; a tool must not take its thread with it."""
        if isinstance(fault, ToolFailed):
            tool = self._tools.get(call.tool)
            return e.ToolFailed(
                call_id=call.id,
                reason=fault.reason,
                text=fault.text,
                output=fault.output,
                exit_code=fault.exit_code,
                seconds=seconds,
                brief=tool.condense(fault.output or fault.text) if tool else "",
            )
        log.error("tool.broke", thread=thread.id, call=call.id, tool=call.tool, exc_info=fault)
        return e.ToolFailed(
            call_id=call.id,
            reason="error",
            text="it broke inside; the log has the details",
            seconds=seconds,
        )

    async def _unchanged(self, call: Call, now: datetime) -> BaseModel:
        """The call's arguments; raises if what was approved is not what would run now."""
        planned = await self._gatekeeper.resolve(call.tool, call.args)
        if planned.fault:
            raise ToolFailed(planned.fault)
        if call.approved_by and planned.digest != call.digest:
            raise ToolFailed(
                f"what would run has changed since it was approved (now {planned.shown})",
                reason="changed",
            )
        if _is_stale(call, now):
            raise ToolFailed("it was approved too long ago", reason="changed")
        return self._tools[call.tool].params.model_validate(call.args)


def _is_stale(call: Call, now: datetime) -> bool:
    """Whether the approval is older than people had to give it: the thread was paused meanwhile."""
    if call.approved_at is None or call.approval is None:
        return False
    return now > call.approved_at + call.approval.expire


def _whom(thread: Thread, queued: Queued) -> str:
    """Whose words a reply answers, if they said them where it goes."""
    asked = (turn.by for turn in thread.turns if turn.id in queued.answers)
    there = queued.address.channel
    return next((by.id for by in asked if by is not None and by.channel == there), "")


def _asked(old: Call | None, turn: Turn) -> tuple[str, dict[str, JsonValue]]:
    if old is not None:
        return old.tool, old.args if old.edited is None else old.edited
    if not isinstance(turn.step, CallTool):
        raise LookupError("there is no call to plan")
    return turn.step.tool, turn.step.args


def _agent_of(old: Call | None) -> str:
    """The agent that made the call; what is asked for anew is still its own."""
    asker = old.asker if old is not None else None
    return asker.work.agent if asker is not None and asker.work is not None else ""


def _preface(old: Call) -> str:
    """Why it is asked for anew."""
    match old.phase:
        case Phase.CHANGED:
            return sentences.changed(old)
        case Phase.EDITED:
            return f"Changed by {old.editor} from {old.shown}"
        case _:
            return ""


def _grounded_by(grounding: Grounding) -> tuple[str, ...]:
    """Everybody whose words it came from; none, if one of them is not in the configuration.

    So the call has the rights of the least of them.
    """
    known = tuple(person for person in grounding.persons if person is not None)
    return known if len(known) == len(grounding.persons) else ()


def _invented(grounding: Grounding, args: dict[str, JsonValue]) -> str:
    invented = " and ".join(f"{name}={args.get(name)}" for name in grounding.ungrounded)
    return f"nobody here wrote {invented}" if invented else ""


def _raised(call: Call, result: Result) -> tuple[e.Event, ...]:
    if result.raised is None:
        return ()
    raised = e.CapRaised(
        call_id=call.id,
        cap=result.raised.cap,
        usd=result.raised.usd,
        person=call.asked_by,
        approved_by=call.approved_by,
    )
    return (raised,)


def _requesters(old: Call | None, person: str | None) -> tuple[str, ...]:
    """Whose words it came from; who wants it run again asks for it too."""
    asked = set(old.requesters) if old else set()
    if person is not None and (old is None or old.phase is Phase.AGAIN):
        asked.add(person)
    if old is not None and old.phase is Phase.EDITED:
        asked.add(old.editor)
    return tuple(sorted(asked))


def _caller(thread: Thread, call: Call, now: datetime) -> Caller:
    return Caller(
        thread=thread.id,
        key=f"{thread.id}:{call.id}",
        person=call.asked_by,
        audience=thread.audience,
        now=now,
    )


def _elapsed(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
