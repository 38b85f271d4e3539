"""Whatever is done to the audit without the secret is found, and the row is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import audit
from bot import events as e
from bot.audit import BOT, Entry, Head, Note, Point
from bot.audit_check import Check, Fault
from bot.codec import encode, from_ms
from channels.port import Author

KEY = audit.key("a secret", "test")
ALICE = Author(channel="console", id="alice")
THREADS = ("aaa", "bbb")
DRAFTS: tuple[e.Event, ...] = (
    e.ToolStarted(call_id="c1"),
    e.TurnEnded(turn=1, outcome="replied"),
    e.ToolReturned(call_id="c1", text="", exit_code=0),
    e.Paused(by=ALICE, person="alice"),
)


@dataclass(frozen=True)
class Books:
    """What a store holds: the stream, each thread's log, how far each chain is."""

    rows: tuple[Entry, ...]
    logs: dict[str, tuple[bytes, ...]]
    points: dict[str, Point]

    def faults(self, *anchors: Head, key: bytes = KEY) -> tuple[Fault, ...]:
        """What is found."""
        check = Check(key, anchors)
        for entry in self.rows:
            check.saw(entry)
        for thread in sorted({*self.points, *check.threads, BOT}):
            log = enumerate(self.logs.get(thread, ()), start=1)
            check.thread(thread, self.points.get(thread, NOWHERE), tuple(log))
        check.end()
        return check.faults

    @property
    def head(self) -> Head:
        """What stands for all rows."""
        return head_of(self.rows)


NOWHERE = Point(version=0, upto=0, mac="", last="0-0")


def head_of(rows: Iterable[Entry]) -> Head:
    """What stands for these rows."""
    head = Head()
    for entry in rows:
        head = head.after(KEY, entry)
    return head


def kept(course: Sequence[tuple[str, int]], key: bytes = KEY) -> Books:
    """What a bot writes that does these things: on a thread an event, or a note ("", 0)."""
    rows: list[Entry] = []
    logs: dict[str, list[bytes]] = {thread: [] for thread in THREADS}
    macs = dict.fromkeys((*THREADS, BOT), "")
    notes = 0
    for now, (thread, draft) in enumerate(course, start=1):
        if thread == BOT:
            notes += 1
            row: bytes | None = audit.noted(notes, now, Note(command="recover", by="console:bob"))
        else:
            data = encode(replace(DRAFTS[draft], at=from_ms(now)))
            logs[thread].append(data)
            row = audit.row(thread, len(logs[thread]), data)
        if row is not None:
            macs[thread] = audit.mac(key, macs[thread], row)
            rows.append(Entry(id=f"{now}-0", row=row, mac=macs[thread]))
    last = rows[-1].id if rows else "0-0"
    points = {
        thread: Point(version=len(log), upto=len(log), mac=macs[thread], last=last)
        for thread, log in logs.items()
    }
    points[BOT] = Point(version=0, upto=notes, mac=macs[BOT], last=last)
    return Books(tuple(rows), {thread: tuple(log) for thread, log in logs.items()}, points)


STEPS = st.one_of(
    st.tuples(st.sampled_from(THREADS), st.integers(0, len(DRAFTS) - 1)), st.just((BOT, 0))
)
BOOKS = st.lists(STEPS, max_size=12).map(kept)
FULL = BOOKS.filter(lambda books: len(books.rows) > 1)


def flipped(data: bytes, place: int) -> bytes:
    """With one byte changed."""
    place %= len(data)
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def changed(books: Books, number: int, how: str, place: int) -> Books:
    """With one thing done to one row, or to its event."""
    rows = list(books.rows)
    number %= len(rows)
    entry = rows[number]
    match how:
        case "row":
            rows[number] = replace(entry, row=flipped(entry.row, place))
        case "mac":
            rows[number] = replace(entry, mac=flipped(entry.mac.encode(), place).decode())
        case "gone":
            del rows[number]
        case "twice":
            rows.append(replace(entry, id="99-0"))
        case "swapped":
            other = place % len(rows)
            rows[number] = replace(rows[other], id=entry.id)
            rows[other] = replace(entry, id=rows[other].id)
        case _:
            return replace(books, logs=_log_changed(books, number, how, place))
    return replace(books, rows=tuple(rows))


def _log_changed(books: Books, number: int, how: str, place: int) -> dict[str, tuple[bytes, ...]]:
    row = audit.parsed(books.rows[number].row)
    thread, seq = str(row["thread"]), int(str(row["seq"]))
    log = list(books.logs.get(thread, ()))
    if not log:
        return books.logs
    if how == "event":
        log[seq - 1] = flipped(log[seq - 1], place)
    else:
        del log[seq - 1 :]
    return {**books.logs, thread: tuple(log)}


@given(BOOKS)
def test_what_was_written_is_found_as_it_was(books: Books) -> None:
    """Nothing is wrong with what the bot wrote, up to any row that an anchor was taken of."""
    anchors = [head_of(books.rows[:count]) for count in range(len(books.rows) + 1)]
    assert books.faults(*anchors) == ()


@given(FULL, st.integers(0), st.sampled_from(["row", "mac", "gone", "twice"]), st.integers(0, 999))
def test_any_change_of_a_row_is_found(books: Books, number: int, how: str, place: int) -> None:
    """One byte of a row or its MAC, a row gone, a row written again: each is found."""
    assert changed(books, number, how, place).faults() != ()


