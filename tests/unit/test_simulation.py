"""Random lives of a thread, a few hundred events each: every promise holds in all of them."""

from functools import cache

import pytest

from bot import planning
from bot.lifecycle import IllegalEvent
from tests.simulation import live

SEEDS = range(40)
SEEN = """
approval_expired approval_given approval_refused approval_requested approval_withdrawn cancelled
decision_refused handed_over model_failed paused question_answered question_asked
question_withdrawn reply_failed reply_postponed resumed tool_failed tool_returned tool_uncertain
uncertainty_resolved
"""

life = cache(live)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds_whatever_happens(seed: int) -> None:
    """Talk, cancel, decide, crash, wait, change the rules: answered once, run once, never after."""
    life(seed)


def test_the_lives_are_eventful() -> None:
    """Whatever can happen to a call and to a request happens in some of them."""
    seen = {event.kind for seed in SEEDS for event in life(seed).log}
    assert set(SEEN.split()) <= seen


def test_a_seed_repeats_its_life() -> None:
    """The same seed gives the same log, event by event."""
    assert live(0).log == live(0).log
    assert live(0).log != live(1).log


def test_a_defect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard against answers that come too late taken out, some life breaks."""
    monkeypatch.setattr(planning, "_too_late", lambda _thread, _outcome: False)
    with pytest.raises((AssertionError, IllegalEvent)):
        _live_all()


def _live_all() -> None:
    for seed in SEEDS:
        live(seed)
