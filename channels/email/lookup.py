"""Looks into the mailbox for single mails, over a connection of its own that is let go at once."""

import structlog

from channels.email import imap
from channels.email.imap import ImapLost, ImapRefused
from channels.email.outbound import Answered
from channels.email.parsing import parse
from channels.email.settings import EmailSettings
from channels.email.threads import answered

log = structlog.get_logger()


class Lookup:
    """By Message-ID."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    async def answered(self, message_id: str) -> Answered | None:
        """What an answer needs of a mail; None if it is not found, or can not be looked for."""
        folders = (self._settings.done, self._settings.inbox)
        raw = await self._header(message_id, tuple(folder for folder in folders if folder))
        return answered(parse(raw)) if raw else None

    async def was_sent(self, message_id: str) -> bool:
        """Whether a mail of ours lies in the folder of what was sent."""
        if not self._settings.sent:
            return False
        return await self._header(message_id, (self._settings.sent,)) is not None

    async def _header(self, message_id: str, folders: tuple[str, ...]) -> bytes | None:
        try:
            connection = await imap.connect(self._settings.imap)
        except (ImapLost, ImapRefused) as fault:
            log.warning("email_lookup_failed", reason=str(fault))
            return None
        try:
            for folder in folders:
                await connection.select(folder)
                found = await connection.search("HEADER", "Message-ID", imap.quoted(message_id))
                if found:
                    return await connection.fetch(found[-1], "HEADER")
        except (ImapLost, ImapRefused) as fault:
            log.warning("email_lookup_failed", reason=str(fault))
        finally:
            await connection.close()
        return None
