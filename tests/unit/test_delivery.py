"""One reply and a channel that does not take it: what comes of it, try by try."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import delivery
from bot import events as e
from bot.delivery import Delivery
from bot.effects import Send
from bot.thread import Queued
from bot.timers import timers
from channels.port import Address, Outbound, SendUnclear
from tests.fakes import (
    START,
    THREAD,
    FakeChannel,
    Take,
    Talk,
    archived,
    broken,
    down,
    rules,
    silent,
)

SLACK = Address(channel="slack", room="C1")


def queued(tries: int = 0) -> Queued:
    """A reply that was queued at the start."""
    return Queued(id=7, at=START, address=SLACK, text="hello", tries=tries)


@pytest.mark.parametrize(
    ("take", "reason"), [(down, "503"), (broken, "it broke inside"), (silent, "no answer")]
)
async def test_what_may_pass_is_tried_again_later(
    monkeypatch: pytest.MonkeyPatch, take: Take, reason: str
) -> None:
    """A channel that is down, broken or silent does not raise: the reply is postponed."""
    monkeypatch.setattr(delivery, "TIME", 0.05)
    channel = FakeChannel(take)
    outcome = await Delivery({"slack": channel}).send(THREAD, queued(), START)
    assert isinstance(outcome, e.ReplyPostponed)
    assert outcome.reason == reason
    assert outcome.until > START
    assert channel.keys == [f"{THREAD}:7"]


async def test_a_channel_that_is_not_here_may_be_elsewhere() -> None:
    """A worker without the channel leaves the reply to another one."""
    outcome = await Delivery({}).send(THREAD, queued(), START)
    assert isinstance(outcome, e.ReplyPostponed)
    assert outcome.reason == "slack is not connected here"


async def test_pauses_grow_up_to_a_minute() -> None:
    """Half a second, then twice as long each time, and never more than a minute."""
    here = Delivery({"slack": FakeChannel(down)})
    pauses = []
    for tries in (0, 1, 2, 30, 2000):
        outcome = await here.send(THREAD, queued(tries), START)
        assert isinstance(outcome, e.ReplyPostponed)
        pauses.append((outcome.until - START).total_seconds())
    assert pauses == pytest.approx([0.5, 1, 2, 60, 60], abs=0.4)


async def test_after_a_day_it_has_failed() -> None:
    """A channel that is down for longer than a day loses the reply, and the log says why."""
    here = Delivery({"slack": FakeChannel(down)})
    nearly = await here.send(THREAD, queued(), START + timedelta(hours=23))
    assert isinstance(nearly, e.ReplyPostponed)
    over = await here.send(THREAD, queued(), START + timedelta(hours=25))
    assert over == e.ReplyFailed(reply=7, reason="503")


async def test_what_will_not_pass_has_failed_at_once() -> None:
    """A channel that says no for good is not asked again."""
    outcome = await Delivery({"slack": FakeChannel(archived)}).send(THREAD, queued(), START)
    assert outcome == e.ReplyFailed(reply=7, reason="the room is archived")


def waiting() -> Talk:
    """Two answers, neither of which is with people: the first one is being sent."""
    talk = Talk(replace(rules(), at_once=frozenset()))
    talk.hear("say one")
    talk.hear("say two")
    assert [*talk.under_way] == ["send"]
    return talk


def sent(talk: Talk, outcome: e.Event) -> None:
    """The send that is under way comes to this."""
    del talk.under_way["send"]
    talk.land(outcome)


def test_a_postponed_reply_keeps_its_place_and_its_time() -> None:
    """Nothing is sent before its time, and what was queued after it does not overtake it."""
    talk = waiting()
    first, second = (word.id for word in talk.thread.outbox)
    until = talk.now + timedelta(seconds=5)
    sent(talk, e.ReplyPostponed(reply=first, until=until, reason="503"))
    assert timers(talk.thread, talk.rules) == {f"send:{first}": until}
    talk.wait(timedelta(seconds=4))
    assert talk.under_way == {}
    talk.wait(timedelta(seconds=1))
    assert talk.under_way["send"] == Send(reply=first)
    sent(talk, e.ReplyDelivered(reply=first))
    assert talk.under_way["send"] == Send(reply=second)


def test_a_turn_whose_answer_was_lost_has_failed() -> None:
    """The thread goes on, and its log says that nobody was told."""
    talk = waiting()
    first = talk.thread.turns[0].id
    sent(talk, e.ReplyFailed(reply=talk.thread.outbox[0].id, reason="503"))
    assert talk.ended(first) == ["failed"]
    assert "send" in talk.under_way


async def unclear(_message: Outbound) -> None:
    """The server has it, or not."""
    raise SendUnclear("lost behind the mail", ref="email:1@x")


async def test_what_may_have_arrived_is_never_sent_again() -> None:
    """The outcome is uncertain, with the name that it would have."""
    channel = FakeChannel(unclear)
    outcome = await Delivery({"slack": channel}).send(THREAD, queued(), START)
    assert outcome == e.ReplyUncertain(reply=7, reason="lost behind the mail", ref="email:1@x")
    assert len(channel.tried) == 1


def test_what_may_not_have_arrived_is_told_with_the_next_answer_there() -> None:
    """Once, above it, and not in another room; what was said is quoted."""
    talk = waiting()
    first, second = talk.thread.outbox
    sent(talk, e.ReplyUncertain(reply=first.id, reason="lost", ref="email:1@x"))
    assert talk.ended(first.answers[0]) == ["failed"]
    sent(talk, e.ReplyDelivered(reply=second.id))
    assert len(talk.thread.owed) == 1
    for text in ("three", "four"):
        talk.hear(f"say {text}")
    third, fourth = (word.text for word in talk.thread.outbox)
    assert third == f"What I wrote here last may not have arrived:\n> {first.text}\n\nthree"
    assert fourth == "four"
    assert not talk.thread.owed
