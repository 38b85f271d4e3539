"""What a person's decision on a request does. Pure: thread in, events out.

It counts only if the request stands, the words fit it, and the person may, as of now.
"""

from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from agents.port import Judge
from bot import events as e
from bot import policy, sentences
from bot.people import MAIL
from bot.rules import Rules
from bot.thread import Call, Request, Thread, Turn
from channels.port import Author


def settle(
    thread: Thread, turn: Turn, said: Judge, rules: Rules, now: datetime
) -> tuple[e.Event, ...]:
    """What a decision does: a vote, a refusal, an answer, or `decision_refused` with the reason."""
    by = turn.by or Author(channel="", id="")
    person = rules.people.find(by)
    fault = _fault(thread, turn, said, person, rules, now)
    if fault or person is None:
        return _refused(turn, said, by, person, fault or "you are not in the configuration")
    request = thread.requests[said.request]
    if said.verdict == "deny":
        return (_denial(turn, said, by, person), *_tell_asker(thread, request, turn, said, person))
    if said.verdict == "answer":
        return _answer(request, turn, said, by, person)
    if said.edits:
        return _edit(thread, request, turn, said, rules, now)
    call = thread.calls[request.call]
    may = _may(request, call, rules, now)
    quorum = policy.quorum(rules, call, request.quorum)
    return _vote(replace(request, quorum=quorum), turn, by, person, may)


def _fault(
    thread: Thread, turn: Turn, said: Judge, person: str | None, rules: Rules, now: datetime
) -> str:
    """Why the decision does not count; "" if it does."""
    if turn.doubt:
        return sentences.DOUBTS[turn.doubt]
    request = thread.requests.get(said.request)
    if request is None:
        return _gone(thread, said.request)
    if request.cancelled:
        return f"{request.id} was cancelled"
    if request.due or (request.expires_at is not None and request.expires_at <= now):
        return f"{request.id} has expired"
    return _unfit(request, said) or _unentitled(thread, request, turn, said, person, rules, now)


def _unfit(request: Request, said: Judge) -> str:
    """What is wrong with the words, whoever says them."""
    if (said.verdict == "answer") is not (request.kind == "question"):
        verbs = "answer" if request.kind == "question" else "approve or deny"
        return f"{request.id} is a request to {verbs}"
    if said.edits and not request.call:
        return "a question has no arguments to change"
    if said.verdict == "answer" and request.call and option(request, said.text) is None:
        return f"answer with one of: {', '.join(request.options)}, or its number"
    return ""


def _unentitled(
    thread: Thread,
    request: Request,
    turn: Turn,
    said: Judge,
    person: str | None,
    rules: Rules,
    now: datetime,
) -> str:
    """Why this person's word does not count."""
    if person is None:
        return "you are not in the configuration, so you can not decide"
    if not request.call:
        who = " or ".join(request.deciders)
        return "" if person in request.deciders else f"you may not answer this, {who} may"
    call = thread.calls[request.call]
    may = _may(request, call, rules, now)
    if person not in may:
        return _not_yours(call, person, may)
    if said.verdict == "approve" and person in request.votes:
        return f"you have approved {request.id} already"
    if said.verdict == "approve" and _by_mail(turn):
        return policy.unfit_for_mail(rules, call)
    return ""


def _by_mail(turn: Turn) -> bool:
    """Whether it came by mail, or its answer goes by mail."""
    return MAIL in {turn.by.channel if turn.by else "", turn.address.channel}


def _gone(thread: Thread, request: str) -> str:
    for closed in thread.closed:
        if closed.id == request:
            return f"{request} is closed: {closed.outcome}"
    number = request.rpartition("-")[2]
    if request.startswith(f"{thread.id}-") and number.isdigit() and int(number) <= thread.asked:
        return f"{request} was closed some time ago"
    return f"there is no request {request}"


def _may(request: Request, call: Call, rules: Rules, now: datetime) -> tuple[str, ...]:
    """As of now, not as of when it was asked: who lost the role lost the say."""
    if request.kind == "question":
        return policy.checkers(rules, call, now)
    return policy.deciders(rules, call, now, request.escalated)


def _not_yours(call: Call, person: str, may: tuple[str, ...]) -> str:
    who = " or ".join(may) or "nobody"
    if person in call.requesters:
        return f"you asked for it yourself, so somebody else has to decide: {who}"
    return f"you may not decide this, {who} may"


def option(request: Request, text: str) -> str | None:
    """The option that the words name, as it stands or by its number; None for anything else.

    None, too, where a number means one option and is itself another one: nothing is guessed.
    """
    said = text.strip().casefold()
    named = next((one for one in request.options if one.casefold() == said), None)
    numbers = {str(number): one for number, one in enumerate(request.options, start=1)}
    meant = {each for each in (named, numbers.get(said)) if each is not None}
    return meant.pop() if len(meant) == 1 else None


