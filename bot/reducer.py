"""What a thread becomes: `evolve(thread, event) -> thread`, pure, one small function a kind.

What may follow what on a tool call is the table in `lifecycle`; an event that names something
the thread does not hold, or comes out of order, raises `IllegalEvent`.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch

from bot.events import Event
from bot.folding import agents, calls, nagging, replies, requests, story, words
from bot.lifecycle import IllegalEvent
from bot.thread import Thread


def evolve(thread: Thread, event: Event) -> Thread:
    """The thread after one more event. Raises `IllegalEvent`."""
    if event.seq != thread.version + 1:
        raise IllegalEvent(f"thread {thread.id} is at {thread.version}: event {event.seq} follows")
    after = story.grown(_apply(event, thread), event)
    return replace(after, version=event.seq, at=event.at)


def fold(thread: str, events: Iterable[Event], base: Thread | None = None) -> Thread:
    """The thread after all these events, from `base` or from nothing."""
    state = base or Thread(id=thread)
    for event in events:
        state = evolve(state, event)
    return state


@singledispatch
def _apply(event: object, thread: Thread) -> Thread:
    raise IllegalEvent(f"thread {thread.id}: nothing is known of {type(event).__name__}")


for handler in (
    words.message_received,
    words.message_edited,
    words.message_deleted,
    words.paused,
    words.resumed,
    words.cancelled,
    agents.step_decided,
    agents.model_failed,
    agents.handed_over,
    agents.handed_back,
    story.condensed,
    calls.tool_requested,
    calls.tool_started,
    calls.tool_returned,
    calls.tool_failed,
    calls.tool_uncertain,
    calls.uncertainty_resolved,
    calls.cap_raised,
    requests.approval_requested,
    requests.approval_given,
    requests.approval_refused,
    requests.approval_expired,
    requests.approval_withdrawn,
    requests.decision_refused,
    nagging.human_reminded,
    nagging.human_escalated,
    requests.question_asked,
    requests.question_answered,
    requests.question_expired,
    requests.question_withdrawn,
    replies.timer_fired,
    replies.notice_queued,
    replies.reply_queued,
    replies.reply_delivered,
    replies.reply_postponed,
    replies.reply_failed,
    replies.reply_uncertain,
    replies.reply_undelivered,
    replies.dead_lettered,
    replies.turn_ended,
):
    _apply.register(handler)
