"""What questions, approvals and decisions do to a thread."""

from dataclasses import replace

from pydantic import JsonValue

from agents.port import Route
from bot import events as e
from bot.folding.follow_up import after, call_ended, kept
from bot.folding.lookup import forget, request_of, step, turn_of
from bot.requests import approval_of, question_of
from bot.thread import Request, Thread, Turn
from bot.work import Work


def approval_requested(event: e.ApprovalRequested, thread: Thread) -> Thread:
    """An open approval, that the call waits for."""
    call = step(thread, event.call_id, "approval_requested")
    thread = replace(thread, asked=thread.asked + 1)
    request = approval_of(event)
    return thread.with_call(replace(call, request=request.id)).with_request(request)


def approval_given(event: e.ApprovalGiven, thread: Thread) -> Thread:
    """One more vote; the final one lets the call run, and this turn reports it."""
    request = request_of(thread, event.request_id)
    if event.edited is not None:
        return _edited(thread, request, event, event.edited)
    call = step(thread, request.call, f"approval_given{': final' if event.final else ''}")
    voters = event.counted or (*call.approved_by, event.person)
    call = replace(call, approved_by=voters)
    if not event.final:
        voted = replace(request, votes=(*request.votes, event.person))
        return thread.with_call(call).with_request(voted)
    thread = thread.with_call(replace(call, report=event.turn, approved_at=event.at))
    thread = thread.with_turn(replace(turn_of(thread, event.turn), call=call.id))
    return thread.without_request(request.id, f"approved by {event.person}", event.at)


def _edited(
    thread: Thread, request: Request, event: e.ApprovalGiven, args: dict[str, JsonValue]
) -> Thread:
    """The call is asked for anew; this turn reports it."""
    call = step(thread, request.call, "approval_given: edited")
    call = replace(call, edited=args, editor=event.person, report=event.turn)
    turn = replace(turn_of(thread, event.turn), call=call.id)
    return (
        thread.with_call(call)
        .with_turn(turn)
        .without_request(request.id, f"edited by {event.person}", event.at)
    )


def approval_refused(event: e.ApprovalRefused, thread: Thread) -> Thread:
    """The call will not run, and this turn reports it."""
    request = request_of(thread, event.request_id)
    call = step(thread, request.call, "approval_refused")
    text = f"refused by {event.person}: {event.reason}"
    thread = thread.with_call(replace(call, report=event.turn, text=text))
    thread = thread.with_turn(replace(turn_of(thread, event.turn), call=call.id))
    thread = call_ended(thread, thread.calls[call.id], event)
    return thread.without_request(request.id, f"refused by {event.person}", event.at)


def approval_expired(event: e.ApprovalExpired, thread: Thread) -> Thread:
    """The call will not run."""
    request = request_of(thread, event.request_id)
    call = step(thread, request.call, "approval_expired")
    thread = call_ended(thread.with_call(call), call, event)
    return forget(thread, call).without_request(request.id, "expired", event.at)


def approval_withdrawn(event: e.ApprovalWithdrawn, thread: Thread) -> Thread:
    """The call will not run."""
    request = request_of(thread, event.request_id)
    call = step(thread, request.call, "approval_withdrawn")
    outcome = event.text or event.reason
    return forget(thread.with_call(call), call).without_request(request.id, outcome, event.at)


def decision_refused(_event: e.DecisionRefused, thread: Thread) -> Thread:
    """Nothing changes: the fact is for the log."""
    return thread


def question_asked(event: e.QuestionAsked, thread: Thread) -> Thread:
    """An open question, about a call or of an agent."""
    thread = replace(thread, asked=thread.asked + 1)
    request = question_of(event)
    if not event.call_id:
        asker = kept(turn_of(thread, event.turn))
        return thread.with_request(replace(request, asker=asker, seq=event.seq))
    call = step(thread, event.call_id, "question_asked")
    return thread.with_call(replace(call, request=request.id)).with_request(request)


def question_answered(event: e.QuestionAnswered, thread: Thread) -> Thread:
    """Closed; this turn reports what follows."""
    request = request_of(thread, event.request_id)
    if request.asker is not None:
        thread = _heard(thread, event, request.asker)
        return thread.without_request(request.id, f"answered by {event.person}", event.at)
    call = replace(thread.calls[request.call], report=event.turn)
    thread = thread.with_call(call)
    thread = thread.with_turn(replace(turn_of(thread, event.turn), call=call.id))
    return thread.without_request(request.id, f"answered by {event.person}", event.at)


def _heard(thread: Thread, event: e.QuestionAnswered, asker: Turn) -> Thread:
    """The agent that asked goes on, in the turn that answers it; from elsewhere, where it asked."""
    work = replace(asker.work or Work(), calls=())
    turn = turn_of(thread, event.turn)
    step = Route(to=work.agent, reason="its question is answered")
    if turn.address == asker.address:
        return thread.with_turn(replace(turn, step=step, work=work))
    return thread.with_turn(
        replace(after(asker, event, work), source="answer", step=step, person=event.person)
    )


def question_expired(event: e.QuestionExpired, thread: Thread) -> Thread:
    """Closed without an answer."""
    request = request_of(thread, event.request_id)
    if not request.call:
        return thread.without_request(request.id, "expired", event.at)
    call = step(thread, request.call, "question_expired")
    thread = call_ended(thread.with_call(call), call, event)
    return forget(thread, call).without_request(request.id, "expired", event.at)


def question_withdrawn(event: e.QuestionWithdrawn, thread: Thread) -> Thread:
    """Closed without an answer."""
    request = request_of(thread, event.request_id)
    if not request.call:
        return thread.without_request(request.id, event.reason, event.at)
    call = step(thread, request.call, "question_withdrawn")
    return forget(thread.with_call(call), call).without_request(request.id, event.reason, event.at)
