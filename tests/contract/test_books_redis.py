"""The contract of the books on the oldest Redis that is served, as systems package it."""

from collections.abc import Iterator, Sequence

import pytest

from tests.contract.books_contract import ReserveContract, SettleContract
from tests.contract.books_days import DayContract, RaiseContract
from tests.servers import redis_server


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[str]]:
    """One Redis on TCP."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield (server.url,)


class TestReserve(ReserveContract):
    """On Redis."""


class TestSettle(SettleContract):
    """On Redis."""


class TestDay(DayContract):
    """On Redis."""


class TestRaise(RaiseContract):
    """On Redis."""
