"""Questions and approvals: asking, expiring, withdrawing. Pure: thread in, events out."""

from dataclasses import replace
from datetime import datetime, timedelta

from agents.port import AskPerson
from bot import answers, nagging, policy, sentences
from bot import events as e
from bot.approval import Approval
from bot.discretion import is_open
from bot.people import MAIL
from bot.rules import Rules
from bot.thread import Call, Request, Thread, Turn
from channels.port import Address, Beside

NOBODY = Approval(by="nobody")
UNCLEAR_OPTIONS = ("done", "not done", "run again")
UNCLEAR_EXPIRES = timedelta(days=7)
"""How long people are waited for to say what became of a run."""
QUESTION_EXPIRES = timedelta(days=1)
"""How long an agent's own question can be answered by its id."""


# --- asking --------------------------------------------------------------------------------------


def ask_approval(thread: Thread, call: Call, rules: Rules, now: datetime) -> tuple[e.Event, ...]:
    """Ask who may decide whether the call may run; the answer to the turn is the request."""
    gate = rules.gates.get(call.tool)  # what an older version asked for has no approval of its own
    approval = call.approval or (gate.approval if gate else None) or NOBODY
    approvers = policy.deciders(rules, call, now)
    when = nagging.schedule(approval, rules, now, enough=len(approvers) >= approval.quorum)
    asked = e.ApprovalRequested(
        request_id=next_id(thread),
        call_id=call.id,
        shown=call.shown,
        digest=call.digest,
        by=approval.by,
        approvers=approvers,
        quorum=approval.quorum,
        expires_at=now + approval.expire,
        remind_at=when.remind_at,
        escalate_at=when.escalate_at,
        escalate_to=approval.escalate,
    )
    return (asked, *_show(thread, approval_of(asked), call, rules))


def ask_what_became(thread: Thread, call: Call, rules: Rules, now: datetime) -> tuple[e.Event, ...]:
    """Ask people what became of a run that nobody saw end."""
    asked = e.QuestionAsked(
        request_id=next_id(thread),
        call_id=call.id,
        text=sentences.unclear(call),
        options=UNCLEAR_OPTIONS,
        answerers=policy.checkers(rules, call, now),
        expires_at=now + UNCLEAR_EXPIRES,
    )
    return (asked, *_show(thread, question_of(asked), call, rules))


def ask_person(
    thread: Thread, turn: Turn, step: AskPerson, text: str, now: datetime
) -> tuple[e.Event, ...]:
    """Ask whoever wrote what an agent wants to know; `text` is how it is said to them."""
    if turn.person is None:  # nobody knows whose answer would count: their next words are read
        return (e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
    older = (
        e.QuestionWithdrawn(request_id=request.id, reason="superseded")
        for request in theirs(thread, turn.person)
    )
    asked = e.QuestionAsked(
        request_id=next_id(thread),
        call_id="",
        text=step.question,
        options=step.options,
        answerers=(turn.person,),
        expires_at=now + QUESTION_EXPIRES,
        turn=turn.id,
    )
    card = sentences.card(question_of(asked))
    reply = e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,), card=card)
    return (*older, asked, reply)


def theirs(thread: Thread, person: str | None) -> tuple[Request, ...]:
    """The open questions of agents that the person may answer."""
    return tuple(
        request
        for request in thread.requests.values()
        if not request.call and person in request.deciders
    )


def approval_of(asked: e.ApprovalRequested) -> Request:
    """The open request that the event makes."""
    return Request(
        id=asked.request_id,
        kind="approval",
        call=asked.call_id,
        shown=asked.shown,
        by=asked.by,
        deciders=asked.approvers,
        quorum=asked.quorum,
        expires_at=asked.expires_at,
        remind_at=asked.remind_at,
        escalate_at=asked.escalate_at,
        escalate_to=asked.escalate_to,
    )


def question_of(asked: e.QuestionAsked) -> Request:
    """The open request that the event makes."""
    return Request(
        id=asked.request_id,
        kind="question",
        call=asked.call_id,
        shown=asked.text,
        by="",
        deciders=asked.answerers,
        options=asked.options,
        expires_at=asked.expires_at,
    )


def next_id(thread: Thread) -> str:
    """Ids of requests name their thread, so that any channel finds it."""
    return f"{thread.id}-{thread.asked + 1}"


