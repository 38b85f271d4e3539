"""What timers and answers do to a thread."""

from dataclasses import replace

from bot import events as e
from bot.folding import owing
from bot.folding.lookup import dequeue, queue, turn_of
from bot.folding.nagging import nagged
from bot.lifecycle import ENDED
from bot.thread import Handed, Queued, Reminder, Shown, Thread, Turn


def timer_fired(event: e.TimerFired, thread: Thread) -> Thread:
    """A timer may fire as its reason goes away: then it means nothing."""
    subject = event.id.partition(":")[2]
    if event.purpose in {"expire", "remind", "escalate"} and subject in thread.requests:
        return nagged(thread, thread.requests[subject], event.purpose)
    if event.purpose in {"watch", "retry"} and (turn := thread.turn(int(subject))) is not None:
        return thread.with_turn(_woken(turn, event.purpose))
    if event.purpose == "send":
        outbox = tuple(
            replace(queued, not_before=None) if queued.id == int(subject) else queued
            for queued in thread.outbox
        )
        return replace(thread, outbox=outbox)
    if event.purpose == "later" and subject in thread.reminders:
        return _remind(event, thread, thread.reminders[subject])
    return thread


def _woken(turn: Turn, purpose: str) -> Turn:
    if purpose == "watch":
        return replace(turn, due=True)
    return replace(turn, work=replace(turn.work, not_before=None) if turn.work else None)


def _remind(event: e.TimerFired, thread: Thread, reminder: Reminder) -> Thread:
    left = {key: old for key, old in thread.reminders.items() if key != reminder.id}
    turn = Turn(
        id=event.seq,
        source="timer",
        at=event.at,
        told_at=event.at,
        address=reminder.address,
        text=reminder.text,
    )
    return replace(thread, reminders=left).with_turn(turn)


def notice_queued(event: e.NoticeQueued, thread: Thread) -> Thread:
    """Its turn has been told something."""
    thread = queue(
        thread, Queued(id=event.seq, at=event.at, address=event.address, text=event.text)
    )
    turn = thread.turn(event.turn)
    if turn is None:
        return thread
    told = replace(
        turn, due=False, told_at=event.at, notice="paused" if thread.paused_by else "busy"
    )
    return thread.with_turn(told)


def reply_queued(event: e.ReplyQueued, thread: Thread) -> Thread:
    """The turns that it answers are answered."""
    queued = Queued(
        id=event.seq,
        at=event.at,
        address=event.address,
        text=event.text,
        answers=event.answers,
        card=event.card,
        only=event.only,
        edits=event.edits,
    )
    turns = tuple(
        replace(turn, answered=True) if turn.id in event.answers else turn for turn in thread.turns
    )
    thread = replace(thread, turns=turns, handed=_told(event, thread))
    return queue(owing.said(_settled(thread, event), event), queued)


def _settled(thread: Thread, event: e.ReplyQueued) -> Thread:
    """The card that it is put in the place of is dealt with."""
    if not event.edits:
        return thread
    there = (event.address, event.edits)
    cards = tuple(shown for shown in thread.cards if (shown.address, shown.ref) != there)
    return replace(thread, cards=cards)


def _told(event: e.ReplyQueued, thread: Thread) -> Handed | None:
    """Whether whoever writes on a thread that people have was told so: prose was answered."""
    prose = any(
        turn.id in event.answers
        and turn.work is None
        and turn.step is not None
        and turn.step.kind == "pass"
        for turn in thread.turns
    )
    return replace(thread.handed, told=True) if thread.handed and prose else thread.handed


def reply_delivered(event: e.ReplyDelivered, thread: Thread) -> Thread:
    """It is with people; a card stays before them until its request is settled."""
    thread, queued = dequeue(thread, event.reply)
    return _shown(thread, queued, event.ref)


def _shown(thread: Thread, queued: Queued, ref: str) -> Thread:
    if queued.card is None or queued.edits or not ref:
        return thread
    shown = Shown(address=queued.address, ref=ref, card=queued.card)
    return replace(thread, cards=(*thread.cards, shown))


def reply_postponed(event: e.ReplyPostponed, thread: Thread) -> Thread:
    """It keeps its place; nothing after it overtakes."""
    thread, queued = dequeue(thread, event.reply)
    later = replace(queued, tries=queued.tries + 1, not_before=event.until)
    return replace(thread, outbox=(later, *thread.outbox))


def reply_failed(event: e.ReplyFailed, thread: Thread) -> Thread:
    """It never will be; its turns know."""
    thread, queued = dequeue(thread, event.reply)
    turns = tuple(
        replace(turn, undelivered=True) if turn.id in queued.answers else turn
        for turn in thread.turns
    )
    return replace(thread, turns=turns)


def reply_uncertain(event: e.ReplyUncertain, thread: Thread) -> Thread:
    """As far as anybody knows it has not arrived; if it has, its card can be answered there."""
    thread, queued = dequeue(thread, event.reply)
    turns = tuple(
        replace(turn, undelivered=True) if turn.id in queued.answers else turn
        for turn in thread.turns
    )
    thread = owing.unclear(replace(thread, turns=turns), queued)
    return _shown(thread, queued, event.ref)


def reply_undelivered(event: e.ReplyUndelivered, thread: Thread) -> Thread:
    """Nothing arrives there; others who are in the conversation are told with the next answer."""
    return owing.came_back(thread, event.address)


def dead_lettered(_event: e.DeadLettered, thread: Thread) -> Thread:
    """Nothing changes: a retry goes on from here."""
    return thread


def turn_ended(event: e.TurnEnded, thread: Thread) -> Thread:
    """The turn and the call that it reported are forgotten."""
    turn_of(thread, event.turn)
    turns = tuple(turn for turn in thread.turns if turn.id != event.turn)
    calls = {
        key: call
        for key, call in thread.calls.items()
        if not (call.report == event.turn and call.phase in ENDED)
    }
    return replace(thread, turns=turns, calls=calls)
