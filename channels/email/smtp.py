"""A mail handed over to the SMTP server: taken, refused, or nobody knows."""

from collections.abc import Awaitable, Callable

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
)

from channels.email.outbound import Letter
from channels.email.settings import NoToken, Server, TokenOf
from channels.email.trust import trusting
from channels.port import SendFailed, SendUnclear


class NotSent(SendFailed):
    """The server surely does not have it."""


class BegunBefore(Exception):
    """The server may have it from an earlier try."""


Begins = Callable[[], Awaitable[bool]]
"""Told that the mail itself is about to go; whether that was said before, by whomever."""


async def hand_over(server: Server, letter: Letter, begins: Begins) -> tuple[str, ...]:
    """Returns whom the server refused; the others get it.

    Raises `NotSent`, `BegunBefore`, `SendUnclear`. Until `begins` is called it is surely not sent:
    that is as late as can be, so that a crash leaves few of which nobody knows.
    """
    client = await connected(server)
    try:
        await _before(lambda: client.mail(letter.sender))
        refused = [one for one in letter.recipients if not await _takes(client, one)]
        if len(refused) == len(letter.recipients):
            raise NotSent(f"the server refused {', '.join(refused)}", transient=False)
        if await begins():
            raise BegunBefore
        await _data(client, letter.data)
        return tuple(refused)
    finally:
        client.close()


async def connected(server: Server) -> SMTP:
    """A connection, logged in. Raises `NotSent`."""
    if server.refused:
        raise NotSent(server.refused, transient=False)
    client = SMTP(
        hostname=server.host,
        port=server.port,
        timeout=server.timeout,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=None if server.security == "plain" else trusting(server.ca),
    )
    try:
        await _before(client.connect)
        await _log_in(client, server)
    except BaseException:
        client.close()
        raise
    return client


async def _log_in(client: SMTP, server: Server) -> None:
    if not server.user:
        return
    token = server.token
    if token is None:
        await _before(lambda: client.login(server.user, server.password))
        return
    try:
        await client.auth_xoauth2(server.user, await token(False))
    except SMTPAuthenticationError:
        fresh = await _fresh(token)
        await _before(lambda: client.auth_xoauth2(server.user, fresh))
    except NoToken as fault:
        raise NotSent(str(fault), transient=fault.transient) from fault
    except (SMTPException, OSError) as fault:
        raise _not_sent(fault) from fault


async def _fresh(token: TokenOf) -> str:
    try:
        return await token(True)
    except NoToken as fault:
        raise NotSent(str(fault), transient=fault.transient) from fault


async def _takes(client: SMTP, recipient: str) -> bool:
    """Whether the server takes mail for somebody; a later try may help where it says so."""
    try:
        await client.rcpt(recipient)
    except SMTPResponseException as fault:
        if fault.code < 500:
            raise _not_sent(fault) from fault
        return False
    except (SMTPException, OSError) as fault:
        raise _not_sent(fault) from fault
    return True


async def _data(client: SMTP, data: bytes) -> None:
    try:
        await client.data(data)
    except SMTPResponseException as fault:
        if fault.code < 400:
            raise SendUnclear(_reason(fault)) from fault
        raise _not_sent(fault) from fault
    except (SMTPException, OSError) as fault:
        raise SendUnclear(f"the connection was lost behind the mail: {_reason(fault)}") from fault


async def _before(step: Callable[[], Awaitable[object]]) -> None:
    """A step before the mail itself: whatever fails, it was not sent."""
    try:
        await step()
    except (SMTPException, OSError) as fault:
        raise _not_sent(fault) from fault


def _not_sent(fault: Exception) -> NotSent:
    code = fault.code if isinstance(fault, SMTPResponseException) else 0
    return NotSent(_reason(fault), transient=code < 500)


def _reason(fault: Exception) -> str:
    return " ".join(str(fault).split())[:200] or type(fault).__name__
