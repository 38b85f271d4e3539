"""Signs of life: what people see while something is at work for them. A courtesy, never durable."""

import asyncio
from collections.abc import Mapping

import structlog

from channels.port import Address, Channel

log = structlog.get_logger()

TIME = 10.0
"""Seconds after which a channel that does not take a sign is let be."""


SOON = 0.5
"""Seconds that work takes before it is shown: most answers are there by then."""


class Signs:
    """Shows on channels that work goes on, in order at each place, and holds nobody up."""

    def __init__(self, channels: Mapping[str, Channel], *, after: float = SOON) -> None:
        self._channels = channels
        self._after = after
        self._waiting: dict[Address, asyncio.TimerHandle] = {}
        self._doing: dict[Address, str] = {}
        self._places: dict[str, set[Address]] = {}
        self._last: dict[Address, asyncio.Task[None]] = {}

    def show(self, thread: str, address: Address, doing: str) -> None:
        """Something is at work on the thread for those at `address`."""
        self._places.setdefault(thread, set()).add(address)
        begun = address in self._doing
        self._doing[address] = doing
        if not begun:
            loop = asyncio.get_running_loop()
            self._waiting[address] = loop.call_later(self._after, self._begin, address)
        elif address not in self._waiting:
            self._put(address, doing)

    def rest(self, thread: str) -> None:
        """Nothing is any more: every sign of it goes."""
        for address in self._places.pop(thread, ()):
            self._doing.pop(address, None)
            waiting = self._waiting.pop(address, None)
            if waiting is None:
                self._put(address, "")
            else:
                waiting.cancel()

    async def settle(self) -> None:
        """Wait until every sign is where it belongs."""
        while self._last:
            await asyncio.gather(*self._last.values())

    def _begin(self, address: Address) -> None:
        del self._waiting[address]
        self._put(address, self._doing[address])

    def _put(self, address: Address, doing: str) -> None:
        channel = self._channels.get(address.channel)
        if channel is None:
            return
        task = asyncio.create_task(_after(self._last.get(address), channel, address, doing))
        self._last[address] = task
        task.add_done_callback(lambda done: self._forget(address, done))

    def _forget(self, address: Address, done: asyncio.Task[None]) -> None:
        if self._last.get(address) is done:
            del self._last[address]


async def _after(
    earlier: asyncio.Task[None] | None, channel: Channel, address: Address, doing: str
) -> None:
    if earlier is not None:
        await asyncio.wait({earlier})
    try:
        async with asyncio.timeout(TIME):
            await channel.busy(address, doing)
    except Exception as fault:  # noqa: BLE001 - a sign that fails must not end the work
        log.info("sign.lost", channel=channel.name, why=type(fault).__name__)
