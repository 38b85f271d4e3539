"""Folding a thread again from its first event, and holding the result against what is stored."""

from dataclasses import dataclass

from bot.reducer import evolve
from bot.rules import Rules
from bot.store.port import ThreadStore
from bot.thread import Thread, dump
from bot.timers import timers


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """`differences` is what does not agree, in words; () when everything does."""

    thread: Thread
    events: int
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the log and what is stored agree."""
        return not self.differences


async def check(store: ThreadStore, rules: Rules, thread: str) -> Replayed:
    """Fold the whole log; compare the snapshot and, when nobody works on it, the timers.

    Raises `IllegalEvent` if the log can not be folded, `NewerEvent` if it can not be read.
    """
    snapshot = await store.snapshot(thread)
    state, differences = Thread(id=thread), []
    events = await store.events(thread)
    for event in events:
        state = evolve(state, event)
        if snapshot is not None and snapshot.version == event.seq and snapshot.data != dump(state):
            differences.append(f"the snapshot at {event.seq} is not what the log says")
    held = await store.execution(thread)
    if not held.leased and not held.ready and not held.dead:
        due = dict(timers(state, rules))
        if due != dict(held.timers):
            differences.append(f"timers: the log says {sorted(due)}, held {sorted(held.timers)}")
    return Replayed(thread=state, events=len(events), differences=tuple(differences))
