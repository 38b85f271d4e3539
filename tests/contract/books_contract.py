"""The contract of the books: no cap is passed, nothing is counted twice, nothing is forgotten."""

import asyncio
from decimal import Decimal

import pytest

from agents.model import Account, OverBudget
from bot.spend import Cap, Limits
from bot.store.books import Books
from bot.store.redis import RedisStore
from tests.contract.lab import KEYS, Lab

ALICE = Account(thread="t1", person="alice")
NOBODY = Account(thread="t1", person=None)
FREE = Limits()
ZERO = Decimal(0)


def usd(amount: str) -> Decimal:
    """Dollars."""
    return Decimal(amount)


async def sums(books: Books, account: Account = ALICE) -> tuple[Decimal | None, ...]:
    """What stands on the counters of the thread, the person and the day."""
    now = await books.spent(account)
    person = None if now.person is None else now.person.spent
    return (now.thread.spent, person, now.day.spent)


class ReserveContract:
    """What is booked before a call."""

    async def test_a_call_is_booked_on_all_three_counters(self, store: RedisStore) -> None:
        """Thread, person and day each carry the worst case."""
        books = store.books(FREE)
        assert await books.reserve("c1", ALICE, usd("0.03")) is None
        assert await sums(books) == (usd("0.03"),) * 3

    async def test_counters_are_apart(self, store: RedisStore) -> None:
        """A thread's counter is of that thread, a person's of that person, the day's of all."""
        books = store.books(FREE)
        await books.reserve("c1", ALICE, usd("1"))
        await books.reserve("c2", Account(thread="t2", person="alice"), usd("2"))
        await books.reserve("c3", Account(thread="t1", person="bob"), usd("4"))
        assert await sums(books) == (usd("5"), usd("3"), usd("7"))
        assert await sums(books, Account(thread="t2", person="bob")) == (
            usd("2"),
            usd("4"),
            usd("7"),
        )

    async def test_nobody_is_counted_under_thread_and_day_only(self, store: RedisStore) -> None:
        """Where no person is known, no person pays, and no person's cap stops the call."""
        books = store.books(Limits(person_day_usd=usd("0")))
        assert await books.reserve("c1", NOBODY, usd("1")) is None
        assert await sums(books, NOBODY) == (usd("1"), None, usd("1"))
        assert await sums(books) == (usd("1"), ZERO, usd("1"))

    @pytest.mark.parametrize(
        ("limits", "cap"),
        [
            (Limits(thread_usd=usd("0.1")), "thread"),
            (Limits(person_day_usd=usd("0.1")), "person"),
            (Limits(day_usd=usd("0.1")), "day"),
            (Limits(thread_usd=usd("9"), person_day_usd=usd("9"), day_usd=usd("0.1")), "day"),
            (Limits(thread_usd=usd("0.1"), day_usd=usd("0.1")), "thread"),
        ],
    )
    async def test_a_hit_cap_is_named_and_nothing_is_booked(
        self, lab: Lab, limits: Limits, cap: Cap
    ) -> None:
        """Up to the cap it is booked, past it on none of the counters."""
        books = (await lab.store()).books(limits)
        assert await books.reserve("c1", ALICE, usd("0.06")) is None
        over = await books.reserve("c2", ALICE, usd("0.040001"))
        assert over == OverBudget(cap=cap, spent=usd("0.06"), limit=usd("0.1"))
        assert await sums(books) == (usd("0.06"),) * 3
        assert await lab.raw("EXISTS", KEYS.booking("c2")) == 0
        assert await books.reserve("c2", ALICE, usd("0.04")) is None
        assert await sums(books) == (usd("0.1"),) * 3

    async def test_the_days_cap_names_itself_for_nobody_too(self, store: RedisStore) -> None:
        """The counter that stops a call is the right one, person or not."""
        over = await store.books(Limits(day_usd=usd("0"))).reserve("c", NOBODY, usd("1"))
        assert over is not None
        assert over.cap == "day"

    async def test_without_caps_nothing_is_refused_and_all_is_counted(
        self, store: RedisStore
    ) -> None:
        """No cap is no limit, at the largest sums as well."""
        books = store.books(FREE)
        for number in range(3):
            assert await books.reserve(f"c{number}", ALICE, usd("999999999.999999")) is None
        assert await sums(books) == (usd("2999999999.999997"),) * 3
        now = await books.spent(ALICE)
        assert now.thread.limit is None
        assert now.day.limit is None

    async def test_the_same_call_is_booked_once_by_any_process(self, lab: Lab) -> None:
        """At once, later, after a restart, under a cap that is full: it is booked already."""
        stores = [await lab.store() for _ in range(3)]
        every = [store.books(Limits(thread_usd=usd("0.1"))) for store in stores]
        found = await asyncio.gather(*(b.reserve("c1", ALICE, usd("0.1")) for b in every * 3))
        assert found == [None] * 9
        assert await every[0].reserve("c2", ALICE, usd("0.1")) is not None
        lab.forget_scripts()
        again = (await lab.store()).books(Limits(thread_usd=usd("0.05")))
        assert await again.reserve("c1", ALICE, usd("0.1")) is None
        assert await sums(again) == (usd("0.1"),) * 3

    async def test_racing_calls_never_pass_the_cap(self, lab: Lab) -> None:
        """As many as there is room for, to the last micro-dollar."""
        stores = [await lab.store() for _ in range(4)]
        every = [store.books(Limits(person_day_usd=usd("0.1"))) for store in stores]
        calls = (
            every[number % 4].reserve(f"c{number}", ALICE, usd("0.01")) for number in range(60)
        )
        found = await asyncio.gather(*calls)
        assert found.count(None) == 10
        assert await sums(every[0]) == (usd("0.1"),) * 3

    async def test_no_amount_is_no_booking(self, store: RedisStore) -> None:
        """A negative or endless sum is a fault of the caller's, not a gift."""
        books = store.books(FREE)
        for bad in ("-1", "NaN", "Infinity"):
            with pytest.raises(ValueError, match="dollars"):
                await books.reserve("c1", ALICE, usd(bad))
            with pytest.raises(ValueError, match="dollars"):
                await books.settle("c1", ALICE, usd(bad))
        assert await sums(books) == (ZERO,) * 3


