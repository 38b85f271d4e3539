"""Threads that this worker has folded before, so that the next input costs only its own events."""

from collections import OrderedDict

from bot.reducer import fold
from bot.store.port import Opened, ThreadStore
from bot.thread import Thread, load

KEPT = 500
"""Threads remembered; the one used longest ago is forgotten first."""


class Memory:
    """A bounded cache: losing any of it costs time and nothing else."""

    def __init__(self) -> None:
        self._threads: OrderedDict[str, Thread] = OrderedDict()

    def take(self, thread: str) -> Thread | None:
        """What is remembered; it is ours until `keep`."""
        return self._threads.pop(thread, None)

    def keep(self, thread: Thread) -> None:
        """Remember it as it is now."""
        self._threads[thread.id] = thread
        if len(self._threads) > KEPT:
            self._threads.popitem(last=False)

    async def unfold(self, store: ThreadStore, opened: Opened, known: Thread | None) -> Thread:
        """The thread as of now: from the snapshot, from memory, or else from its whole log."""
        base = load(opened.snapshot.data) if opened.snapshot is not None else known
        at = base.version if base else 0
        if at + len(opened.events) == opened.version:
            return fold(opened.thread, opened.events, base)
        # A snapshot of another version, or a server that lost what we remember: the log is right.
        return fold(opened.thread, await store.events(opened.thread))
