"""Sending: each message one mail, never a second time where the first may have arrived."""

import asyncio
import re
from datetime import UTC, datetime

import structlog

from channels.email import smtp
from channels.email.inbound import NAME, names_of, reference
from channels.email.lookup import Lookup
from channels.email.outbound import Answered, From, Letter, NoRecipient, letter
from channels.email.settings import EmailSettings
from channels.email.smtp import BegunBefore, NotSent
from channels.email.threads import Threads
from channels.port import Outbound, SendFailed, SendUnclear, SentLog

log = structlog.get_logger()

_HOUR = 3600.0
_TAGS = re.compile(r"\+[^@,]*@")


class Sender:
    """Everything that leaves goes out here."""

    def __init__(
        self, settings: EmailSettings, sent: SentLog, threads: Threads, lookup: Lookup
    ) -> None:
        self._settings = settings
        self._sent = sent
        self._threads = threads
        self._lookup = lookup

    async def send(self, message: Outbound) -> str:
        """The reference of the mail. Raises `SendFailed`, of which `SendUnclear` is one."""
        made = await self._made(message)
        await self._take_place(message)
        joined = bool(message.address.thread)
        names = names_of(made.message_id, joined=joined, asks=_asks(message))
        await self._sent.name(message.key, names)
        await self._hand_over(message.key, made)
        self._threads.sent(made.message_id, message.text)
        return reference(made.message_id)

    async def _hand_over(self, key: str, made: Letter) -> None:
        begun = False

        async def begins() -> bool:
            nonlocal begun
            begun = not await self._sent.begin(key)
            return not begun

        ref = reference(made.message_id)
        try:
            refused = await smtp.hand_over(self._settings.smtp, made, begins)
        except BegunBefore:
            if await self._lookup.was_sent(made.message_id):
                return
            why = "it was begun before, nothing tells whether it was sent"
            raise SendUnclear(why, ref=ref) from None
        except SendUnclear as unclear:
            raise SendUnclear(unclear.reason, ref=ref) from unclear
        except NotSent:
            if begun:
                await self._sent.kept_back(key)
            raise
        if refused:
            log.warning("email_recipients_refused", recipients=len(refused))

    async def _made(self, message: Outbound) -> Letter:
        settings = self._settings
        sender = From(address=settings.address, name=settings.name, secret=settings.secret)
        answered = await self._answered(message.address.thread)
        try:
            return letter(message, sender, answered, datetime.now(UTC))
        except NoRecipient as fault:
            raise SendFailed(str(fault), transient=False) from fault

    async def _answered(self, thread: str) -> Answered:
        if not thread or thread.startswith("sha256:"):
            return self._threads.find(thread) or Answered()
        known = self._threads.find(thread) or await self._lookup.answered(thread)
        return known or Answered(message_id=thread)

    async def _take_place(self, message: Outbound) -> None:
        """So many an hour of one thread: whatever two machines do to each other, it stays few."""
        every = _HOUR / self._settings.per_hour
        thread, _, _ = message.key.rpartition(":")
        # A token, or whatever else a machine writes behind the "+", makes no other reader of it.
        room = f"{NAME}:{_TAGS.sub('@', message.address.room)}:{thread}"
        wait = await self._sent.pace(room, every, burst=self._settings.per_hour)
        if wait > 1.0:
            raise SendFailed("too many mails to one thread", transient=True, after=wait)
        if wait > 0:
            await asyncio.sleep(wait)


def _asks(message: Outbound) -> tuple[str, ...]:
    """The requests that it shows, and that are open."""
    card = message.card
    if card is None or card.outcome:
        return ()
    return (card.request, *(one.request for one in card.beside))
