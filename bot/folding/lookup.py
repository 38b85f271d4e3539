"""Finding what an event speaks of; what is not there makes the event illegal."""

from dataclasses import replace

from bot.lifecycle import IllegalEvent, follow
from bot.thread import Call, Queued, Request, Thread, Turn


def turn_of(thread: Thread, number: int) -> Turn:
    """The open turn of that input."""
    turn = thread.turn(number)
    if turn is None:
        raise IllegalEvent(f"thread {thread.id} has no open turn {number}")
    return turn


def request_of(thread: Thread, request: str) -> Request:
    """The open request."""
    try:
        return thread.requests[request]
    except KeyError:
        raise IllegalEvent(f"thread {thread.id} has no open request {request}") from None


def step(thread: Thread, call: str, event: str) -> Call:
    """The call in its next phase."""
    try:
        old = thread.calls[call]
    except KeyError:
        raise IllegalEvent(f"thread {thread.id} has no call {call}") from None
    return replace(old, phase=follow(old.phase, event, call=call))


def heard_as(thread: Thread, ref: str) -> int:
    """The seq of the message with that native reference; 0 if it is not remembered."""
    return next((heard.seq for heard in reversed(thread.heard) if heard.ref == ref), 0)


def queue(thread: Thread, queued: Queued) -> Thread:
    """One more word on its way."""
    return replace(thread, outbox=(*thread.outbox, queued))


def dequeue(thread: Thread, reply: int) -> tuple[Thread, Queued]:
    """Without the word that arrived, and that word."""
    for queued in thread.outbox:
        if queued.id == reply:
            left = tuple(other for other in thread.outbox if other.id != reply)
            return replace(thread, outbox=left), queued
    raise IllegalEvent(f"thread {thread.id} has nothing queued as {reply}")


def forget(thread: Thread, call: Call) -> Thread:
    """Without a call that ended when no turn was left to report it."""
    if thread.turn(call.report) is not None:
        return thread
    return replace(thread, calls={key: old for key, old in thread.calls.items() if key != call.id})
