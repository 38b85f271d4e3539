"""The process's own HTTP server beside `run`: health, numbers, and what channels are posted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from bot.cli.job import USAGE, Fault
from bot.cli.output import flush, line, warn
from bot.cli.version import version
from bot.cli.working import beside
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store.port import ThreadStore
from channels.port import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.web import Handler

log = structlog.get_logger()


def build_metrics() -> Metrics:
    """The numbers of this process, of which there are none yet."""
    return Metrics(version())


class Served:
    """What the server of one process answers with.

    heard: the channels it listens to. leaving: whether it was told to stop. posts: what channels
    want posted to the bot, by path.
    """

    def __init__(
        self,
        settings: Settings,
        store: ThreadStore,
        metrics: Metrics,
        *,
        heard: "Sequence[Channel]",
        leaving: "Callable[[], bool]",
        posts: "Mapping[str, Handler]",
    ) -> None:
        self._settings = settings
        self._store = store
        self._metrics = metrics
        self._heard = heard
        self._leaving = leaving
        self._posts = posts

    def open(self) -> AbstractAsyncContextManager[None]:
        """It listens inside of the block. Raises `Fault` where it must and can not.

        Where nobody named the address, a bot that runs beside this one may have it already: then
        this one goes on without.
        """
        if self._settings.http_told or self._posts:
            return self._surely()
        return beside(self._if_free())

    @asynccontextmanager
    async def _surely(self) -> AsyncIterator[None]:
        from bot.web import CannotListen  # noqa: PLC0415 - its library takes a while

        try:
            async with self._listening() as address:
                if self._posts:
                    line(f"http: listening on {address}")
                    flush()
                yield
        except CannotListen as fault:
            raise Fault(f"WATCHKEEPER_HTTP: {fault}", USAGE) from None

    async def _if_free(self) -> None:
        # Its library takes a while, in which people can be listened to already.
        web = await asyncio.to_thread(__import__, "bot.web", fromlist=["CannotListen"])
        try:
            async with self._listening():
                await asyncio.get_running_loop().create_future()
        except web.CannotListen as fault:
            warn(
                f"http: no health and metrics here, WATCHKEEPER_HTTP names another address: {fault}"
            )

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[str]:
        from bot.probes import Probes  # noqa: PLC0415
        from bot.web import serving  # noqa: PLC0415

        probes = Probes(self._store, self._heard, self._metrics, self._leaving)
        async with serving(self._settings.http, self._posts, probes.routes()) as address:
            log.info("http.listening", address=address)
            yield address