class SettleContract:
    """What is put in place of it after the call."""

    async def test_the_real_cost_replaces_the_booking_once(self, lab: Lab) -> None:
        """The first settlement counts, repeated at once or with another sum."""
        stores = [await lab.store() for _ in range(3)]
        every = [store.books(FREE) for store in stores]
        await every[0].reserve("c1", ALICE, usd("0.05"))
        await asyncio.gather(*(b.settle("c1", ALICE, usd("0.012345")) for b in every * 3))
        await every[0].settle("c1", ALICE, usd("0.04"))
        assert await every[1].reserve("c1", ALICE, usd("0.05")) is None
        assert await sums(every[0]) == (usd("0.012345"),) * 3

    async def test_an_unsettled_call_stays_charged(self, store: RedisStore) -> None:
        """Nobody knows what it cost, so it cost the most it could."""
        books = store.books(Limits(thread_usd=usd("0.1")))
        await books.reserve("lost", ALICE, usd("0.08"))
        await books.reserve("c2", ALICE, usd("0.02"))
        await books.settle("c2", ALICE, usd("0"))
        assert await sums(books) == (usd("0.08"),) * 3
        assert await books.reserve("c3", ALICE, usd("0.03")) is not None

    async def test_a_call_that_cost_more_is_counted_in_full(self, store: RedisStore) -> None:
        """What is paid is paid: the counter may stand past its cap then, and lets nothing by."""
        books = store.books(Limits(day_usd=usd("0.1")))
        await books.reserve("c1", ALICE, usd("0.1"))
        await books.settle("c1", ALICE, usd("0.15"))
        over = await books.reserve("c2", ALICE, usd("0.01"))
        assert over == OverBudget(cap="day", spent=usd("0.15"), limit=usd("0.1"))

    async def test_every_fraction_is_rounded_up(self, store: RedisStore) -> None:
        """A thousand tiny calls are not free."""
        books = store.books(FREE)
        await books.reserve("c1", ALICE, usd("0.0000001"))
        assert await sums(books) == (usd("0.000001"),) * 3
        await books.settle("c1", ALICE, usd("0.0000010001"))
        assert await sums(books) == (usd("0.000002"),) * 3

    async def test_a_call_settles_where_it_was_booked(self, store: RedisStore) -> None:
        """Even if who asked is seen differently by now: no counter is left with the booking."""
        books = store.books(FREE)
        await books.reserve("c1", ALICE, usd("0.05"))
        await books.settle("c1", Account(thread="t2", person=None), usd("0.01"))
        assert await sums(books) == (usd("0.01"),) * 3
        assert await sums(books, Account(thread="t2", person="bob")) == (ZERO, ZERO, usd("0.01"))
        await books.reserve("c2", NOBODY, usd("0.05"))
        await books.settle("c2", ALICE, usd("0.02"))
        await books.reserve("c3", ALICE, usd("0.05"))
        await books.settle("c3", Account(thread="t2", person="alice"), usd("0.03"))
        assert await sums(books) == (usd("0.06"), usd("0.04"), usd("0.06"))

    async def test_what_was_never_booked_was_paid_for_too(self, store: RedisStore) -> None:
        """A booking that a fail-over lost is charged when it settles, once."""
        books = store.books(Limits(thread_usd=usd("0.01")))
        for _ in range(2):
            await books.settle("c1", ALICE, usd("0.02"))
        assert await sums(books) == (usd("0.02"),) * 3
        assert await books.reserve("c1", ALICE, usd("0.05")) is None
        assert await sums(books) == (usd("0.02"),) * 3
