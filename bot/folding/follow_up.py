"""How agents hear what became of a call that they asked for."""

from dataclasses import replace

from bot.fact import Fact
from bot.lifecycle import Phase
from bot.thread import Call, Thread, Turn
from bot.work import Trace, Work, fingerprint

WENT_WRONG = frozenset({Phase.FAILED, Phase.REFUSED})


def call_ended(thread: Thread, call: Call, event: Fact) -> Thread:
    """The call is over: its agents know, in the turn that asked for it or in one of its own.

    People were asked meanwhile, so that the turn is over: a new one begins with this event.
    """
    if call.asker is None or call.asker.work is None:
        return thread
    trace = Trace(
        call=fingerprint(call.tool, call.args),
        result=fingerprint(call.phase, call.text, call.exit_code, call.rule),
        failed=call.phase in WENT_WRONG,
    )
    refused = call.phase is Phase.REFUSED
    turn = thread.turn(call.asker.id)
    if turn is not None and turn.work is not None and not turn.answered:
        return thread.with_turn(replace(turn, work=turn.work.ended(trace, refused=refused)))
    if call.cancelled_by or call.reason == "cancelled":
        return thread
    return thread.with_turn(_next_turn(call.asker, call.asker.work, event, trace, refused=refused))


def _next_turn(asker: Turn, work: Work, event: Fact, trace: Trace, *, refused: bool) -> Turn:
    return Turn(
        id=event.seq,
        source="outcome",
        at=event.at,
        told_at=event.at,
        address=asker.address,
        text=asker.text,
        by=asker.by,
        person=asker.person,
        work=replace(work.ended(trace, refused=refused), calls=()),
    )