def _show(thread: Thread, request: Request, call: Call, rules: Rules) -> tuple[e.Event, ...]:
    """It answers the turn that brought it up, and is seen where the call was asked for.

    In a room with people from outside it is only named; who may decide is told the rest elsewhere.
    Those who may decide and do not see it are asked where they are: see `_unseen`.
    """
    text, card = sentences.asking(request, call), sentences.card(request)
    card = replace(card, beside=_beside(thread, request))
    turn = thread.turn(call.report)
    happened = answers.done(thread, turn) if turn is not None else ""
    at = turn.address if turn else call.address
    told: list[e.Event] = []
    for place in dict.fromkeys((at, call.address)):
        here = sentences.naming(request, call) if is_open(thread, place) else text
        said = f"{happened}\n\n{here}" if happened else here
        answered = (call.report,) if place == at else ()
        told.append(e.ReplyQueued(address=place, text=said, answers=answered, card=card))
    shown = (at, call.address)
    hidden = any(is_open(thread, place) for place in shown)
    to = request.deciders if hidden else _unseen(thread, request, rules, shown)
    private = _private(thread, to, rules)
    told += (e.ReplyQueued(address=one, text=text, answers=(), card=card) for one in private)
    return tuple(told)


def _unseen(
    thread: Thread, request: Request, rules: Rules, shown: tuple[Address, ...]
) -> tuple[str, ...]:
    """Who may decide and does not see it.

    A conversation by mail is seen by those alone who are in it. Anywhere else whoever is known on
    the channel may come by, and the others are asked only if those are too few.
    """
    people, channels = rules.people, {place.channel for place in shown}
    if MAIL in channels:
        rest = (one for one in request.deciders if not people.in_audience(one, thread.audience))
        return tuple(rest)
    absent = tuple(one for one in request.deciders if not people.is_on(one, channels))
    enough = len(request.deciders) - len(absent) >= request.quorum
    return () if enough else absent


def _beside(thread: Thread, request: Request) -> tuple[Beside, ...]:
    """The other approvals that wait here, so that all of them can be given at once."""
    others = (one for one in thread.requests.values() if one.kind == request.kind == "approval")
    return tuple(Beside(request=one.id, shown=one.shown) for one in others if one.id != request.id)


def _private(thread: Thread, persons: tuple[str, ...], rules: Rules) -> list[Address]:
    """Where they are told what nobody from outside may read."""
    places = (place for person in persons for place in rules.people.places(person))
    return [place for place in dict.fromkeys(places) if not is_open(thread, place)]


# --- without a decision --------------------------------------------------------------------------


def close_due(thread: Thread, request: Request) -> tuple[e.Event, ...]:
    """Expire a request whose time is over, or withdraw one that was cancelled, and say so."""
    if not request.call:
        return _close_question(request)
    call = thread.calls[request.call]
    match request.kind, request.cancelled:
        case "question", True:
            return (e.QuestionWithdrawn(request_id=request.id, reason="cancelled"),)
        case "question", False:
            said = f"{call.shown}: nobody said what became of it"
            return (e.QuestionExpired(request_id=request.id), _told(call, said))
        case _, True:
            text = f"cancelled by {call.cancelled_by}"
            withdrawn = e.ApprovalWithdrawn(request_id=request.id, reason="cancelled", text=text)
            return (withdrawn, _told(call, f"{sentences.NOT_RUN}: {call.shown}: {text}"))
        case _:
            text = f"the request {request.id} expired, nobody decided in time"
            said = f"{sentences.NOT_RUN}: {call.shown}: {text}"
            return (e.ApprovalExpired(request_id=request.id), _told(call, said))


def _close_question(request: Request) -> tuple[e.Event, ...]:
    if request.cancelled or request.asker is None:
        return (e.QuestionWithdrawn(request_id=request.id, reason="cancelled"),)
    text = f"{request.id}: nobody answered, so I leave it there: {request.shown}"
    told = e.ReplyQueued(address=request.asker.address, text=text, answers=())
    return (e.QuestionExpired(request_id=request.id), told)


def _told(call: Call, text: str) -> e.Event:
    return e.ReplyQueued(address=call.address, text=text, answers=())
