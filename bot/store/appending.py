"""How input gets onto a thread: once, and on the right one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.codec import encode
from bot.events import Event
from bot.store.client import Client, Word
from bot.store.keys import Keys, thread_id
from bot.store.port import Appended, NoSuchThread, StoreError
from bot.store.replies import number, text

DAY = 24 * 3600 * 1000
MAIL = "email:"  # mail comes again after months; dedupe ids that begin so are kept for
MAIL_KEPT = 400 * DAY
REPEAT_KEPT = 600_000  # ms: longer than any call is repeated
TRIES = 8

May = Literal["open", "join", "known"]


@dataclass(frozen=True, slots=True)
class Appender:
    """Appends through `client`. A dead letter that gets input has `attempts` - 1 behind it."""

    client: Client
    keys: Keys
    attempts: int

    async def by_reference(
        self, references: Sequence[str], event: Event, dedupe: str, *, may_open: bool
    ) -> Appended | None:
        """See `ThreadStore.append`."""
        if not references:
            raise ValueError("an input needs a reference")
        thread = thread_id(references[-1])
        return await self._append(thread, references, event, dedupe, "open" if may_open else "join")

    async def by_id(self, thread: str, event: Event, dedupe: str) -> Appended:
        """See `ThreadStore.append_to`."""
        appended = await self._append(thread, (), event, dedupe, "known")
        if appended is None:
            raise NoSuchThread(f"there is no thread {thread}")
        return appended

    async def _append(
        self, thread: str, references: Sequence[str], event: Event, dedupe: str, may: May
    ) -> Appended | None:
        dedupe = dedupe or f"~{secrets.token_hex(16)}"  # at least our own repetition is known
        data = encode(event)
        day = self.client.clock.ms() // DAY
        for _ in range(TRIES):
            names = [*self._thread_keys(thread), *self._dedupe_keys(dedupe, day)]
            names += [self.keys.alias(reference) for reference in references]
            told = await self.client.script(
                "append", names, thread, data, may, self.attempts, *_dedupe_words(dedupe, day)
            )
            match told[0]:
                case b"NONE":
                    return None
                case b"MOVED":
                    thread = text(told[1])
                case b"DAY":
                    day = number(told[1])
                case verdict:
                    return Appended(
                        thread=text(told[1]), seq=number(told[2]), fresh=verdict == b"DONE"
                    )
        raise StoreError(f"thread {thread} was moved {TRIES} times while input came in")

    def _thread_keys(self, thread: str) -> tuple[str, ...]:
        keys = self.keys
        return (
            keys.events(thread),
            keys.meta(thread),
            keys.run(thread),
            keys.queue,
            keys.bell,
            keys.dead,
            keys.index,
        )

    def _dedupe_keys(self, dedupe: str, day: int) -> tuple[str, ...]:
        if _alone(dedupe):
            return (self.keys.deduped_alone(dedupe),)
        return tuple(self.keys.deduped(near) for near in range(day - 2, day + 2))


def _alone(dedupe: str) -> bool:
    return dedupe.startswith((MAIL, "~"))


def _dedupe_words(dedupe: str, day: int) -> tuple[Word, ...]:
    """The id, the day that the client takes it for, and how long it is kept without a day (ms)."""
    if _alone(dedupe):
        return (dedupe, "", MAIL_KEPT if dedupe.startswith(MAIL) else REPEAT_KEPT)
    return (dedupe, day, 0)
