"""Our hold on a thread: the heartbeat that keeps it, and until when we can be sure of it."""

import asyncio
import time

from bot.store.port import Fenced, StoreUnreachable, ThreadStore


class Lease:
    """Our hold on a thread, and until when we can be sure of it by our own clock."""

    def __init__(self, store: ThreadStore, thread: str, fence: int, seconds: float) -> None:
        self.thread = thread
        self.fence = fence
        self._store = store
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def extend_from(self, asked: float) -> None:
        """The store held it for us at or after `asked` (monotonic)."""
        self._until = asked + self._seconds

    def check(self) -> None:
        """Raises `Fenced` unless it is certainly ours: asked before anything leaves the house."""
        if time.monotonic() >= self._until:
            raise Fenced(f"the lease on {self.thread} may have run out")

    async def beat(self, every: float, known: int) -> None:
        """Hold it; return once the thread has events after `known`. Raises `Fenced`."""
        while True:
            await asyncio.sleep(every)
            asked = time.monotonic()
            try:
                async with asyncio.timeout(self._until - asked):  # a store that hangs keeps nothing
                    version = await self._store.renew(self.thread, self.fence)
            except (StoreUnreachable, TimeoutError):
                self.check()
                continue
            self.extend_from(asked)
            if version > known:
                return
