"""What comes at the same time: decisions, cancels, timers and crashes, in every order.

Everything that one `tell` brings has arrived before a worker looks at any of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agents.port import Later
from bot import events as e
from bot import planning
from bot.approval import Approval
from bot.effects import Effect, PlanCall, Record
from bot.moment import Moment
from bot.planning import called_off
from channels.port import Address
from tests.fakes import Talk, author, person, requested, rules, without

ELSEWHERE = Address(channel="console", room="elsewhere")
WEEK = timedelta(days=7)
BACKLOG = 1001


def asked() -> Talk:
    """A write that waits for its approval."""
    talk = Talk()
    talk.hear("run change")
    return talk


def lost() -> Talk:
    """A write whose worker died: people are asked what became of it."""
    talk = asked()
    talk.hear(f"approve {talk.request()}", "bob")
    talk.die()
    return talk


def changed_while_paused() -> Talk:
    """An approved write that did not run, for it has changed; it is to be asked for anew."""
    talk = asked()
    talk.hear(f"approve {talk.request()}", "bob")
    talk.hear("pause")
    talk.fail(talk.running[0], "changed", "it has changed")
    return talk


def again_while_paused() -> Talk:
    """A write of unknown outcome that somebody wants run again."""
    talk = lost()
    talk.hear("pause")
    talk.hear(f"answer {talk.request()} run again")
    return talk


def told(talk: Talk, room: str, after: int) -> list[str]:
    """What was said in a room after a version."""
    return [
        event.text
        for event in talk.log
        if isinstance(event, e.ReplyQueued) and event.seq > after and event.address.room == room
    ]


# --- a cancel beside a decision ------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_a_cancel_beside_an_approval_runs_nothing(order: int) -> None:
    """Whichever was said first: the request is withdrawn, both are answered, nothing runs."""
    talk = asked()
    said = (talk.message("cancel"), talk.message(f"approve {talk.request()}", "bob"))
    heard = talk.tell(*said[::order])
    assert "tool_started" not in talk.kinds()
    assert not talk.thread.requests
    assert not talk.thread.calls
    assert all("ancelled" in answer for turn in heard for answer in talk.answers(turn))
    assert [len(talk.answers(turn)) for turn in heard] == [1, 1]


def test_who_approves_what_was_just_cancelled_is_told_so() -> None:
    """The approval does not count, and its author hears why."""
    talk = asked()
    request = talk.request()
    _, given = talk.tell(talk.message("cancel"), talk.message(f"approve {request}", "bob"))
    assert talk.answers(given) == [f"Not counted: {request} was cancelled."]
    assert "approval_given" not in talk.kinds()


def test_an_approval_before_the_cancel_counts_and_its_run_is_called_off() -> None:
    """They act in the order in which they were said: approved, then cancelled, and told so."""
    talk = asked()
    given, _ = talk.tell(talk.message(f"approve {talk.request()}", "bob"), talk.message("cancel"))
    assert "approval_given" in talk.kinds()
    assert talk.answers(given) == ["Not run: change: cancelled by alice"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_cancel_from_the_command_line_beside_an_approval_runs_nothing(order: int) -> None:
    """An operator's `cancelled` event takes the approval with it, in either order."""
    talk = asked()
    cancelled = e.Cancelled(by=author("bob"), person="bob")
    talk.tell(*(cancelled, talk.message(f"approve {talk.request()}", "bob"))[::order])
    assert "tool_started" not in talk.kinds()
    assert not talk.thread.requests
    assert not talk.thread.turns


@pytest.mark.parametrize("order", [1, -1])
def test_a_cancel_beside_run_again_asks_for_nothing(order: int) -> None:
    """ "Run again" and "cancel" at once: no new request, no run."""
    talk = lost()
    before = talk.thread.version
    said = (talk.message("cancel"), talk.message(f"answer {talk.request()} run again"))
    heard = talk.tell(*said[::order])
    assert not {"tool_requested", "tool_started"} & set(talk.kinds(before))
    assert not talk.thread.requests
    assert not talk.thread.calls
    assert [len(talk.answers(turn)) for turn in heard] == [1, 1]


def test_an_approval_that_has_begun_the_run_is_stopped_by_the_cancel_after_it() -> None:
    """Too late to prevent the run, the cancel has it stopped."""
    talk = asked()
    talk.hear(f"approve {talk.request()}", "bob")
    run = f"run:{talk.running[0]}"
    talk.hear("cancel")
    assert called_off(talk.thread, frozenset(talk.under_way)) == {run}


# --- what a cancel does not call off -------------------------------------------------------------


def test_cancel_calls_off_what_was_said_before_and_nothing_said_after() -> None:
    """Three messages at once: the one before the cancel is void, the one after it is answered."""
    talk = Talk()
    before, _, after = talk.tell(
        talk.message("say hello"), talk.message("cancel"), talk.message("say goodbye")
    )
    assert talk.answers(before) == ["Cancelled before I came to it."]
    assert talk.answers(after) == ["goodbye"]


