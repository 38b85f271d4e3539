"""A process that spends: `python -m tests.spending URL HOW FIRST LAST`.

Its calls are numbered FIRST up to LAST, each booked at `WORST` for one thread under `LIMITS`.
It prints "ready" once connected and waits for a line. `spend`: all calls at once, each settled at
`real` right after it is booked; prints "booked N" or "refused N" for each. `die`: ends itself with
SIGKILL as soon as all are booked.
"""

import asyncio
import os
import signal
import sys
from decimal import Decimal

from agents.model import Account, Budget
from bot.spend import Limits
from bot.store.redis import connect

BOT = "test"
ACCOUNT = Account(thread="t", person="alice")
LIMITS = Limits(thread_usd=Decimal("0.10"))
WORST = Decimal("0.01")


def real(number: int) -> Decimal:
    """What a call costs in the end: between 0.4 and 0.5 cents, to the micro-dollar."""
    return Decimal("0.004") + number * Decimal("0.000019")


async def spend(budget: Budget, number: int) -> str:
    """One call from its booking to its end."""
    if await budget.reserve(f"call {number}", ACCOUNT, WORST) is not None:
        return f"refused {number}"
    await budget.settle(f"call {number}", ACCOUNT, real(number))
    return f"booked {number}"


async def die(budget: Budget, number: int) -> str:
    """One call that nobody settles."""
    await budget.reserve(f"call {number}", ACCOUNT, WORST)
    return ""


async def main(url: str, how: str, first: int, last: int) -> None:
    """All calls at once."""
    store = await connect(url, bot=BOT)
    budget: Budget = store.books(LIMITS)
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    sys.stdin.readline()
    one = {"spend": spend, "die": die}[how]
    told = await asyncio.gather(*(one(budget, number) for number in range(first, last)))
    if how == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    print("\n".join(told), flush=True)  # noqa: T201 - the test reads it
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
