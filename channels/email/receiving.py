"""What comes into the mailbox, each mail once: delivered, then marked, then moved."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from channels.email import cursor, imap
from channels.email.authentication import verdict
from channels.email.imap import Imap, ImapLost, ImapRefused
from channels.email.inbound import NAME
from channels.email.parsing import Mail, parse
from channels.email.settings import EmailSettings
from channels.email.taking import Taken, take
from channels.email.threads import Threads
from channels.port import Cursors, Deliver

log = structlog.get_logger()

_SLOWEST = 60.0
_FIRST = 0.5
_SELDOM = 10.0
_TRIES = 3
"""How often one mail is tried before it is put aside, so that those behind it are heard."""
_OF_THE_MAIL = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What code raises at data it can not take; whatever else happens, a store that is down say, ends
by itself, and every mail waits for it."""

Point = Callable[[str], None]


def nothing(_point: str) -> None:
    """What happens at a named point: nothing. Tests end the reading there."""


TooLarge = Callable[[Mail, str], Awaitable[None]]
"""Tells whoever sent a mail that it is too large; the text names them and the day."""


async def amiss(connection: Imap, settings: EmailSettings) -> tuple[str, ...]:
    """What is wrong with the folders for mails, which are made if they are not there."""
    found: list[str] = []
    names = {"done": settings.done, "failed": settings.failed, "sent": settings.sent}
    for setting, folder in names.items():
        if folder:
            try:
                await connection.ensure(folder)
            except ImapRefused as fault:
                found.append(f'[email] {setting}: "{folder}" can not be opened or made: {fault}')
    return tuple(found)