def test_a_command_after_a_cancel_runs() -> None:
    """Cancel, and then something else: it runs."""
    talk = Talk()
    _, look = talk.tell(talk.message("cancel"), talk.message("run look"))
    assert talk.running == [f"c{look}"]


def test_cancel_spares_a_reminder_that_fires_beside_it() -> None:
    """A reminder that is due as somebody cancels is still said."""
    talk = Talk()
    look = talk.hear("run look")
    del talk.under_way[f"run:c{look}"]
    at = talk.now + timedelta(minutes=5)
    talk.land(e.ToolReturned(call_id=f"c{look}", text="ok", later=Later(at=at, text="tea")))
    talk.now = at
    fired = e.TimerFired(id=f"later:c{look}", purpose="later")
    talk.tell(talk.message("cancel"), fired, talk.message("cancel"))
    assert talk.said().count("Reminder: tea") == 1


# --- cancelled before it is asked for anew -------------------------------------------------------


@pytest.mark.parametrize("begin", [changed_while_paused, again_while_paused])
def test_what_waits_to_be_asked_for_anew_can_be_cancelled(begin: Callable[[], Talk]) -> None:
    """A call that changed, or shall run again, is cancelled while it waits: nobody is asked."""
    talk = begin()
    before = talk.thread.version
    talk.hear("cancel")
    talk.hear("resume")
    assert "tool_requested" not in talk.kinds(before)
    assert not talk.thread.requests
    assert not talk.thread.calls
    assert not talk.thread.turns


def test_a_run_that_is_cancelled_and_finds_it_has_changed_has_ended() -> None:
    """Cancelled while it runs, it ends as changed: it is not asked for anew."""
    talk = asked()
    talk.hear(f"approve {talk.request()}", "bob")
    talk.hear("cancel")
    talk.fail(talk.running[0], "changed", "it has changed")
    assert not talk.thread.requests
    assert not talk.thread.calls


@pytest.mark.parametrize("begin", [changed_while_paused, again_while_paused])
def test_a_new_plan_that_lands_beside_a_cancel_asks_for_nothing(begin: Callable[[], Talk]) -> None:
    """Cancelled from the command line just as it has been planned anew: nobody is asked."""
    talk = begin()
    before = talk.thread.version
    (call,) = talk.thread.calls.values()
    talk.arrive(e.Resumed(by=author("alice"), person="alice"))
    plan = PlanCall(turn=call.report, call=f"{call.id}r", replaces=call.id)
    outcome = requested(talk.thread, plan, talk.rules)
    talk.arrive(e.Cancelled(by=author("bob"), person="bob"))
    talk.land(outcome)
    assert "tool_requested" not in talk.kinds(before)
    assert not talk.thread.requests


# --- many at once --------------------------------------------------------------------------------


def test_a_backlog_is_answered_in_full() -> None:
    """1,001 messages that came while no worker ran: each is answered, once, in order."""
    talk = Talk()
    heard = talk.tell(*[talk.message(f"say {number}") for number in range(BACKLOG)])
    assert talk.said() == [str(number) for number in range(BACKLOG)]
    assert [event.turn for event in talk.log if isinstance(event, e.TurnEnded)] == [*heard]
    assert not talk.thread.turns


def test_one_commit_is_bounded() -> None:
    """A backlog is planned in portions that say that there is more."""
    talk = Talk()
    talk.arrive(*[talk.message("say so") for _ in range(BACKLOG)])
    step = planning.plan(talk.thread, (), rules=talk.rules, now=talk.now, running=frozenset())
    assert step.more
    assert len(step.events) <= planning.MOST_EVENTS + 2


def test_a_backlog_of_a_paused_thread_is_answered_once_it_is_resumed() -> None:
    """Messages that were told of a pause are no circle when they are answered at last."""
    talk = Talk()
    talk.hear("pause")
    talk.tell(*[talk.message("say so") for _ in range(BACKLOG)])
    talk.hear("resume")
    assert talk.said().count("so") == BACKLOG


def test_many_requests_that_expire_at_once_are_no_circle() -> None:
    """Hundreds of requests are due together on a channel that has to be sent to: all are closed."""
    talk = Talk()
    talk.tell(*[talk.message("run change") for _ in range(300)])
    talk.rules = replace(talk.rules, at_once=frozenset())
    talk.now += timedelta(hours=1)
    due = [e.TimerFired(id=f"expire:{key}", purpose="expire") for key in talk.thread.requests]
    talk.tell(*due)
    assert talk.kinds().count("approval_expired") == 300


