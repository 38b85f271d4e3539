"""From a thread to what shall be committed and begun now: `decide`, until it waits. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot import events as e
from bot.decider import decide
from bot.effects import Reaching, Record, RunTool, Wait
from bot.lifecycle import REPLANNED
from bot.moment import Moment
from bot.reducer import evolve
from bot.rules import Rules
from bot.thread import Thread

MOST_EVENTS = 500
"""What one commit holds at most, about: what is left is planned after it."""


class Circle(RuntimeError):
    """A thread says more and more, and nothing of it brings it to rest: a defect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`thread` is what it will be once `events` (stamped) are committed; then `starts` begin.

    more: the commit would have grown too large, there is more to plan at once.
    """

    thread: Thread
    events: tuple[e.Event, ...]
    starts: tuple[Reaching, ...]
    more: bool = False


def plan(
    base: Thread,
    outcomes: Iterable[e.Event],
    *,
    rules: Rules,
    now: datetime,
    running: frozenset[str],
) -> Step:
    """Fold the outcomes onto `base`, then whatever follows until something must be waited for."""
    book = _Book(base, now)
    book.enter(outcome for outcome in outcomes if not _too_late(base, outcome))
    starts: list[Reaching] = []
    while len(book.events) < MOST_EVENTS:
        under_way = running | {effect.id for effect in starts}
        effect = decide(Moment(thread=book.thread, rules=rules, now=now, running=under_way))
        match effect:
            case Wait():
                return Step(thread=book.thread, events=tuple(book.events), starts=tuple(starts))
            case Record():
                book.enter(effect.events)
            case RunTool(started=False):
                book.enter((e.ToolStarted(call_id=effect.call),))
                starts.append(effect)
            case _:
                starts.append(effect)
    if _circles(base, book.thread, book.events):
        raise Circle(f"thread {base.id} never comes to rest")
    return Step(thread=book.thread, events=tuple(book.events), starts=tuple(starts), more=True)


def _circles(before: Thread, after: Thread, events: list[e.Event]) -> bool:
    """Whether so many events brought nothing nearer to its end, nor told anybody anything new."""
    told = [event.turn for event in events if isinstance(event, e.NoticeQueued)]
    return _left(after) >= _left(before) and (not told or len(told) > len(set(told)))


def _left(thread: Thread) -> int:
    """What is still to be done: reading, answering, sending and ending bring it down."""
    turns = sum(1 + 5 * (not turn.answered) + (turn.step is None) for turn in thread.turns)
    return turns + 2 * len(thread.requests) + len(thread.outbox)


def called_off(thread: Thread, running: frozenset[str]) -> frozenset[str]:
    """Which of the effects under way are for nothing: their call or their words are cancelled."""
    calls = {f"run:{call.id}" for call in thread.calls.values() if call.cancelled_by}
    open_turns = {f"agent:{turn.id}" for turn in thread.turns if not turn.cancelled}
    agents = {effect for effect in running if effect.startswith("agent:")} - open_turns
    return frozenset(running & (calls | agents))


def got_on(outcomes: Iterable[e.Event]) -> bool:
    """Whether the thread got anywhere: a word sent in between is not that."""
    words = (e.ReplyDelivered, e.ReplyPostponed, e.ReplyFailed, e.ReplyUncertain)
    return any(not isinstance(outcome, words) for outcome in outcomes)


def _too_late(thread: Thread, outcome: e.Event) -> bool:
    """Whether it is an answer to words that have been called off meanwhile."""
    if not isinstance(outcome, e.StepDecided | e.ModelFailed | e.ToolRequested):
        return False
    if isinstance(outcome, e.ToolRequested) and outcome.replaces is not None:
        old = thread.calls.get(outcome.replaces)
        return old is None or old.phase not in REPLANNED
    turn = thread.turn(outcome.turn)
    return turn is None or turn.answered or turn.cancelled


def stamp(drafts: Iterable[e.Event], version: int, now: datetime) -> tuple[e.Event, ...]:
    """The drafts as they will stand on the thread after `version`."""
    return tuple(
        replace(draft, seq=seq, at=now) for seq, draft in enumerate(drafts, start=version + 1)
    )


class _Book:
    """Stamps events and folds them, one after the other."""

    def __init__(self, thread: Thread, now: datetime) -> None:
        self.thread = thread
        self.events: list[e.Event] = []
        self._now = now

    def enter(self, drafts: Iterable[e.Event]) -> None:
        for event in stamp(drafts, self.thread.version, self._now):
            self.thread = evolve(self.thread, event)
            self.events.append(event)
