"""One console's side of a conversation: what it says, and what is said to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import tzinfo

from bot import events as e
from bot.cli.turns import Word, said_to, turn
from bot.intake import Intake
from bot.meter import Meter
from bot.settings import Settings
from bot.store.port import Appended, ThreadStore
from bot.wiring import build_intake
from channels import console
from channels.port import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """OS user `user` at the conversation `thread` ("" for their usual one)."""

    store: ThreadStore
    intake: Intake
    user: str
    thread: str
    zone: tzinfo

    @property
    def address(self) -> Address:
        """Where answers to this console go."""
        return console.address(self.user, self.thread)

    async def say(self, text: str, *, input_name: str = "", number: int = 0) -> Appended | None:
        """Put a line on its thread. Raises `Refused` and `StoreError`."""
        message = console.inbound(
            self.user, text, thread=self.thread, input_name=input_name, number=number
        )
        return await self.intake.deliver(message)

    async def answers(self, appended: Appended) -> AsyncIterator[Word]:
        """What is said to this console until the turn has ended."""
        async for event in turn(self.store, appended):
            if (word := said_to(self.address, event)) is not None:
                yield word

    def text(self, word: Word) -> str:
        """Those words as plain lines."""
        card = word.card if isinstance(word, e.ReplyQueued) else None
        return console.text(word.text, card, zone=self.zone)

    async def said(self, thread: str, *, after: int) -> tuple[Word, ...]:
        """What has been said to this console on a thread after an event, as far as recorded."""
        events = await self.store.events(thread, after=after)
        words = (said_to(self.address, event) for event in events)
        return tuple(word for word in words if word is not None)

    async def own_thread(self) -> str | None:
        """The id of the conversation, once anything was said."""
        return await self.store.find(console.reference(self.user, self.thread))

    async def seen(self) -> int | None:
        """Up to where this console has shown its thread; None if it never did."""
        held = await self.store.cursor(self._cursor)
        return int(held) if held is not None else None

    async def begin(self) -> int:
        """Up to where it has shown its thread; if it never did, from now on it counts."""
        seen = await self.seen()
        if seen is None:
            own = await self.own_thread()
            seen = await self._newest(own) if own is not None else 0
            await self.set_seen(seen)
        return seen

    async def _newest(self, thread: str) -> int:
        snapshot = await self.store.snapshot(thread)
        after = snapshot.version if snapshot else 0
        events = await self.store.events(thread, after=after)
        return events[-1].seq if events else after

    async def set_seen(self, seq: int) -> None:
        """All up to `seq` has been shown."""
        await self.store.set_cursor(self._cursor, str(seq))

    @property
    def _cursor(self) -> str:
        return f"console:{self.user}:{self.thread}"


def talk(
    settings: Settings, store: ThreadStore, user: str, thread: str, meter: Meter | None = None
) -> Talk:
    """A console of `user`. Raises `ValueError` for runbooks that make no sense."""
    return Talk(
        store=store,
        intake=build_intake(settings, store, meter),
        user=user,
        thread=thread,
        zone=settings.zone,
    )
