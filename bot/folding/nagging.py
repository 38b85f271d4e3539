"""What reminding and escalating do to a thread."""

from dataclasses import replace

from bot import events as e
from bot.folding.lookup import request_of
from bot.thread import Request, Thread


def nagged(thread: Thread, request: Request, purpose: str) -> Thread:
    """It is time to remind, to escalate or to expire; an escalation says more than a reminder."""
    if purpose == "expire":
        return thread.with_request(replace(request, due=True))
    if purpose == "escalate":
        due = replace(request, nag="escalate", escalate_at=None, remind_at=None)
    else:
        due = replace(request, nag=request.nag or "remind", remind_at=None)
    return thread.with_request(due)


def human_reminded(event: e.HumanReminded, thread: Thread) -> Thread:
    """They have been told."""
    return thread.with_request(replace(request_of(thread, event.request_id), nag=""))


def human_escalated(event: e.HumanEscalated, thread: Thread) -> Thread:
    """More people may decide."""
    request = request_of(thread, event.request_id)
    deciders = tuple(sorted({*request.deciders, *event.to}))
    return thread.with_request(replace(request, nag="", escalated=event.name, deciders=deciders))
