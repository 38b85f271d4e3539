"""The contract of the books over time: midnight, what is kept for how long, raises of caps."""

import asyncio
from collections.abc import Sequence

import pytest
from redis import Redis

from agents.model import Account, OverBudget
from bot.spend import Balance, Cap, Limits, Standing
from bot.store.books import DAY
from bot.store.redis import RedisStore
from tests.contract.books_contract import ALICE, FREE, NOBODY, ZERO, sums, usd
from tests.contract.lab import KEYS, Lab, message


def today(store: RedisStore) -> int:
    """The server's day."""
    return int(store.now().timestamp() * 1000) // DAY


async def a_day_passes(lab: Lab, store: RedisStore, calls: Sequence[str]) -> None:
    """As if all that was booked today had been booked yesterday."""
    day = today(store)
    await lab.raw("RENAME", KEYS.spent_in(day), KEYS.spent_in(day - 1))
    await lab.raw("RENAME", KEYS.spent_by("alice", day), KEYS.spent_by("alice", day - 1))
    for call in calls:
        await lab.raw("HSET", KEYS.booking(call), "d", day - 1)


def lives_of_keys(lab: Lab) -> dict[str, int]:
    """Every key there is, with how long it lives (ms, -1 for ever)."""
    lives: dict[str, int] = {}
    for url in lab.urls:
        with Redis.from_url(url) as node:
            lives |= {name.decode(): int(node.pttl(name)) for name in node.scan_iter()}
    return lives


class DayContract:
    """Midnight, and what is left of old days."""

    async def test_a_call_booked_before_midnight_settles_there(self, lab: Lab) -> None:
        """Today's counters know nothing of it; the thread's is right whatever the day."""
        store = await lab.store()
        books = store.books(FREE)
        await books.reserve("c1", ALICE, usd("0.05"))
        await a_day_passes(lab, store, ["c1"])
        await books.reserve("c2", ALICE, usd("0.5"))
        await books.settle("c1", ALICE, usd("0.01"))
        assert await sums(books) == (usd("0.51"), usd("0.5"), usd("0.5"))
        yesterday = today(store) - 1
        for key in (KEYS.spent_in(yesterday), KEYS.spent_by("alice", yesterday)):
            assert await lab.raw("HGET", key, "s") == b"10000"

    async def test_a_call_booked_before_midnight_is_not_booked_again(self, lab: Lab) -> None:
        """A repeated reserve after midnight finds the booking of yesterday."""
        store = await lab.store()
        books = store.books(FREE)
        await books.reserve("c1", ALICE, usd("0.05"))
        await a_day_passes(lab, store, ["c1"])
        assert await books.reserve("c1", ALICE, usd("0.05")) is None
        assert await sums(books) == (usd("0.05"), ZERO, ZERO)

    async def test_midnight_opens_the_caps_of_the_day_alone(self, lab: Lab) -> None:
        """A new day has all its money; a thread does not."""
        store = await lab.store()
        books = store.books(Limits(thread_usd=usd("0.15"), day_usd=usd("0.1")))
        await books.reserve("c1", ALICE, usd("0.1"))
        assert await books.reserve("c2", ALICE, usd("0.01")) is not None
        await a_day_passes(lab, store, ["c1"])
        assert await books.reserve("c3", ALICE, usd("0.05")) is None
        over = await books.reserve("c4", ALICE, usd("0.01"))
        assert over == OverBudget(cap="thread", spent=usd("0.15"), limit=usd("0.15"))

    @pytest.mark.parametrize("off", [-DAY, DAY])
    async def test_the_servers_day_counts(
        self, store: RedisStore, monkeypatch: pytest.MonkeyPatch, off: int
    ) -> None:
        """A process that takes it for another day is put right, in every call."""
        books = store.books(FREE)
        real = store._client.clock.ms
        with monkeypatch.context() as patch:
            patch.setattr(store._client.clock, "ms", lambda: real() + off)
            await books.reserve("c1", ALICE, usd("0.05"))
            await books.settle("c1", ALICE, usd("0.01"))
            await books.settle("c2", ALICE, usd("0.01"))
            await books.raise_cap("day", ALICE, usd("1"), key="k")
        assert await sums(books) == (usd("0.02"),) * 3
        now = await store.books(Limits(day_usd=usd("1"))).spent(ALICE)
        assert now.day.limit == usd("2")

    async def test_everything_but_the_thread_ends_after_40_days(self, lab: Lab) -> None:
        """Bookings and counters of days do not pile up, and none outlives its counter's day."""
        store = await lab.store()
        books = store.books(FREE)
        await books.reserve("c1", ALICE, usd("0.05"))
        await books.settle("c1", ALICE, usd("0.01"))
        await books.settle("c2", ALICE, usd("0.01"))
        await books.raise_cap("person", Account(thread="t2", person="bob"), usd("1"), key="k")
        await books.raise_cap("thread", ALICE, usd("1"), key="k2")
        lives = lives_of_keys(lab)
        day = today(store)
        assert lives.pop(KEYS.spent_on("t1")) == -1
        for key in (KEYS.booking("c1"), KEYS.booking("c2"), KEYS.raised("k"), KEYS.raised("k2")):
            assert 39 * DAY < lives.pop(key) <= 40 * DAY
        for person in ("alice", "bob"):
            assert 40 * DAY < lives.pop(KEYS.spent_by(person, day)) <= 41 * DAY
        assert 40 * DAY < lives.pop(KEYS.spent_in(day)) <= 41 * DAY
        assert lives == {}

    async def test_the_books_are_business_data(self, lab: Lab) -> None:
        """Throwing all execution keys away gives nobody money back."""
        store = await lab.store()
        books = store.books(FREE)
        await store.append(["r"], message(), dedupe="1")
        await books.reserve("c1", ALICE, usd("0.05"))
        assert lab.wipe_execution() > 0
        await books.settle("c1", ALICE, usd("0.01"))
        assert await sums(books) == (usd("0.01"),) * 3


