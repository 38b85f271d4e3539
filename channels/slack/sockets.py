"""The connections over which Slack delivers: two of them, so that one can be gone."""

import asyncio
import logging
from collections.abc import Callable

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient

log = structlog.get_logger()

PING = 5.0
"""Seconds between two pings; four that are not answered end a connection."""

RENEWAL = 2.0
"""Seconds after which an address that did not connect is forgotten: less than between two tries."""


class Sockets:
    """As many connections as asked for. `greeted` is called for each that Slack has greeted."""

    def __init__(
        self,
        app: AsyncApp,
        token: str,
        count: int,
        greeted: Callable[[], None],
        quiet: logging.Logger,
    ) -> None:
        self._greeted = greeted
        self._any = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._handlers = [
            AsyncSocketModeHandler(app, token, logger=quiet, ping_interval=PING)
            for _ in range(count)
        ]
        for handler in self._handlers:
            handler.client.message_listeners.append(self._heard)

    async def connect(self) -> None:
        """Returns once Slack has greeted one; the others are connected meanwhile."""
        self._tasks = [
            asyncio.create_task(self._renew()),
            *(
                asyncio.create_task(handler.client.connect())  # type: ignore[no-untyped-call]
                for handler in self._handlers
            ),
        ]
        await self._any.wait()

    async def connect_anew(self) -> None:
        """End each and connect it again: they are open, and say nothing."""
        for handler in self._handlers:
            await handler.client.connect_to_new_endpoint(force=True)

    async def alive(self) -> int:
        """How many of them are connected."""
        return sum([await handler.client.is_connected() for handler in self._handlers])

    async def close(self) -> None:
        """Nothing is delivered any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for handler in self._handlers:
            await handler.client.close()  # type: ignore[no-untyped-call]

    async def _renew(self) -> None:
        """Where a connection leads can be gone by the time that it is made.

        Slack's client tries the same address for ever, unless that is forgotten.
        """
        while True:
            await asyncio.sleep(RENEWAL)
            for handler in self._handlers:
                if not await handler.client.is_connected():
                    handler.client.wss_uri = None

    async def _heard(
        self, _client: AsyncBaseSocketModeClient, message: dict[str, object], _raw: str | None
    ) -> None:
        if message.get("type") == "hello":
            self._any.set()
            self._greeted()
