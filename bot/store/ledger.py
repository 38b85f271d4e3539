"""What this process knows of the audit of the threads it holds: a cache, the store has the truth.

A worker reads every event of a thread before it decides on it. Those that others wrote (a pause
from the command line) get their rows with its next commit, of exactly the bytes that were read.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot import audit
from bot.store.client import Reply, Word
from bot.store.port import Batch
from bot.store.replies import raw

KEPT = 1000
"""Threads known at once, more than one process works on; losing one costs a round trip."""


@dataclass(slots=True)
class _Chain:
    """Covered up to `upto`, where its last MAC is `mac`; read up to `seen`, `rows` are new."""

    upto: int
    mac: str
    seen: int
    rows: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Chains the rows of the threads that are held, under the audit's key."""

    key: bytes
    chains: OrderedDict[str, _Chain] = field(default_factory=OrderedDict)

    def begin(self, thread: str, upto: int, mac: str) -> None:
        """The store says that the chain of the thread covers it up to `upto`."""
        self.chains[thread] = _Chain(upto=upto, mac=mac, seen=upto)
        self.chains.move_to_end(thread)
        if len(self.chains) > KEPT:
            self.chains.popitem(last=False)

    def end(self, thread: str) -> None:
        """The thread is held no longer."""
        self.chains.pop(thread, None)

    def seen(self, thread: str) -> int | None:
        """Up to where its log was read for the audit, None if nothing is known of it."""
        chain = self.chains.get(thread)
        return None if chain is None else chain.seen

    def saw(self, thread: str, page: Reply) -> None:
        """Entries of a log were read; only those of a thread that is held matter."""
        chain = self.chains.get(thread)
        if chain is None:
            return
        for seq, data in raw(page):
            if seq == chain.seen + 1:
                chain.seen = seq
                if (row := audit.row(thread, seq, data)) is not None:
                    chain.rows.append((seq, row))

    def words(self, thread: str, batch: Batch, events: Sequence[bytes]) -> list[Word]:
        """How far the chain is, its MACs before and after, then the rows that a commit adds.

        events: the batch's own, as they will be stored.
        """
        chain = self.chains[thread]
        rows = [row for seq, row in chain.rows if seq <= batch.expect]
        own = enumerate(zip(batch.events, events, strict=True), start=batch.expect + 1)
        for seq, (event, data) in own:
            if event.kind in audit.FIELDS and (row := audit.row(thread, seq, data)) is not None:
                rows.append(row)
        mac, words = chain.mac, list[Word]()
        for row in rows:
            mac = audit.mac(self.key, mac, row)
            words += [row, mac]
        return [chain.upto, chain.mac, mac, len(rows), *words]

    def wrote(self, thread: str, version: int, mac: str) -> None:
        """A commit covers the thread up to `version`."""
        chain = self.chains.get(thread)
        if chain is not None:
            chain.upto, chain.mac, chain.seen = version, mac, max(chain.seen, version)
            chain.rows = [(seq, row) for seq, row in chain.rows if seq > version]
