"""From committed events to numbers: each kind counts as what it is, and once."""

from datetime import timedelta

import pytest

from bot import events as e
from bot.counting import count, named
from bot.effects import CallAgent, Send
from bot.meter import Counted, Timed
from bot.thread import Queued, Thread, Turn
from channels.port import Address
from tests.fakes import START

SLACK = Address(channel="slack", room="C1")
TURN = Turn(id=1, source="message", at=START, told_at=START, address=SLACK, text="hi")
QUEUED = Queued(id=2, at=START, address=SLACK, text="yes", answers=(1,))
THREAD = Thread(id="t", version=2, turns=(TURN,), outbox=(QUEUED,))


class Numbers:
    """A `Meter` that keeps what it is told."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, ...]] = []
        self.timed: list[tuple[str, float, tuple[str, ...]]] = []

    def count(self, what: Counted, *labels: str) -> None:
        """Kept in order."""
        self.counted.append((what, *labels))

    def time(self, what: Timed, seconds: float, *labels: str) -> None:
        """Kept in order."""
        self.timed.append((what, seconds, labels))

    def round(self, busy: int) -> None:
        """Not of interest."""


def counted(*events: e.Event, before: Thread = THREAD) -> Numbers:
    """The numbers of these events."""
    numbers = Numbers()
    count(numbers, before, events)
    return numbers


def test_a_turn_that_ends_is_an_answer_with_its_time() -> None:
    """From when the message was accepted to the end of its turn."""
    ended = e.TurnEnded(seq=3, at=START + timedelta(seconds=2.5), turn=1, outcome="replied")
    numbers = counted(ended)
    assert numbers.counted == [("answered", "slack", "replied")]
    assert numbers.timed == [("turn", 2.5, ("slack",))]


@pytest.mark.parametrize("source", ["timer", "outcome", "answer"])
def test_what_nobody_wrote_is_no_answer(source: str) -> None:
    """A reminder, or going on after a decision: nobody counted it as accepted."""
    turn = Turn(
        id=1,
        source=source,  # type: ignore[arg-type]
        at=START,
        told_at=START,
        address=SLACK,
        text="",
    )
    ended = e.TurnEnded(seq=3, at=START, turn=1, outcome="replied")
    assert counted(ended, before=Thread(id="t", turns=(turn,))).counted == []
    assert counted(ended, before=Thread(id="t")).counted == []


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (e.ReplyDelivered(reply=2), "delivered"),
        (e.ReplyPostponed(reply=2, until=START, reason="429"), "retried"),
        (e.ReplyFailed(reply=2, reason="archived"), "failed"),
        (e.ReplyUncertain(reply=2, reason="cut"), "uncertain"),
    ],
)
def test_each_end_of_a_send(event: e.Event, outcome: str) -> None:
    """By the channel that it was queued for."""
    assert counted(event).counted == [("sends", "slack", outcome)]


def test_what_is_queued_and_sent_at_once_has_its_channel() -> None:
    """As on the console, where both are in one commit."""
    console = Address(channel="console", room="alice")
    both = (
        e.ReplyQueued(seq=7, address=console, text="yes", answers=(1,)),
        e.ReplyDelivered(seq=8, reply=7),
    )
    assert counted(*both).counted == [("sends", "console", "delivered")]


@pytest.mark.parametrize(
    ("event", "labels"),
    [
        (e.ApprovalExpired(request_id="t-1"), ("approval", "expired")),
        (e.QuestionExpired(request_id="t-1"), ("question", "expired")),
        (e.ApprovalWithdrawn(request_id="t-1", reason="cancelled"), ("approval", "withdrawn")),
    ],
)
def test_each_end_of_a_request(event: e.Event, labels: tuple[str, str]) -> None:
    """By its kind."""
    assert counted(event).counted == [("requests", *labels)]


def test_what_is_not_known_is_not_counted() -> None:
    """Nothing is made up: the run of a call that the thread does not hold."""
    assert counted(e.ToolReturned(call_id="x", text="")).counted == []


def test_effects_by_who_performs_them() -> None:
    """An agent by name, a message by its channel."""
    assert named(THREAD, CallAgent(turn=1, agent="executor")) == ("agent", "executor")
    assert named(THREAD, Send(reply=2)) == ("send", "slack")
