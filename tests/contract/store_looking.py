"""The contract of time and of looking: timers, lists, followers, and what can be rebuilt."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

from bot import events as e
from bot.store.keys import thread_id
from bot.store.port import Batch, Claims, Conflict, Snapshot
from bot.store.redis import RedisStore
from bot.store.shelf import Backlog
from tests.contract.lab import KEYS, Lab, ended, finish, message, opened, texts

MONTH = timedelta(days=30)


async def following(feed: AsyncIterator[e.Event]) -> e.Event:
    """What comes next."""
    return await anext(feed)


class TimeContract:
    """Waiting costs nothing and ends once."""

    async def wait_a_month(self, store: RedisStore) -> str:
        """A thread that asks and sleeps; its name."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store, "ask")
        due = store.now() + MONTH
        batch = Batch(
            id="1", expect=1, events=(ended(1),), timers_set={"approval:r-1": due}, waiting=True
        )
        await store.release(held.thread, held.fence, batch, want=0)
        return held.thread

    async def test_16_a_month_of_waiting_holds_no_worker(self, lab: Lab) -> None:
        """It is with nobody, it is not due, and every process sees when it will be."""
        thread = await self.wait_a_month(await lab.store())
        later = await lab.store()
        found = await later.claim(9)
        assert found.claims == ()
        assert found.wait is not None
        assert MONTH.total_seconds() - 60 < found.wait <= MONTH.total_seconds()
        held = await later.execution(thread)
        assert list(held.timers) == ["approval:r-1"]
        assert (held.ready, held.leased) == (False, False)

    async def test_16_an_answer_wakes_it_and_its_timer_can_be_cleared(self, lab: Lab) -> None:
        """The answer is acted on at once, and the timer never fires after that."""
        store = await lab.store()
        thread = await self.wait_a_month(store)
        await store.append(["r"], message("approve"), dedupe="2")
        held = await opened(store, "answer")
        assert list(held.timers) == ["approval:r-1"]
        batch = Batch(id="2", expect=3, events=(ended(3),), timers_cleared=("approval:r-1",))
        await store.release(held.thread, held.fence, batch, want=0)
        assert (await store.execution(thread)).timers == {}
        assert await store.claim(9) == Claims(claims=(), wait=None)

    async def test_16_expiry_wakes_it_exactly_once(self, lab: Lab) -> None:
        """A due timer is one event, with its purpose, at the time it fired."""
        store = await lab.store()
        thread = await self.wait_a_month(store)
        await lab.pass_time(thread, MONTH.total_seconds())
        held = await opened(store, "expiry")
        (*_, fired) = held.events
        assert isinstance(fired, e.TimerFired)
        assert (fired.seq, fired.id, fired.purpose) == (3, "approval:r-1", "approval")
        assert abs(fired.at - store.now()) < timedelta(seconds=5)
        assert held.timers == {}
        await finish(store, held)
        assert await store.claim(9) == Claims(claims=(), wait=None)
        assert [event.kind for event in await store.events(thread)].count("timer_fired") == 1

    async def test_16_an_answer_in_the_moment_of_expiry_is_in_one_order(self, lab: Lab) -> None:
        """Both are events, one after the other, and whoever decides sees both."""
        store = await lab.store()
        thread = await self.wait_a_month(store)
        await lab.pass_time(thread, MONTH.total_seconds())
        await store.append(["r"], message("approve"), dedupe="2")
        held = await opened(store, "both")
        assert [event.kind for event in held.events[2:]] == ["message_received", "timer_fired"]

    async def test_a_timer_that_comes_due_while_the_thread_is_held_is_an_event(
        self, store: RedisStore
    ) -> None:
        """The heartbeat makes it one, once, and what was decided without it is not written."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        soon = {"remind:a:b": store.now() + timedelta(milliseconds=30), "late": store.now() + MONTH}
        await store.commit(held.thread, held.fence, Batch(id="1", expect=1, timers_set=soon))
        assert await store.renew(held.thread, held.fence) in {1, 2}
        await asyncio.sleep(0.05)
        beats = [store.renew(held.thread, held.fence) for _ in range(5)]
        assert set(await asyncio.gather(*beats)) == {2}
        answer = await store.commit(held.thread, held.fence, Batch(id="2", expect=1))
        assert isinstance(answer, Conflict)
        (fired,) = answer.events
        assert isinstance(fired, e.TimerFired)
        assert (fired.id, fired.purpose) == ("remind:a:b", "remind")
        assert list((await store.execution(held.thread)).timers) == ["late"]

    async def test_a_timer_set_again_moves(self, store: RedisStore) -> None:
        """One timer an id: the last due time counts, to the millisecond and never early."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        first = store.now() + timedelta(hours=1)
        then = first + timedelta(hours=1)
        await store.commit(
            held.thread, held.fence, Batch(id="1", expect=1, timers_set={"t": first})
        )
        await store.commit(held.thread, held.fence, Batch(id="2", expect=1, timers_set={"t": then}))
        assert (await store.execution(held.thread)).timers == {"t": then}


