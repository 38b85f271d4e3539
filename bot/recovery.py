"""Rebuilding everything that is derived from the logs: queue, timers, summaries."""

from dataclasses import dataclass

from bot import about
from bot.lifecycle import IllegalEvent
from bot.reducer import fold
from bot.rules import Rules
from bot.store.port import NewerEvent, ThreadStore
from bot.timers import timers


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """How many threads were rebuilt, which are held by a worker, and which can not be folded."""

    rebuilt: int
    busy: tuple[str, ...]
    unreadable: tuple[str, ...]


async def recover(store: ThreadStore, rules: Rules) -> Recovered:
    """Rebuild every thread's derived keys from its log; safe while workers run."""
    rebuilt, busy, unreadable = 0, [], []
    async for thread in store.all_threads():
        try:
            done = await _rebuild(store, rules, thread)
        except (IllegalEvent, NewerEvent):
            unreadable.append(thread)
            continue
        if done:
            rebuilt += 1
        else:
            busy.append(thread)
    return Recovered(rebuilt=rebuilt, busy=tuple(busy), unreadable=tuple(unreadable))


async def _rebuild(store: ThreadStore, rules: Rules, thread: str) -> bool:
    state = fold(thread, await store.events(thread))
    return await store.rebuild(
        thread,
        version=state.version,
        timers=timers(state, rules),
        about=about.write(state),
        waiting=bool(state.requests),
        unanswered=about.unanswered(state),
    )
