"""The store's keys as an operator with a plain client sees them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from redis.asyncio import Redis

from bot.settings import Settings
from bot.store import embedded


@asynccontextmanager
async def raw(settings: Settings) -> AsyncIterator[Redis]:
    """A plain client on the bot's own server."""
    server = await embedded.start(settings.data_dir)
    client = Redis.from_url(server.url)
    try:
        yield client
    finally:
        await client.aclose()
        server.close()


async def rows_of(client: Redis, stream: str) -> list[dict[str, str]]:
    """The entries of a stream, oldest first."""
    rows = cast("list[tuple[bytes, dict[bytes, bytes]]]", await client.xrange(stream))
    return [{key.decode(): value.decode() for key, value in row.items()} for _, row in rows]


async def wipe_execution(settings: Settings) -> int:
    """Delete every execution key; how many there were."""
    async with raw(settings) as client:
        keys = [key async for key in client.scan_iter("wk:{watchkeeper}:x:*")]
        return int(await client.delete(*keys)) if keys else 0


async def move_timers(settings: Settings, thread: str, seconds: float) -> None:
    """Let time pass for one thread: its timers, and when it is looked at, come earlier."""
    async with raw(settings) as client:
        timers = f"wk:{{watchkeeper}}:x:t:{thread}:timers"
        for name in cast("list[bytes]", await client.zrange(timers, 0, -1)):
            await client.zincrby(timers, -seconds * 1000, name)
        queue = "wk:{watchkeeper}:x:queue"
        if await client.zscore(queue, thread) is not None:
            await client.zincrby(queue, -seconds * 1000, thread)
