"""An SMTP server that keeps what it is given, and refuses or drops it where it is told to."""

import asyncio
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.mail_server.dovecot import free_port

Route = Callable[[list[str], bytes], None]
"""Where a mail goes on to, by its recipients."""


def nowhere(_recipients: list[str], _mail: bytes) -> None:
    """It is kept, and that is all."""


@dataclass
class Mailman:
    """A handler. mails: what was taken. recipient, data: answered instead of "250"."""

    mails: list[bytes] = field(default_factory=list)
    recipient: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    drop: bool = False
    logins: dict[bytes, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    route: Route = nowhere

    def knows(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        """Whether the password is right."""
        right = isinstance(login, LoginPassword) and self.logins.get(login.login) == login.password
        return AuthResult(success=right, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """By an access token in `tokens`; a wrong one is told of in JSON before it is refused."""
        if any(f"Bearer {one}\x01" in b64decode(args[1]).decode() for one in self.tokens):
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes mail for everybody, but for whom it was told otherwise."""
        if told := self.recipient.get(address):
            return told
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Takes the mail; `drop` takes it and goes away without a word."""
        if self.data:
            return self.data.pop(0)
        content = envelope.content
        mail = content if isinstance(content, bytes) else str(content).encode()
        self.mails.append(mail)
        self.route(list(envelope.rcpt_tos), mail)
        if self.drop and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 OK"


def serve(
    mailman: Mailman, *, certificate: str = "", starttls: bool = False
) -> tuple[Controller, int]:
    """A running server and its port; stop it with `stop()`.

    certificate: a file with one and its key, for TLS at once or after STARTTLS; who logs in then is
    whoever `mailman.logins` knows.
    """
    port = free_port()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
    if tls is not None:
        tls.load_cert_chain(certificate)
    controller = Controller(
        mailman,
        hostname="127.0.0.1",
        port=port,
        ssl_context=None if starttls else tls,
        tls_context=tls if starttls else None,
        require_starttls=starttls,
        auth_required=tls is not None,
        auth_require_tls=starttls,
        authenticator=mailman.knows if tls is not None else None,
    )
    controller.start()
    return controller, port
