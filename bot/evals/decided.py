"""What was decided on a thread in the end, told in the words of cases. Pure, from events alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from agents.port import AskPerson, CallTool, HandOver, Route, Say
from bot import events as e
from bot.folding.agents import COMMANDS

FIRST = "classifier"
"""Who reads prose first."""
NO_ANSWER = frozenset({"transient", "permanent", "deferred", "breaker_open", "over_budget"})
"""How a model fails that says nothing about how it decides."""

Made = tuple[str, dict[str, JsonValue]]
"""A call that an agent decided on: the tool and its arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What agents decided.

    no_answer: why the model did not answer, "" if it did. route, step: for the last message that
    they dealt with, "none" if nothing came of it. calls: all that they wanted called for messages.
    """

    no_answer: str
    route: str
    step: str
    calls: tuple[Made, ...]
    usd: Decimal


def decided(log: Sequence[e.Event], free: frozenset[str] = frozenset()) -> Decided:
    """What was decided in this log; calls of the tools in `free` count for nothing."""
    heard = [event.seq for event in log if isinstance(event, e.MessageReceived)]
    steps = [event for event in log if isinstance(event, e.StepDecided) and event.turn in heard]
    steps = [event for event in steps if event.agent != COMMANDS]
    last = [event for event in steps if event.turn == heard[-1]]
    return Decided(
        no_answer=_no_answer(log),
        route=_route(last),
        step=_ending(last, log, free),
        calls=tuple(_calls(steps, free)),
        usd=sum((_usd(event) for event in log), Decimal(0)),
    )


def _route(steps: Sequence[e.StepDecided]) -> str:
    """What the first reader did; who asked the words' author something may go on by themselves."""
    if not steps:
        return "none"
    if steps[0].agent != FIRST:
        return steps[0].agent
    step = steps[0].step
    return step.to if isinstance(step, Route) else _kind(steps[0])


def _kind(event: e.StepDecided) -> Literal["call", "reply", "ask", "handover", "none"]:
    match event.step:
        case CallTool():
            return "call"
        case Say():
            return "reply"
        case AskPerson():
            return "ask"
        case HandOver():
            return "handover"
        case _:
            return "none"


def _ending(steps: Sequence[e.StepDecided], log: Iterable[e.Event], free: frozenset[str]) -> str:
    """What came of the last message: a call, or the last word to people."""
    if list(_calls(steps, free)):
        return "call"
    turn = steps[-1].turn if steps else 0
    if any(isinstance(event, e.HandedOver) and event.turn == turn for event in log):
        return "handover"
    kinds = [kind for event in steps if (kind := _kind(event)) not in {"none", "call"}]
    return kinds[-1] if kinds else "none"


def _calls(steps: Iterable[e.StepDecided], free: frozenset[str]) -> Iterable[Made]:
    for event in steps:
        if isinstance(event.step, CallTool) and event.step.tool not in free:
            yield event.step.tool, event.step.args


def _no_answer(log: Iterable[e.Event]) -> str:
    """Why a model did not answer in the end, or what broke; "" if it did answer."""
    why: dict[int, str] = {}
    for event in log:
        match event:
            case e.ModelFailed() if event.outcome in NO_ANSWER:
                why[event.turn] = f"{event.outcome}: {event.reason}"
            case e.ModelFailed():
                why.pop(event.turn, None)
            case e.StepDecided() if event.agent != COMMANDS and event.prompt is None:
                why[event.turn] = "the agent broke; the log has the details"
            case e.StepDecided() if event.agent != COMMANDS:
                why.pop(event.turn, None)
            case _:
                pass
    return next(iter(why.values()), "")


def _usd(event: e.Event) -> Decimal:
    paid = isinstance(event, e.StepDecided | e.ModelFailed) and event.usd
    return Decimal(paid) if paid else Decimal(0)
