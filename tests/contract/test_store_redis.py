"""The store's contract on the oldest Redis that is served, as systems package it."""

from collections.abc import Iterator, Sequence

import pytest

from tests.contract.store_audit import AuditContract, OthersContract
from tests.contract.store_commits import CommitContract
from tests.contract.store_input import InputContract
from tests.contract.store_leases import LeaseContract
from tests.contract.store_looking import (
    KeepContract,
    LookingContract,
    PaceContract,
    RebuildContract,
    TallyContract,
    TimeContract,
)
from tests.servers import redis_server


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[str]]:
    """One Redis on TCP."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield (server.url,)


class TestInput(InputContract):
    """On Redis."""


class TestLeases(LeaseContract):
    """On Redis."""


class TestCommits(CommitContract):
    """On Redis."""


class TestAudit(AuditContract):
    """On Redis."""


class TestOthers(OthersContract):
    """On Redis."""


class TestTime(TimeContract):
    """On Redis."""


class TestLooking(LookingContract):
    """On Redis."""


class TestKeep(KeepContract):
    """On Redis."""


class TestPace(PaceContract):
    """On Redis."""


class TestTally(TallyContract):
    """On Redis."""


class TestRebuild(RebuildContract):
    """On Redis."""
