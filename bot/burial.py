"""Setting a thread aside: its people are told, it is kept and listed, and it can be retried.

Nothing is folded here, for that may be what went wrong: the log's last message says where to.
Whoever dies in between leaves the rest to the next one: what is recorded is not said twice.
"""

from collections.abc import Iterable

from bot import events as e
from bot import sentences
from bot.delivery import Delivery
from bot.flight import Flight, Outcome
from bot.lease import Lease
from bot.planning import stamp
from bot.rules import Rules
from bot.store.port import Batch, Conflict, NewerEvent, Opened, ThreadStore
from bot.thread import Queued

BEAT = 0.3
AGAIN = 5.0
"""Seconds between heartbeats while the apology is sent, and until it is tried again."""

NO_NEWS = 1 << 62
"""A version that no thread reaches: nothing that comes meanwhile is waited for."""


class Burial:
    """Of one thread that this worker holds."""

    def __init__(self, store: ThreadStore, rules: Rules, opened: Opened, lease: Lease) -> None:
        self._store = store
        self._rules = rules
        self._opened = opened
        self._lease = lease
        self._version = opened.version
        self._heard = False

    async def hold(self, delivery: Delivery, flight: Flight) -> None:
        """Record `dead_lettered` and the apology, deliver it, put the thread aside."""
        sorry = _undelivered(self._opened.events)
        if sorry is None:
            sorry = await self._record()
        if sorry is None:
            return
        flight.start("sorry", self._send(delivery, sorry))
        outcome: Outcome = ()
        while not outcome:
            outcome = await flight.news(self._lease, BEAT, NO_NEWS)
        if any(isinstance(event, e.ReplyPostponed) for event in outcome):
            await self._store.retry_later(self._lease.thread, self._lease.fence, AGAIN)
            return
        await self._close(outcome)

    async def _record(self) -> Queued | None:
        """Write down what is to be said; None if nothing is left to do after it."""
        dead = e.DeadLettered(reason=self._opened.dead, attempts=self._opened.attempts)
        last = await self._last_message()
        if last is None:
            await self._close((dead,))
            return None
        address = last.via or last.address
        words = e.ReplyQueued(address=address, text=sentences.SORRY, answers=())
        if address.channel in self._rules.at_once:
            await self._close((dead, words), delivered=True)
            return None
        version = await self._write((dead, words))
        return Queued(id=version, at=self._store.now(), address=address, text=words.text)

    async def _send(self, delivery: Delivery, sorry: Queued) -> Outcome:
        self._lease.check()
        return (await delivery.send(self._lease.thread, sorry, self._store.now()),)

    async def _write(self, drafts: tuple[e.Event, ...]) -> int:
        """Commit and keep the thread; the version after it."""
        while True:
            answer = await self._store.commit(*self._held, self._batch(drafts))
            if not isinstance(answer, Conflict):
                self._version = answer.version
                return answer.version
            self._missed(answer)

    async def _close(self, drafts: tuple[e.Event, ...], *, delivered: bool = False) -> None:
        """Commit and put the thread aside."""
        while True:
            told = self._version + len(drafts)
            done = (*drafts, e.ReplyDelivered(reply=told)) if delivered else drafts
            answer = await self._store.set_aside(*self._held, self._batch(done), self._opened.dead)
            if not isinstance(answer, Conflict):
                break
            self._missed(answer)
        if self._heard:  # somebody wrote meanwhile: that gets a try of its own, not silence
            await self._store.revive(self._lease.thread)

    def _missed(self, conflict: Conflict) -> None:
        self._version += len(conflict.events)
        self._heard |= any(isinstance(event, e.MessageReceived) for event in conflict.events)

    @property
    def _held(self) -> tuple[str, int]:
        return self._lease.thread, self._lease.fence

    def _batch(self, drafts: tuple[e.Event, ...]) -> Batch:
        events = stamp(drafts, self._version, self._store.now())
        name = f"{self._lease.fence}.dead{self._version}"
        return Batch(id=name, expect=self._version, events=events, progress=False)

    async def _last_message(self) -> e.MessageReceived | None:
        """The last message, as far as this version can read the log."""
        readable: Iterable[e.Event] = self._opened.events
        if not any(isinstance(event, e.MessageReceived) for event in readable):
            try:
                readable = await self._store.events(self._opened.thread)
            except NewerEvent:
                return None
        messages = [event for event in readable if isinstance(event, e.MessageReceived)]
        return messages[-1] if messages else None


def _undelivered(log: tuple[e.Event, ...]) -> Queued | None:
    """An apology that a worker recorded, and did not live to see delivered."""
    sorry: Queued | None = None
    for event in log:
        match event:
            case e.ReplyQueued(text=sentences.SORRY):
                sorry = Queued(id=event.seq, at=event.at, address=event.address, text=event.text)
            case e.ReplyDelivered() | e.ReplyFailed() | e.ReplyUncertain() if (
                sorry and event.reply == sorry.id
            ):
                sorry = None
            case _:
                pass
    return sorry
