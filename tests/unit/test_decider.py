"""What follows from what, without a store: the reducer and the decider together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agents.port import Later, Say
from bot import condensing
from bot import events as e
from bot.approval import Approval
from bot.lifecycle import CALL, IllegalEvent, Phase
from bot.reducer import evolve, fold
from bot.thread import Thread, dump, load
from bot.timers import timers
from channels.port import Address
from tests.fakes import THREAD, Talk, author, person, rules, without

ELSEWHERE = Address(channel="console", room="elsewhere")


def test_a_command_is_answered_once_by_its_outcome() -> None:
    """A read tool runs at once; its outcome is the one answer, and the turn ends."""
    talk = Talk()
    asked = talk.hear("run look")
    assert talk.running == [f"c{asked}"]
    talk.finish(f"c{asked}", "all is well")
    assert talk.answers(asked) == ["all is well"]
    assert talk.ended(asked) == ["replied"]
    assert talk.thread.turns == ()
    assert talk.thread.calls == {}


def test_prose_goes_to_the_agent_for_prose() -> None:
    """What is no command is read by the next agent."""
    talk = Talk()
    asked = talk.hear("how are things")
    assert talk.answers(asked) == ["what?"]
    assert [event.agent for event in talk.log if isinstance(event, e.StepDecided)] == [
        "commands",
        "guide",
    ]


def test_a_write_waits_for_somebody_else() -> None:
    """A write asks; who asked can not approve; another operator can, and it runs once."""
    talk = Talk()
    asked = talk.hear("run change")
    assert talk.running == []
    assert talk.ended(asked) == ["waiting"]
    request = talk.request()
    own = talk.hear(f"approve {request}")
    assert "asked for it yourself" in talk.answers(own)[0]
    assert talk.running == []
    given = talk.hear(f"approve {request}", "bob")
    assert talk.running == [f"c{asked}"]
    talk.finish(f"c{asked}", "", exit_code=0)
    assert talk.answers(given) == ["Approved by bob. change: exit 0, 1.5 s"]
    late = talk.hear(f"approve {request}", "bob")
    assert "closed: approved by bob" in talk.answers(late)[0]
    assert talk.running == []


def test_self_lets_the_requester_approve() -> None:
    """Where `self` is set, who asked may approve."""
    talk = Talk(rules(approval=Approval(by="operator", self_=True)))
    asked = talk.hear("run change")
    talk.hear(f"approve {talk.request()}")
    assert talk.running == [f"c{asked}"]


def test_a_quorum_counts_persons_once() -> None:
    """Two of three must say yes; the same person twice is one."""
    team = [person(name, "operator") for name in ("alice", "bob", "carol")]
    talk = Talk(rules(*team, approval=Approval(by="operator", quorum=2)))
    talk.hear("run change")
    request = talk.request()
    first = talk.hear(f"approve {request}", "bob")
    assert talk.answers(first) == [f"{request}: approved by bob, 1 of 2."]
    again = talk.hear(f"approve {request}", "bob")
    assert "already" in talk.answers(again)[0]
    assert talk.running == []
    talk.hear(f"approve {request}", "carol")
    assert len(talk.running) == 1


def test_a_vote_is_void_once_the_role_is_gone() -> None:
    """Who lost the role between voting and the last vote does not count."""
    team = [person(name, "operator") for name in ("alice", "bob", "carol", "dave")]
    talk = Talk(rules(*team, approval=Approval(by="operator", quorum=2)))
    talk.hear("run change")
    request = talk.request()
    talk.hear(f"approve {request}", "bob")
    talk.rules = without(talk.rules, "bob", "operator")
    talk.hear(f"approve {request}", "carol")
    assert talk.running == []
    talk.hear(f"approve {request}", "dave")
    assert len(talk.running) == 1


@pytest.mark.parametrize("who", ["carol", "mallory"])
def test_others_can_not_decide(who: str) -> None:
    """Neither a person without the role nor a stranger decides; the request stands."""
    talk = Talk()
    talk.hear("run change")
    request = talk.request()
    tried = talk.hear(f"approve {request}", who)
    assert "decision_refused" in talk.kinds(tried)
    assert talk.request() == request
    assert talk.running == []


def test_a_denial_is_told_where_it_was_asked_and_where_it_was_given() -> None:
    """A denial given elsewhere reaches both places, with who and why; nothing runs."""
    talk = Talk()
    talk.hear("run change")
    denied = talk.hear(f"deny {talk.request()} not on Friday", "bob", via=ELSEWHERE)
    told = [event for event in talk.log if isinstance(event, e.ReplyQueued) and event.seq > denied]
    assert {event.address.room for event in told} == {"room", "elsewhere"}
    assert all("refused by bob: not on Friday" in event.text for event in told)
    assert talk.thread.requests == {}
    assert talk.running == []


def test_an_approval_given_elsewhere_is_told_in_both_places() -> None:
    """The outcome reaches who asked and who approved."""
    talk = Talk()
    asked = talk.hear("run change")
    given = talk.hear(f"approve {talk.request()}", "bob", via=ELSEWHERE)
    talk.finish(f"c{asked}", "", exit_code=0)
    told = [event for event in talk.log if isinstance(event, e.ReplyQueued) and event.seq > given]
    assert {event.address.room for event in told} == {"room", "elsewhere"}
    assert talk.thread.address == Address(channel="console", room="room")
    assert talk.thread.audience == ("console:alice",)


def test_a_request_expires_once() -> None:
    """Unanswered in time it is closed, said so, and can not be approved any more."""
    talk = Talk()
    talk.hear("run change")
    request = talk.request()
    talk.wait(timedelta(minutes=31))
    assert talk.kinds().count("approval_expired") == 1
    assert "expired" in talk.said()[-1]
    late = talk.hear(f"approve {request}", "bob")
    assert "expired" in talk.answers(late)[0]
    assert talk.running == []
    assert talk.thread.calls == {}


def test_a_decision_after_the_due_time_does_not_count() -> None:
    """Even before the timer fires, a late decision is late."""
    talk = Talk()
    talk.hear("run change")
    talk.now += timedelta(hours=1)
    talk.hear(f"approve {talk.request()}", "bob")
    assert talk.running == []


def test_a_tool_without_approvers_fails_closed() -> None:
    """A write that nobody may approve is refused, with the rule."""
    talk = Talk()
    asked = talk.hear("run open")
    assert "names nobody who may approve it" in talk.answers(asked)[0]
    assert talk.running == []


def test_strangers_run_nothing() -> None:
    """Who is not in the configuration gets nothing run."""
    talk = Talk()
    talk.hear("run look", "mallory")
    talk.hear("run change", "mallory")
    assert talk.running == []
    assert talk.thread.requests == {}


def test_strangers_do_not_stop_or_pause() -> None:
    """Who is not in the configuration has no hand on the thread."""
    talk = Talk()
    talk.hear("run look")
    tried = talk.hear("cancel", "mallory")
    assert "Not done" in talk.answers(tried)[0]
    assert not talk.thread.calls[talk.running[0]].cancelled_by
    talk.hear("pause", "mallory")
    assert talk.thread.paused_by == ""


def test_cancel_stops_what_runs_and_calls_off_what_waits() -> None:
    """One word ends it all: the run is marked, the queue is answered, the request withdrawn."""
    talk = Talk()
    talk.hear("run change")
    talk.hear("run look")
    running = talk.running[0]
    waiting = talk.hear("run look")
    cancelled = talk.hear("cancel")
    assert talk.thread.calls[running].cancelled_by == "alice"
    assert talk.ended(waiting) == ["cancelled"]
    assert "stopping look" in talk.answers(cancelled)[0]
    assert talk.thread.requests == {}
    assert "approval_withdrawn" in talk.kinds(cancelled)
    talk.fail(running, "cancelled")
    assert "cancelled by alice" in talk.said()[-1]
    assert talk.thread.turns == ()
    assert talk.thread.calls == {}


def test_an_answer_to_words_called_off_is_dropped() -> None:
    """A step that was decided as its words were called off changes nothing."""
    talk = Talk()
    asked = talk.hear("run look")
    talk.finish(f"c{asked}")
    before = talk.kinds()
    talk.land(e.StepDecided(agent="guide", step=Say(text="late"), turn=asked, upto=1))
    assert talk.kinds() == before


def test_an_approval_acts_at_once_while_something_runs() -> None:
    """A decision does not wait behind a run on the same thread."""
    talk = Talk()
    change = talk.hear("run change")
    look = talk.hear("run look")
    talk.hear(f"approve {talk.request()}", "bob")
    assert sorted(talk.running) == sorted([f"c{look}", f"c{change}"])


def test_who_waits_behind_a_run_is_told_once_and_answered_after() -> None:
    """Prose behind a run gets one "still running", then its own answer."""
    talk = Talk()
    run = talk.hear("run look")
    talk.now += timedelta(seconds=5)
    prose = talk.hear("how is it going")
    notices = [text for text in talk.said() if text.startswith("Still running")]
    assert len(notices) == 1
    assert talk.answers(prose) == []
    talk.finish(f"c{run}")
    assert talk.answers(prose) == ["what?"]


def test_a_quick_run_brings_no_notice() -> None:
    """Behind something short nobody is told that it runs, unless it goes on."""
    talk = Talk()
    talk.hear("run look")
    talk.hear("how is it going")
    assert talk.said() == []
    talk.wait(timedelta(seconds=2))
    assert len([text for text in talk.said() if "Still running" in text]) == 1


def test_nothing_goes_without_a_word_for_long() -> None:
    """A long run says that it is still running, again and again."""
    talk = Talk()
    talk.hear("run look")
    talk.wait(timedelta(seconds=330))
    assert [text for text in talk.said() if "Still running: look" in text] == talk.said()
    assert len(talk.said()) == 3


def test_pause_holds_new_work_and_says_so() -> None:
    """While paused nothing starts; who writes is told; resume goes on where it was."""
    talk = Talk()
    talk.hear("pause", "bob")
    asked = talk.hear("run look")
    assert talk.running == []
    assert "Paused by bob" in talk.said()[-1]
    talk.wait(timedelta(hours=1))
    assert len([text for text in talk.said() if "I have your message" in text]) == 1
    talk.hear("resume", "bob")
    assert talk.running == [f"c{asked}"]


def test_a_read_is_repeated_after_a_crash() -> None:
    """An idempotent call that a dead worker began is run again under its key."""
    talk = Talk()
    asked = talk.hear("run look")
    talk.die()
    assert talk.running == [f"c{asked}"]
    talk.finish(f"c{asked}")
    assert talk.kinds().count("tool_started") == 1
    assert talk.ended(asked) == ["replied"]


@pytest.mark.parametrize(
    ("answer", "line"),
    [("done", "done, says alice"), ("2", "not done, says alice")],
)
def test_a_write_of_unknown_outcome_asks(answer: str, line: str) -> None:
    """A write that a dead worker began is never repeated by itself: people are asked."""
    talk = Talk()
    asked = talk.hear("run change")
    given = talk.hear(f"approve {talk.request()}", "bob")
    assert talk.running == [f"c{asked}"]
    talk.die()
    assert talk.running == []
    assert talk.ended(given) == ["waiting"]
    told = talk.hear(f"answer {talk.request()} {answer}")
    assert line in talk.answers(told)[0]
    assert talk.kinds().count("tool_started") == 1
    assert talk.thread.calls == {}


def test_run_again_goes_through_approval_again() -> None:
    """ "Run again" is a new call: it is asked for, and the first one never reruns."""
    talk = Talk()
    asked = talk.hear("run change")
    talk.hear(f"approve {talk.request()}", "bob")
    talk.die()
    talk.hear(f"answer {talk.request()} run again")
    assert talk.running == []
    assert talk.thread.requests[talk.request()].kind == "approval"
    talk.hear(f"approve {talk.request()}", "bob")
    assert talk.running == [f"c{asked}r"]


def test_a_changed_program_is_asked_for_again() -> None:
    """When what would run is no longer what was approved, it does not run: it asks again."""
    talk = Talk()
    asked = talk.hear("run change")
    first = talk.request()
    given = talk.hear(f"approve {first}", "bob")
    talk.fail(f"c{asked}", "changed", "it has changed")
    assert talk.request() != first
    assert talk.running == []
    assert talk.ended(given) == ["waiting"]


def test_a_reminder_comes_back_on_its_thread() -> None:
    """A timer as data: it fires once, and says its text."""
    talk = Talk()
    asked = talk.hear("run look")
    del talk.under_way[f"run:c{asked}"]
    at = talk.now + timedelta(hours=1)

    talk.land(e.ToolReturned(call_id=f"c{asked}", text="ok", later=Later(at=at, text="the kettle")))
    talk.wait(timedelta(minutes=59))
    assert "Reminder: the kettle" not in talk.said()
    talk.wait(timedelta(days=30))
    assert talk.said().count("Reminder: the kettle") == 1
    assert timers(talk.thread, talk.rules) == {}


def test_replay_gives_the_same_thread() -> None:
    """The log alone gives the state that the loop had, byte for byte."""
    talk = Talk()
    talk.hear("run change")
    talk.hear("run look")
    talk.hear(f"approve {talk.request()}", "bob")
    folded = fold(THREAD, talk.log)
    assert dump(folded) == dump(talk.thread)
    assert load(dump(folded)) == folded


def test_an_illegal_event_raises() -> None:
    """Every pair that the table does not hold raises; so does a gap in the numbering."""
    with pytest.raises(IllegalEvent):
        evolve(Thread(id=THREAD), e.ToolStarted(seq=1, call_id="c1"))
    with pytest.raises(IllegalEvent):
        evolve(Thread(id=THREAD), e.Resumed(seq=2, by=author("alice"), person="alice"))
    assert (Phase.REFUSED, "tool_started") not in CALL
    talk = Talk()
    talk.hear("run change")
    call = next(iter(talk.thread.calls))
    started = e.ToolStarted(seq=talk.thread.version + 1, call_id=call)
    with pytest.raises(IllegalEvent, match="is waiting: tool_started can not follow"):
        evolve(talk.thread, started)


def test_state_is_bounded() -> None:
    """A thousand turns later the thread holds no more than after a checkpoint of its story."""
    talk = Talk()
    for count in range(1000):
        asked = talk.hear("run look")
        talk.finish(f"c{asked}")
        if count == 10:
            small = len(dump(replace(talk.thread, story=())))
    assert len(dump(replace(talk.thread, version=11, story=()))) <= small + 10
    assert condensing.size(talk.thread.story) <= condensing.HIGH
