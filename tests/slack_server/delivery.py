"""What is on its way to the app: carried until it is acked, or given up."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tests.slack_server.journal import Journal
from tests.slack_server.wire import EVENTS, Payload

Fate = Literal["acked", "lost", "timeout", "http_error", "connection_failed"]
"""What became of one attempt. The last three are the reasons for which it is tried again."""


@dataclass(eq=False, kw_only=True)
class Delivery:
    """An event, a command or an interaction on its way to the app.

    envelopes: the id of each envelope that it was written in. answer: what it was acked with.
    is_lost: it will never come. retry: the attempt that is under way, and its reason.
    """

    kind: str
    payload: Payload
    journal: Journal
    envelopes: list[str] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Payload = field(default_factory=dict)
    is_lost: bool = False
    retry: tuple[int, str] = (0, "")

    @property
    def is_acked(self) -> bool:
        """Whether the app has answered."""
        return self.done.is_set()

    async def acked(self) -> Payload:
        """Wait for the answer."""
        await self.journal.until(lambda: self.is_acked, lambda: self)
        return self.answer

    async def lost(self) -> None:
        """Wait until it is given up."""
        await self.journal.until(lambda: self.is_lost, lambda: self)

    async def written(self, count: int = 1) -> None:
        """Wait until it was written in so many envelopes, acked or not."""
        await self.journal.until(lambda: len(self.envelopes) >= count, lambda: self)

    def ack(self, answer: Payload) -> None:
        """The app has answered."""
        if not self.is_acked:
            self.answer = answer
        self.done.set()
        self.is_lost = False
        self.journal.tell()


class Carrier(Protocol):
    """A way to the app."""

    async def carry(self, delivery: Delivery) -> Fate:
        """Try once, and wait for the ack."""
        ...


class Post:
    """Everything that was ever on its way, oldest first.

    retries: the seconds after which an event that was not acked comes again. is_down: nothing
    leaves, and what would have is lost.
    """

    def __init__(self, journal: Journal, carrier: Carrier, retries: tuple[float, ...]) -> None:
        self.deliveries: list[Delivery] = []
        self.carrier = carrier
        self.retries = retries
        self.is_down = False
        self._journal = journal
        self._tasks: set[asyncio.Task[object]] = set()

    def send(self, kind: str, payload: Payload) -> Delivery:
        """Put something on its way."""
        delivery = Delivery(kind=kind, payload=payload, journal=self._journal)
        self.deliveries.append(delivery)
        self._start(self._deliver(delivery, self.retries if kind == EVENTS else ()))
        return delivery

    def again(self, delivery: Delivery) -> None:
        """The same once more as if it were the first time, acked or not: Slack does that."""
        self._start(self._try(delivery, 0, ""))

    async def close(self) -> None:
        """Nothing is carried any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, carrying: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(carrying)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery, pauses: tuple[float, ...]) -> None:
        fate: Fate = "lost" if self.is_down else await self._try(delivery, 0, "")
        for number, pause in enumerate(pauses, 1):
            if fate in ("acked", "lost"):
                break
            await asyncio.sleep(pause)
            fate = await self._try(delivery, number, fate)
        delivery.is_lost = not delivery.is_acked
        self._journal.tell()

    async def _try(self, delivery: Delivery, number: int, reason: str) -> Fate:
        if number and delivery.is_acked:
            return "acked"
        delivery.retry = (number, reason)
        return await self.carrier.carry(delivery)
