"""The books of what models cost: one counter a thread, one a person and day, one a day.

A call is booked at its worst before it is made, and settled at what it cost: whatever dies in
between has been paid for. Days are the server's, in UTC.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from agents.model import Account, OverBudget
from bot.spend import Balance, Cap, Limits, Standing, cap_micros, cost_micros, dollars
from bot.store.client import Client, Word
from bot.store.keys import Keys
from bot.store.port import StoreError
from bot.store.replies import number, text

DAY = 24 * 3600 * 1000
TRIES = 4  # a day that ends meanwhile, a booking under another account, and some to spare


@dataclass(frozen=True, slots=True)
class _Counter:
    cap: Cap
    key: str
    limit: Decimal | None


@dataclass(frozen=True, slots=True)
class Books:
    """A `Budget` through `client`, with caps on top; made by `RedisStore.books`.

    Bookings and raises are known again for 40 days, the counters of a day are kept as long, a
    thread's counter as long as the thread. All methods raise `StoreUnreachable`, and `ValueError`
    for what is no amount of money.
    """

    client: Client
    keys: Keys
    limits: Limits

    async def reserve(self, call: str, account: Account, usd: Decimal) -> OverBudget | None:
        """See `Budget.reserve`. A call known under its id, settled or not, is not booked again.

        So two requests to a provider need two ids, also when the second repeats the first.
        """
        amount, day = cost_micros(usd), self._today()
        for _ in range(TRIES):
            counters = self._counters(account, day)
            caps = ["" if one.limit is None else cap_micros(one.limit) for one in counters]
            words = (*_words(account, day, amount), *caps)
            told = await self.client.script("reserve", self._names(call, counters), *words)
            match told[0]:
                case b"DAY":
                    day = number(told[1])
                case b"OVER":
                    place, spent, limit = (number(word) for word in told[1:])
                    cap = counters[place].cap
                    return OverBudget(cap=cap, spent=dollars(spent), limit=dollars(limit))
                case _:
                    return None
        raise _unsettled(call)

    async def settle(self, call: str, account: Account, usd: Decimal) -> None:
        """See `Budget.settle`. The first one counts, on the day and the account of the booking.

        What was never booked is charged today: it was paid for.
        """
        amount, day = cost_micros(usd), self._today()
        for _ in range(TRIES):
            names = self._names(call, self._counters(account, day))
            told = await self.client.script("settle", names, *_words(account, day, amount))
            if told[0] == b"DONE":
                return
            account = Account(thread=text(told[1]), person=text(told[2]) or None)
            day = number(told[3])
        raise _unsettled(call)

    async def raise_cap(self, cap: Cap, account: Account, usd: Decimal, *, key: str) -> None:
        """Somebody who may allowed `usd` more: to the thread, or to the person or the bot today.

        key: names the raise; it counts once. Raises `ValueError` for a person who is not known.
        """
        amount, day = cap_micros(usd), self._today()
        for _ in range(TRIES):
            counters = {one.cap: one.key for one in self._counters(account, day)}
            if cap not in counters:
                raise ValueError("a cap of nobody can not be raised: name the person")
            names = (self.keys.raised(key), counters[cap])
            of_day = "" if cap == "thread" else day
            told = await self.client.script("raise_cap", names, amount, of_day)
            if told[0] == b"DONE":
                return
            day = number(told[1])
        raise _unsettled(key)

    async def spent(self, account: Account) -> Standing:
        """The counters of the account as they stand, bookings included."""
        counters = self._counters(account, self._today())
        found = {one.cap: await self._balance(one) for one in counters}
        return Standing(thread=found["thread"], person=found.get("person"), day=found["day"])

    async def _balance(self, counter: _Counter) -> Balance:
        found = await self.client.command("HMGET", counter.key, "s", "r")
        spent, more = (int(word or 0) for word in cast("list[bytes | None]", found))
        cap = counter.limit
        limit = None if cap is None else dollars(cap_micros(cap) + more)
        return Balance(spent=dollars(spent), limit=limit)

    def _counters(self, account: Account, day: int) -> list[_Counter]:
        """The scripts count on the thread's being the first."""
        keys, limits = self.keys, self.limits
        counters = [_Counter("thread", keys.spent_on(account.thread), limits.thread_usd)]
        if account.person is not None:
            by = keys.spent_by(account.person, day)
            counters.append(_Counter("person", by, limits.person_day_usd))
        return [*counters, _Counter("day", keys.spent_in(day), limits.day_usd)]

    def _names(self, call: str, counters: list[_Counter]) -> list[str]:
        return [self.keys.booking(call), *(one.key for one in counters)]

    def _today(self) -> int:
        return self.client.clock.ms() // DAY


def _words(account: Account, day: int, amount: int) -> tuple[Word, ...]:
    return (account.thread, account.person or "", day, amount)


def _unsettled(call: str) -> StoreError:
    return StoreError(f"the day of {call} changed {TRIES} times while it was booked")
