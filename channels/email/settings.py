"""How the mailbox is reached, and what may be done in it. Plain data; nothing is connected."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from channels.email.inbound import Account

Security = Literal["tls", "starttls", "plain"]

TokenOf = Callable[[bool], Awaitable[str]]
"""An OAuth access token; True for a new one, as the last was refused. Raises `NoToken`."""


class NoToken(Exception):
    """There is no access token to be had. `transient` says whether a later try may get one."""

    def __init__(self, reason: str, *, transient: bool) -> None:
        super().__init__(reason)
        self.transient = transient


_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server and how to log in: with a password, or with an access token where there is one.

    ca: a file of certificates that are trusted besides the system's, "" for none.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    token: TokenOf | None = field(default=None, repr=False)
    security: Security = "tls"
    ca: str = ""
    timeout: float = 20.0

    @property
    def refused(self) -> str:
        """What must be mended before it may be used, "" for nothing."""
        if self.security == "plain" and self.host not in _LOOPBACK:
            return f"a connection to {self.host} must be encrypted: plain is for loopback only"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """account: whose mailbox. secret: signs reply tokens; b"" where plus-addresses do not arrive.

    done, failed: folders that mails go to once they are taken in, or can not be; "" to leave them.
    sent: the folder where the server keeps what was sent, "" for none.
    backlog: whether the first start takes in what is in the box already.
    largest: bytes beyond which a mail is not read. renew: seconds that one IDLE lasts.
    """

    imap: Server
    smtp: Server
    account: Account
    name: str = "Watchkeeper"
    secret: bytes = field(default=b"", repr=False)
    inbox: str = "INBOX"
    done: str = ""
    failed: str = ""
    sent: str = ""
    backlog: bool = False
    largest: int = 25 * 1024 * 1024
    renew: float = 240.0
    per_hour: int = 20

    @property
    def address(self) -> str:
        """What the bot writes from."""
        return self.account.addresses[0]
