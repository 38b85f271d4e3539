"""What a story tells of questions, approvals and decisions."""

from agents.usage import rendered
from bot import events as e
from bot.entry import Entry
from bot.folding.telling import LONGEST_WORDS, entry, listed, named, who
from bot.shortening import cut, one_line
from bot.thread import Thread

LONGEST_ANSWER = 2_000


def approval_requested(event: e.ApprovalRequested, _thread: Thread) -> Entry:
    """What is asked, of whom and until when; the call itself is told before."""
    needed = f", {event.quorum} of them" if event.quorum > 1 else ""
    text = (
        f"may {event.call_id} run? {named(event.approvers)} may say ({event.by}){needed},"
        f" until {event.expires_at:%Y-%m-%d %H:%M}"
    )
    return entry(event, "request", text, ref=event.request_id)


def question_asked(event: e.QuestionAsked, _thread: Thread) -> Entry | None:
    """As with an approval; the question may hold words of others. An agent's own is its step."""
    if not event.call_id:
        return None
    text = (
        f"of {event.call_id}, {named(event.answerers)} may answer {listed(event.options)}:"
        f" {one_line(event.text, LONGEST_WORDS)}"
    )
    return entry(event, "request", text, trust="machine", ref=event.request_id)


def approval_given(event: e.ApprovalGiven, _thread: Thread) -> Entry:
    """One vote, maybe for other arguments."""
    text = "approved" if event.final else "approved, others have to as well"
    if event.edited is not None:
        text = f"wants it with other arguments: {cut(rendered('', event.edited).strip(), 300)}"
    return entry(event, "decision", text, by=event.person, ref=event.request_id)


def approval_refused(event: e.ApprovalRefused, _thread: Thread) -> Entry:
    """A no, in the words of whoever said it."""
    text = f"refused: {cut(event.reason, LONGEST_WORDS)}".removesuffix(": ")
    return entry(event, "decision", text, by=event.person, trust="person", ref=event.request_id)


def question_answered(event: e.QuestionAnswered, thread: Thread) -> Entry:
    """The answer; to an agent's own question it is a person's words like any message."""
    turns = (thread.turn(event.turn), thread.turn(event.seq))  # here, or where it was asked
    if any(turn is not None and turn.work is not None for turn in turns):
        text = cut(event.answer, LONGEST_ANSWER)
        return entry(event, "message", text, by=event.person, trust="person", ref=event.request_id)
    text = f"answered: {cut(event.answer, LONGEST_WORDS)}"
    return entry(event, "decision", text, by=event.person, trust="person", ref=event.request_id)


def expired(event: e.ApprovalExpired | e.QuestionExpired, _thread: Thread) -> Entry:
    """Nobody said anything."""
    return entry(event, "decision", "expired, nobody decided in time", ref=event.request_id)


def withdrawn(event: e.ApprovalWithdrawn | e.QuestionWithdrawn, _thread: Thread) -> Entry:
    """It no longer stands."""
    return entry(event, "decision", f"withdrawn, {event.reason}", ref=event.request_id)


def decision_refused(event: e.DecisionRefused, thread: Thread) -> Entry:
    """Of a request that never was, the name is somebody's free words: it is not repeated."""
    known = event.request_id in {*thread.requests, *(closed.id for closed in thread.closed)}
    why, ref = (event.reason, event.request_id) if known else ("there is no such request", "")
    text = f"tried to decide, which does not count: {one_line(why, LONGEST_WORDS)}"
    return entry(event, "decision", text, by=who(event.person, event.by), ref=ref)
