"""A mail handed over to the SMTP server: taken, refused, or nobody knows."""

import re
from collections.abc import Awaitable, Callable, Iterable

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPStatus,
)

from channels.email.outbound import Letter
from channels.email.settings import NoToken, Server, TokenOf
from channels.email.trust import trusting
from channels.port import SendFailed, SendUnclear

_LATER = 400
_FOR_GOOD = 500
_LINE_END = re.compile(rb"\r\n|\r|\n")
_POINT = re.compile(rb"^\.", re.MULTILINE)


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
        refused = await _taken_to(client, letter.recipients)
        if await begins():
            raise BegunBefore
        await _data(client, letter.data)
        return refused
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


async def _taken_to(client: SMTP, recipients: Iterable[str]) -> tuple[str, ...]:
    """Whom the server refused. A later try helps only where nobody was taken: it is one mail."""
    answers = [(one, await _refused(client, one)) for one in recipients]
    against = {one: fault for one, fault in answers if fault is not None}
    if len(against) < len(answers):
        return tuple(against)
    later = next((fault for fault in against.values() if fault.code < _FOR_GOOD), None)
    if later is not None:
        raise _not_sent(later) from later
    raise NotSent(f"the server refused {', '.join(against)}", transient=False)


async def _refused(client: SMTP, recipient: str) -> SMTPResponseException | None:
    """What the server says against mail for somebody; None if it takes it."""
    try:
        await client.rcpt(recipient)
    except SMTPResponseException as fault:
        return fault
    except (SMTPException, OSError) as fault:
        raise _not_sent(fault) from fault
    return None


async def _data(client: SMTP, data: bytes) -> None:
    """The mail. Until the server says that it may come, nothing of it has gone out."""
    told = await _answer(client, b"DATA")
    if told.code != SMTPStatus.start_input:
        raise _not_sent(SMTPDataError(told.code, told.message))
    try:
        told = await _content(client, _as_it_goes_out(data))
    except (SMTPException, OSError) as fault:
        raise SendUnclear(f"the connection was lost behind the mail: {_reason(fault)}") from fault
    if told.code != SMTPStatus.completed:
        refusal = SMTPDataError(told.code, told.message)
        raise SendUnclear(_reason(refusal)) if told.code < _LATER else _not_sent(refusal)


async def _content(client: SMTP, content: bytes) -> SMTPResponse:
    """The library's own way sends DATA with it, and does not tell at which of the two it failed."""
    protocol = client.protocol
    if protocol is None:
        raise SMTPServerDisconnected("the connection was lost")
    protocol._response_pending = True
    protocol.write(content)
    return await protocol.read_response(timeout=client.timeout)


async def _answer(client: SMTP, command: bytes) -> SMTPResponse:
    try:
        return await client.execute_command(command)
    except (SMTPException, OSError) as fault:
        raise _not_sent(fault) from fault


def _as_it_goes_out(data: bytes) -> bytes:
    """Its lines end as they must, none is the single point that ends it, and that point."""
    lines = _LINE_END.sub(b"\r\n", data).removesuffix(b"\r\n")
    return _POINT.sub(b"..", lines) + b"\r\n.\r\n"


async def _before(step: Callable[[], Awaitable[object]]) -> None:
    """A step before the mail itself: whatever fails, it was not sent."""
    try:
        await step()
    except (SMTPException, OSError) as fault:
        raise _not_sent(fault) from fault


def _not_sent(fault: Exception) -> NotSent:
    code = fault.code if isinstance(fault, SMTPResponseException) else 0
    return NotSent(_reason(fault), transient=code < _FOR_GOOD)


def _reason(fault: Exception) -> str:
    return " ".join(str(fault).split())[:200] or type(fault).__name__
