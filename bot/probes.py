"""What others ask of a running process: `/healthz`, `/readyz`, `/metrics`."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from bot.metrics import Metrics, Now
from bot.store.port import StoreError, ThreadStore
from bot.store.shelf import Backlog
from channels.port import Channel

if TYPE_CHECKING:
    from bot.web import Handler

PATIENCE = 2.0
"""Seconds that the store has to answer, which is below what those wait who ask."""

SILENCE = 60.0
"""Seconds without a round of the loop that claims threads, after which it no longer turns.

It goes round at least every ten seconds, and every eight while the store is gone.
"""


class Probes:
    """Answers for one process. channels: those that it listens to. leaving: it was told to stop."""

    def __init__(
        self,
        store: ThreadStore,
        channels: Sequence[Channel],
        metrics: Metrics,
        leaving: Callable[[], bool],
    ) -> None:
        self._store = store
        self._channels = channels
        self._metrics = metrics
        self._leaving = leaving

    def routes(self) -> "Mapping[str, Handler]":
        """What can be asked for."""
        return {"/healthz": self.healthz, "/readyz": self.readyz, "/metrics": self.metrics}

    async def healthz(self, _request: web.Request) -> web.Response:
        """Whether the process should be left running: a store or channel that is gone is not it."""
        silent = self._metrics.silent
        turns = silent < SILENCE or self._leaving()
        told = {} if turns else {"worker": f"has not gone round for {silent:.0f} s"}
        return _told(told, "alive")

    async def readyz(self, _request: web.Request) -> web.Response:
        """Whether it can do its work just now, and what is in the way."""
        backlog, up = await self._look()
        lacks = {name: "is not connected" for name, heard in up.items() if not heard}
        if backlog is None:
            lacks["store"] = "does not answer"
        if self._leaving():
            lacks["process"] = "was told to stop"
        return _told(lacks, "ready")

    async def metrics(self, request: web.Request) -> web.Response:
        """Every number."""
        backlog, up = await self._look()
        now = Now(at=self._store.now(), backlog=backlog, up=up)
        body, kind = self._metrics.page(now, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    async def _look(self) -> tuple[Backlog | None, Mapping[str, bool]]:
        heard = [await channel.ready() for channel in self._channels]
        names = [channel.name for channel in self._channels]
        return await self._backlog(), dict(zip(names, heard, strict=True))

    async def _backlog(self) -> Backlog | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._store.backlog()
        except (StoreError, TimeoutError):
            return None


def _told(lacks: Mapping[str, str], word: str) -> web.Response:
    """200, or 503 with what is not as it should be."""
    return web.json_response({word: not lacks, "not": lacks}, status=503 if lacks else 200)
