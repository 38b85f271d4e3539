"""The circuit breaker, with time in the test's hand."""

from hypothesis import given
from hypothesis import strategies as st

from agents.breaker import (
    FAILURES,
    PROBE,
    REST,
    Admitted,
    Breaker,
    Resting,
    admit,
    failed,
    succeeded,
)


def let(breaker: Breaker, now: float) -> Admitted:
    """A call that may go."""
    going = admit(breaker, now)
    assert isinstance(going, Admitted)
    return going


def fail(breaker: Breaker, now: float, times: int = 1) -> Breaker:
    """So many calls go and fail, one after the other."""
    for _ in range(times):
        going = let(breaker, now)
        breaker = failed(going.breaker, going.ticket, now)
    return breaker


def opened(now: float = 0.0) -> Breaker:
    """It has just opened."""
    return fail(Breaker(), now, FAILURES)


def test_07_it_opens_after_five_failures_in_a_row() -> None:
    """Four let the next call through, five do not; it says how long to wait."""
    assert isinstance(admit(fail(Breaker(), 0.0, 4), 0.0), Admitted)
    assert FAILURES == 5
    assert admit(opened(), 1.0) == Resting(wait=REST - 1.0)


def test_07_a_success_starts_the_count_anew() -> None:
    """Five failures with a success among them are not five in a row."""
    going = let(fail(Breaker(), 0.0, 4), 0.0)
    breaker = fail(succeeded(going.breaker, going.ticket), 0.0, 4)
    assert isinstance(admit(breaker, 0.0), Admitted)


def test_07_after_its_rest_one_call_probes_and_no_other() -> None:
    """The first one after the rest goes, whoever comes while it is under way does not."""
    probe = let(opened(), REST)
    assert isinstance(admit(probe.breaker, REST), Resting)
    assert isinstance(admit(probe.breaker, REST + 50.0), Resting)


def test_07_a_probe_that_succeeds_closes_it() -> None:
    """All may go again, and it takes five failures to open anew."""
    probe = let(opened(), REST)
    breaker = succeeded(probe.breaker, probe.ticket)
    assert isinstance(admit(fail(breaker, REST, 4), REST), Admitted)


def test_07_a_probe_that_fails_opens_it_for_another_rest() -> None:
    """One failure is enough then."""
    probe = let(opened(), REST)
    breaker = failed(probe.breaker, probe.ticket, REST + 10.0)
    assert admit(breaker, REST + 10.0) == Resting(wait=REST)
    assert isinstance(admit(breaker, 2 * REST + 10.0), Admitted)


def test_a_probe_that_never_comes_back_is_forgotten() -> None:
    """A call that was cancelled does not keep the breaker open for ever."""
    probe = let(opened(), REST)
    assert isinstance(admit(probe.breaker, REST + PROBE), Admitted)


def test_what_was_asked_before_it_opened_counts_for_nothing() -> None:
    """Late outcomes neither close it, nor keep it open longer, nor pass for the probe's."""
    early = let(Breaker(), 0.0)
    breaker = opened()
    assert succeeded(breaker, early.ticket) == breaker
    assert failed(breaker, early.ticket, 20.0) == breaker
    probe = let(breaker, REST)
    assert succeeded(probe.breaker, early.ticket) == probe.breaker
    assert failed(probe.breaker, early.ticket, REST) == probe.breaker


@given(st.lists(st.tuples(st.sampled_from(["call", "good", "bad"]), st.floats(0.0, 40.0))))
def test_never_two_probes_at_once(story: list[tuple[str, float]]) -> None:
    """Whatever comes in which order, at most one call is let through in a spell of trouble."""
    breaker, now, flying = Breaker(), 0.0, list[int]()
    for what, pause in story:
        now += pause
        if what == "call":
            was_open = breaker.until is not None
            going = admit(breaker, now)
            if isinstance(going, Admitted):
                breaker = going.breaker
                flying.append(going.ticket)
                assert not was_open or flying.count(going.ticket) == 1
        elif flying:
            ticket = flying.pop(0)
            breaker = succeeded(breaker, ticket) if what == "good" else failed(breaker, ticket, now)
