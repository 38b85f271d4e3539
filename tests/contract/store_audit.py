"""The contract of the audit: what is decided is in it with the commit that writes it, chained."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest
from pydantic import JsonValue

from bot import audit, auditing
from bot import events as e
from bot.audit import BOT, Note
from bot.codec import encode
from bot.store.keys import thread_id
from bot.store.port import Batch, Committed, Conflict, Fenced
from bot.store.redis import RedisStore
from channels.port import Author
from tests.contract.lab import KEYS, Lab, ended, finish, message, opened

ALICE = Author(channel="console", id="alice", name="Alice A.")
STARTED = e.ToolStarted(call_id="c1")
RETURNED = e.ToolReturned(call_id="c1", text="it went well", output="very well", exit_code=0)
PAUSED = e.Paused(by=ALICE, person="alice")


async def rows(store: RedisStore) -> list[Mapping[str, JsonValue]]:
    """What every row says."""
    return [audit.parsed(entry.row) async for entry in store.trail.rows()]


async def kinds(store: RedisStore, thread: str = thread_id("r")) -> list[tuple[JsonValue, ...]]:
    """Where the rows of a thread stand on it, and what they are about."""
    found = [row for row in await rows(store) if row["thread"] == thread]
    return [(row["seq"], row["kind"]) for row in found]


async def whole(store: RedisStore) -> None:
    """All of it is as it was written."""
    found = await auditing.verify(store)
    assert found.faults == ()


def counted(store: RedisStore) -> list[str]:
    """Grows by each round trip to the server from now on."""
    calls: list[str] = []
    link = store._client._link
    inner = link.execute_command

    async def call(*words: str | bytes | float) -> object:
        calls.append(str(words[0]))
        return await inner(*words)

    link.execute_command = call  # type: ignore[method-assign]
    return calls


class AuditContract:
    """Rows of threads come from commits."""

    async def test_what_is_decided_is_in_the_audit_with_its_commit(self, store: RedisStore) -> None:
        """One row for each decision and run, by ids and the digest of what is stored; no words."""
        await store.append(["r"], message("a word of mine"), dedupe="1")
        held = await opened(store)
        batch = Batch(id="1", expect=1, events=(STARTED, ended(1), RETURNED))
        assert await store.commit(held.thread, held.fence, batch) == Committed(version=4)
        started, returned = await rows(store)
        assert (started["thread"], started["seq"]) == (held.thread, 2)
        assert (started["kind"], started["ids"]) == ("tool_started", {"call_id": "c1"})
        assert started["event"] == sha256(encode(STARTED)).hexdigest()
        assert (returned["seq"], returned["kind"]) == (4, "tool_returned")
        assert returned["ids"] == {"call_id": "c1", "exit_code": 0}
        assert await store.trail.log(held.thread) != ()
        await whole(store)

    async def test_the_chain_goes_on_from_commit_to_commit(self, lab: Lab) -> None:
        """By release, by setting aside, in another process that knows nothing of the first."""
        one, two = await lab.store(), await lab.store()
        await one.append(["r"], message(), dedupe="1")
        held = await opened(one, "1")
        batch = Batch(id="1", expect=1, events=(STARTED,))
        await one.commit(held.thread, held.fence, batch)
        await one.release(
            held.thread, held.fence, Batch(id="2", expect=2, events=(RETURNED,)), want=0
        )
        await two.append(["r"], message(), dedupe="2")
        held = await opened(two, "2", have=3)
        dead = e.DeadLettered(reason="it broke, and how", attempts=5)
        last = Batch(id="1", expect=4, events=(dead,))
        await two.set_aside(held.thread, held.fence, last, "why")
        found = await kinds(one)
        assert found == [(2, "tool_started"), (3, "tool_returned"), (5, "dead_lettered")]
        point = await one.trail.point(held.thread)
        assert (point.version, point.upto) == (5, 5)
        await whole(one)

    async def test_repeating_a_commit_adds_no_row(self, store: RedisStore) -> None:
        """Nor does it lead the chain astray."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        batch = Batch(id="1", expect=1, events=(STARTED,))
        for _ in range(3):
            await store.commit(held.thread, held.fence, batch)
        await store.commit(held.thread, held.fence, Batch(id="2", expect=2, events=(RETURNED,)))
        last = Batch(id="3", expect=3, events=(PAUSED,))
        for _ in range(2):
            await store.release(held.thread, held.fence, last, want=0)
        assert await kinds(store) == [(2, "tool_started"), (3, "tool_returned"), (4, "paused")]
        await whole(store)

    async def test_what_is_not_written_is_not_in_the_audit(self, lab: Lab) -> None:
        """A commit that conflicts, or comes too late, leaves no row."""
        store = await lab.store(lease=0.1)
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        await store.append(["r"], message(), dedupe="2")
        batch = Batch(id="1", expect=1, events=(STARTED,))
        assert isinstance(await store.commit(held.thread, held.fence, batch), Conflict)
        await opened(store, "later")
        with pytest.raises(Fenced):
            await store.commit(held.thread, held.fence, replace(batch, expect=2))
        assert await rows(store) == []
        await whole(store)

    async def test_a_commit_takes_no_round_trip_more(self, store: RedisStore) -> None:
        """Neither one with rows nor one that comes to know of what others wrote."""
        await store.append(["r"], message(), dedupe="1")
        await store.append_to(thread_id("r"), PAUSED, dedupe="")
        held = await opened(store)
        await store.append_to(held.thread, replace(PAUSED, person=None), dedupe="")
        batch = Batch(id="1", expect=2, events=(STARTED,))
        calls = counted(store)
        assert isinstance(await store.commit(held.thread, held.fence, batch), Conflict)
        await store.commit(held.thread, held.fence, replace(batch, expect=3))
        await store.append_to(held.thread, PAUSED, dedupe="")
        await store.events(held.thread, after=4)
        calls.clear()
        await store.release(held.thread, held.fence, Batch(id="2", expect=5), want=0)
        assert calls == ["EVALSHA"]
        assert [seq for seq, _ in await kinds(store)] == [2, 3, 4, 5]
        await whole(store)

    async def test_a_process_that_lost_count_is_told(self, store: RedisStore) -> None:
        """What it knows of the chain is only a cache: rows are added to what the store has."""
        await store.append(["r"], message(), dedupe="1")
        await store.append_to(thread_id("r"), PAUSED, dedupe="")
        held = await opened(store)
        store._leases.ledger.chains.clear()
        batch = Batch(id="1", expect=2, events=(STARTED,))
        await store.commit(held.thread, held.fence, batch)
        store._leases.ledger.begin(held.thread, 1, "another MAC")
        last = Batch(id="2", expect=3, events=(RETURNED,))
        assert await store.release(held.thread, held.fence, last, want=0) == Committed(version=4)
        assert await kinds(store) == [(2, "paused"), (3, "tool_started"), (4, "tool_returned")]
        await whole(store)

    async def test_a_log_from_before_the_audit_is_taken_in(self, lab: Lab) -> None:
        """With the first commit, also what the worker does not read again."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        done = Batch(id="1", expect=1, events=(STARTED, RETURNED))
        await store.release(held.thread, held.fence, done, want=0)
        await lab.raw("DEL", KEYS.audit)
        await lab.raw("HDEL", KEYS.meta(held.thread), "au", "am")
        await store.append(["r"], message(), dedupe="2")
        held = await opened(store, "2", have=3)
        await finish(store, held)
        assert await kinds(store) == [(2, "tool_started"), (3, "tool_returned")]
        await whole(store)


class OthersContract:
    """Rows for what no worker wrote, and of the whole bot."""

    async def test_input_of_others_is_in_the_audit_with_the_next_commit(
        self, store: RedisStore
    ) -> None:
        """Wherever it came between: before the open, or before the commit; with who it was."""
        await store.append(["r"], message(), dedupe="1")
        await store.append_to(thread_id("r"), PAUSED, dedupe="")
        held = await opened(store)
        assert await rows(store) == []
        await store.append_to(held.thread, e.Resumed(by=ALICE, person=None), dedupe="")
        batch = Batch(id="1", expect=2, events=(ended(1),))
        assert isinstance(await store.commit(held.thread, held.fence, batch), Conflict)
        await store.commit(held.thread, held.fence, replace(batch, expect=3))
        paused, resumed = await rows(store)
        assert (paused["kind"], paused["by"], paused["person"]) == (
            "paused",
            "console:alice",
            "alice",
        )
        assert (resumed["kind"], resumed["by"], resumed["person"]) == (
            "resumed",
            "console:alice",
            "",
        )
        await whole(store)

    async def test_a_digest_is_of_the_very_bytes(self, lab: Lab) -> None:
        """Another version may write the same event in other words: its own bytes count."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        thread = thread_id("r")
        data = b'{"kind":"paused", "v":1, "later":"more", "person":null, "at":7, "by":%s}' % (
            b'{"channel":"console", "id":"bob"}'
        )
        await lab.raw("XADD", KEYS.events(thread), "2-0", "d", data)
        await lab.raw("HSET", KEYS.meta(thread), "v", 2)
        held = await opened(store)
        await finish(store, held)
        (row,) = await rows(store)
        assert (row["by"], row["event"]) == ("console:bob", sha256(data).hexdigest())
        await whole(store)

    async def test_what_a_newer_version_wrote_is_in_the_audit(self, lab: Lab) -> None:
        """Nobody who can not read it can say that it needs no row."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        thread = thread_id("r")
        line = b'{"v":1,"at":1,"kind":"teleported","where":"to the moon"}'
        await lab.raw("XADD", KEYS.events(thread), "2-0", "d", line)
        await lab.raw("HSET", KEYS.meta(thread), "v", 2)
        held = await opened(store)
        await store.set_aside(thread, held.fence, Batch(id="1", expect=2), held.dead)
        assert await kinds(store) == [(2, "teleported")]
        assert "moon" not in str(await rows(store))
        await whole(store)

    async def test_the_audit_is_business_data(self, lab: Lab) -> None:
        """Throwing execution keys away and rebuilding them leaves rows and chains as they are."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store, "1")
        await store.release(
            held.thread, held.fence, Batch(id="1", expect=1, events=(STARTED,)), want=0
        )
        before = await store.trail.point(held.thread)
        assert lab.wipe_execution() > 0
        assert await store.rebuild(held.thread, version=2, timers={}, about=b"", waiting=False)
        assert await store.trail.point(held.thread) == before
        held = await opened(store, "2")
        await store.release(
            held.thread, held.fence, Batch(id="1", expect=2, events=(RETURNED,)), want=0
        )
        assert await kinds(store) == [(2, "tool_started"), (3, "tool_returned")]
        await whole(store)

    async def test_notes_of_many_are_one_chain(self, lab: Lab) -> None:
        """Operators of several processes at once: each row once, one after the other."""
        stores = [await lab.store() for _ in range(3)]
        notes = [Note(command="recover", by=f"console:u{number}") for number in range(30)]
        written = [stores[number % 3].trail.note(note) for number, note in enumerate(notes)]
        assert all(await asyncio.gather(*written))
        found = await rows(stores[0])
        assert [row["seq"] for row in found] == list(range(1, 31))
        assert {row["by"] for row in found} == {note.by for note in notes}
        assert (await stores[0].trail.point(BOT)).upto == 30
        await whole(stores[0])

    async def test_a_head_goes_on_from_an_earlier_one(self, store: RedisStore) -> None:
        """Reading only what is new comes to the same as reading all."""
        nothing = await auditing.head(store)
        assert str(nothing) == f"0-0 0 {'0' * 64}"
        for number in range(3):
            await store.trail.note(Note(command="recover", ids={"n": number}))
        first = await auditing.head(store, nothing)
        await store.trail.note(Note(command="recover"))
        assert await auditing.head(store, first) == await auditing.head(store)
        assert [(await auditing.verify(store, (one,))).faults for one in (nothing, first)] == [
            ()
        ] * 2
        assert len(await store.trail.newest(2)) == 2

    async def test_a_store_keeps_one_secret_for_all_who_have_none(self, lab: Lab) -> None:
        """Made once, whoever comes first; and everybody is told what that is worth."""
        made = await asyncio.gather(*(lab.store(secret=None) for _ in range(5)))
        assert len({store.trail.key for store in made}) == 1
        assert all(store.trail.kept_in_store for store in made)
        assert "WATCHKEEPER_SECRET" in (await made[0].checks())[-1]
        given = await lab.store()
        assert given.trail.key != made[0].trail.key
        assert not given.trail.kept_in_store
        assert not any("WATCHKEEPER_SECRET" in doubt for doubt in await given.checks())

    async def test_a_seal_vouches_for_rows_of_another_secret(self, lab: Lab) -> None:
        """Until then they are strange; afterwards they may not be changed, as any other."""
        old, new = await lab.store(secret=None), await lab.store()
        for _ in range(3):
            await old.trail.note(Note(command="recover"))
        await whole(old)
        found = await auditing.verify(new)
        assert (len(found.faults), found.strange) == (3, True)
        await auditing.seal(new, "console:alice", "alice")
        await new.trail.note(Note(command="recover"))
        await whole(new)
        (first, *_) = [entry async for entry in new.trail.rows()]
        await lab.raw("XDEL", KEYS.audit, first.id)
        assert not (await auditing.verify(new)).ok
