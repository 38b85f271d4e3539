"""What every test may ask for: a store on a real server that starts in an instant."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.store import embedded
from bot.store.redis import RedisStore, connect
from tests import servers
from tests.plain_logs import plain_logs

BOT = "test"

settings.register_profile("suite", max_examples=25, deadline=None)
settings.register_profile("long", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(scope="session", autouse=True)
def _nobodys_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a command finds without being told is not that of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("WATCHKEEPER_HTTP", "127.0.0.1:0")  # any free port
        yield


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    plain_logs()


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded server of this test process."""
    folder: Path = tmp_path_factory.mktemp("embedded")
    server = asyncio.run(embedded.start(folder))
    yield server.url
    server.close()


@pytest.fixture
def store_url(embedded_url: str) -> str:
    """The same with nothing in it."""
    servers.flush(embedded_url)
    return embedded_url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[RedisStore]:
    """A connected, empty store of the bot `test`."""
    connected = await connect(store_url, bot=BOT)
    yield connected
    await connected.close()


def pytest_collection_finish() -> None:
    """What is imported and collected stays: nothing is gained by looking through it for garbage."""
    gc.collect()
    gc.freeze()
