"""Writing down what was planned: one commit a step, with whatever is derived from it."""

import time
from dataclasses import replace

from bot import about
from bot.lease import Lease
from bot.planning import Step
from bot.rules import Rules
from bot.store.port import Batch, Committed, Conflict, Opened, Snapshot, ThreadStore
from bot.thread import dump
from bot.timers import timers

SNAPSHOT_EVERY = 32
"""Events between two snapshots of a thread."""


class Desk:
    """Commits to one thread under one lease."""

    def __init__(self, store: ThreadStore, rules: Rules, opened: Opened, lease: Lease) -> None:
        self._store = store
        self._rules = rules
        self._lease = lease
        self._armed = dict(opened.timers)
        self._saved = opened.snapshot_version
        self._commits = 0

    async def commit(self, step: Step, *, progress: bool) -> Committed | Conflict:
        """Write the step and keep the thread; nothing to write is no round trip.

        progress: an effect came to an end. Only that counts as getting anywhere: a thread that
        breaks its worker must not live for ever on the notices it sends in between.
        """
        batch = replace(self._batch(step), progress=progress)
        if not (batch.events or batch.timers_set or batch.timers_cleared):
            return Committed(version=batch.expect)
        asked = time.monotonic()
        answer = await self._store.commit(self._lease.thread, self._lease.fence, batch)
        if isinstance(answer, Committed):
            self._lease.extend_from(asked)
            self._armed = dict(timers(step.thread, self._rules))
        return answer

    async def release(self, step: Step, want: int) -> Committed | Conflict:
        """Write the step, with a snapshot if one is due, and let go of the thread."""
        batch = self._batch(step)
        version = step.thread.version
        if version - self._saved >= SNAPSHOT_EVERY:
            snapshot = Snapshot(version=version, data=dump(step.thread))
            batch = replace(batch, snapshot=snapshot)
        return await self._store.release(self._lease.thread, self._lease.fence, batch, want=want)

    def _batch(self, step: Step) -> Batch:
        due = timers(step.thread, self._rules)
        self._commits += 1
        return Batch(
            id=f"{self._lease.fence}.{self._commits}",
            expect=step.thread.version - len(step.events),
            events=step.events,
            timers_set={key: at for key, at in due.items() if self._armed.get(key) != at},
            timers_cleared=tuple(key for key in self._armed if key not in due),
            about=about.write(step.thread),
            waiting=bool(step.thread.requests),
            unanswered=about.unanswered(step.thread),
        )
