"""E-mail as a channel: read over IMAP, sent over SMTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from channels.email import imap, smtp, vouching
from channels.email.imap import Imap, ImapLost, ImapRefused
from channels.email.inbound import NAME
from channels.email.lookup import Lookup
from channels.email.parsing import Mail, parse
from channels.email.receiving import Point, Receiver, amiss, nothing
from channels.email.sending import Sender
from channels.email.settings import EmailSettings
from channels.email.threads import Threads
from channels.port import (
    Address,
    CannotConnect,
    Connected,
    Cursors,
    Deliver,
    Outbound,
    SendFailed,
    SentLog,
)

log = structlog.get_logger()

NEWEST = 5
"""Mails that are looked at for who vouches for their senders."""
TOO_LARGE = "Your mail is too large for me, so I have not read it: I take at most {most} bytes."
TOLD_AGAIN = (60.0, 300.0, 1800.0)
"""Seconds after which somebody is told again whom the SMTP server refused for now."""
NO_TOKENS = (
    "[email] plus_addressing is off: replies carry no token, so nothing can be decided by mail"
)
LACKS = {
    "IDLE": "the IMAP server has no IDLE: new mail is looked for every ten seconds",
    "MOVE": "the IMAP server has no MOVE: mails stay in the inbox, whatever done and failed say",
    "UIDPLUS": "the IMAP server has no UIDPLUS: leave done and failed out, or use another server",
}


class Email:
    """A `Channel`. Sends as soon as it is made; hears once it is started."""

    def __init__(
        self, settings: EmailSettings, cursors: Cursors, sent: SentLog, *, at: Point = nothing
    ) -> None:
        """at: is told each named point between reading a mail and being through with it."""
        self._at = at
        self._settings = settings
        self._cursors = cursors
        self._threads = Threads()
        self._sender = Sender(settings, sent, self._threads, Lookup(settings))
        self._telling: set[asyncio.Task[None]] = set()
        self._receiver: Receiver | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """As in addresses."""
        return NAME

    async def check(self) -> Connected:
        """See `Channel`."""
        settings = self._settings
        await self._can_send()
        faults = [*self._no_tokens()]
        with _told():
            connection = await imap.connect(settings.imap)
            try:
                faults += vouching.faults(await self._newest(connection), self._vouches)
                faults += await amiss(connection, settings)
                faults += [LACKS[one] for one in connection.lacks("IDLE", *self._for_folders())]
            finally:
                await connection.close()
        return Connected(name=settings.address, faults=tuple(faults))

    async def start(self, deliver: Deliver) -> Connected:
        """See `Channel`."""
        receiver = Receiver(
            self._settings, self._cursors, self._threads, deliver, self._tell_too_large, self._at
        )
        await self._can_send()
        with _told():
            await receiver.open()
            folders = await receiver.folders()
        self._receiver = receiver
        self._running = asyncio.create_task(receiver.run())
        return Connected(name=self._settings.address, faults=(*self._faults(), *folders))

    async def send(self, message: Outbound) -> str:
        """See `Channel`. Raises `SendUnclear` where a mail may have arrived all the same."""
        return await self._sender.send(message)

    async def busy(self, address: Address, doing: str) -> None:
        """See `Channel`. A mailbox shows nothing, and a mail each time would be too much."""

    async def ready(self) -> bool:
        """See `Channel`."""
        running = self._running is not None and not self._running.done()
        return running and self._receiver is not None and self._receiver.connected

    async def stop(self) -> None:
        """See `Channel`."""
        if self._receiver is not None and self._running is not None:
            await self._receiver.close(self._running)
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def close(self) -> None:
        """See `Channel`. Each mail has a connection of its own."""

    async def _newest(self, connection: Imap) -> tuple[Mail, ...]:
        """The headers of the last mails in the box, newest first; else of those that were done."""
        _, following = await connection.select(self._settings.inbox)
        if not (found := await _last(connection, following)) and self._settings.done:
            with suppress(ImapRefused):  # it is made when the first mail goes there
                _, following = await connection.select(self._settings.done)
                found = await _last(connection, following)
        return found

    @property
    def _vouches(self) -> str:
        return self._settings.account.authserv_id

    def _faults(self) -> tuple[str, ...]:
        return (*vouching.faults((), self._vouches), *self._no_tokens())

    def _no_tokens(self) -> tuple[str, ...]:
        return () if self._settings.secret else (NO_TOKENS,)

    def _for_folders(self) -> tuple[str, ...]:
        return ("MOVE", "UIDPLUS") if self._settings.done or self._settings.failed else ()

    async def _can_send(self) -> None:
        try:
            (await smtp.connected(self._settings.smtp)).close()
        except SendFailed as fault:
            raise CannotConnect(
                f"the SMTP server: {fault.reason}", transient=fault.transient
            ) from fault

    async def _tell_too_large(self, mail: Mail, key: str) -> None:
        """Whoever sent it is told once a day, beside the reading of further mails."""
        if mail.sender is None:
            return
        text = TOO_LARGE.format(most=self._settings.largest)
        to = Address(channel=NAME, room=mail.sender.address, thread=mail.message_id)
        message = Outbound(key=f"too-large:{key}", address=to, text=text)
        task = asyncio.create_task(self._tell(message))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, message: Outbound) -> None:
        for wait in (*TOLD_AGAIN, None):
            try:
                await self._sender.send(message)
            except SendFailed as fault:
                log.warning("email_not_told", reason=fault.reason)
                if wait is None or not fault.transient:
                    return
                await asyncio.sleep(max(wait, fault.after or 0.0))
            else:
                return


async def _last(connection: Imap, following: int) -> tuple[Mail, ...]:
    uids = await connection.search("UID", f"{max(following - NEWEST, 1)}:*")
    heads = [await connection.fetch(uid, "HEADER") for uid in uids[: -NEWEST - 1 : -1]]
    return tuple(parse(head) for head in heads if head)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with the IMAP server, as whoever runs the bot is told it."""
    try:
        yield
    except ImapRefused as fault:
        raise CannotConnect(f"the IMAP server: {fault}", transient=False) from fault
    except ImapLost as fault:
        raise CannotConnect(f"the IMAP server: {fault}", transient=True) from fault
