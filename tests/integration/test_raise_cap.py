"""`raise-cap` on the real books."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agents.model import Account, OverBudget
from agents.port import Caller
from agents.tools.raise_cap import raise_cap_tool
from bot.spend import Limits
from bot.store.redis import RedisStore

ACCOUNT = Account(thread="t", person="alice")
LIMITS = Limits(thread_usd=Decimal("0.10"), person_day_usd=Decimal("0.10"), day_usd=Decimal("0.10"))


def caller(key: str) -> Caller:
    """Alice, with this call."""
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    return Caller(thread="t", key=key, person="alice", audience=(), now=now)


@pytest.mark.parametrize("cap", ["thread", "person", "day"])
async def test_08_a_raised_cap_lets_models_go_on(store: RedisStore, cap: str) -> None:
    """What was refused is booked once all that stood in its way is raised, by that much."""
    books = store.books(LIMITS)
    tool = raise_cap_tool(books)
    for name in ("thread", "person", "day"):
        if name != cap:
            params = tool.params.model_validate({"cap": name, "usd": "0.50"})
            await tool.run(params, caller(f"t:{name}"))
    refused = await books.reserve("call 1", ACCOUNT, Decimal("0.30"))
    assert isinstance(refused, OverBudget)
    assert refused.cap == cap
    await tool.run(tool.params.model_validate({"cap": cap, "usd": "0.50"}), caller("t:last"))
    assert await books.reserve("call 1", ACCOUNT, Decimal("0.60")) is None
    assert await books.reserve("call 2", ACCOUNT, Decimal("0.01")) is not None


async def test_a_raise_that_is_repeated_counts_once(store: RedisStore) -> None:
    """A worker that dies after it, and another one that runs it again, allow no more."""
    books = store.books(LIMITS)
    tool = raise_cap_tool(books)
    params = tool.params.model_validate({"cap": "thread", "usd": "0.50"})
    told = [(await tool.run(params, caller("t:c1"))).text for _ in range(3)]
    assert len(set(told)) == 1
    assert (await books.spent(ACCOUNT)).thread.limit == Decimal("0.60")