class LookingContract:
    """What can be seen without holding anything."""

    async def test_a_follower_sees_what_is_committed_until_it_stops(
        self, store: RedisStore
    ) -> None:
        """From its place on, in order, as it happens; and it leaves nothing behind."""
        thread = thread_id("r")
        feed = store.follow(thread, after=1)
        first = asyncio.create_task(following(feed))
        for number in range(1, 4):
            await store.append(["r"], message(str(number)), dedupe=str(number))
        assert (await first).seq == 2
        assert (await anext(feed)).seq == 3
        await feed.aclose()  # type: ignore[attr-defined]
        abandoned = asyncio.create_task(following(store.follow(thread, after=3)))
        await asyncio.sleep(0.01)
        abandoned.cancel()
        await asyncio.gather(abandoned, return_exceptions=True)
        assert abandoned.cancelled()
        assert len(await store.events(thread)) == 3

    async def test_unknown_threads_are_empty(self, store: RedisStore) -> None:
        """Looking at what is not there is no error."""
        assert await store.events("nowhere") == ()
        assert not await store.exists("nowhere")
        assert await store.snapshot("nowhere") is None
        assert await store.find("nowhere") is None
        held = await store.execution("nowhere")
        assert (held.timers, held.ready, held.leased, held.attempts, held.dead) == (
            {},
            False,
            False,
            0,
            "",
        )

    async def test_threads_are_listed_newest_input_first(self, store: RedisStore) -> None:
        """With what was last said about each; those that wait for people can be asked for."""
        for number, room in enumerate("abca"):
            await store.append([room], message(), dedupe=str(number))
            await asyncio.sleep(0.002)
        for token in "xyz":
            held = await opened(store, token)
            about = held.thread.encode()
            waits = held.thread != thread_id("a")
            batch = Batch(id="1", expect=held.version, about=about, waiting=waits)
            await store.release(held.thread, held.fence, batch, want=0)
        listed = await store.threads(limit=2)
        assert [one.thread for one in listed] == [thread_id("a"), thread_id("c")]
        assert [one.about for one in listed] == [one.thread.encode() for one in listed]
        assert abs(listed[0].at - store.now()) < timedelta(seconds=5)
        waiting = await store.threads(limit=9, waiting=True)
        assert [one.thread for one in waiting] == [thread_id("c"), thread_id("b")]
        assert await store.threads(limit=0) == ()

    async def test_the_backlog_is_what_waits(self, lab: Lab) -> None:
        """What is due, since when somebody waits, what people are asked, what was set aside."""
        store = await lab.store()
        empty = Backlog(due=0, oldest=None, dead=0, asking=0, abouts=())
        assert await store.backlog() == empty
        for room in "abc":
            await store.append([room], message(), dedupe=room)
        found = await store.backlog()
        assert (found.due, found.dead, found.asking) == (3, 0, 0)
        assert found.oldest is not None
        long_ago = store.now() - MONTH
        for token in "xyz":
            held = await opened(store, token)
            asks = Batch(id="1", expect=1, about=b"told", waiting=True, unanswered=long_ago)
            match held.thread:
                case thread if thread == thread_id("a"):
                    await store.release(thread, held.fence, asks, want=0)
                case thread if thread == thread_id("b"):
                    batch = Batch(id="1", expect=1, about=b"rests")
                    await store.release(thread, held.fence, batch, want=0)
                case thread:
                    await store.commit(thread, held.fence, asks)
                    await store.set_aside(thread, held.fence, Batch(id="2", expect=1), "why")
        found = await (await lab.store()).backlog()
        assert (found.due, found.dead, found.asking, len(found.abouts)) == (0, 1, 2, 2)
        assert found.oldest == long_ago

    async def test_an_answer_ends_the_wait(self, store: RedisStore) -> None:
        """Nobody waits any more once it is committed, and the lease may still be held."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        since = store.now()
        waits = Batch(id="1", expect=1, about=b"x", unanswered=since)
        await store.commit(held.thread, held.fence, waits)
        assert (await store.backlog()).oldest == since
        await store.commit(held.thread, held.fence, Batch(id="2", expect=1))
        assert (await store.backlog()).oldest == since
        await store.commit(held.thread, held.fence, Batch(id="3", expect=1, about=b"x"))
        assert (await store.backlog()).oldest is None

    async def test_every_thread_can_be_found_from_business_state(self, lab: Lab) -> None:
        """All of them once, with no execution key left."""
        store = await lab.store()
        rooms = [f"r{number}" for number in range(700)]
        await asyncio.gather(*(store.append([room], message(), dedupe=room) for room in rooms))
        lab.wipe_execution()
        found = [thread async for thread in store.all_threads()]
        assert sorted(found) == sorted(thread_id(room) for room in rooms)

    async def test_cursors_are_kept(self, lab: Lab) -> None:
        """Where a reader stopped is there for the next one."""
        store = await lab.store()
        assert await store.cursor("console:alice") is None
        await store.set_cursor("console:alice", "7")
        await store.set_cursor("console:alice", "8 ü")
        assert await (await lab.store()).cursor("console:alice") == "8 ü"


class TallyContract:
    """What is counted is counted once."""

    async def test_a_member_keeps_its_place(self, lab: Lab) -> None:
        """The same again is no more; another name counts for itself; in time all is forgotten."""
        store = await lab.store()
        day = timedelta(days=1)
        places = [await store.tally("n", member, kept=day) for member in ("a", "b", "a", "c", "b")]
        assert places == [1, 2, 1, 3, 2]
        assert await store.tally("other", "c", kept=day) == 1
        await store.uncount("n")
        assert await store.tally("n", "c", kept=day) == 1
        assert await store.tally("short", "a", kept=timedelta(milliseconds=1)) == 1


class PaceContract:
    """A room takes one message at a time, whoever sends it."""

    async def test_places_follow_each_other(self, lab: Lab) -> None:
        """Two processes share the places of a room; another room has its own."""
        store, other = await lab.store(), await lab.store()
        waits = [await one.pace("r", 60, burst=1, most=1000) for one in (store, other, store)]
        assert waits[0] == 0
        assert 59 < waits[1] <= 60
        assert 119 < waits[2] <= 120
        assert await other.pace("s", 60, burst=1, most=1000) == 0

    async def test_a_quiet_room_takes_some_at_once(self, lab: Lab) -> None:
        """Three after a pause, the fourth waits its turn."""
        store = await lab.store()
        waits = [await store.pace("r", 60, burst=3, most=1000) for _ in range(4)]
        assert waits[:3] == [0, 0, 0]
        assert 59 < waits[3] <= 60

    async def test_a_place_that_is_far_off_is_not_taken(self, lab: Lab) -> None:
        """Who is told to come again later finds the same place."""
        store = await lab.store()
        assert await store.pace("r", 60, burst=1, most=1) == 0
        first, second = [await store.pace("r", 60, burst=1, most=1) for _ in range(2)]
        assert first - 1 < second <= first <= 60


class KeepContract:
    """What is kept under the name of its own bytes."""

    async def test_what_is_kept_is_there_for_every_process(self, lab: Lab) -> None:
        """Any bytes, under their SHA-256, to the last one; what nobody kept is not there."""
        store = await lab.store()
        for data in (b"", b"\x00\xff\r\n", "ü".encode(), b"x" * 300_000):
            name = await store.keep(data)
            assert name == hashlib.sha256(data).hexdigest()
            assert await (await lab.store()).kept(name) == data
        assert await store.kept("0" * 64) is None
        assert await store.kept("") is None

    async def test_keeping_the_same_again_changes_nothing(self, lab: Lab) -> None:
        """However often, by whomever, at whatever time: one name, one copy."""
        store, other = await lab.store(), await lab.store()
        names = await asyncio.gather(*(each.keep(b"same") for each in [store, other] * 5))
        assert len(set(names)) == 1
        assert await store.kept(names[0]) == b"same"

    async def test_what_is_kept_is_business_data(self, lab: Lab) -> None:
        """It does not expire, and is still there when execution state is thrown away."""
        store = await lab.store()
        name = await store.keep(b"head")
        assert await lab.raw("TTL", KEYS.kept(name)) == -1
        lab.wipe_execution()
        assert await store.kept(name) == b"head"


class RebuildContract:
    """Execution state can be thrown away."""

    async def test_derived_state_is_rebuilt_from_what_was_folded(self, lab: Lab) -> None:
        """Timers, summary, requests and the place in the queue are all there again."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store, "1")
        thread, due = held.thread, store.now() + MONTH
        batch = Batch(id="1", expect=1, snapshot=Snapshot(version=1, data=b"s"))
        await store.release(thread, held.fence, batch, want=0)
        lab.wipe_execution()
        assert await store.claim(9) == Claims(claims=(), wait=None)
        since = store.now()
        rebuilt = {"timers": {"t": due}, "about": b"told", "waiting": True, "unanswered": since}
        assert not await store.rebuild(thread, version=2, **rebuilt)  # type: ignore[arg-type]
        assert await store.rebuild(thread, version=1, **rebuilt)  # type: ignore[arg-type]
        (listed,) = await store.threads(limit=9, waiting=True)
        assert (listed.thread, listed.about) == (thread, b"told")
        assert (await store.backlog()).oldest == since
        again = await opened(store, "2")
        assert again.timers == {"t": due}
        assert again.fence > held.fence
        assert again.snapshot == Snapshot(version=1, data=b"s")

    async def test_a_thread_that_is_held_is_left_alone(self, lab: Lab) -> None:
        """Rebuilding beside a running worker does not take its thread away."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        kept = await store.rebuild(held.thread, version=1, timers={}, about=b"", waiting=False)
        assert not kept
        await finish(store, held)

    async def test_rebuilding_does_not_wake_the_dead(self, store: RedisStore) -> None:
        """A dead letter stays one until somebody wants it again."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        await store.set_aside(held.thread, held.fence, Batch(id="1", expect=1), "why")
        assert await store.rebuild(held.thread, version=1, timers={}, about=b"", waiting=False)
        assert await store.dead() == {held.thread: "why"}
        assert (await store.claim(9)).claims == ()

    async def test_input_comes_through_while_execution_state_is_thrown_away(self, lab: Lab) -> None:
        """Wiping at any moment loses no message: what is appended after it is worked on."""
        store = await lab.store()
        for number in range(3):
            await store.append(["r"], message(str(number)), dedupe=str(number))
            lab.wipe_execution()
        await store.append(["r"], message("3"), dedupe="3")
        held = await opened(store)
        assert texts(held.events) == ["0", "1", "2", "3"]