class RaiseContract:
    """An approver allowed more."""

    @pytest.mark.parametrize(
        ("cap", "limits"),
        [
            ("thread", Limits(thread_usd=usd("0.1"))),
            ("person", Limits(person_day_usd=usd("0.1"))),
            ("day", Limits(day_usd=usd("0.1"))),
        ],
    )
    async def test_a_raise_makes_room_on_its_counter_alone(
        self, store: RedisStore, cap: Cap, limits: Limits
    ) -> None:
        """By as much as was allowed, and another thread, person or day keeps its cap."""
        books = store.books(limits)
        await books.reserve("c1", ALICE, usd("0.1"))
        assert await books.reserve("c2", ALICE, usd("0.05")) is not None
        await books.raise_cap(cap, ALICE, usd("0.05"), key="k1")
        assert await books.reserve("c2", ALICE, usd("0.05")) is None
        over = await books.reserve("c3", ALICE, usd("0.000001"))
        assert over == OverBudget(cap=cap, spent=usd("0.15"), limit=usd("0.15"))
        other = Account(thread="t2", person="bob")
        assert (await books.reserve("c4", other, usd("0.1")) is None) == (cap != "day")

    async def test_a_raise_counts_once_on_any_day(self, lab: Lab) -> None:
        """Repeated at once, or after midnight, it adds nothing; another one adds."""
        store = await lab.store()
        books = store.books(Limits(thread_usd=usd("1"), person_day_usd=usd("1"), day_usd=usd("1")))
        await books.reserve("c1", ALICE, usd("0.1"))
        await asyncio.gather(
            *(books.raise_cap("person", ALICE, usd("2"), key="k1") for _ in range(5))
        )
        await books.raise_cap("thread", ALICE, usd("3"), key="k2")
        await books.raise_cap("thread", ALICE, usd("3"), key="k3")
        assert await books.spent(ALICE) == Standing(
            thread=Balance(spent=usd("0.1"), limit=usd("7")),
            person=Balance(spent=usd("0.1"), limit=usd("3")),
            day=Balance(spent=usd("0.1"), limit=usd("1")),
        )
        await a_day_passes(lab, store, ["c1"])
        await books.raise_cap("person", ALICE, usd("2"), key="k1")
        assert (await books.spent(ALICE)).person == Balance(spent=usd("0"), limit=usd("1"))

    async def test_nobody_has_no_cap_to_raise(self, store: RedisStore) -> None:
        """A raise that would have no effect is refused, in one line."""
        with pytest.raises(ValueError, match="name the person"):
            await store.books(FREE).raise_cap("person", NOBODY, usd("1"), key="k")

    async def test_a_raise_waits_for_its_cap(self, store: RedisStore) -> None:
        """Allowed before there is a cap or a call, it is on top of the cap that comes."""
        await store.books(FREE).raise_cap("thread", ALICE, usd("1"), key="k")
        books = store.books(Limits(thread_usd=usd("0.5")))
        assert await books.reserve("c", ALICE, usd("1.5")) is None
        assert await books.reserve("d", ALICE, usd("0.1")) is not None
