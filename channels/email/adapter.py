"""E-mail as a channel: read over IMAP, sent over SMTP."""

import asyncio

import structlog

from channels.email import imap, smtp
from channels.email.imap import Imap, ImapLost, ImapRefused
from channels.email.inbound import NAME
from channels.email.lookup import Lookup
from channels.email.parsing import Mail
from channels.email.receiving import Receiver
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

LACKS = "the IMAP server does not offer {what}: mails are taken in late, or stay where they are"
NO_TOKENS = (
    "replies carry no token (WATCHKEEPER_SECRET is not set, or [email] plus_addressing is off):"
    " they are known by their References alone"
)
TOO_LARGE = "Your mail is too large for me, so I have not read it: I take at most {most} bytes."
NOBODY = (
    "[email] authserv_id is not set, so nobody is known to be who they say: whoever writes is a"
    " stranger"
)


class Email:
    """A `Channel`. Sends as soon as it is made; hears once it is started."""

    def __init__(self, settings: EmailSettings, cursors: Cursors, sent: SentLog) -> None:
        self._settings = settings
        self._cursors = cursors
        self._threads = Threads()
        self._sender = Sender(settings, sent, self._threads, Lookup(settings))
        self._receiver: Receiver | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """As in addresses."""
        return NAME

    async def check(self) -> Connected:
        """See `Channel`."""
        await self._can_send()
        try:
            connection = await imap.connect(self._settings.imap)
        except (ImapRefused, ImapLost) as fault:
            raise _cannot_read(fault) from fault
        try:
            await connection.select(self._settings.inbox)
            faults = (*self._faults(), *self._lacking(connection))
        except (ImapRefused, ImapLost) as fault:
            raise _cannot_read(fault) from fault
        finally:
            await connection.close()
        return Connected(name=self._settings.address, faults=faults)

    async def start(self, deliver: Deliver) -> Connected:
        """See `Channel`."""
        receiver = Receiver(
            self._settings, self._cursors, self._threads, deliver, self._tell_too_large
        )
        await self._can_send()
        try:
            await receiver.open()
        except (ImapRefused, ImapLost) as fault:
            raise _cannot_read(fault) from fault
        self._receiver = receiver
        self._running = asyncio.create_task(receiver.run())
        return Connected(name=self._settings.address, faults=self._faults())

    async def send(self, message: Outbound) -> str:
        """See `Channel`. Raises `SendUnclear` where a mail may have arrived all the same."""
        return await self._sender.send(message)

    async def busy(self, address: Address, doing: str) -> None:
        """See `Channel`. A mailbox shows nothing, and a mail each time would be too much."""

    async def stop(self) -> None:
        """See `Channel`."""
        if self._receiver is not None and self._running is not None:
            await self._receiver.close(self._running)

    async def close(self) -> None:
        """See `Channel`. Each mail has a connection of its own."""

    def _faults(self) -> tuple[str, ...]:
        settings = self._settings
        untold = () if settings.account.authserv_id else (NOBODY,)
        return untold if settings.secret else (*untold, NO_TOKENS)

    def _lacking(self, connection: Imap) -> tuple[str, ...]:
        wanted = ["IDLE"]
        if self._settings.done or self._settings.failed:
            wanted.append("MOVE")
        return tuple(LACKS.format(what=one) for one in wanted if not connection.can(one))

    async def _can_send(self) -> None:
        try:
            (await smtp.connected(self._settings.smtp)).close()
        except SendFailed as fault:
            raise CannotConnect(
                f"the SMTP server: {fault.reason}", transient=fault.transient
            ) from fault

    async def _tell_too_large(self, mail: Mail, key: str) -> None:
        """Whoever sent it is told once; that they are not told is no reason to read no more."""
        if mail.sender is None:
            return
        text = TOO_LARGE.format(most=self._settings.largest)
        to = Address(channel=NAME, room=mail.sender.address, thread=mail.message_id)
        try:
            await self._sender.send(Outbound(key=f"too-large:{key}", address=to, text=text))
        except SendFailed as fault:
            log.warning("email_not_told", reason=fault.reason)


def _cannot_read(fault: ImapRefused | ImapLost) -> CannotConnect:
    return CannotConnect(f"the IMAP server: {fault}", transient=isinstance(fault, ImapLost))
