"""Reminding, escalating, expiring: in time, once each, and not at night."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import events as e
from bot.approval import Approval
from bot.nagging import held
from bot.rotas import Rota
from bot.rules import Quiet
from channels.port import Address, Card
from tests.fakes import Talk, person, rules

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(start=time(22), end=time(7), zone=BERLIN)
NOON = Quiet(start=time(12), end=time(13), zone=BERLIN)
APPROVAL = Approval(
    by="operator", remind=timedelta(minutes=10), escalate="lead", expire=timedelta(minutes=30)
)


def team(approval: Approval = APPROVAL) -> Talk:
    """Alice asks, bob may approve, carol is the lead; both have a place of their own."""
    bob = replace(person("bob", "operator"), places=(Address(channel="console", room="bob"),))
    carol = replace(person("carol", "lead"), places=(Address(channel="console", room="carol"),))
    return Talk(rules(person("alice", "operator"), bob, carol, approval=approval))


def test_a_reminder_an_escalation_and_the_expiry_come_once_each() -> None:
    """In this order, whatever time passes at once; nothing runs."""
    talk = team()
    talk.hear("run change")
    talk.wait(timedelta(weeks=3))
    kinds = [kind for kind in talk.kinds() if kind.startswith(("human", "approval"))]
    assert kinds == [
        "approval_requested",
        "human_reminded",
        "human_escalated",
        "approval_expired",
    ]
    assert talk.running == []


def test_who_may_decide_is_reminded_where_they_are() -> None:
    """The reminder goes to bob, and to where it was asked, with the card."""
    talk = team()
    talk.hear("run change")
    before = talk.thread.version
    talk.wait(timedelta(minutes=11))
    told = [one for one in talk.log if isinstance(one, e.ReplyQueued) and one.seq > before]
    assert [one.address.room for one in told] == ["room", "bob"]
    assert all(one.card is not None and "20m more" in one.text for one in told)


def test_after_an_escalation_others_may_decide() -> None:
    """Carol could not approve before; half way to the expiry she is asked, and can."""
    talk = team()
    asked = talk.hear("run change")
    early = talk.hear(f"approve {talk.request()}", "carol")
    assert "you may not decide this" in talk.answers(early)[0]
    talk.wait(timedelta(minutes=21))
    assert talk.kinds().count("human_escalated") == 1
    talk.hear(f"approve {talk.request()}", "carol")
    assert talk.running == [f"c{asked}"]


def test_what_is_decided_is_not_nagged_about() -> None:
    """A decision ends reminders and escalations."""
    talk = team()
    talk.hear("run change")
    talk.hear(f"deny {talk.request()} no", "bob")
    talk.wait(timedelta(days=1))
    assert not {"human_reminded", "human_escalated"} & set(talk.kinds())


def test_a_crash_repeats_no_reminder() -> None:
    """What was recorded is not said again by whoever comes next."""
    talk = team()
    talk.hear("run change")
    talk.wait(timedelta(minutes=11))
    talk.die()
    talk.wait(timedelta(minutes=5))
    assert talk.kinds().count("human_reminded") == 1


@pytest.mark.parametrize(
    ("hours", "at", "told"),
    [
        (NIGHT, "2026-01-05 21:59", "2026-01-05 21:59"),
        (NIGHT, "2026-01-05 22:00", "2026-01-06 07:00"),
        (NIGHT, "2026-01-06 03:00", "2026-01-06 07:00"),
        (NIGHT, "2026-01-06 07:00", "2026-01-06 07:00"),
        (NIGHT, "2026-03-28 23:00", "2026-03-29 07:00"),  # an hour is lost that night
        (NOON, "2026-01-06 12:30", "2026-01-06 13:00"),
        (NOON, "2026-01-06 13:30", "2026-01-06 13:30"),
    ],
)
def test_quiet_hours_hold_a_reminder_until_they_end(hours: Quiet, at: str, told: str) -> None:
    """By the clock of the people, over midnight and over the change of the clocks."""

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)

    assert held(moment(at), hours) == moment(told)


def test_quiet_hours_never_hold_an_escalation() -> None:
    """At night nobody is reminded, but others are asked when it is time."""
    talk = team()
    talk.rules = replace(talk.rules, quiet=Quiet(start=time(0), end=time(12)))  # it is 3:04
    talk.hear("run change")
    talk.wait(timedelta(hours=1))
    assert "human_reminded" not in talk.kinds()
    assert "human_escalated" in talk.kinds()


def test_where_nobody_else_is_left_others_are_asked_at_once() -> None:
    """The only person on duty asks: those to whom it would be escalated need not wait for nobody.

    Without such people it is refused before anybody is asked.
    """
    duty = replace(APPROVAL, by="duty")
    talk = team(duty)
    rotas = {"duty": Rota(people=("alice",))}
    talk.rules = replace(talk.rules, people=replace(talk.rules.people, rotas=rotas))
    asked = talk.hear("run change")
    assert any(card and "may decide: nobody yet" in card.lines for card in cards(talk))
    talk.hear(f"approve {talk.request()}")
    talk.wait(timedelta(seconds=1))
    assert "human_escalated" in talk.kinds()
    talk.hear(f"approve {talk.request()}", "bob")
    assert talk.running == []
    talk.hear(f"approve {talk.request()}", "carol")
    assert talk.running == [f"c{asked}"]
    alone = team(replace(duty, escalate=""))
    alone.rules = replace(alone.rules, people=replace(alone.rules.people, rotas=rotas))
    refused = alone.hear("run change")
    assert "needs 1 of duty besides who asked, and there are 0" in alone.answers(refused)[0]


def cards(talk: Talk) -> list[Card | None]:
    """Every card that was shown."""
    return [event.card for event in talk.log if isinstance(event, e.ReplyQueued)]
