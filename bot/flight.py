"""Effects under way on one leased thread, beside the loop that folds it."""

import asyncio
from collections.abc import Coroutine

from bot import events as e
from bot.lease import Lease

Outcome = tuple[e.Event, ...]


class Flight:
    """Effects by id, each performed by a task of its own."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Outcome]] = {}

    @property
    def ids(self) -> frozenset[str]:
        """What is under way."""
        return frozenset(self._tasks)

    def start(self, effect: str, performing: Coroutine[object, object, Outcome]) -> None:
        """Perform it beside us."""
        self._tasks[effect] = asyncio.create_task(performing, name=effect)

    def cancel(self, effect: str) -> None:
        """Have it stop what it does; its outcome comes as any other."""
        if effect in self._tasks:
            self._tasks[effect].cancel()

    async def news(self, lease: Lease, every: float, known: int) -> Outcome:
        """Outcomes of what has finished; () when it is the thread that has something new."""
        beat = asyncio.create_task(lease.beat(every, known))
        try:
            await asyncio.wait({beat, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
            if beat.done():
                beat.result()
        finally:
            await _stop(beat)
        landed = [effect for effect, task in self._tasks.items() if task.done()]
        return tuple(event for effect in landed for event in self._land(effect))

    def _land(self, effect: str) -> Outcome:
        task = self._tasks.pop(effect)
        if not task.cancelled():
            return task.result()
        kind, _, call = effect.partition(":")
        if kind != "run":
            return ()
        return (e.ToolFailed(call_id=call, reason="cancelled", text="cancelled"),)

    async def abandon(self) -> None:
        """Stop everything: what it did is for whoever holds the thread next to find out."""
        tasks, self._tasks = tuple(self._tasks.values()), {}
        await _stop(*tasks)


async def _stop(*tasks: asyncio.Task[Outcome] | asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
