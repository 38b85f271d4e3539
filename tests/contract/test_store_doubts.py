"""What is told of servers that are not as they should be, and how their clock is followed."""

import time

import pytest
from redis import exceptions as lib

from bot.store import troubles
from bot.store.address import parse
from bot.store.checks import doubts
from bot.store.client import Clock
from bot.store.port import StoreError, StoreUnreachable

GOOD = "redis_version:7.2.4\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n"
ADDRESS = parse("redis://alice:secret@db.example:7000/2")


def test_a_good_server_raises_no_doubt() -> None:
    """Nothing is said that nobody has to mend."""
    assert doubts(GOOD) == ()
    assert doubts(GOOD + "valkey_version:9.1.2\r\n") == ()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("aof_enabled:0", "appendonly"),
        ("maxmemory_policy:volatile-ttl", "maxmemory-policy"),
        ("redis_version:6.2.14", "redis 6.2.14"),
        ("valkey_version:7.2.5", "valkey 7.2.5"),
    ],
)
def test_each_doubt_names_what_to_mend(line: str, named: str) -> None:
    """The setting, or the version, as its own documentation calls it."""
    (doubt,) = doubts(f"{GOOD}{line}\r\n")
    assert named in doubt


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (lib.ConnectionError("Error 111 connecting"), "does not answer"),
        (lib.TimeoutError("Timeout reading from db.example"), "does not answer"),
        (lib.AuthenticationError("WRONGPASS for secret"), "password"),
        (lib.NoPermissionError("No permissions to run 'xadd'"), "xadd"),
        (lib.OutOfMemoryError("command not allowed"), "maxmemory"),
        (lib.ReadOnlyError("You can't write against a read only replica."), "primary"),
        (lib.ResponseError("MISCONF Errors writing to the AOF file"), "disk"),
        (lib.BusyLoadingError("is loading the dataset in memory"), "loading"),
        (lib.ClusterDownError("The cluster is down"), "cluster"),
        (lib.ResponseError("TRYAGAIN Multiple keys request"), "TRYAGAIN"),
        (RuntimeError("deque mutated during iteration"), "deque"),
    ],
)
def test_each_trouble_is_one_line_with_the_place_and_no_secret(
    error: Exception, named: str
) -> None:
    """Whoever reads it knows which store, and what to mend."""
    told = troubles.told(error, ADDRESS)
    assert isinstance(told, StoreUnreachable)
    assert "redis://db.example:7000" in str(told)
    assert named in str(told)
    assert "secret" not in str(told)
    assert "alice" not in str(told)
    assert "\n" not in str(told)


def test_a_fault_of_ours_is_not_blamed_on_the_connection() -> None:
    """A command that the server does not know will not work later either."""
    error = lib.ResponseError("unknown command 'XADD'\nwith secret")
    told = troubles.told(error, ADDRESS)
    assert isinstance(told, StoreError)
    assert not isinstance(told, StoreUnreachable)
    assert troubles.patience(error) == 0


def test_what_passes_is_waited_for_and_what_does_not_is_not() -> None:
    """A wrong password does not get right by repetition; a moving slot does arrive."""
    assert troubles.patience(lib.AuthenticationError("no")) == 0
    assert troubles.patience(lib.OutOfMemoryError("no")) == 0
    assert troubles.patience(lib.TryAgainError("again")) > troubles.patience(
        lib.ConnectionError("gone")
    )


def test_the_clock_follows_the_server_and_forgives_slow_answers() -> None:
    """The least delayed answer is believed, unless the server's clock was really set back."""
    clock = Clock()
    with pytest.raises(StoreError):
        clock.ms()
    clock.learn(1_000_000)
    assert 1_000_000 <= clock.ms() < 1_000_100
    clock.learn(1_000_000 - 100)  # an answer that took 100 ms
    assert clock.ms() >= 1_000_000
    clock.learn(1_050_000)
    assert clock.ms() >= 1_050_000
    clock.learn(900_000)
    assert clock.ms() < 901_000
    before = clock.ms()
    time.sleep(0.02)
    assert clock.ms() >= before + 20
