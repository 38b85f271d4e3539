"""The mailbox over TLS, after STARTTLS and by an access token, at real servers."""

import asyncio
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from channels.email import imap, smtp
from channels.email.oauth import Tokens
from channels.email.outbound import Letter
from channels.email.settings import Security, Server
from channels.email.smtp import NotSent
from channels.email.trust import trusting
from tests.mail_server import dovecot
from tests.mail_server.dovecot import PASSWORD, USER, Dovecot, free_port
from tests.mail_server.secure import Issuer, certificate, issuer
from tests.mail_server.smtp import Mailman, serve

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

LETTER = Letter(
    message_id="1@x", sender="b@x", recipients=("a@x",), data=b"Subject: x\r\n\r\nx\r\n"
)


@dataclass
class Secured:
    """A mailbox that is reached in every way."""

    box: Dovecot
    issuer: Issuer
    certificate: Path

    def imap(self, **more: object) -> Server:
        """Over TLS."""
        told: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.box.secure,
            "user": USER,
            "password": PASSWORD,
            "ca": str(self.certificate),
            "timeout": 5.0,
        }
        return Server(**{**told, **more})  # type: ignore[arg-type]

    def tokens(self) -> Tokens:
        """By the issuer."""
        return Tokens("id", "hush", "refresh", f"{self.issuer.url}/token")


@pytest.fixture(name="secured")
async def _secured() -> AsyncIterator[Secured]:
    root = _place()
    async with issuer() as one:
        file = certificate(root)
        info = f"{one.url}/info?access_token="
        box = Dovecot(root, secure=free_port(), certificate=file, tokens=info)
        await asyncio.to_thread(box.start)
        yield Secured(box, one, file)
        box.kill()
    shutil.rmtree(root, ignore_errors=True)


def _place() -> Path:
    # Not below pytest's own folder, which Dovecot's helpers may not enter.
    root = Path(tempfile.mkdtemp(prefix="box"))
    root.chmod(0o755)
    return root


async def reads(server: Server) -> list[int]:
    """What lies in the inbox there."""
    connection = await imap.connect(server)
    await connection.select("INBOX")
    found = await connection.search("ALL")
    await connection.close()
    return found


async def test_imap_over_tls(secured: Secured) -> None:
    """With a certificate that is trusted by the file that is named."""
    secured.box.put(b"Subject: x\n\nx\n", "1")
    assert await reads(secured.imap()) == [1]


async def test_a_certificate_that_nobody_trusts_is_refused(secured: Secured) -> None:
    """Not a word of the password is said there."""
    with pytest.raises(imap.ImapLost) as told:
        await reads(secured.imap(ca=""))
    assert "certificate" in str(told.value).lower()


async def test_imap_by_an_access_token(secured: Secured) -> None:
    """XOAUTH2: one token serves several connections."""
    server = secured.imap(token=secured.tokens(), password="")
    for _ in range(2):
        assert await reads(server) == []
    assert secured.issuer.given == ["token-0"]
    assert secured.issuer.asked[0]["refresh_token"] == "refresh"


async def test_a_refused_token_is_asked_for_anew_once(secured: Secured) -> None:
    """The old one has expired: another one, and the connection is there."""
    secured.issuer.stale = 1
    assert await reads(secured.imap(token=secured.tokens(), password="", timeout=2.0)) == []
    assert secured.issuer.given == ["token-0", "token-1"]


async def test_a_token_that_stays_refused_is_told(secured: Secured) -> None:
    """It does not hang, and it is no loss of the connection."""
    secured.issuer.stale = 10
    with pytest.raises(imap.ImapRefused):
        await reads(secured.imap(token=secured.tokens(), password="", timeout=2.0))
    assert len(secured.issuer.given) == 2


async def test_a_refresh_token_that_is_refused_says_which(secured: Secured) -> None:
    """The line names the variable."""
    secured.issuer.refuses = True
    with pytest.raises(imap.ImapRefused) as told:
        await reads(secured.imap(token=secured.tokens(), password=""))
    assert "EMAIL_OAUTH_REFRESH_TOKEN was refused: invalid_grant" in str(told.value)


async def test_an_issuer_that_is_not_there_may_come(secured: Secured) -> None:
    """A later try may succeed."""
    gone = Tokens("id", "hush", "refresh", f"http://127.0.0.1:{free_port()}/token")
    with pytest.raises(imap.ImapLost) as told:
        await reads(secured.imap(token=gone, password=""))
    assert "EMAIL_OAUTH_TOKEN_URL" in str(told.value)


async def begins() -> bool:
    """For the first time."""
    return False


@pytest.fixture(name="folder")
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_smtp_encrypted(folder: Path, security: Security) -> None:
    """At once or after STARTTLS: it logs in and hands over; untrusted, it says nothing."""
    file = str(certificate(folder))
    mailman = Mailman(logins={b"bot": b"hush"})
    controller, port = serve(mailman, certificate=file, starttls=security == "starttls")
    try:
        there = Server(
            host="127.0.0.1", port=port, user="bot", password="hush", security=security, ca=file
        )
        assert await smtp.hand_over(there, LETTER, begins) == ()
        assert len(mailman.mails) == 1
        for wrong in ({"password": "no"}, {"ca": ""}):
            with pytest.raises(NotSent):
                await smtp.hand_over(Server(**_with(there, wrong)), LETTER, begins)  # type: ignore[arg-type]
        assert len(mailman.mails) == 1
    finally:
        controller.stop()


async def test_smtp_by_an_access_token(secured: Secured) -> None:
    """XOAUTH2: what has expired is asked for anew, once; what stays refused is told."""
    mailman = Mailman(tokens={"token-1"})
    file = str(secured.certificate)
    controller, port = serve(mailman, certificate=file)
    try:
        there = Server(host="127.0.0.1", port=port, user="bot", token=secured.tokens(), ca=file)
        assert await smtp.hand_over(there, LETTER, begins) == ()
        assert (secured.issuer.given, len(mailman.mails)) == (["token-0", "token-1"], 1)
        mailman.tokens.clear()
        with pytest.raises(NotSent) as told:
            await smtp.hand_over(there, LETTER, begins)
        assert "token-" not in str(told.value)
        assert (len(secured.issuer.given), len(mailman.mails)) == (3, 1)
    finally:
        controller.stop()


async def test_starttls_that_is_not_offered_is_no_way_to_plain_text() -> None:
    """Somebody between us has taken it out: nothing is said."""
    mailman = Mailman()
    controller, port = serve(mailman)
    try:
        there = Server(host="127.0.0.1", port=port, security="starttls", timeout=3.0)
        with pytest.raises(NotSent):
            await smtp.hand_over(there, LETTER, begins)
        assert mailman.mails == []
    finally:
        controller.stop()


def test_the_system_is_trusted_besides_a_file(folder: Path) -> None:
    """A file of certificates takes nothing away."""
    alone = len(ssl.create_default_context().get_ca_certs())
    assert len(trusting(str(certificate(folder))).get_ca_certs()) == alone + 1


def _with(server: Server, more: dict[str, str]) -> dict[str, object]:
    return {name: getattr(server, name) for name in server.__slots__} | more
