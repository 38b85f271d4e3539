"""Requests to models as they were sent, written again from the log and what the store keeps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from agents import head as heads
from agents import wire
from agents.agent import Reading
from agents.head import Head
from agents.model import ModelCall
from bot import events as e
from bot.reducer import evolve
from bot.store.shelf import Shelf
from bot.thinking import reading
from bot.thread import Thread

Asked = e.StepDecided | e.ModelFailed
"""An event of a step for which a model was to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request, proven by its hash. reading: what the agent was given, with a new id."""

    step: Asked
    head: Head
    reading: Reading
    way: wire.Way

    @property
    def call(self) -> ModelCall:
        """What was asked."""
        return self.head.call(self.reading.id, self.reading.words, self.reading.feedback)

    @property
    def body(self) -> bytes:
        """What the model's server received."""
        return wire.request(self.call, self.way).body


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A request that can not be written again, and why."""

    step: Asked
    why: str


def asked(events: Iterable[e.Event]) -> tuple[Asked, ...]:
    """The steps for which a model was to be asked, whatever came of it."""
    steps = (event for event in events if isinstance(event, e.StepDecided | e.ModelFailed))
    return tuple(step for step in steps if step.prompt is not None)


async def written_again(
    shelf: Shelf, thread: str, events: Sequence[e.Event], steps: Iterable[Asked]
) -> tuple[Sent | Unknown, ...]:
    """The request of each step; `events` is the whole log of the thread, from the first on.

    Raises `IllegalEvent` if the log can not be folded.
    """
    steps = tuple(steps)
    states = _states(thread, events, {step.upto for step in steps})
    return tuple([await _again(shelf, step, states.get(step.upto)) for step in steps])


def _states(thread: str, events: Iterable[e.Event], versions: set[int]) -> Mapping[int, Thread]:
    """The thread as it was at each of these versions."""
    state, found = Thread(id=thread), {}
    for event in events:
        state = evolve(state, event)
        if state.version in versions:
            found[state.version] = state
    return found


async def _again(shelf: Shelf, step: Asked, then: Thread | None) -> Sent | Unknown:
    if not step.request_sha256:
        return Unknown(step=step, why=_not_sent(step))
    turn = then.turn(step.turn) if then is not None else None
    if then is None or turn is None:
        return Unknown(step=step, why="the log does not hold what it was asked for")
    kept = await shelf.kept(step.head)
    if kept is None:
        return Unknown(step=step, why=f"the store does not hold its head any more ({step.head})")
    head, given = heads.read(kept), reading(then, turn, step.prefetched)
    way = _way(head.call(given.id, given.words, given.feedback), step.request_sha256)
    if way is None:
        return Unknown(
            step=step,
            why=f"it can not be written again as it was sent (sha256 {step.request_sha256}):"
            " another version of the bot wrote it, and what differs is not known",
        )
    return Sent(step=step, head=head, reading=given, way=way)


def _not_sent(step: Asked) -> str:
    why = f" ({step.outcome}: {step.reason})" if isinstance(step, e.ModelFailed) else ""
    return f"no request is recorded: nothing was sent, or nothing answered{why}"


def _way(call: ModelCall, sha256: str) -> wire.Way | None:
    ways: tuple[wire.Way, ...] = get_args(wire.Way)
    return next((way for way in ways if wire.request(call, way).sha256 == sha256), None)