@given(FULL, st.integers(0), st.sampled_from(["event", "events"]), st.integers(0, 999))
def test_any_change_of_an_audited_event_is_found(
    books: Books, number: int, how: str, place: int
) -> None:
    """One byte of an event in a log, or the end of a log cut off."""
    other = changed(books, number, how, place)
    assert (other.faults() != ()) == (other != books)


@given(FULL, st.integers(0), st.integers(0))
def test_rows_that_changed_places_are_found(books: Books, one: int, other: int) -> None:
    """Within a chain by the chain itself, and anywhere by an anchor."""
    swapped = changed(books, one, "swapped", other)
    threads = [audit.parsed(books.rows[n % len(books.rows)].row)["thread"] for n in (one, other)]
    if swapped != books:
        assert swapped.faults(books.head) != ()
        if threads[0] == threads[1]:
            assert swapped.faults() != ()


@given(FULL, st.integers(1))
def test_a_tail_cut_with_all_that_remembers_it_is_missed_by_an_anchor(
    books: Books, count: int
) -> None:
    """Whoever has the store can make it as it was before; not for who kept a head elsewhere."""
    left = books.rows[: -(count % len(books.rows) or 1)]
    short = Books(left, {}, {})  # whatever the logs say
    told = [fault.told for fault in short.faults(books.head)]
    gone = len(books.rows) - len(left)
    assert f"of {len(books.rows)} rows up to the anchor {books.head.id}, {gone} are gone" in told


@given(FULL)
def test_rows_chained_with_another_secret_are_found(books: Books) -> None:
    """Every one of them, and it is said that not one fits."""
    other = kept([(BOT, 0)] * 3, audit.key("another", "test"))
    check = Check(KEY)
    for entry in other.rows:
        check.saw(entry)
    assert check.strange
    assert [fault.id for fault in check.faults] == [entry.id for entry in other.rows]
    assert len(books.faults(key=audit.key("another", "test"))) >= len(books.rows)


def test_the_row_is_named() -> None:
    """Thread, place on it, id in the stream, and what is wrong, in one line."""
    books = kept([("aaa", 0), ("aaa", 1), ("aaa", 2), ("bbb", 0)])
    gone = replace(books, rows=books.rows[1:])
    first, second = gone.faults()
    assert str(first) == (
        "thread aaa, 3, row 3-0 of the audit: "
        "its MAC does not fit: it was changed, or what was before it was"
    )
    assert str(second) == "thread aaa, 1: there is no row for this tool_started"


def test_a_row_for_what_never_happened_is_found() -> None:
    """Also by somebody who has the secret: the log has no such event."""
    books = kept([("aaa", 0), ("aaa", 2)])
    logs = {**books.logs, "aaa": books.logs["aaa"][:1]}
    point = replace(books.points["aaa"], version=1)
    (fault,) = replace(books, logs=logs, points={**books.points, "aaa": point}).faults()
    assert (fault.seq, fault.told) == (2, "its event is not in the thread's log")


def test_what_workers_decide_is_never_without_a_row() -> None:
    """Input may wait for its row, a run may not: whoever cut both chain and rows is found."""
    books = kept([("aaa", 3), ("aaa", 0)])
    early = Point(version=2, upto=0, mac="", last="0-0")
    (fault,) = Books((), books.logs, {"aaa": early}).faults()
    assert (fault.seq, fault.told) == (2, "there is no row for this tool_started")


@pytest.mark.parametrize("upto", [1, 3])
def test_a_chain_that_ends_elsewhere_than_the_store_says_is_found(upto: int) -> None:
    """Of the bot's own rows too: their number and the last MAC are remembered."""
    books = kept([(BOT, 0)] * 2)
    point = replace(books.points[BOT], upto=upto)
    (fault,) = replace(books, points={BOT: point}).faults()
    assert fault.id == books.rows[-1].id


def test_a_row_before_its_time_is_found() -> None:
    """It can not have been written before what it is about happened."""
    books = kept([("aaa", 0)])
    late = audit.row("aaa", 1, encode(replace(DRAFTS[0], at=from_ms(5000))))
    assert late is not None
    check = Check(KEY)
    check.saw(replace(books.rows[0], row=late, mac=audit.mac(KEY, "", late)))
    assert [fault.told for fault in check.faults] == ["it stands before rows that are older"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"thread":7,"seq":1,"kind":"x"}', b"\xff"])
def test_what_is_no_row_is_found(data: bytes) -> None:
    """Whatever somebody put into the stream."""
    check = Check(KEY)
    check.saw(Entry(id="1-0", row=data, mac="?"))
    assert "can not be read" in check.faults[0].told


def sealed(books: Books, head: Head) -> Check:
    """Rows of another secret, and a seal by this one that says `head` is before it."""
    check = Check(KEY)
    for entry in books.rows:
        check.saw(entry)
    ids: dict[str, str | int] = {"upto": head.id, "rows": head.rows, "head": head.hash}
    row = audit.noted(len(books.rows) + 1, 1, Note(command=audit.SEALED, ids=ids))
    mac = audit.mac(KEY, books.rows[-1].mac, row)
    check.saw(Entry(id="99-0", row=row, mac=mac))
    return check


def test_a_seal_vouches_for_what_was_before_it() -> None:
    """Rows of another secret are as they were sealed, or that is said."""
    books = kept([(BOT, 0)] * 3, audit.key("another", "test"))
    assert sealed(books, books.head).faults == ()
    other = replace(books, rows=books.rows[1:])
    told = [fault.told for fault in sealed(other, books.head).faults]
    assert "the rows before it are not those that were sealed" in told
    assert len(told) > 1
