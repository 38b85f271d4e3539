"""Whether the audit is as it was written: its rows against each other, and against the logs. Pure.

First every row of the stream goes through `saw`, in order, then every thread through `thread`,
with any rows that came meanwhile in between.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from pydantic import JsonValue

from bot import audit
from bot.audit import Entry, Head, Point
from bot.codec import to_ms

DRIFT = 2000
"""How far the clock of who wrote a row may be ahead of the store's (ms)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with the row for event `seq` of `thread`, which stands at `id` of the stream.

    thread: "" for a row about the whole bot. seq: 0 where it can not be told. id: "" for a row
    that is not there.
    """

    thread: str
    seq: int
    id: str
    told: str

    def __str__(self) -> str:
        """One line for people."""
        whose = f"thread {self.thread}" if self.thread else "the bot's own rows"
        place = f", row {self.id} of the audit" if self.id else ""
        return f"{whose}, {self.seq}{place}: {self.told}"


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    kind: str
    event: str


@dataclass(slots=True)
class _Chain:
    mac: str = ""
    seq: int = 0
    id: str = ""
    rows: dict[int, _Row] = field(default_factory=dict)


class Check:
    """One look at the whole audit, with the key that it is chained with."""

    def __init__(self, key: bytes, anchors: Sequence[Head] = ()) -> None:
        self.head = Head()
        self._key = key
        self._anchors = sorted(anchors, key=lambda anchor: _place(anchor.id))
        self._chains: dict[str, _Chain] = {audit.BOT: _Chain()}
        self._found: list[Fault] = []
        self._strange: list[Fault] = []  # rows that may be of another secret

    @property
    def chains(self) -> int:
        """How many there are with a row in them."""
        return sum(chain.seq > 0 for chain in self._chains.values())

    @property
    def threads(self) -> frozenset[str]:
        """The threads that have rows."""
        return frozenset(self._chains) - {audit.BOT}

    @property
    def strange(self) -> bool:
        """Whether not one row is chained with the key: then it is probably not theirs."""
        return self.head.rows > 0 and len(self._strange) == self.head.rows

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found so far."""
        return (*self._strange, *self._found)

    # --- the stream

    def saw(self, entry: Entry) -> None:
        """The next row of the stream."""
        self._pass_anchors(before=entry.id)
        row = audit.parsed(entry.row)
        thread, seq, kind = row.get("thread"), row.get("seq"), row.get("kind")
        if not (isinstance(thread, str) and isinstance(seq, int) and isinstance(kind, str)):
            self._find("", 0, entry.id, "it can not be read: it was changed, or was never a row")
        else:
            self._link(thread, seq, kind, row, entry)
        self.head = self.head.after(self._key, entry)

    def _link(
        self, thread: str, seq: int, kind: str, row: Mapping[str, JsonValue], entry: Entry
    ) -> None:
        chain = self._chains.setdefault(thread, _Chain())
        if entry.mac != audit.mac(self._key, chain.mac, entry.row):
            told = "its MAC does not fit: it was changed, or what was before it was"
            self._strange.append(Fault(thread=thread, seq=seq, id=entry.id, told=told))
        elif kind == audit.SEALED and thread == audit.BOT:
            self._unseal(row.get("ids"), seq, entry.id)
        if seq <= chain.seq:
            self._find(thread, seq, entry.id, f"it stands behind the row for {chain.seq}")
        elif thread == audit.BOT and seq != chain.seq + 1:
            self._find(thread, chain.seq + 1, "", f"the row before {entry.id} is missing")
        if _ms(row.get("at")) > _place(entry.id)[0] + DRIFT:
            self._find(thread, seq, entry.id, "it stands before rows that are older")
        if thread != audit.BOT:
            chain.rows[seq] = _Row(entry.id, kind, str(row.get("event")))
        chain.mac, chain.seq, chain.id = entry.mac, max(seq, chain.seq), entry.id

    def _unseal(self, ids: JsonValue, seq: int, name: str) -> None:
        """A row that vouches for those before it, whatever secret they were chained with."""
        vouched = {"upto": self.head.id, "rows": self.head.rows, "head": self.head.hash}
        if ids == vouched:
            self._strange.clear()
        else:
            self._find(audit.BOT, seq, name, "the rows before it are not those that were sealed")

    # --- anchors

    def _pass_anchors(self, before: str = "") -> None:
        while self._anchors and (not before or _place(self._anchors[0].id) < _place(before)):
            self._compare(self._anchors.pop(0))

    def _compare(self, anchor: Head) -> None:
        if anchor == self.head:
            return
        if self.head.rows < anchor.rows:
            gone = anchor.rows - self.head.rows
            told = f"of {anchor.rows} rows up to the anchor {anchor.id}, {gone} are gone"
        else:
            told = f"the {self.head.rows} rows up to {anchor.id} are not those of the anchor"
        self._find(*self._last(), told)

    def _last(self) -> tuple[str, int, str]:
        """The row that the stream has come to."""
        for thread, chain in self._chains.items():
            if chain.id == self.head.id:
                return thread, chain.seq, chain.id
        return "", 0, ""

    # --- the logs

    def thread(self, thread: str, point: Point, log: Iterable[tuple[int, bytes]]) -> None:
        """A thread's log, and how far its chain was, once all rows up to `point.last` were seen."""
        chain = self._chains.get(thread, _Chain())
        self._end(thread, chain, point)
        if thread == audit.BOT:
            return
        missing = set(chain.rows)
        for seq, data in log:
            if seq <= point.version:
                missing.discard(seq)
                self._event(thread, seq, data, point.upto, chain.rows.get(seq))
        for seq in sorted(missing):
            told = "its event is not in the thread's log"
            self._find(thread, seq, chain.rows[seq].id, told)

    def _end(self, thread: str, chain: _Chain, point: Point) -> None:
        whole = point.upto >= chain.seq if thread else point.upto == chain.seq
        if not whole or point.mac != chain.mac:
            told = "it is the last row of its chain, and the store remembers another one"
            self._find(thread, chain.seq, chain.id, told)

    def _event(self, thread: str, seq: int, data: bytes, upto: int, row: _Row | None) -> None:
        if row is not None:
            if row.event != sha256(data).hexdigest():
                self._find(thread, seq, row.id, f"the event in the log is not that {row.kind}")
            return
        if audit.row(thread, seq, data) is None:
            return
        kind = audit.parsed(data).get("kind")
        if seq <= upto or kind not in audit.INPUTS:
            self._find(thread, seq, "", f"there is no row for this {kind}")

    def end(self) -> None:
        """All rows were seen: what anchors know of more is missing."""
        self._pass_anchors()

    def _find(self, thread: str, seq: int, name: str, told: str) -> None:
        self._found.append(Fault(thread=thread, seq=seq, id=name, told=told))


def _place(name: str) -> tuple[int, int]:
    """Where a stream's id stands among others."""
    ms, _, number = name.partition("-")
    return int(ms), int(number or 0)


def _ms(at: JsonValue) -> int:
    try:
        return to_ms(datetime.fromisoformat(str(at)))
    except (ValueError, TypeError):  # no time, or one without a zone
        return 0
