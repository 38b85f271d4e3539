"""What goes out to people, and when their turn is over. Pure: rules of `bot.decider`."""

from dataclasses import replace

from bot import answers, sentences
from bot import events as e
from bot.effects import Effect, Record, Send
from bot.folding.owing import place_of
from bot.lifecycle import ASKING, ENDED
from bot.moment import Moment
from bot.reply_events import Outcome
from bot.thread import Queued, Thread, Turn
from bot.timers import wait_is_over


def called_off(m: Moment) -> Effect | None:
    """What was cancelled is answered so, once nothing of it runs."""
    for turn in m.unanswered():
        call = m.thread.calls.get(turn.call or "")
        if turn.cancelled and (call is None or call.phase in ENDED):
            text = answers.called_off(m.thread, turn)
            return Record(
                events=(e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
            )
    return None


def remind(m: Moment) -> Effect | None:
    """A reminder that came due is said."""
    for turn in m.unanswered():
        if turn.source == "timer":
            text = f"Reminder: {turn.text}"
            return Record(
                events=(e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
            )
    return None


def settle(m: Moment) -> Effect | None:
    """A card whose request is closed says so, with who and when, in the place where it stands."""
    for shown in m.thread.cards:
        if shown.card.request not in m.thread.requests:
            closed = next((c for c in m.thread.closed if c.id == shown.card.request), None)
            text = sentences.settled(closed)
            card = replace(shown.card, outcome=text)
            edit = e.ReplyQueued(
                address=shown.address,
                text=f"{card.request}: {text}",
                answers=(),
                card=card,
                edits=shown.ref,
            )
            return Record(events=(edit,))
    return None


def end(m: Moment) -> Effect | None:
    """A turn is over once its answer is with people."""
    on_its_way = {turn for queued in m.thread.outbox for turn in queued.answers}
    for turn in m.thread.turns:
        if turn.answered and turn.id not in on_its_way:
            return Record(events=(e.TurnEnded(turn=turn.id, outcome=_ended(m.thread, turn)),))
    return None


def _ended(thread: Thread, turn: Turn) -> Outcome:
    if turn.undelivered:
        return "failed"
    if turn.cancelled:
        return "cancelled"
    call = thread.calls.get(turn.call or "")
    return "waiting" if call is not None and call.phase in ASKING else "replied"


def send(m: Moment) -> Effect | None:
    """In order, one at a time; where a committed reply is with its reader, that is all."""
    if not m.thread.outbox:
        return None
    queued = m.thread.outbox[0]
    sending = Send(reply=queued.id)
    if sending.id in m.running:
        return None
    if (back := _came_back(m, queued)) is not None:
        return Record(events=(back,))
    if _is_with_its_reader(m, queued):
        return Record(events=(e.ReplyDelivered(reply=queued.id),))
    early = queued.not_before is not None and m.now < queued.not_before
    return None if early else sending


def _came_back(m: Moment, queued: Queued) -> e.Event | None:
    """Where the last one came back from, the next one is not sent to."""
    room = queued.only or queued.address.room
    if place_of(queued.address.channel, room) not in m.thread.undelivered:
        return None
    return e.ReplyFailed(reply=queued.id, reason=f"what was sent to {room} before came back")


def _is_with_its_reader(m: Moment, queued: Queued) -> bool:
    """Whoever reads the thread's own log: who wrote there, from wherever, and nobody else."""
    if queued.address.channel not in m.rules.at_once:
        return False
    here = m.thread.address in (None, queued.address)
    return here or bool(queued.answers) or queued.address in {t.address for t in m.thread.turns}


def notice(m: Moment) -> Effect | None:
    """Who has to wait is told once what for, and who has waited long is told again."""
    for turn in m.unanswered():
        if turn.due or (turn.notice == "" and wait_is_over(m.thread, turn, m.rules, m.now)):
            text = sentences.busy(m.thread, turn, m.now)
            return Record(events=(e.NoticeQueued(address=turn.address, text=text, turn=turn.id),))
    return None