def _refused(
    turn: Turn, said: Judge, by: Author, person: str | None, why: str
) -> tuple[e.Event, ...]:
    """Said to whoever decided, and to nobody else where the channel can do that."""
    told = e.ReplyQueued(
        address=turn.address,
        text=f"Not counted: {why.rstrip('.')}.",
        answers=(turn.id,),
        only=by.id if by.channel == turn.address.channel else "",
    )
    refused = e.DecisionRefused(
        request_id=said.request, by=by, person=person, reason=why, turn=turn.id
    )
    return (refused, told)


def _denial(turn: Turn, said: Judge, by: Author, person: str) -> e.Event:
    return e.ApprovalRefused(
        request_id=said.request,
        by=by,
        person=person,
        via=turn.address,
        reason=said.text,
        turn=turn.id,
    )


def _tell_asker(
    thread: Thread, request: Request, turn: Turn, said: Judge, person: str
) -> tuple[e.Event, ...]:
    """The place where it was asked hears of a denial given elsewhere."""
    call = thread.calls[request.call]
    if call.address == turn.address:
        return ()
    text = f"{sentences.NOT_RUN}: {call.shown}: refused by {person}: {said.text}"
    return (e.ReplyQueued(address=call.address, text=text, answers=()),)


def _answer(
    request: Request, turn: Turn, said: Judge, by: Author, person: str
) -> tuple[e.Event, ...]:
    answer = option(request, said.text) or said.text
    events: tuple[e.Event, ...] = (
        e.QuestionAnswered(
            request_id=request.id,
            by=by,
            person=person,
            via=turn.address,
            answer=answer,
            turn=turn.id,
        ),
    )
    match answer:
        case "done" | "not done" | "run again" if request.call:
            resolved = e.UncertaintyResolved(
                call_id=request.call, outcome=answer, by=by, person=person
            )
            return (*events, resolved)
        case _ if request.asker is not None and request.asker.address != turn.address:
            text = f"Counted: {request.id} is answered, it goes on where it was asked."
            return (
                *events,
                e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),
            )
        case _:
            return events


def _edit(
    thread: Thread, request: Request, turn: Turn, said: Judge, rules: Rules, now: datetime
) -> tuple[e.Event, ...]:
    """Approved with other arguments: they are checked as ever, and it is asked for anew."""
    by = turn.by or Author(channel="", id="")
    person = rules.people.find(by) or ""
    call = thread.calls[request.call]
    edited = rules.edit(call.tool, call.args, said.edits)
    if isinstance(edited, str):
        return _refused(turn, said, by, person, edited)
    if edited == call.args:
        return _refused(turn, said, by, person, "nothing is changed by that: leave it out")
    if why := _forbidden(call, edited, person, rules, now):
        return _refused(turn, said, by, person, why)
    given = e.ApprovalGiven(
        request_id=request.id,
        by=by,
        person=person,
        via=turn.address,
        final=False,
        turn=turn.id,
        edited=edited,
    )
    return (given,)


def _forbidden(
    call: Call, edited: dict[str, JsonValue], person: str, rules: Rules, now: datetime
) -> str:
    """Why the changed call could not be asked for; "" if it can. Who changes it asks for it too."""
    asked = policy.Asked(
        tool=call.tool,
        args=edited,
        requesters=tuple(sorted({*call.requesters, person})),
        address=call.address,
    )
    judged = policy.judge(rules, asked, now)
    if judged.verdict != "refused":
        return ""
    if judged.approval is not None:
        return "nobody could approve what you have changed but you"
    return f"with these arguments it is refused: {judged.rule}"


def approved_by_editing(
    thread: Thread, call: Call, request: Request, rules: Rules, now: datetime
) -> tuple[e.Event, ...]:
    """The vote of whoever wanted it so, if their vote counts: asking them again says nothing."""
    turn = thread.turn(call.report)
    may = policy.deciders(rules, call, now)
    if turn is None or turn.by is None or call.editor not in may:
        return ()
    if _by_mail(turn) and policy.unfit_for_mail(rules, call):
        return ()
    vote = _vote(request, turn, turn.by, call.editor, may)
    return tuple(event for event in vote if isinstance(event, e.ApprovalGiven))


def _vote(
    request: Request, turn: Turn, by: Author, person: str, may: tuple[str, ...]
) -> tuple[e.Event, ...]:
    valid = {vote for vote in request.votes if vote in may} | {person}
    final = len(valid) >= request.quorum
    vote = e.ApprovalGiven(
        request_id=request.id,
        by=by,
        person=person,
        via=turn.address,
        final=final,
        turn=turn.id,
        counted=tuple(sorted(valid)),
    )
    if final:
        return (vote,)
    text = f"{request.id}: approved by {person}, {len(valid)} of {request.quorum}."
    return (vote, e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)))