def test_a_circle_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decider that always has one more thing to say raises instead of going on for ever."""
    talk = Talk()
    talk.hear("run look")

    def chatter(moment: Moment) -> Effect:
        room = Address(channel="console", room="room")
        return Record(events=(e.NoticeQueued(address=room, text="and another thing"),))

    monkeypatch.setattr(planning, "decide", chatter)
    with pytest.raises(planning.Circle, match="never comes to rest"):
        talk.go_on()


# --- who hears of it -----------------------------------------------------------------------------


def test_an_approver_elsewhere_hears_that_the_outcome_is_unknown() -> None:
    """The question is asked where it was approved, and where it was asked for."""
    talk = asked()
    given = talk.hear(f"approve {talk.request()}", "bob", via=ELSEWHERE)
    talk.die()
    assert "nobody knows whether it was done" in talk.answers(given)[0]
    assert "nobody knows whether it was done" in told(talk, "elsewhere", given)[0]
    assert "nobody knows whether it was done" in told(talk, "room", given)[0]


def test_an_approver_elsewhere_hears_that_it_has_changed() -> None:
    """The new request is shown where the old one was approved, and where it was asked for."""
    talk = asked()
    given = talk.hear(f"approve {talk.request()}", "bob", via=ELSEWHERE)
    talk.fail(talk.running[0], "changed", "it has changed")
    assert talk.request() in told(talk, "elsewhere", given)[0]
    assert talk.request() in told(talk, "room", given)[0]


def test_who_asked_hears_that_it_is_refused_the_second_time() -> None:
    """Approved elsewhere, changed, and by now forbidden: both places hear why it did not run."""
    talk = asked()
    given = talk.hear(f"approve {talk.request()}", "bob", via=ELSEWHERE)
    gates = {name: gate for name, gate in talk.rules.gates.items() if name != "change"}
    talk.rules = replace(talk.rules, gates=gates)
    talk.fail(talk.running[0], "changed", "it has changed")
    assert "there is no tool change" in told(talk, "elsewhere", given)[0]
    assert "there is no tool change" in told(talk, "room", given)[0]


# --- a worker dies -------------------------------------------------------------------------------


def test_a_cancelled_read_whose_worker_died_ends_as_cancelled() -> None:
    """It is neither run again nor asked about: it changed nothing."""
    talk = Talk()
    look = talk.hear("run look")
    talk.hear("cancel")
    talk.die()
    assert talk.running == []
    assert not talk.thread.requests
    assert "cancelled by alice" in talk.answers(look)[0]
    assert talk.ended(look) == ["replied"]


def test_a_question_that_nobody_answers_expires_after_a_week() -> None:
    """It is open for seven days, then closed and said so; an answer after that is late."""
    talk = lost()
    question = talk.request()
    talk.wait(WEEK - timedelta(hours=1))
    assert talk.request() == question
    talk.wait(timedelta(hours=2))
    assert talk.kinds().count("question_expired") == 1
    assert "nobody said what became of it" in talk.said()[-1]
    assert not talk.thread.requests
    assert not talk.thread.calls
    late = talk.hear(f"answer {question} done")
    assert "expired" in talk.answers(late)[0]


# --- votes ---------------------------------------------------------------------------------------


def test_only_votes_that_counted_are_named() -> None:
    """Who voted and lost the role since is not among those who are said to have approved."""
    team = [person(name, "operator") for name in ("alice", "bob", "dave", "eve")]
    talk = Talk(rules(*team, approval=Approval(by="operator", quorum=2)))
    talk.hear("run change")
    request = talk.request()
    talk.hear(f"approve {request}", "bob")
    talk.rules = without(talk.rules, "bob", "operator")
    talk.hear(f"approve {request}", "dave")
    given = talk.hear(f"approve {request}", "eve")
    talk.finish(talk.running[0], "", exit_code=0)
    assert talk.answers(given) == ["Approved by dave and eve. change: exit 0, 1.5 s"]


def test_a_raised_quorum_counts_for_what_is_open() -> None:
    """One yes was enough when it was asked, two are by now: two it takes."""
    team = [person(name, "operator") for name in ("alice", "bob", "dave")]
    talk = Talk(rules(*team))
    talk.hear("run change")
    request = talk.request()
    talk.rules = rules(*team, approval=Approval(by="operator", quorum=2))
    first = talk.hear(f"approve {request}", "bob")
    assert talk.answers(first) == [f"{request}: approved by bob, 1 of 2."]
    assert talk.running == []
    talk.hear(f"approve {request}", "dave")
    assert len(talk.running) == 1


def test_a_lowered_quorum_does_not_count_for_what_is_open() -> None:
    """Two were asked for, and one would do by now: it still takes two."""
    team = [person(name, "operator") for name in ("alice", "bob", "dave")]
    talk = Talk(rules(*team, approval=Approval(by="operator", quorum=2)))
    talk.hear("run change")
    talk.rules = rules(*team)
    talk.hear(f"approve {talk.request()}", "bob")
    assert talk.running == []


def test_a_latecomer_is_told_who_decided_and_not_why() -> None:
    """A reason is for those who were there when it was given."""
    talk = asked()
    request = talk.request()
    talk.hear(f"deny {request} the auditors are here", "bob")
    late = talk.hear(f"approve {request}", "carol", via=ELSEWHERE)
    assert talk.answers(late) == [f"Not counted: {request} is closed: refused by bob."]
