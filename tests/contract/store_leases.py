"""The contract of leases: one worker a thread."""

import asyncio

import pytest

from bot.store.keys import thread_id
from bot.store.port import Batch, Committed, Conflict, Fenced
from bot.store.redis import RedisStore
from tests.contract.lab import Lab, claimed, ended, finish, message, opened

ROOMS = 4
MESSAGES = 60


class LeaseContract:
    """Who holds a thread, and for how long."""

    async def test_04_two_workers_never_hold_one_thread(self, lab: Lab) -> None:
        """However many claim at once, each thread is with one, and each input is answered."""
        stores = [await lab.store() for _ in range(3)]
        held: set[str] = set()
        answered = dict.fromkeys((thread_id(f"r{room}") for room in range(ROOMS)), 0)

        async def work(store: RedisStore, name: str) -> None:
            while sum(answered.values()) < MESSAGES:
                for number, claim in enumerate((await store.claim(2)).claims):
                    token = f"{name} {number} {claim.stamp}"
                    thread = await store.open(claim, token=token, have=0)
                    if thread is None:
                        continue
                    assert thread.thread not in held
                    held.add(thread.thread)
                    inputs = [one for one in thread.events if one.kind == "message_received"]
                    batch = Batch(id="1", expect=thread.version, events=(ended(len(inputs)),))
                    await asyncio.sleep(0.001)
                    held.remove(thread.thread)
                    done = await store.release(thread.thread, thread.fence, batch, want=0)
                    if isinstance(done, Conflict):
                        await store.retry_later(thread.thread, thread.fence, 0)
                    else:
                        answered[thread.thread] = len(inputs)

        async def talk() -> None:
            for number in range(MESSAGES):
                room = f"r{number % ROOMS}"
                await stores[0].append([room], message(), dedupe=str(number))

        workers = [work(store, f"{number}") for number, store in enumerate(stores * 2)]
        await asyncio.gather(talk(), *workers)
        assert set(answered.values()) == {MESSAGES // ROOMS}

    async def test_a_claim_is_opened_once(self, lab: Lab) -> None:
        """A thread that was handed out is not handed out again, and nobody else may open it."""
        one, two = await lab.store(), await lab.store()
        await one.append(["r"], message(), dedupe="1")
        claim = await claimed(one)
        assert (await two.claim(5)).claims == ()
        first = await one.open(claim, token="a", have=0)
        assert first is not None
        assert await two.open(claim, token="b", have=0) is None
        assert await one.open(claim, token="a", have=0) == first  # the same open, asked again
        assert (await one.execution(first.thread)).leased

    async def test_a_claim_that_is_never_opened_comes_due_again(self, lab: Lab) -> None:
        """A worker that died between claim and open holds nothing."""
        store = await lab.store(lease=0.1)
        await store.append(["r"], message(), dedupe="1")
        lost = await claimed(store)
        later = await claimed(store)
        assert later.thread == lost.thread
        assert later.stamp > lost.stamp
        assert await store.open(lost, token="late", have=0) is None
        assert await store.open(later, token="now", have=0) is not None

    async def test_input_for_a_claimed_thread_does_not_disturb_it(self, store: RedisStore) -> None:
        """What comes between claim and open is simply there when it is opened."""
        await store.append(["r"], message("1"), dedupe="1")
        claim = await claimed(store)
        await store.append(["r"], message("2"), dedupe="2")
        thread = await store.open(claim, token="t", have=0)
        assert thread is not None
        assert [event.seq for event in thread.events] == [1, 2]

    async def test_13_a_stalled_owner_is_fenced(self, lab: Lab) -> None:
        """Who slept longer than the lease can write nothing, whatever it decided."""
        slow, quick = await lab.store(lease=0.1), await lab.store(lease=30)
        await slow.append(["r"], message(), dedupe="1")
        stalled = await opened(slow, "slow")
        taken = await opened(quick, "quick")
        assert taken.thread == stalled.thread
        assert taken.fence > stalled.fence
        assert taken.attempts == 2
        batch = Batch(id="1", expect=1, events=(ended(1),))
        with pytest.raises(Fenced):
            await slow.commit(stalled.thread, stalled.fence, batch)
        with pytest.raises(Fenced):
            await slow.renew(stalled.thread, stalled.fence)
        with pytest.raises(Fenced):
            await slow.release(stalled.thread, stalled.fence, batch, want=1)
        with pytest.raises(Fenced):
            await slow.set_aside(stalled.thread, stalled.fence, batch, "why")
        await slow.retry_later(stalled.thread, stalled.fence, 0)
        assert (await quick.execution(taken.thread)).leased
        await finish(quick, taken)

    async def test_renewing_keeps_the_thread(self, lab: Lab) -> None:
        """A heartbeat before the end holds the thread for as long as its worker lives."""
        store = await lab.store(lease=0.3)
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        for _ in range(6):
            await asyncio.sleep(0.1)
            assert await store.renew(held.thread, held.fence) == 1
            assert (await store.claim(1)).claims == ()
        await store.append(["r"], message(), dedupe="2")
        assert await store.renew(held.thread, held.fence) == 2

    async def test_13_an_old_fence_stays_void_when_execution_state_is_gone(self, lab: Lab) -> None:
        """Throwing all execution keys away can not give a thread back to who had it before."""
        store = await lab.store()
        await store.append(["r"], message(), dedupe="1")
        old = await opened(store, "old")
        lab.wipe_execution()
        batch = Batch(id="1", expect=1, events=(ended(1),))
        with pytest.raises(Fenced):
            await store.commit(old.thread, old.fence, batch)
        assert await store.rebuild(old.thread, version=1, timers={}, about=b"", waiting=False)
        new = await opened(store, "new")
        assert new.fence > old.fence
        with pytest.raises(Fenced):
            await store.commit(old.thread, old.fence, batch)

    async def test_nothing_can_be_written_after_release(self, store: RedisStore) -> None:
        """The lease ends with the release, even though nobody else has the thread."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        done = await finish(store, held)
        with pytest.raises(Fenced):
            await store.commit(held.thread, held.fence, Batch(id="2", expect=done.version))
        with pytest.raises(Fenced):
            await store.renew(held.thread, held.fence)
        assert (await store.claim(1)).claims == ()

    async def test_release_hands_out_what_is_due(self, store: RedisStore) -> None:
        """A busy worker goes from thread to thread without asking."""
        for room in "abc":
            await store.append([room], message(), dedupe=room)
        first = await opened(store)
        (second,) = (await finish(store, first, want=1)).next
        assert await store.open(second, token="2", have=0) is not None
        (third,) = (await store.claim(5)).claims
        handed_out = [first.thread, second.thread, third.thread]
        assert sorted(handed_out) == sorted(thread_id(room) for room in "abc")

    async def test_retry_later_counts_and_waits(self, store: RedisStore) -> None:
        """A thread whose turn failed for a while comes again, or sooner if there is input."""
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        await store.retry_later(held.thread, held.fence, 60)
        waiting = await store.claim(1)
        assert waiting.claims == ()
        assert waiting.wait is not None
        assert 59 < waiting.wait <= 60
        assert not (await store.execution(held.thread)).leased
        await store.append(["r"], message(), dedupe="2")
        assert (await opened(store, "again")).attempts == 2

    async def test_idle_workers_wake_by_the_bell(self, lab: Lab) -> None:
        """Each of several waiting processes hears of new work at once, not at the timeout."""
        stores = [await lab.store() for _ in range(3)]
        loop = asyncio.get_running_loop()
        begun = loop.time()
        waiting = [asyncio.create_task(store.idle(20)) for store in stores for _ in range(2)]
        for number in range(6):
            await stores[0].append([f"r{number}"], message(), dedupe=str(number))
        await asyncio.gather(*waiting)
        assert loop.time() - begun < 10

    async def test_idle_returns_after_its_timeout(self, store: RedisStore) -> None:
        """Without work it is over in time, also when that is longer than one call may wait."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await store.idle(2.2)
        assert 2.1 < loop.time() - begun < 4
        await store.idle(0)

    async def test_old_bells_do_not_wake_anybody(self, store: RedisStore) -> None:
        """Once all that was due is handed out, nothing rings for it any more."""
        for number in range(20):
            await store.append([f"r{number}"], message(), dedupe=str(number))
        while (await store.claim(3)).claims:
            pass
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await store.idle(0.2)
        assert loop.time() - begun > 0.15

    async def test_a_commit_keeps_the_lease(self, lab: Lab) -> None:
        """A worker that gets on needs no heartbeat between its commits."""
        store = await lab.store(lease=0.4)
        await store.append(["r"], message(), dedupe="1")
        held = await opened(store)
        version = held.version
        for number in range(4):
            await asyncio.sleep(0.15)
            batch = Batch(id=str(number), expect=version, events=(ended(1),))
            done = await store.commit(held.thread, held.fence, batch)
            assert isinstance(done, Committed)
            version = done.version
        assert (await store.claim(1)).claims == ()
