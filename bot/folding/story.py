"""What models are told of each event: the thread's story grows by it, and checkpoints shorten it.

Every fact is told once, where it happened. So a reply is told only for an agent's own words in it:
the lines of outcomes that code puts above them are in the story as results and decisions. What
was said in another room (`via`) is told by the decision that came of it, and by nothing else.
"""

from dataclasses import replace
from functools import singledispatch

from bot import events as e
from bot.entry import Entry
from bot.folding import told_calls as calls
from bot.folding import told_requests as requests
from bot.folding import told_words as words
from bot.folding.lookup import heard_as
from bot.thread import Thread


def told(event: e.Event, thread: Thread) -> Entry | None:
    """What the event adds to the story, once it is folded into `thread`; often nothing."""
    return _told(event, thread)


def grown(thread: Thread, event: e.Event) -> Thread:
    """The thread, which the event is folded into already, with its story.

    It only grows, but for what people take back: that is told as it stands from here on.
    """
    if isinstance(event, e.MessageEdited | e.MessageDeleted):
        return _reworded(thread, event)
    entry = _told(event, thread)
    return thread if entry is None else replace(thread, story=(*thread.story, entry))


def condensed(event: e.Condensed, thread: Thread) -> Thread:
    """A checkpoint: what came before it is told in fewer words from here on."""
    later = (entry for entry in thread.story if entry.seq > event.upto)
    return replace(thread, story=(*event.entries, *later))


def _reworded(thread: Thread, event: e.MessageEdited | e.MessageDeleted) -> Thread:
    seq = heard_as(thread, event.ref)
    story = tuple(
        words.reworded(entry, event) if entry.seq == seq and entry.kind == "message" else entry
        for entry in thread.story
    )
    return replace(thread, story=story)


@singledispatch
def _told(_event: object, _thread: Thread) -> Entry | None:
    """Of what is not told below a model needs to know nothing."""
    return None


for teller in (
    words.message_received,
    words.step_decided,
    words.reply_queued,
    words.reply_undelivered,
    words.timer_fired,
    words.cancelled,
    words.paused,
    words.resumed,
    words.handed_over,
    words.handed_back,
    words.cap_raised,
    calls.tool_requested,
    calls.tool_returned,
    calls.tool_failed,
    calls.tool_uncertain,
    calls.uncertainty_resolved,
    requests.approval_requested,
    requests.approval_given,
    requests.approval_refused,
    requests.decision_refused,
    requests.question_asked,
    requests.question_answered,
    requests.expired,
    requests.withdrawn,
):
    _told.register(teller)
