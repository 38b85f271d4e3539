"""What people's words do to a thread."""

from dataclasses import replace

from bot import events as e
from bot.discretion import room_of
from bot.folding.lookup import heard_as
from bot.folding.owing import arrives
from bot.lifecycle import CALL, ENDED, follow
from bot.thread import Call, Heard, Thread, Turn

TITLE_LENGTH = 80
HEARD_KEPT = 100


def message_received(event: e.MessageReceived, thread: Thread) -> Thread:
    """A new turn; said here, it also moves the conversation here."""
    turn = Turn(
        id=event.seq,
        source="message",
        at=event.at,
        told_at=event.at,
        address=event.via or event.address,
        text=event.text,
        by=event.by,
        person=event.person,
        doubt=event.doubt,
        answers=event.answers,
    )
    thread = arrives(thread, event.by)
    if event.ref:
        heard = (*thread.heard, Heard(ref=event.ref, seq=event.seq))[-HEARD_KEPT:]
        thread = replace(thread, heard=heard)
    thread = _seen(thread.with_turn(turn), event)
    if event.via is not None:
        return thread
    return replace(
        thread,
        address=event.address,
        audience=tuple(sorted({*thread.audience, *event.audience})),
        title=thread.title if thread.titled_by else event.text[:TITLE_LENGTH],
        titled_by=thread.titled_by or event.seq,
    )


def message_edited(event: e.MessageEdited, thread: Thread) -> Thread:
    """What no agent has answered yet is read as it stands now; a command that was read stands."""
    seq = heard_as(thread, event.ref)
    thread, old = _retitled(thread, seq, event.text), thread.turn(seq)
    if old is None or old.answered or (old.step is not None and old.step.kind != "pass"):
        return thread
    return thread.with_turn(replace(old, text=event.text))


def message_deleted(event: e.MessageDeleted, thread: Thread) -> Thread:
    """What nobody has begun with is called off."""
    seq = heard_as(thread, event.ref)
    thread, old = _retitled(thread, seq, ""), thread.turn(seq)
    if old is None or old.answered or old.work is not None or old.call is not None:
        return thread
    return thread.with_turn(replace(old, cancelled=True))


def _retitled(thread: Thread, seq: int, text: str) -> Thread:
    """A thread is named after its first words, as they stand."""
    named = seq and seq == thread.titled_by
    return replace(thread, title=text[:TITLE_LENGTH]) if named else thread


def _seen(thread: Thread, event: e.MessageReceived) -> Thread:
    """Who reads a room may change: the last word counts."""
    room = room_of(event.via or event.address)
    rooms = {*thread.outsiders, room} if event.outsiders else {*thread.outsiders} - {room}
    return replace(thread, outsiders=tuple(sorted(rooms)))


def paused(event: e.Paused, thread: Thread) -> Thread:
    """Who holds it."""
    return replace(thread, paused_by=event.person or event.by.name or event.by.id)


def resumed(_event: e.Resumed, thread: Thread) -> Thread:
    """It goes on; what people were told of the pause is over."""
    turns = tuple(replace(turn, notice="") for turn in thread.turns)
    return replace(thread, paused_by="", turns=turns)


def cancelled(event: e.Cancelled, thread: Thread) -> Thread:
    """What has not run is called off, what runs is marked, what waits is answered so."""
    name = event.person or event.by.name or event.by.id
    calls = {call.id: _cancel(call, name) for call in thread.calls.values()}
    requests = {key: replace(old, cancelled=True) for key, old in thread.requests.items()}
    turns = tuple(_call_off(turn, event.turn) for turn in thread.turns)
    return replace(thread, calls=calls, requests=requests, turns=turns)


def _cancel(call: Call, name: str) -> Call:
    if (call.phase, "cancelled") in CALL:
        phase = follow(call.phase, "cancelled", call=call.id)
        return replace(call, phase=phase, cancelled_by=name)
    return call if call.phase in ENDED else replace(call, cancelled_by=name)


def _call_off(turn: Turn, upto: int) -> Turn:
    """Words that wait are called off; decisions and the word that cancels are not.

    What agents work on is called off as well; it is answered once what runs for it has ended.
    """
    if turn.source == "timer" or turn.answered or (upto and (turn.about or turn.id) > upto):
        return turn
    if turn.work is None and turn.call:
        return turn
    if turn.step and turn.step.kind in {"judge", "control"}:
        return turn
    return replace(turn, cancelled=True)
