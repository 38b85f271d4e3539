"""The store's contract on the server that comes with the bot."""

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


class TestInput(InputContract):
    """On the embedded Valkey."""


class TestLeases(LeaseContract):
    """On the embedded Valkey."""


class TestCommits(CommitContract):
    """On the embedded Valkey."""


class TestAudit(AuditContract):
    """On the embedded Valkey."""


class TestOthers(OthersContract):
    """On the embedded Valkey."""


class TestTime(TimeContract):
    """On the embedded Valkey."""


class TestLooking(LookingContract):
    """On the embedded Valkey."""


class TestKeep(KeepContract):
    """On the embedded Valkey."""


class TestPace(PaceContract):
    """On the embedded Valkey."""


class TestTally(TallyContract):
    """On the embedded Valkey."""


class TestRebuild(RebuildContract):
    """On the embedded Valkey."""
