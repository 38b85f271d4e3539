"""The connection to the server: commands and scripts, repeated for a while before it gives up.

Whatever goes through here may reach the server twice (a lost answer is repeated), so every script
and command is one that may. The client library's own repetition is switched off: one place decides.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from itertools import chain, repeat
from typing import Protocol, TypeAlias, cast

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import ConnectionPool, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from bot.store import scripts, troubles
from bot.store.address import Address
from bot.store.port import StoreError

Word: TypeAlias = str | bytes | int | float
Reply: TypeAlias = "int | bytes | list[Reply] | None"
Revive: TypeAlias = Callable[[], Awaitable[None]]

AT_ONCE = 32  # ordinary calls; more connections than this gain nothing
ANSWER = 5.0  # seconds for an answer; what blocks at the server must block for less
PAUSES = (0.02, 0.1, 0.3, 0.5)  # seconds between repetitions, the last one over and over
DRIFT = 250  # ms by which the server's clock may seem to fall back before that is believed

# Replies of these come as they are: the library would make objects of them only to be taken apart.
_RAW = (
    "BLPOP",
    "HGETALL",
    "XRANGE",
    "XREVRANGE",
    "XREAD",
    "ZRANGE",
    "ZSCAN",
    "SMEMBERS",
    "INFO",
    "ZMSCORE",
)


class _Link(Protocol):
    async def execute_command(self, *args: Word) -> object: ...
    async def aclose(self) -> None: ...


class Clock:
    """The server's clock, learned from its replies and carried on by the monotonic one."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def learn(self, server_ms: int) -> None:
        """A reply just said this; the least delayed reply is believed."""
        ahead = server_ms - time.monotonic() * 1000
        if self._ahead is None or ahead > self._ahead or self._ahead - ahead > DRIFT:
            self._ahead = ahead

    def ms(self) -> int:
        """Milliseconds since 1970, by the server."""
        if self._ahead is None:
            raise StoreError("the store has not been connected")
        return int(time.monotonic() * 1000 + self._ahead)


class Client:
    """Calls one server, or the node of a cluster that keeps the keys. See `connect`."""

    def __init__(self, link: _Link, address: Address, revive: Revive | None) -> None:
        self._link = link
        self._address = address
        self._revive = revive
        self._reviving = asyncio.Lock()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._scripts = scripts.load()
        self._left: set[asyncio.Task[object]] = set()
        self.clock = Clock()

    async def command(self, *words: Word) -> Reply:
        """One command. Raises `StoreError`."""
        async with self._at_once:
            return await self._call(lambda: self._link.execute_command(*words))

    async def block(self, *words: Word) -> Reply:
        """A command that waits at the server, for less than `ANSWER`, on its own connection."""
        return await self._call(lambda: self._link.execute_command(*words))

    async def script(self, name: scripts.Name, keys: Sequence[str], *words: Word) -> list[Reply]:
        """What a script replies after the clock. Raises `StoreError`."""
        script = self._scripts[name]

        async def run() -> object:
            try:
                return await self._link.execute_command(
                    "EVALSHA", script.sha, len(keys), *keys, *words
                )
            except NoScriptError:
                return await self._link.execute_command(
                    "EVAL", script.source, len(keys), *keys, *words
                )

        async with self._at_once:
            reply = cast("list[Reply]", await self._call(run))
        self.clock.learn(cast("int", reply[0]))
        return reply[1:]

    async def close(self) -> None:
        """Disconnect."""
        for task in self._left:
            task.cancel()
        await asyncio.gather(*self._left, return_exceptions=True)
        await self._link.aclose()

    async def _call(self, attempt: Callable[[], Coroutine[object, object, object]]) -> Reply:
        begun = time.monotonic()
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                return cast("Reply", await self._apart(attempt()))
            except Exception as error:
                if not isinstance(error, RedisError) and not isinstance(self._link, RedisCluster):
                    raise
                if time.monotonic() - begun + pause > troubles.patience(error):
                    raise troubles.told(error, self._address) from error
                if self._revive is not None and troubles.disconnected(error):
                    async with self._reviving:
                        await self._revive()
            await asyncio.sleep(pause)
        raise AssertionError("pauses never end")

    async def _apart(self, attempt: Coroutine[object, object, object]) -> object:
        """In a task of its own: the client library loses cancellations while it connects.

        Whoever is cancelled leaves at once, and the call is left to end by itself.
        """
        task = asyncio.create_task(attempt)
        self._left.add(task)
        task.add_done_callback(self._left.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_forget)
            task.cancel()
            raise


def _forget(task: asyncio.Task[object]) -> None:
    """Nobody waits for it any more, so nobody else would look at what became of it."""
    if not task.cancelled():
        task.exception()


async def connect(address: Address, revive: Revive | None = None) -> Client:
    """Connect to a server, or to the cluster it belongs to. Raises `StoreError`.

    revive: brings the server back; awaited when it seems to be gone.
    """
    client = Client(_single(address), address, revive)
    try:
        alone = b"cluster_enabled:1" not in cast("bytes", await client.command("INFO"))
    except TypeError as error:
        raise StoreError("REDIS_URL has an option after its '?' that is not known") from error
    except BaseException:
        await client.close()
        raise
    if alone:
        return client
    await client.close()
    if "path" in address.options:
        raise StoreError("REDIS_URL: a cluster is reached by redis://HOST:PORT, not by a socket")
    return Client(_cluster(address), address, revive)


def _single(address: Address) -> _Link:
    pool = ConnectionPool(**_options(address), max_connections=1000)  # type: ignore[arg-type]
    return _raw(Redis.from_pool(pool))


def _cluster(address: Address) -> _Link:
    options = _options(address)
    secure = options.pop("connection_class", None) is SSLConnection
    options |= {"host": options.get("host", "localhost"), "ssl": secure}
    return _raw(RedisCluster(**options, max_connections=1000))  # type: ignore[arg-type]


def _options(address: Address) -> dict[str, object]:
    return {
        **address.options,
        "protocol": 2,
        "decode_responses": False,
        "encoding_errors": "replace",  # half a surrogate pair in a native id must not stop us
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": ANSWER,
        "socket_connect_timeout": ANSWER,
    }


def _raw(link: Redis | RedisCluster) -> _Link:
    for name in _RAW:
        link.set_response_callback(name, _as_it_is)
    return cast("_Link", link)


def _as_it_is(response: object, **_options: object) -> object:
    return response
