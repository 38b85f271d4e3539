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
        self._handlers = [
            AsyncSocketModeHandler(app, token, logger=quiet, ping_interval=PING)
            for _ in range(count)
        ]
        for handler in self._handlers:
            handler.client.message_listeners.append(self._heard)

    async def connect(self) -> None:
        """Returns once all are connected."""
        await asyncio.gather(
            *(
                handler.client.connect()  # type: ignore[no-untyped-call]
                for handler in self._handlers
            )
        )

    async def connect_anew(self) -> None:
        """End each and connect it again: they are open, and say nothing."""
        for handler in self._handlers:
            await handler.client.connect_to_new_endpoint(force=True)

    async def alive(self) -> int:
        """How many of them are connected."""
        return sum([await handler.client.is_connected() for handler in self._handlers])

    async def close(self) -> None:
        """Nothing is delivered any more."""
        for handler in self._handlers:
            await handler.client.close()  # type: ignore[no-untyped-call]

    async def _heard(
        self, _client: AsyncBaseSocketModeClient, message: dict[str, object], _raw: str | None
    ) -> None:
        if message.get("type") == "hello":
            self._greeted()
