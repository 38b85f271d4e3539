"""A circuit breaker as pure data: a provider that keeps failing is left alone for a while.

Closed, it lets every call through and counts failures in a row. Open, it lets none through until
its rest is over; then one call probes, and its outcome closes or reopens it. Times are seconds of
any clock that only goes forward.
"""

from dataclasses import dataclass, replace

FAILURES = 5
"""Failures in a row that open it."""
REST = 30.0
"""Seconds for which it stays open."""
PROBE = 60.0
"""Seconds after which a probe that never came back is forgotten; longer than any call takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """The state. `until` is when the next probe may go, None while closed.

    round: rises whenever it opens or probes, so that what comes back from before counts for
    nothing.
    """

    failures: int = 0
    until: float | None = None
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The call may go; its outcome is reported with this ticket."""

    breaker: Breaker
    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """The call may not go: ask again in `wait` seconds."""

    wait: float


def admit(breaker: Breaker, now: float) -> Admitted | Resting:
    """Whether a call may go now."""
    if breaker.until is None:
        return Admitted(breaker=breaker, ticket=breaker.round)
    if now < breaker.until:
        return Resting(wait=breaker.until - now)
    probing = replace(breaker, until=now + PROBE, round=breaker.round + 1)
    return Admitted(breaker=probing, ticket=probing.round)


def succeeded(breaker: Breaker, ticket: int) -> Breaker:
    """The provider is alive."""
    if ticket != breaker.round:
        return breaker
    return Breaker(round=breaker.round)


def failed(breaker: Breaker, ticket: int, now: float) -> Breaker:
    """The provider did not answer, or said that it can not."""
    if ticket != breaker.round:
        return breaker
    failures = breaker.failures + 1
    if breaker.until is None and failures < FAILURES:
        return replace(breaker, failures=failures)
    return Breaker(failures=failures, until=now + REST, round=breaker.round + 1)
