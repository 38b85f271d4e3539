"""The address that the server listens at, and keeps while it refuses everything."""

import socket

from aiohttp import web


class Listener:
    """Serves an application on the loopback."""

    def __init__(self, app: web.Application) -> None:
        # Calls that are still held back do not keep it from ending.
        self._runner = web.AppRunner(
            app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None
        )
        # Bound and never listening: nobody else gets the port while this one is closed.
        self._place = _bound(0)
        self._site: web.SockSite | None = None

    @property
    def port(self) -> int:
        """The port, from first to last."""
        port: int = self._place.getsockname()[1]
        return port

    async def start(self) -> None:
        """Begin to serve."""
        await self._runner.setup()
        await self.accept()

    async def accept(self) -> None:
        """Let connections in."""
        self._site = web.SockSite(self._runner, _bound(self.port), backlog=128)
        await self._site.start()

    async def refuse(self) -> None:
        """Let no connection in; those that there are stay."""
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def close(self) -> None:
        """End serving, for good."""
        await self._runner.cleanup()
        self._place.close()


def _bound(port: int) -> socket.socket:
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place
