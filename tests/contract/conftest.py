"""The store's contract runs on every server that a test file names as `nodes`."""

from collections.abc import AsyncIterator, Sequence

import pytest

from bot.store.redis import RedisStore
from tests import servers
from tests.contract.lab import Lab

for part in ("input", "leases", "commits", "looking", "audit"):
    pytest.register_assert_rewrite(f"tests.contract.store_{part}")


@pytest.fixture
async def lab(nodes: Sequence[str]) -> AsyncIterator[Lab]:
    """An empty server."""
    for url in nodes:
        servers.flush(url)
    lab = Lab(nodes)
    yield lab
    await lab.close()


@pytest.fixture
async def store(lab: Lab) -> RedisStore:
    """One process on it."""
    return await lab.store()


@pytest.fixture(scope="module")
def nodes(embedded_url: str) -> Sequence[str]:
    """The server, unless the test file has another one."""
    return (embedded_url,)
