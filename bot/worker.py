"""The loop: open a thread, fold, plan, commit, begin, and again until it waits; then release it.

Everything before `perform` is pure; everything after `commit` is durable. The worker may die
between any two lines: whoever opens the thread next goes on from the log.
"""

import time
from collections.abc import Callable

import structlog

from bot import events as e
from bot.burial import Burial
from bot.counting import count
from bot.desk import Desk
from bot.effects import Reaching
from bot.flight import Flight
from bot.lease import Lease
from bot.memory import Memory
from bot.performer import Performer
from bot.planning import Step, called_off, got_on, plan
from bot.reducer import fold
from bot.rules import Rules
from bot.store.port import (
    Claim,
    Committed,
    Conflict,
    Fenced,
    Opened,
    StoreError,
    ThreadStore,
)
from bot.thread import Thread

log = structlog.get_logger()

RETRY = 0.2
"""Seconds until a thread that raised is tried again, times the attempts so far."""

Point = Callable[[str], None]


def nothing(_point: str) -> None:
    """What happens at a named point: nothing. Tests end the process there."""


class Worker:
    """Works on one claimed thread at a time, any number of them side by side."""

    def __init__(
        self,
        store: ThreadStore,
        performer: Performer,
        rules: Rules,
        *,
        name: str,
        lease: float = 30.0,
        heartbeat: float = 0.4,
        at: Point = nothing,
    ) -> None:
        self._store = store
        self._performer = performer
        self._rules = rules
        self._name = name
        self._lease = lease
        self._heartbeat = heartbeat
        self._at = at
        self._meter = performer.meter
        self._memory = Memory()
        self._opened = 0

    async def settle(self) -> None:
        """Leave no sign of work behind."""
        await self._performer.signs.settle()

    async def work(self, claim: Claim, *, want: int) -> tuple[Claim, ...]:
        """Take the thread as far as it goes; up to `want` due threads to go on with."""
        self._at("after_claim")
        structlog.contextvars.bind_contextvars(thread=claim.thread)  # of this slot's task alone
        self._opened += 1
        known = self._memory.take(claim.thread)
        asked = time.monotonic()
        try:
            opened = await self._store.open(
                claim, token=f"{self._name}.{self._opened}", have=known.version if known else 0
            )
            if opened is None:
                return ()
            self._at("after_open")
            lease = Lease(self._store, opened.thread, opened.fence, self._lease)
            lease.extend_from(asked)
            return await self._hold(opened, known, lease, want)
        except (Fenced, StoreError) as lost:
            log.warning("thread.lost", thread=claim.thread, why=str(lost))
            self._meter.count("leases_lost", "lease" if isinstance(lost, Fenced) else "store")
            return ()

    async def _hold(
        self, opened: Opened, known: Thread | None, lease: Lease, want: int
    ) -> tuple[Claim, ...]:
        """Whatever the thread does wrong is its own affair: the others go on."""
        flight = Flight()
        try:
            if opened.dead:
                burial = Burial(self._store, self._rules, opened, lease)
                await burial.hold(self._performer.delivery, flight)
                return ()
            base = await self._memory.unfold(self._store, opened, known)
            return await self._loop(base, opened, lease, flight, want)
        except (Fenced, StoreError):
            raise
        except Exception:
            log.exception("thread.broke", thread=opened.thread, attempt=opened.attempts)
            self._meter.count("leases_lost", "fault")
            await flight.abandon()  # nothing of it may still run once the lease is given back
            delay = RETRY * opened.attempts
            await self._store.retry_later(opened.thread, opened.fence, delay)
            return ()
        finally:
            await flight.abandon()
            self._performer.signs.rest(opened.thread)

    async def _loop(
        self, base: Thread, opened: Opened, lease: Lease, flight: Flight, want: int
    ) -> tuple[Claim, ...]:
        desk = Desk(self._store, self._rules, opened, lease)
        outcomes: tuple[e.Event, ...] = ()
        while True:
            step = plan(
                base, outcomes, rules=self._rules, now=self._store.now(), running=flight.ids
            )
            if not (step.starts or step.more or flight.ids):
                answer = await desk.release(step, want)
                if isinstance(answer, Committed):
                    self._tell(base, step)
                    self._memory.keep(step.thread)
                    self._at("after_release")
                    return answer.next
            else:
                answer = await desk.commit(step, progress=got_on(outcomes))
            if isinstance(answer, Conflict):
                base = fold(base.id, answer.events, base)
                continue
            self._tell(base, step)
            self._at("after_commit")
            base, outcomes = step.thread, ()
            self._begin(step, lease, flight)
            if not step.more:
                outcomes = await flight.news(lease, self._heartbeat, base.version)
                base = await self._caught_up(base, outcomes)

    def _tell(self, before: Thread, step: Step) -> None:
        """What has just been committed, in numbers and for whoever reads the log."""
        count(self._meter, before, step.events)
        for event in step.events:
            if isinstance(event, e.TurnEnded):
                ended = {"turn": event.turn, "outcome": event.outcome}
                log.info("turn.ended", thread=before.id, **ended)

    async def _caught_up(self, base: Thread, outcomes: tuple[e.Event, ...]) -> Thread:
        """With what has come meanwhile; an outcome's own commit finds out by itself."""
        if outcomes:
            return base
        return fold(base.id, await self._store.events(base.id, after=base.version), base)

    def _begin(self, step: Step, lease: Lease, flight: Flight) -> None:
        for effect in called_off(step.thread, flight.ids):
            flight.cancel(effect)
        for start in step.starts:
            lease.check()
            flight.start(start.id, self._perform(step.thread, start))

    async def _perform(self, thread: Thread, effect: Reaching) -> tuple[e.Event, ...]:
        self._at(f"before_{type(effect).__name__}")
        outcome = await self._performer.perform(thread, effect, self._store.now())
        self._at(f"after_{type(effect).__name__}")
        return outcome
