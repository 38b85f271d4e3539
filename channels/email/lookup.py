"""Looks into the mailbox for single mails, over a connection of its own that is let go at once."""

import structlog

from channels.email import imap
from channels.email.imap import Imap, ImapLost, ImapRefused
from channels.email.outbound import Answered
from channels.email.parsing import Mail, parse
from channels.email.settings import EmailSettings
from channels.email.threads import answered

log = structlog.get_logger()

_MOST = 5
"""Mails with nearly that name that are looked at."""


class Lookup:
    """By Message-ID."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    async def answered(self, message_id: str) -> Answered | None:
        """What an answer needs of a mail; None if it is not found, or can not be looked for."""
        folders = (self._settings.done, self._settings.inbox)
        mail = await self._header(message_id, tuple(folder for folder in folders if folder))
        return answered(mail) if mail else None

    async def was_sent(self, message_id: str) -> bool:
        """Whether a mail of ours lies in the folder of what was sent."""
        if not self._settings.sent:
            return False
        return await self._header(message_id, (self._settings.sent,)) is not None

    async def _header(self, message_id: str, folders: tuple[str, ...]) -> Mail | None:
        try:
            connection = await imap.connect(self._settings.imap)
        except (ImapLost, ImapRefused) as fault:
            log.warning("email_lookup_failed", reason=str(fault))
            return None
        try:
            for folder in folders:
                try:
                    await connection.select(folder)
                except ImapRefused:  # it is made when the first mail goes there
                    continue
                if mail := await _named(connection, message_id):
                    return mail
        except (ImapLost, ImapRefused) as fault:
            log.warning("email_lookup_failed", reason=str(fault))
        finally:
            await connection.close()
        return None


async def _named(connection: Imap, message_id: str) -> Mail | None:
    """The mail of exactly that name: the server finds every one whose name it is a part of."""
    for name in (f"<{message_id}>", message_id):
        found = await connection.search("HEADER", "Message-ID", imap.quoted(name))
        for uid in found[: -_MOST - 1 : -1]:
            head = await connection.fetch(uid, "HEADER")
            mail = parse(head) if head else None
            if mail is not None and mail.message_id == message_id:
                return mail
    return None
