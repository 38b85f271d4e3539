"""A process's share of the work: claims due threads and keeps its slots busy until drained."""

import asyncio

import structlog

from bot.meter import Meter, Unmetered
from bot.rosters import Rosters
from bot.store.port import Claim, StoreError, ThreadStore
from bot.store.roster import Neighbours
from bot.worker import Worker

log = structlog.get_logger()

POLL = 1.0
"""Seconds after which due threads are looked for whatever the doorbell says."""

LONGEST = 10.0
"""Seconds after which it goes round although every slot is taken: so one can see that it turns."""


class Pool:
    """Many threads at once, one worker, one store.

    rosters: what has to be known of who is on duty before a thread is worked on, if anything.
    """

    def __init__(
        self,
        store: ThreadStore,
        worker: Worker,
        neighbours: Neighbours,
        *,
        slots: int,
        drain: float,
        rosters: Rosters | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._worker = worker
        self._neighbours = neighbours
        self._slots = slots
        self._drain = drain
        self._rosters = rosters
        self._meter = meter or Unmetered()
        self._busy: set[asyncio.Task[None]] = set()
        self._draining = asyncio.Event()

    async def run(self) -> None:
        """Work until `drain`, then finish what is under way, for at most the drain time.

        Whatever does not finish in time is stopped, and the next worker finds out about it.
        """
        over = asyncio.create_task(self._draining.wait())
        try:
            while not self._draining.is_set():
                await self._round(over)
            if self._busy:
                await asyncio.wait(self._busy, timeout=self._drain)
        finally:
            over.cancel()
            await self._stop()
            await self._worker.settle()
            self._neighbours.leave()

    def drain(self) -> None:
        """Take nothing new; `run` returns once what is under way is finished."""
        self._draining.set()

    async def _round(self, over: asyncio.Task[bool]) -> None:
        """Claim what is due, or wait until something may be."""
        self._meter.round(len(self._busy))
        if self._rosters is not None and self._busy:  # what runs for long decides by it, too
            self._rosters.touch()
        free = self._slots - len(self._busy)
        if free <= 0:
            them = {over, *self._busy}
            await asyncio.wait(them, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
            return
        try:
            await self._neighbours.relieve()
            found = await self._store.claim(free)
            for claim in found.claims:
                self._begin(claim)
            if not found.claims:
                wait = POLL if found.wait is None else min(POLL, found.wait)
                await self._sleep(over, wait)
        except StoreError as lost:
            log.warning("store.lost", why=str(lost))
            await asyncio.wait({over}, timeout=POLL)

    async def _sleep(self, over: asyncio.Task[bool], seconds: float) -> None:
        idle = asyncio.create_task(self._store.idle(seconds))
        try:
            await asyncio.wait({over, idle}, return_when=asyncio.FIRST_COMPLETED)
            if idle.done():
                idle.result()
        finally:
            idle.cancel()
            await asyncio.gather(idle, return_exceptions=True)

    def _begin(self, claim: Claim) -> None:
        task = asyncio.create_task(self._slot(claim), name=claim.thread)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _slot(self, claim: Claim) -> None:
        """One thread after the other, as releases hand them out."""
        due: tuple[Claim, ...] = (claim,)
        while due:
            if self._rosters is not None:
                await self._rosters.ready()
            due = await self._worker.work(due[0], want=0 if self._draining.is_set() else 1)

    async def _stop(self) -> None:
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
