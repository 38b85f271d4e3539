"""What the store's contract works with: a server, stores on it, and drafts of events."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot import events as e
from bot.store.keys import Keys
from bot.store.port import Batch, Claim, Committed, Opened
from bot.store.redis import RedisStore, connect
from channels.port import Address, Author
from tests import servers

BOT = "test"
KEYS = Keys.of(BOT)
SECRET = "a secret of the contract"


@dataclass
class Lab:
    """One server (all its nodes), and the stores that a test connected to it."""

    urls: Sequence[str]
    stores: list[RedisStore] = field(default_factory=list)

    async def store(
        self, *, lease: float = 30.0, max_attempts: int = 5, secret: str | None = SECRET
    ) -> RedisStore:
        """One more process, as the server sees it."""
        store = await connect(
            self.urls[0], bot=BOT, secret=secret, lease=lease, max_attempts=max_attempts
        )
        self.stores.append(store)
        return store

    async def close(self) -> None:
        """Disconnect all of them."""
        for store in self.stores:
            await store.close()

    def wipe_execution(self) -> int:
        """Throw all execution keys away; how many there were."""
        return sum(servers.wipe_execution(url, BOT) for url in self.urls)

    def forget_scripts(self) -> None:
        """As a restart or a fail-over does."""
        for url in self.urls:
            servers.forget_scripts(url)

    async def raw(self, *words: str | bytes | float) -> object:
        """A command on whichever node keeps the bot's keys."""
        return await self.stores[0]._client.command(*words)

    async def pass_time(self, thread: str, seconds: float) -> None:
        """Let a sleeping thread's timers, and when it is looked at, come that much earlier."""
        timers = KEYS.timers(thread)
        for name in (await self.stores[0].execution(thread)).timers:
            await self.raw("ZINCRBY", timers, -seconds * 1000, name)
        await self.raw("ZINCRBY", KEYS.queue, -seconds * 1000, thread)


def message(text: str = "hi") -> e.MessageReceived:
    """Somebody wrote."""
    return e.MessageReceived(
        by=Author(channel="console", id="alice"),
        person="alice",
        address=Address(channel="console", room="alice"),
        text=text,
        audience=("console:alice",),
    )


def ended(turn: int) -> e.TurnEnded:
    """Something that a worker decided."""
    return e.TurnEnded(turn=turn, outcome="replied")


def texts(events: Sequence[e.Event]) -> list[str]:
    """What was said."""
    return [event.text for event in events if isinstance(event, e.MessageReceived)]


async def claimed(store: RedisStore) -> Claim:
    """The next due thread, waiting for it as a worker does."""
    while True:
        found = await store.claim(1)
        if found.claims:
            return found.claims[0]
        await asyncio.sleep(0.02 if found.wait is None else min(found.wait, 1.0))


async def opened(store: RedisStore, token: str = "open", have: int = 0) -> Opened:
    """The next due thread, held."""
    thread = await store.open(await claimed(store), token=token, have=have)
    assert thread is not None
    return thread


async def finish(store: RedisStore, held: Opened, want: int = 0) -> Committed:
    """Give a thread back with one event."""
    batch = Batch(id=f"finish {held.fence}", expect=held.version, events=(ended(held.version),))
    done = await store.release(held.thread, held.fence, batch, want=want)
    assert isinstance(done, Committed)
    return done
