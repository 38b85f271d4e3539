"""What tools' outcomes do to a thread."""

from dataclasses import replace

from bot import events as e
from bot.folding.follow_up import call_ended, kept
from bot.folding.lookup import step, turn_of
from bot.lifecycle import START, IllegalEvent, Phase, follow
from bot.thread import Call, Reminder, Thread, Turn
from bot.work import Work


def tool_requested(event: e.ToolRequested, thread: Thread) -> Thread:
    """A call, in the phase that policy put it in."""
    if event.call_id in thread.calls:
        raise IllegalEvent(f"call {event.call_id} was requested before")
    turn = turn_of(thread, event.turn)
    call = Call(
        id=event.call_id,
        tool=event.tool,
        args=event.args,
        shown=event.shown,
        digest=event.digest,
        risk=event.risk,
        phase=follow(START, f"tool_requested: {event.verdict}", call=event.call_id),
        rule=event.rule,
        approval=event.approval,
        address=event.address,
        report=event.turn,
        requesters=event.requesters,
        asked_by=event.asked_by,
        preface=event.preface,
        ungrounded=event.ungrounded,
        asker=_asker(event, turn, thread),
        editor=_editor(event, thread),
    )
    calls = {key: old for key, old in thread.calls.items() if key != event.replaces}
    thread = replace(thread, calls={**calls, call.id: call})
    work = turn.work.called(call.id) if turn.work is not None else None
    thread = thread.with_turn(replace(turn, call=call.id, work=work))
    return call_ended(thread, call, event) if event.verdict == "refused" else thread


def _asker(event: e.ToolRequested, turn: Turn, thread: Thread) -> Turn | None:
    """The agents' turn that a call comes from; who asks for it anew does so for the same one."""
    old = thread.calls.get(event.replaces or "")
    if old is not None:
        return old.asker
    return kept(replace(turn, work=turn.work or Work())) if event.agent else None


def _editor(event: e.ToolRequested, thread: Thread) -> str:
    """Who has approved it by wanting it so."""
    old = thread.calls.get(event.replaces or "")
    return old.editor if old is not None and old.phase is Phase.EDITED else ""


def tool_started(event: e.ToolStarted, thread: Thread) -> Thread:
    """From here its outcome is recorded, or unknown."""
    call = step(thread, event.call_id, "tool_started")
    return thread.with_call(replace(call, started_at=event.at))


def tool_returned(event: e.ToolReturned, thread: Thread) -> Thread:
    """The call succeeded, maybe with a word for later."""
    call = step(thread, event.call_id, "tool_returned")
    call = replace(
        call,
        text=event.text,
        exit_code=event.exit_code,
        seconds=event.seconds,
        acted=event.later is not None,
    )
    if event.later is not None:
        reminder = Reminder(
            id=call.id, at=event.later.at, text=event.later.text, address=call.address
        )
        thread = replace(thread, reminders={**thread.reminders, call.id: reminder})
    return call_ended(thread.with_call(call), call, event)


def tool_failed(event: e.ToolFailed, thread: Thread) -> Thread:
    """The call did not succeed."""
    old = thread.calls.get(event.call_id)
    off = old is not None and old.cancelled_by != ""
    changed = ": changed" if event.reason == "changed" and not off else ""
    call = step(thread, event.call_id, f"tool_failed{changed}")
    call = replace(
        call,
        text=event.text,
        reason=event.reason,
        exit_code=event.exit_code,
        seconds=event.seconds,
    )
    thread = thread.with_call(call)
    return thread if changed else call_ended(thread, call, event)


def tool_uncertain(event: e.ToolUncertain, thread: Thread) -> Thread:
    """Nobody knows."""
    return thread.with_call(step(thread, event.call_id, "tool_uncertain"))


def uncertainty_resolved(event: e.UncertaintyResolved, thread: Thread) -> Thread:
    """Somebody looked."""
    again = ": run again" if event.outcome == "run again" else ""
    call = step(thread, event.call_id, f"uncertainty_resolved{again}")
    call = replace(call, text=f"{event.outcome}, says {event.person}")
    thread = thread.with_call(call)
    return thread if again else call_ended(thread, call, event)


def cap_raised(_event: e.CapRaised, thread: Thread) -> Thread:
    """Nothing changes: the books count it."""
    return thread
