"""The audit, read: verified, sealed, and its head logged so that it is known elsewhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot import audit
from bot.audit import Head, Note
from bot.audit_check import Check, Fault
from bot.store.port import StoreError, ThreadStore

log = structlog.get_logger()

HEAD_EVERY = 300.0
"""Seconds between two heads in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at and what is wrong with it.

    strange: no row at all is chained with the secret that it was verified with.
    """

    rows: int
    chains: int
    faults: tuple[Fault, ...]
    strange: bool

    @property
    def ok(self) -> bool:
        """Whether all is as it was written."""
        return not self.faults


async def verify(store: ThreadStore, anchors: Sequence[Head] = ()) -> Verified:
    """Walk all rows and all logs, while others may go on writing them."""
    check = Check(store.trail.key, anchors)
    await _catch_up(store, check)
    threads = [audit.BOT, *sorted(check.threads | {one async for one in store.all_threads()})]
    for thread in threads:
        point = await store.trail.point(thread)
        await _catch_up(store, check, upto=point.last)
        check.thread(thread, point, await store.trail.log(thread) if thread else ())
    await _catch_up(store, check)
    check.end()
    return Verified(
        rows=check.head.rows, chains=check.chains, faults=check.faults, strange=check.strange
    )


async def _catch_up(store: ThreadStore, check: Check, upto: str = "+") -> None:
    if check.head.id != upto:
        async for entry in store.trail.rows(after=check.head.id, upto=upto):
            check.saw(entry)


async def head(store: ThreadStore, since: Head | None = None) -> Head:
    """What stands for all rows as of now; since: an earlier one, so that not all are read again."""
    trail, now = store.trail, since or Head()
    async for entry in trail.rows(after=now.id):
        now = now.after(trail.key, entry)
    return now


async def seal(store: ThreadStore, by: str, person: str) -> Head:
    """Vouch by the secret of this process for all rows as they are, whatever theirs was."""
    now = Head()
    while True:
        now = await head(store, now)
        ids: dict[str, str | int] = {"upto": now.id, "rows": now.rows, "head": now.hash}
        note = Note(command=audit.SEALED, by=by, person=person, ids=ids)
        if await store.trail.note(note, after=now):
            return now


async def log_heads(store: ThreadStore, every: float = HEAD_EVERY) -> None:
    """Log the head at once and then every so often, without end: who keeps the log has anchors."""
    now = Head()
    while True:
        try:
            now = await head(store, now)
            log.info("audit.head", head=str(now))
        except StoreError as lost:
            log.warning("audit.head", why=str(lost))
        except Exception:
            log.exception("audit.head")
        await asyncio.sleep(every)
