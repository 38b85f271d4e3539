"""The settings of the bot's mailbox, put together from the environment and `[email]`."""

import hmac

from bot.mail_env import Mailbox, MailServer
from bot.settings import Settings
from channels.email.inbound import Account
from channels.email.oauth import Tokens
from channels.email.settings import EmailSettings, Server, TokenOf

_LABEL = b"watchkeeper email reply tokens 1"


def postbox(settings: Settings, mailbox: Mailbox, key: bytes) -> EmailSettings:
    """How the mailbox is used. key: the bot's own, from which reply tokens get theirs."""
    told = settings.email
    token = Tokens(*mailbox.oauth) if mailbox.oauth else None
    people = (one.email for one in settings.people.values())
    return EmailSettings(
        imap=_server(mailbox.imap, token, told.ca),
        smtp=_server(mailbox.smtp, token, told.ca),
        account=Account(
            addresses=(mailbox.address,),
            mailbox=mailbox.address.casefold(),
            authserv_id=told.authserv_id,
            team=frozenset(address.casefold() for address in people if address),
        ),
        name=told.name,
        secret=hmac.digest(key, _LABEL, "sha256") if told.plus_addressing else b"",
        inbox=told.inbox,
        done=told.done,
        failed=told.failed,
        sent=told.sent,
        backlog=told.backlog,
        largest=told.largest,
        per_hour=told.per_hour,
    )


def _server(told: MailServer, token: TokenOf | None, ca: str) -> Server:
    return Server(
        host=told.host,
        port=told.port,
        user=told.user,
        password=told.password,
        token=token if told.user else None,
        security=told.security,
        ca=ca,
    )