class Receiver:
    """Reads one folder. `open` first, then `run` until it is cancelled."""

    def __init__(
        self,
        settings: EmailSettings,
        cursors: Cursors,
        threads: Threads,
        deliver: Deliver,
        too_large: TooLarge,
        at: Point = nothing,
    ) -> None:
        self._at = at
        self._settings = settings
        self._cursors = cursors
        self._threads = threads
        self._deliver = deliver
        self._too_large = too_large
        self._taking = asyncio.Lock()
        self._tried: Counter[int] = Counter()
        self._restless = self._since = 0
        self._refusing: set[str] = set()
        self._imap: Imap | None = None
        self._validity, self._next = 0, 1
        self._cursor_name = f"{NAME}:{settings.account.mailbox}:{settings.inbox}"

    @property
    def connected(self) -> bool:
        """Whether it is logged in; a mailbox that is lost is noticed within a round of it."""
        return self._imap is not None

    async def open(self) -> None:
        """Connect, and find where to begin. Raises `ImapLost`, `ImapRefused`."""
        connection = await imap.connect(self._settings.imap)
        try:
            self._validity, self._next = await connection.select(self._settings.inbox)
            if (stands := await self._cursor()) is not None:
                self._since = stands.since
            elif self._settings.backlog:
                await self._reached(0)
            else:
                self._since = int(datetime.now(UTC).timestamp())
                await self._reached(self._next - 1)
        except BaseException:
            await connection.close()
            raise
        self._imap = connection

    async def folders(self) -> tuple[str, ...]:
        """What is wrong with the folders for mails; see `amiss`."""
        return await amiss(self._imap, self._settings) if self._imap else ()

    async def run(self) -> None:
        """Take in what comes; whatever is lost is connected again."""
        wait = _FIRST
        while True:
            try:
                if self._imap is None:
                    await self.open()
                await self._listen()
                wait = _FIRST
                continue
            except asyncio.CancelledError:
                raise
            except (ImapLost, ImapRefused) as fault:
                log.warning("email_connection_lost", reason=str(fault), again_in=wait)
            except Exception as fault:  # noqa: BLE001 - the store is down: nothing is lost by waiting
                log.warning("email_not_taken_in", reason=type(fault).__name__, again_in=wait)
            await self._let_go()
            await asyncio.sleep(wait)
            wait = min(wait * 2, _SLOWEST)

    async def close(self, running: asyncio.Task[None]) -> None:
        """Stop `run` between two mails."""
        async with self._taking:
            running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await self._let_go()

    async def _listen(self) -> None:
        """One look for new mails, and a wait for more."""
        connection = self._imap
        if connection is None:
            return
        heard = False
        while uids := await self._new(connection):
            heard = True
            for uid in uids:
                async with self._taking:
                    await self._one(connection, uid)
                    self._at("after_put_away")
                    await self._reached(uid)
                    self._at("after_cursor")
        begun = asyncio.get_running_loop().time()
        await connection.idle(self._settings.renew)
        await self._calm(asyncio.get_running_loop().time() - begun, heard=heard)

    async def _calm(self, lasted: float, *, heard: bool) -> None:
        """A server that always says that something came, and nothing has, is asked seldom."""
        if heard or lasted >= _FIRST:
            self._restless = 0
            return
        await asyncio.sleep(min(_FIRST * 2**self._restless, _SELDOM))
        self._restless = min(self._restless + 1, 10)

    async def _new(self, connection: Imap) -> list[int]:
        stands = await self._cursor()
        if stands is None:
            return []
        found = await connection.search(*stands.criteria(self._validity))
        if stands.validity == self._validity:
            return [uid for uid in found if uid > stands.uid]
        if self._since:
            found = [uid for uid in found if await self._is_ours_to_read(connection, uid)]
        if not found:
            await self._reached(self._next - 1)
        return found

    async def _is_ours_to_read(self, connection: Imap, uid: int) -> bool:
        """Whether it came after the first start, which left alone what was there."""
        arrived = await connection.arrived(uid)
        return arrived is None or arrived.timestamp() >= self._since

    async def _one(self, connection: Imap, uid: int) -> None:
        """A mail, from the box to its folder. Raises if it is to be tried again."""
        try:
            await self._read(connection, uid)
        except (ImapRefused, *_OF_THE_MAIL) as fault:
            self._tried[uid] += 1
            if self._tried[uid] < _TRIES:
                raise
            reason = str(fault) if isinstance(fault, ImapRefused) else type(fault).__name__
            log.error("email_given_up", uid=uid, reason=reason)
            await self._put(connection, uid, self._settings.failed)
        del self._tried[uid]

    async def _read(self, connection: Imap, uid: int) -> None:
        """Raises if it is not durable; `ImapRefused` where the server does not give it."""
        size = await connection.size(uid)
        if size is None:
            return
        if size > self._settings.largest:
            await self._refuse(connection, uid)
            return
        raw = await connection.fetch(uid)
        if raw is None:
            return
        self._at("after_fetch")
        try:
            # A thread: a mail may take seconds, and meanwhile the loop has leases to keep.
            mail = await asyncio.to_thread(parse, raw)
            taken = await self._taken(mail)
        except Exception as fault:  # noqa: BLE001 - one bad mail must not keep the others out
            log.error("email_unreadable", uid=uid, reason=type(fault).__name__)
            await self._put(connection, uid, self._settings.failed)
            return
        if taken.inbound is not None:
            thread = taken.inbound.address.thread
            self._threads.heard(thread, mail, taken.found.reply.text)
            await self._deliver(taken.inbound)
        for told in taken.beside:
            await self._deliver(told)
        self._at("after_deliver")
        log.info("email_taken_in", heard=taken.inbound is not None, reason=taken.reason)
        await self._put(connection, uid, self._settings.done)

    async def _taken(self, mail: Mail) -> Taken:
        settings, now = self._settings, datetime.now(UTC)
        sent = self._threads.texts(mail)
        return await asyncio.to_thread(
            take, mail, settings.account, settings.secret, now, sent=sent
        )

    async def _refuse(self, connection: Imap, uid: int) -> None:
        """Too large: its headers are read, it is put away, and its sender is told.

        Only who is authenticated is told: anybody can write in anybody's name.
        """
        head = await connection.fetch(uid, "HEADER")
        mail = await asyncio.to_thread(parse, head or b"")
        known = verdict(mail, self._settings.account.authserv_id).authenticated
        if known and mail.sender and (await self._taken(mail)).inbound is not None:
            day = datetime.now(UTC).date().isoformat()
            await self._too_large(mail, f"{mail.sender.address}:{day}")
        await self._put(connection, uid, self._settings.failed)

    async def _put(self, connection: Imap, uid: int, folder: str) -> None:
        """Out of the way if the server lets us: it is through with, wherever it lies."""
        await self._allowed("mark", connection.mark_seen(uid))
        self._at("after_seen")
        if folder:
            await self._allowed("move", connection.move(uid, folder))

    async def _allowed(self, what: str, step: Awaitable[None]) -> None:
        """Do it; that it is refused is said once, until it is allowed again."""
        try:
            await step
        except ImapRefused as fault:
            if what not in self._refusing:
                log.error("email_not_put_away", step=what, reason=str(fault))
            self._refusing.add(what)
        else:
            self._refusing.discard(what)

    async def _cursor(self) -> cursor.Cursor | None:
        return cursor.read(await self._cursors.cursor(self._cursor_name))

    async def _reached(self, uid: int) -> None:
        now = datetime.now(UTC)
        reached = cursor.at(self._validity, uid, now, self._since)
        await self._cursors.set_cursor(self._cursor_name, str(reached))

    async def _let_go(self) -> None:
        connection, self._imap = self._imap, None
        if connection is not None:
            await connection.close()
