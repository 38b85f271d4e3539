"""The contract of commits: all of a batch or nothing, once, and only on what its decider saw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.store.keys import thread_id
from bot.store.port import Batch, Committed, Conflict, NewerEvent, Snapshot
from bot.store.redis import RedisStore
from tests.contract.lab import KEYS, Lab, ended, finish, message, opened, texts


class CommitContract:
    """What opening shows and committing does."""

    async def test_a_batch_is_numbered_and_readable(self, store: RedisStore) -> None:
        """Events get the next numbers and keep the time that their draft carries."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        moment = store.now() - timedelta(hours=1)
        events = (replace(ended(1), at=moment), replace(message("more"), at=moment))
        done = await store.commit(held.thread, held.fence, Batch(id="1", expect=1, events=events))
        assert done == Committed(version=3)
        stored = await store.events(held.thread, after=1)
        assert [(event.seq, event.at) for event in stored] == [(2, moment), (3, moment)]
        assert texts(stored) == ["more"]

    async def test_repeating_a_commit_changes_nothing(self, store: RedisStore) -> None:
        """A lost answer is asked for again: the same answer, nothing twice."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        batch = Batch(id="1", expect=1, events=(ended(1), ended(1)))
        once = await store.commit(held.thread, held.fence, batch)
        await store.append(["r"], message(), dedupe="2")
        assert await store.commit(held.thread, held.fence, batch) == once == Committed(version=3)
        assert len(await store.events(held.thread)) == 4
        last = Batch(id="2", expect=4)
        for _ in range(2):
            gone = await store.release(held.thread, held.fence, last, want=0)
            assert gone == Committed(version=4)

    async def test_input_that_was_not_seen_stops_every_commit(self, store: RedisStore) -> None:
        """Whatever was decided without it is not written, and what was missed is shown."""
        await store.append(["r"], message("1"), dedupe="1")
        held = await opened(store)
        await store.append(["r"], message("2"), dedupe="2")
        batch = Batch(id="1", expect=1, events=(ended(1),), about=b"never", waiting=True)
        thread, fence = held.thread, held.fence
        for answer in (
            await store.commit(thread, fence, batch),
            await store.release(thread, fence, batch, want=1),
            await store.set_aside(thread, fence, batch, "why"),
        ):
            assert isinstance(answer, Conflict)
            assert texts(answer.events) == ["2"]
        assert len(await store.events(thread)) == 2
        assert await store.threads(limit=9, waiting=True) == ()
        assert (await store.execution(thread)).leased

    async def test_a_conflict_shows_all_that_was_missed(self, store: RedisStore) -> None:
        """However much came in meanwhile."""
        await store.append(["r"], message("0"), dedupe="0")
        held = await opened(store)
        for number in range(1, 450):
            await store.append(["r"], message(str(number)), dedupe=str(number))
        answer = await store.commit(held.thread, held.fence, Batch(id="1", expect=1))
        assert isinstance(answer, Conflict)
        assert texts(answer.events) == [str(number) for number in range(1, 450)]

    async def test_opening_shows_a_long_thread_whole(self, store: RedisStore) -> None:
        """More events than one reply carries, or only those that the worker does not have."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        events = tuple(message(str(number)) for number in range(1, 1300))
        await store.release(held.thread, held.fence, Batch(id="1", expect=1, events=events), want=0)
        await store.append(["r"], message(), dedupe="2")
        again = await opened(store, "again", have=0)
        assert [event.seq for event in again.events] == list(range(1, 1302))
        await finish(store, again)
        await store.append(["r"], message(), dedupe="3")
        more = await opened(store, "more", have=1300)
        assert [event.seq for event in more.events] == [1301, 1302, 1303]

    async def test_a_snapshot_spares_the_events_below_it(self, store: RedisStore) -> None:
        """Whoever has less than it gets it with what follows; whoever has more only the rest."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        snapshot = Snapshot(version=2, data=b"\x00\xff folded")
        events = (ended(1), ended(1))
        batch = Batch(id="1", expect=1, events=events, snapshot=snapshot)
        await store.release(held.thread, held.fence, batch, want=0)
        assert await store.snapshot(held.thread) == snapshot
        await store.append(["r"], message(), dedupe="2")
        fresh = await opened(store, "fresh", have=0)
        assert (fresh.snapshot, fresh.snapshot_version) == (snapshot, 2)
        assert [event.seq for event in fresh.events] == [3, 4]
        await finish(store, fresh)
        await store.append(["r"], message(), dedupe="3")
        warm = await opened(store, "warm", have=3)
        assert (warm.snapshot, warm.snapshot_version) == (None, 2)
        assert [event.seq for event in warm.events] == [4, 5, 6]

    async def test_who_has_more_than_the_server_starts_afresh(self, store: RedisStore) -> None:
        """After a lost fail-over the server is behind: it shows all it has, from the start."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store, have=7)
        assert held.version == 1
        assert [event.seq for event in held.events] == [1]

    async def test_17_a_poison_thread_is_set_aside_and_others_go_on(self, lab: Lab) -> None:
        """Nothing came of any attempt: it is held once more to say so, and then left alone."""
        store = await lab.store(max_attempts=3)
        await store.append(["poison"], message(), dedupe="1")
        for attempt in range(1, 4):
            held = await opened(store, str(attempt))
            assert (held.attempts, held.dead) == (attempt, "")
            await store.retry_later(held.thread, held.fence, 0)
        last = await opened(store, "4")
        await store.append(["fine"], message(), dedupe="2")
        assert "3 attempts" in last.dead
        assert texts(last.events) == ["hi"]
        batch = Batch(id="1", expect=1, events=(ended(1),))
        await store.set_aside(last.thread, last.fence, batch, "it kills its worker")
        assert await store.dead() == {last.thread: "it kills its worker"}
        assert (await store.execution(last.thread)).dead == "it kills its worker"
        other = await opened(store, "5")
        assert other.thread == thread_id("fine")
        await finish(store, other)
        assert (await store.claim(5)).claims == ()

    async def test_17_a_dead_letter_gets_one_more_try_by_input_and_all_by_revival(
        self, lab: Lab
    ) -> None:
        """A person who writes again is heard; an operator gives it a fresh start."""
        store = await lab.store(max_attempts=2)
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store, "0")
        await store.set_aside(held.thread, held.fence, Batch(id="0", expect=1), "why")
        await store.append(["r"], message(), dedupe="2")
        assert await store.dead() == {}
        for token, dead in (("1", False), ("2", True)):
            held = await opened(store, token)
            assert bool(held.dead) == dead
            await store.retry_later(held.thread, held.fence, 0)
        held = await opened(store, "3")
        await store.set_aside(held.thread, held.fence, Batch(id="1", expect=2), "again")
        assert await store.revive(held.thread)
        assert not await store.revive(held.thread)
        assert (await opened(store, "4")).attempts == 1

    async def test_progress_gives_all_attempts_again(self, lab: Lab) -> None:
        """Only a thread of which nothing comes is given up."""
        store = await lab.store(max_attempts=2)
        await store.append(["r"], message(), dedupe="1")
        for attempt in range(5):
            held = await opened(store, str(attempt))
            assert (held.attempts, held.dead) == (1, "")
            batch = Batch(id="1", expect=held.version, events=(ended(1),))
            await store.commit(held.thread, held.fence, batch)
            await store.retry_later(held.thread, held.fence, 0)

    async def test_an_event_of_a_newer_version_stops_only_its_thread(self, lab: Lab) -> None:
        """Nothing is guessed in a rolling deploy: the readable part is shown, and what is not."""
        store = await lab.store()
        await store.append(["r"], message("known"), dedupe="1")
        thread = thread_id("r")
        line = b'{"v":1,"at":1,"kind":"teleported","where":"moon"}'
        await lab.raw("XADD", KEYS.events(thread), "2-0", "d", line)
        await lab.raw("HSET", KEYS.meta(thread), "v", 2)
        held = await opened(store)
        assert "teleported" in held.dead
        assert "2" in held.dead
        assert held.version == 2
        assert texts(held.events) == ["known"]
        with pytest.raises(NewerEvent, match="teleported"):
            await store.events(thread)
        await store.set_aside(thread, held.fence, Batch(id="1", expect=2), held.dead)
        assert "teleported" in (await store.dead())[thread]
