"""One connection to a mailbox: a few commands, one at a time, that never hang.

Round the library's defects: it tells nobody of a lost connection, so every command is raced against
the loss; it mixes up concurrent commands, so there is one lock; it leaves what was cut off in its
buffers, so a connection on which anything went wrong is torn down and never used again.
"""

import asyncio
import re
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Protocol, TypeVar, cast

from aioimaplib import IMAP4, AioImapException  # type: ignore[import-untyped]

from channels.email.fetched import moment, values
from channels.email.folders import encoded
from channels.email.quirks import client_of, hear_any_case, keep_alive, push
from channels.email.settings import NoToken, Server

_T = TypeVar("_T")
_NUMBERS = re.compile(rb"\d+")
_VALIDITY = re.compile(rb"UIDVALIDITY (\d+)")
_NEXT = re.compile(rb"UIDNEXT (\d+)")
_EMPTY = re.compile(rb"(?m)^0 EXISTS")
_HEARTBEAT = b"still here"


class ImapLost(Exception):
    """The connection is gone, or was torn down; another one may work."""


class ImapLate(ImapLost):
    """The server did not answer in time."""


class ImapRefused(Exception):
    """The server said no. `login`: to the user's name and password or token."""

    def __init__(self, reason: str, *, login: bool = False) -> None:
        super().__init__(reason)
        self.login = login


class _Response(Protocol):
    """What the library answers with."""

    @property
    def result(self) -> str: ...

    @property
    def lines(self) -> list[bytes]: ...


