"""A thread becomes a case: what was said and found, and what was decided as what is expected. Pure.

Decisions of people, their hands on the thread and what came of approvals are left out: nobody
approves in a case. What they answered an agent is what they wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import ValidationError

from agents.port import Judge, Risk
from bot import events as e
from bot.evals.case import Answer, Call, Case, Expected, Failure, Message
from bot.evals.decided import Decided, decided
from bot.faults import told

HANDS = frozenset({"judge", "control"})
"""Steps by which people decide, or hold a thread: what they name is not there in a case."""
STRANGER = "stranger"


class NotACase(Exception):
    """The thread can not become one: says why."""


def promoted(name: str, log: Sequence[e.Event]) -> Case:
    """The case that the thread makes. Raises `NotACase`."""
    said = _said(log)
    turns = {event.seq for event in said}
    got = decided([event for event in log if _belongs(event, turns)])
    if got.no_answer:
        raise NotACase(f"the model did not answer there ({got.no_answer})")
    if "none" in {got.route, got.step}:
        raise NotACase("nothing came of what the model answered there")
    try:
        return Case(
            name=name,
            about=f"Recorded from a thread of {said[0].at:%Y-%m-%d}.",
            kind="recorded",
            messages=tuple(Message(by=event.person or STRANGER, text=event.text) for event in said),
            results=_results(log),
            expect=_expected(got),
        )
    except ValidationError as error:
        raise NotACase(told(error, Case)) from None


def _said(log: Sequence[e.Event]) -> Sequence[e.MessageReceived]:
    """The messages up to the last one that a model dealt with."""
    steps = [event for event in log if isinstance(event, e.StepDecided)]
    dealt_with = {event.turn for event in steps if event.prompt is not None}
    hands = {event.turn: event.step for event in steps if event.step.kind in HANDS}
    heard = [event for event in log if isinstance(event, e.MessageReceived)]
    last = max((event.seq for event in heard if event.seq in dealt_with), default=0)
    if not last:
        raise NotACase("no model has decided anything there")
    until = (event for event in heard if event.seq <= last)
    answers = {turn: step.text for turn, step in hands.items() if isinstance(step, Judge)}
    return [
        replace(event, text=answers.get(event.seq, event.text))
        for event in until
        if event.seq not in hands or event.seq in dealt_with
    ]


def _belongs(event: e.Event, turns: set[int]) -> bool:
    match event:
        case e.MessageReceived():
            return event.seq in turns
        case e.StepDecided() | e.ModelFailed() | e.HandedOver():
            return event.turn in turns
        case _:
            return False


def _results(log: Iterable[e.Event]) -> dict[str, tuple[Answer, ...]]:
    """What tools answered that ran without anybody's approval, in order."""
    tools: dict[str, str] = {}
    found: dict[str, tuple[Answer, ...]] = {}
    for event in log:
        match event:
            case e.ToolRequested(risk=Risk.READ):
                tools[event.call_id] = event.tool
            case e.ToolReturned(call_id=call) | e.ToolFailed(call_id=call) if call in tools:
                text = event.brief or event.text
                answer = Failure(failed=text) if isinstance(event, e.ToolFailed) else text
                found[tools[call]] = (*found.get(tools[call], ()), answer)
            case _:
                pass
    return found


def _expected(got: Decided) -> Expected:
    calls = [Call(tool=tool, args=args) for tool, args in got.calls]
    return Expected.model_validate({"route": got.route, "step": got.step, "calls": calls})
