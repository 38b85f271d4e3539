"""How agents hear what became of a call that they asked for."""

from dataclasses import replace

from bot.fact import Fact
from bot.lifecycle import Phase
from bot.thread import Call, Thread, Turn
from bot.work import Trace, Work, fingerprint

WENT_WRONG = frozenset({Phase.FAILED, Phase.REFUSED})
NOT_WANTED = frozenset({Phase.REFUSED, Phase.EXPIRED})
"""It never ran: somebody is against it, or nobody was for it."""
LONGEST = 8_000
"""Characters that are kept of the words that a call or a question comes from."""


def kept(turn: Turn) -> Turn:
    """The turn as it is kept with what it asked for, bounded."""
    return replace(turn, text=turn.text[:LONGEST])


def call_ended(thread: Thread, call: Call, event: Fact) -> Thread:
    """The call is over: its agents know, in the turn that asked for it or in one of its own.

    Where people were asked meanwhile, so that the turn is over, a new one begins with this event.
    """
    if call.asker is None or call.asker.work is None:
        return thread
    trace = Trace(
        call=fingerprint(call.tool, call.args),
        result=fingerprint(call.phase, call.text, call.exit_code, call.rule),
        failed=call.phase in WENT_WRONG,
    )
    refused = call.phase in NOT_WANTED
    turn = thread.turn(call.asker.id)
    if turn is not None and turn.work is not None and not turn.answered:
        return thread.with_turn(replace(turn, work=turn.work.ended(trace, refused=refused)))
    if call.cancelled_by or call.reason == "cancelled":
        return thread
    work = replace(call.asker.work.ended(trace, refused=refused), calls=())
    return thread.with_turn(after(call.asker, event, work))


def after(asker: Turn, event: Fact, work: Work) -> Turn:
    """A turn that begins with the event and goes on for the one that asked, where that was."""
    return Turn(
        id=event.seq,
        source="outcome",
        at=event.at,
        told_at=event.at,
        address=asker.address,
        text=asker.text,
        by=asker.by,
        person=asker.person,
        about=asker.about or asker.id,
        work=work,
    )
