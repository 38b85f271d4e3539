"""Trying out a mailbox: mails to itself, and one from whoever sets it up."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from channels.email import imap, smtp
from channels.email.imap import Imap
from channels.email.outbound import Letter
from channels.email.parsing import Mail, parse
from channels.email.reply.mails import of
from channels.email.settings import EmailSettings

CAPABILITIES = ("IDLE", "MOVE", "UIDPLUS", "ENABLE", "QRESYNC")
TAG = "watchkeeper-trial"
MOST = 256 * 1024
"""Bytes of a mail that is looked into for the code."""


class Trial:
    """Made by `trying`. Nothing that comes in meanwhile is answered, or moved."""

    def __init__(self, settings: EmailSettings, connection: Imap, since: int) -> None:
        self._settings = settings
        self._imap = connection
        self._next = since

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Those that count, as far as the server has them."""
        missing = self._imap.lacks(*CAPABILITIES)
        return tuple(one for one in CAPABILITIES if one not in missing)

    async def to_itself(self, *, tagged: bool, seconds: float) -> bool:
        """Whether a mail to the bot's address arrives in time; `tagged`: to name+tag@ of it.

        Raises `ImapLost`, `ImapRefused`, `SendFailed`.
        """
        address = self._settings.address
        local, _, domain = address.rpartition("@")
        letter = _letter(address, f"{local}+{TAG}@{domain}" if tagged else address)
        await smtp.hand_over(self._settings.smtp, letter, _for_the_first_time)
        try:
            async with asyncio.timeout(seconds):
                await self._arrives(letter.message_id)
        except TimeoutError:
            await self._again()
            return False
        return True

    async def hears(self, code: str, seconds: float) -> Mail | None:
        """The mail whose first words, or whose subject, are the code; None if none comes in time.

        Raises `ImapLost`, `ImapRefused`.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for uid in await self._new():
                        mail = await self._read(uid)
                        if mail is not None and _says(mail, code):
                            await self._imap.mark_seen(uid)
                            return mail
                    await self._imap.idle(self._settings.renew)
        except TimeoutError:
            await self._again()
            return None

    async def close(self) -> None:
        """Log out."""
        await self._imap.close()

    async def _again(self) -> None:
        """A connection that a wait was cut off on is of no use any more."""
        self._imap = await imap.connect(self._settings.imap)
        await self._imap.select(self._settings.inbox)

    async def _arrives(self, message_id: str) -> None:
        while not (found := await self._imap.search("HEADER", "Message-ID", f'"{message_id}"')):
            await self._imap.idle(self._settings.renew)
        for uid in found:
            await self._imap.remove(uid)

    async def _new(self) -> list[int]:
        # "5:*" has the last mail in it even where that is the fourth.
        found = await self._imap.search("UID", f"{self._next}:*")
        new = [uid for uid in found if uid >= self._next]
        self._next = max([self._next, *(uid + 1 for uid in new)])
        return new

    async def _read(self, uid: int) -> Mail | None:
        size = await self._imap.size(uid)
        raw = await self._imap.fetch(uid) if size is not None and size <= MOST else None
        return parse(raw) if raw else None


@asynccontextmanager
async def trying(settings: EmailSettings) -> AsyncIterator[Trial]:
    """Logged in both ways. Raises `ImapLost`, `ImapRefused`, `SendFailed`."""
    settings = replace(settings, renew=10.0)
    (await smtp.connected(settings.smtp)).close()
    connection = await imap.connect(settings.imap)
    try:
        _, following = await connection.select(settings.inbox)
    except BaseException:
        await connection.close()
        raise
    trial = Trial(settings, connection, following)
    try:
        yield trial
    finally:
        await trial.close()


async def _for_the_first_time() -> bool:
    return False


def _letter(sender: str, to: str) -> Letter:
    own = f"{secrets.token_hex(16)}@{sender.rpartition('@')[2]}"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Watchkeeper tries out its mailbox"
    mail["Message-ID"], mail["Date"] = f"<{own}>", format_datetime(datetime.now(UTC))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("This mail is removed as soon as it has arrived.\n")
    return Letter(message_id=own, sender=sender, recipients=(to,), data=mail.as_bytes())


def _says(mail: Mail, code: str) -> bool:
    words = of(mail).text.split()
    return code in {mail.subject.strip(), *words[:1]}
