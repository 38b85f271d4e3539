"""Signs of life: what people see while something is at work for them. A courtesy, never durable."""

import asyncio
from collections.abc import Mapping

import structlog

from channels.port import Address, Channel

log = structlog.get_logger()

TIME = 10.0
"""Seconds after which a channel that does not take a sign is let be."""


class Signs:
    """Shows on channels that work goes on, in order at each place, and holds nobody up."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._places: dict[str, set[Address]] = {}
        self._last: dict[Address, asyncio.Task[None]] = {}

    def show(self, thread: str, address: Address, doing: str) -> None:
        """Something is at work on the thread for those at `address`."""
        self._places.setdefault(thread, set()).add(address)
        self._put(address, doing)

    def rest(self, thread: str) -> None:
        """Nothing is any more: every sign of it goes."""
        for address in self._places.pop(thread, ()):
            self._put(address, "")

    async def settle(self) -> None:
        """Wait until every sign is where it belongs."""
        while self._last:
            await asyncio.gather(*self._last.values())

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