class Imap:
    """A connection that is logged in; see `connect`."""

    def __init__(self, client: IMAP4, timeout: float) -> None:
        self._client = client
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._lost = asyncio.Event()
        client.protocol.conn_lost_cb = lambda _: self._lost.set()
        hear_any_case(client)

    async def log_in(self, server: Server) -> None:
        """Raises `ImapRefused`, `ImapLost`."""
        try:
            if server.token is None:
                quoted(server.password)  # looked at only: the library quotes this one itself
                told = await self._run(self._client.login(quoted(server.user), server.password))
            else:
                # Refused, the server asks for an answer that the library never gives: it times out.
                token = await server.token(False)
                told = await self._run(self._client.xoauth2(server.user, token))
        except NoToken as fault:
            raise _without_token(fault) from fault
        except ImapLate as late:
            if server.token is None:
                raise
            raise ImapRefused("the access token was refused", login=True) from late
        if told.result != "OK":
            raise ImapRefused(_said(told), login=True)
        keep_alive(self._client)
        if not self.lacks("ENABLE", "QRESYNC"):
            # Mails that others remove are told of in one line then: thousands of lines at once are
            # more than the library can take.
            await self._run(self._client.enable("QRESYNC"))

    def lacks(self, *capabilities: str) -> tuple[str, ...]:
        """Which of these the server does not have."""
        return tuple(one for one in capabilities if not self._client.has_capability(one))

    async def select(self, folder: str) -> tuple[int, int]:
        """The folder's UIDVALIDITY and the next UID."""
        told = await self._ok(self._client.select(named(folder)))
        lines = b"\n".join(bytes(line) for line in told.lines)
        validity, following = _VALIDITY.search(lines), _NEXT.search(lines)
        next_uid = int(following[1]) if following else 1
        if following is None and not _EMPTY.search(lines):  # some servers do not tell
            next_uid += max(await self.search("UID", "*"), default=0)
        return int(validity[1]) if validity else 0, next_uid

    async def ensure(self, folder: str) -> None:
        """There is such a folder afterwards. Raises `ImapRefused`."""
        told = await self._run(self._client.status(named(folder), "(UIDNEXT)"))
        if told.result != "OK":
            await self._ok(self._client.create(named(folder)))

    async def search(self, *criteria: str) -> list[int]:
        """The UIDs that match, lowest first."""
        told = await self._ok(self._client.uid_search(*criteria, charset=None))
        found = (int(one) for line in told.lines[:-1] for one in _NUMBERS.findall(bytes(line)))
        return sorted(set(found))

    async def size(self, uid: int) -> int | None:
        """The bytes of a mail; None if it is not there any more."""
        told = await self._fetched(uid, "RFC822.SIZE")
        return None if told is None else int(told)

    async def fetch(self, uid: int, part: str = "") -> bytes | None:
        """A mail as it is, or its "HEADER"; None if it is not there any more. It stays unread."""
        return await self._fetched(uid, f"BODY[{part}]")

    async def arrived(self, uid: int) -> datetime | None:
        """When it came into the mailbox; None if nothing tells."""
        return moment(await self._fetched(uid, "INTERNALDATE"))

    async def _fetched(self, uid: int, what: str) -> bytes | None:
        """Raises `ImapRefused` where the mail is there, and what was asked for is not told."""
        asked = what.replace("BODY[", "BODY.PEEK[")
        told = await self._ok(self._client.uid("fetch", str(uid), f"(UID {asked})"))
        found = values(told.lines, uid)
        if (value := found.get(what)) is not None:
            return value
        if not found and uid not in await self.search("UID", str(uid)):
            return None
        raise ImapRefused(f"the server has mail {uid} and answers without its {what}")

    async def mark_seen(self, uid: int) -> None:
        """Somebody, which is us, has read it."""
        await self._ok(self._client.uid("store", str(uid), "+FLAGS.SILENT", r"(\Seen)"))

    async def remove(self, uid: int) -> None:
        """Take it out for good; where the server can not remove one alone, it is marked only."""
        await self._ok(self._client.uid("store", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)"))
        if not self.lacks("UIDPLUS"):
            await self._ok(self._client.uid("expunge", str(uid)))

    async def move(self, uid: int, folder: str) -> None:
        """Put it into another folder; it is made if it is not there."""
        if not self._client.has_capability("MOVE"):
            return
        told = await self._run(self._client.uid("move", str(uid), named(folder)))
        if told.result != "OK":
            await self._run(self._client.create(named(folder)))
            await self._ok(self._client.uid("move", str(uid), named(folder)))

    async def idle(self, seconds: float) -> None:
        """Returns once something may have come, or after this long. Search after it."""
        async with self._lock:
            # What came since the search rides on the next command's answer, and on no push later.
            told = cast("_Response", await self._raced(self._client.noop()))
            if len(told.lines) > 1:
                return
            if not self._client.has_capability("IDLE"):
                await self._nap(min(seconds, 10.0))
                return
            idling = await self._raced(self._client.idle_start(timeout=seconds + 60))
            try:
                await self._pushed(seconds, idling)
                if not idling.done():
                    self._client.idle_done()
                await self._raced(asyncio.wait_for(asyncio.shield(idling), self._timeout))
            finally:
                idling.cancel()

    async def close(self) -> None:
        """Log out if that is still possible, and let go of it."""
        if not self._lost.is_set():
            with suppress(AioImapException, TimeoutError, OSError):  # it ends, in whatever way
                await asyncio.wait_for(self._client.logout(), 2.0)
        self.abort()

    def abort(self) -> None:
        """Let go of it at once."""
        self._lost.set()
        transport = self._client.protocol.transport
        if transport is not None:
            transport.abort()

    async def _pushed(self, seconds: float, idling: asyncio.Future[object]) -> None:
        """Waits for any push that is more than a sign of life, or for the server to end it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            told = await self._raced(push(self._client, left, idling))
            if not told or any(_HEARTBEAT not in bytes(line).lower() for line in told):
                return

    async def _nap(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._lost.wait(), seconds)
        except TimeoutError:
            return
        raise ImapLost("the connection was lost")

    async def _ok(self, command: Coroutine[object, object, object]) -> _Response:
        told = await self._run(command)
        if told.result != "OK":
            raise ImapRefused(_said(told))
        return told

    async def _run(self, command: Coroutine[object, object, object]) -> _Response:
        async with self._lock:
            return cast("_Response", await self._raced(command))

    async def _raced(self, command: Coroutine[object, object, _T]) -> _T:
        """What the command answers; raises `ImapLost` as soon as nothing can answer any more."""
        doing = asyncio.ensure_future(command)
        losing = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait(
                {doing, losing}, return_when=asyncio.FIRST_COMPLETED, timeout=self._timeout + 600
            )
            if not doing.done():
                self.abort()
                raise ImapLost("the connection was lost")
            return doing.result()
        except TimeoutError:
            self.abort()
            raise ImapLate("the server did not answer in time") from None
        except (AioImapException, OSError, RecursionError) as fault:
            self.abort()
            raise ImapLost(str(fault) or type(fault).__name__) from fault
        except asyncio.CancelledError:
            self.abort()
            raise
        finally:
            for task in (doing, losing):
                task.cancel()
            await asyncio.gather(doing, losing, return_exceptions=True)


async def connect(server: Server) -> Imap:
    """A connection, logged in. Raises `ImapLost`, `ImapRefused`."""
    if server.refused or server.security == "starttls":
        raise ImapRefused(server.refused or "the IMAP library has no STARTTLS: use TLS (port 993)")
    try:
        return await _connect(server)
    except ImapRefused as refused:
        if server.token is None or not refused.login:
            raise
    try:
        await server.token(True)
    except NoToken as fault:
        raise _without_token(fault) from fault
    return await _connect(server)


async def _connect(server: Server) -> Imap:
    client = client_of(server)
    imap = Imap(client, server.timeout)
    try:
        await client.wait_hello_from_server()
        await imap.log_in(server)
    except (OSError, TimeoutError, AioImapException) as fault:
        imap.abort()
        raise ImapLost(str(fault) or "no answer") from fault
    except BaseException:
        imap.abort()
        raise
    return imap


def _without_token(fault: NoToken) -> ImapLost | ImapRefused:
    return ImapLost(str(fault)) if fault.transient else ImapRefused(str(fault))


def named(folder: str) -> str:
    """As IMAP takes a folder. Raises `ImapRefused` for line ends."""
    quoted(folder)  # looked at only: encoded, a line end would be part of the name
    return quoted(encoded(folder))


def quoted(text: str) -> str:
    """As IMAP takes a string; the library quotes nothing. Raises `ImapRefused` for line ends."""
    if any(char in text for char in "\r\n\0"):
        raise ImapRefused("a name or a password can not hold a line end")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _said(told: _Response) -> str:
    return b" ".join(bytes(line) for line in told.lines[-1:]).decode("utf-8", "replace")[:200]
