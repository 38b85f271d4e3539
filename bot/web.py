"""The process's own HTTP server: what is asked of the bot and posted to it, by path."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_BYTES = 1024 * 1024
"""Of one request."""


class CannotListen(Exception):
    """The address is not to be had; the text says which and why."""


@asynccontextmanager
async def serving(
    address: tuple[str, int],
    posts: Mapping[str, Handler],
    gets: Mapping[str, Handler] | None = None,
) -> AsyncIterator[str]:
    """Serve inside of the block; the address it listens on. Raises `CannotListen`."""
    app = web.Application(client_max_size=MOST_BYTES)
    app.add_routes([web.post(path, handler) for path, handler in posts.items()])
    app.add_routes([web.get(path, handler) for path, handler in (gets or {}).items()])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, port = address
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as fault:
        await runner.cleanup()
        raise CannotListen(f"{host}:{port}: {fault.strerror or fault}") from None
    try:
        found = runner.addresses[0]
        yield f"{found[0]}:{found[1]}"
    finally:
        await runner.cleanup()
