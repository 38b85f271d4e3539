"""Every channel that has credentials, connected, and connected again for as long as it takes."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from channels.port import CannotConnect, Channel, Deliver

log = structlog.get_logger()

FIRST, LAST = 1.0, 60.0
"""Seconds between two tries: the first, and the longest."""

Tell = Callable[[str], None]
"""Shows one line to whoever runs the bot."""


class Switchboard:
    """The channels of one process, as one."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = tuple(channels)
        self._connected: list[Channel] = []

    async def connect(self, deliver: Deliver, tell: Tell, warn: Tell) -> None:
        """Returns once all are connected, with a line told for each.

        What is out of reach is tried for ever, which is told once. Raises `CannotConnect` for what
        no waiting mends.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for channel in self._channels:
                    group.create_task(self._connect(channel, deliver, tell, warn))
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None

    async def close(self) -> None:
        """Nothing more is taken in. What is to be sent still is."""
        await asyncio.gather(*(channel.stop() for channel in self._connected))

    async def _connect(self, channel: Channel, deliver: Deliver, tell: Tell, warn: Tell) -> None:
        pause = FIRST
        while True:
            try:
                connected = await channel.start(deliver)
            except CannotConnect as fault:
                if not fault.transient:
                    raise CannotConnect(
                        f"{channel.name}: {fault.reason}", transient=False
                    ) from None
                if pause == FIRST:
                    warn(f"{channel.name}: {fault.reason}; I go on trying")
                log.warning("channel.unreachable", channel=channel.name, why=fault.reason)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST)
                continue
            self._connected.append(channel)
            for line in connected.faults:
                warn(f"{channel.name}: {line}")
            tell(f"{channel.name}: connected as {connected.name}")
            return
