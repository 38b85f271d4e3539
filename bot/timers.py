"""When a thread must be looked at again: derived from what it holds, never set by hand.

A timer's id says what it is for: `expire:<request>`, `remind:<request>`, `escalate:<request>`,
`later:<reminder>`, `watch:<turn>`,
`send:<reply>`, `retry:<turn>`.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.lifecycle import Phase
from bot.rules import Rules
from bot.thread import Thread, Turn


def timers(thread: Thread, rules: Rules) -> Mapping[str, datetime]:
    """Every timer that the thread waits for: id -> due (UTC)."""
    due = {f"later:{key}": reminder.at for key, reminder in thread.reminders.items()}
    for request in thread.requests.values():
        if request.expires_at is not None and not request.due:
            due[f"expire:{request.id}"] = request.expires_at
        if request.remind_at is not None:
            due[f"remind:{request.id}"] = request.remind_at
        if request.escalate_at is not None:
            due[f"escalate:{request.id}"] = request.escalate_at
    for queued in thread.outbox[:1]:
        if queued.not_before is not None:
            due[f"send:{queued.id}"] = queued.not_before
    for turn in thread.turns:
        if (again := _retry(turn)) is not None:
            due[f"retry:{turn.id}"] = again
        at = _watch(thread, turn, rules)
        if at is not None:
            due[f"watch:{turn.id}"] = at
    return due


def wait_is_over(thread: Thread, turn: Turn, rules: Rules, now: datetime) -> bool:
    """Whether somebody who has been told nothing yet should be told why it takes time."""
    if thread.paused_by:
        return not _runs(thread, turn)
    again = waits_until(thread, turn)
    if again is not None and again > now + rules.patience:
        return True
    since = _behind(thread, turn)
    return since is not None and now >= since + rules.patience


def _watch(thread: Thread, turn: Turn, rules: Rules) -> datetime | None:
    """When the turn's people must hear something if nothing else happens before."""
    if turn.answered or turn.due:
        return None
    if thread.paused_by and not _runs(thread, turn):
        return None if turn.notice == "paused" else turn.told_at + rules.patience
    since = _behind(thread, turn)
    if turn.notice == "" and since is not None:
        return max(since, turn.at) + rules.patience
    again = waits_until(thread, turn)
    if again is not None and turn.notice:  # was told until when it has to wait
        return max(turn.told_at, again) + rules.watch
    return turn.told_at + rules.watch


def waits_until(thread: Thread, turn: Turn) -> datetime | None:
    """Until when a model has to be waited for, by the turn itself or one before it; None if none.

    Commands do not wait for that.
    """
    if turn.work is None and (turn.step is None or turn.step.kind != "pass"):
        return None
    ahead = [_retry(other) for other in thread.turns if other.id <= turn.id]
    return max((at for at in ahead if at is not None), default=None)


def _retry(turn: Turn) -> datetime | None:
    """When a model is asked again for the turn, if it waits for that."""
    if turn.work is None or turn.answered or turn.cancelled:
        return None
    return turn.work.not_before


def _behind(thread: Thread, turn: Turn) -> datetime | None:
    """Since when a call runs that this turn has to wait for; None if none does."""
    started = [
        call.started_at
        for call in thread.calls.values()
        if call.phase is Phase.RUNNING and call.id != turn.call and call.started_at is not None
    ]
    return min(started, default=None)


def _runs(thread: Thread, turn: Turn) -> bool:
    call = thread.calls.get(turn.call or "")
    return call is not None and call.phase is Phase.RUNNING
