"""Approving with changed arguments, and many requests at once."""

from agents.decisions import singly
from bot import events as e
from bot.approval import Approval
from tests.fakes import Talk, person, rules

TEAM = tuple(person(name, "operator") for name in ("alice", "bob", "carol"))


def talk(*, self_: bool = False, quorum: int = 1) -> Talk:
    """Three operators."""
    return Talk(rules(*TEAM, approval=Approval(by="operator", self_=self_, quorum=quorum)))


def last_call(on: Talk) -> e.ToolRequested:
    """What was asked for last."""
    return [event for event in on.log if isinstance(event, e.ToolRequested)][-1]


def test_who_changes_it_can_not_approve_it_alone() -> None:
    """The changed call is asked for anew; whoever changed it is a requester, carol may decide."""
    told = talk()
    told.hear("run change")
    first = told.request()
    told.hear(f"approve {first} tag=2", "bob")
    assert told.running == []
    second = told.request()
    assert second != first
    assert last_call(told).args == {"tag": "2"}
    assert last_call(told).requesters == ("alice", "bob")
    own = told.hear(f"approve {second}", "bob")
    assert "asked for it yourself" in told.answers(own)[0]
    told.hear(f"approve {second}", "carol")
    assert len(told.running) == 1
    late = told.hear(f"approve {first}", "carol")
    assert "edited by bob" in told.answers(late)[0]
    assert len(told.running) == 1


def test_with_self_changing_it_is_approving_it() -> None:
    """Where who asks may approve, the change and the approval are one word."""
    told = talk(self_=True)
    told.hear("run change")
    given = told.hear(f"approve {told.request()} tag=2", "bob")
    assert len(told.running) == 1
    told.finish(told.running[0], "", exit_code=0)
    assert told.answers(given) == ["Approved by bob. change: exit 0, 1.5 s"]


def test_with_self_and_a_quorum_the_change_is_one_vote() -> None:
    """Others see what it is now, and one of them has to say yes as well."""
    told = talk(self_=True, quorum=2)
    told.hear("run change")
    told.hear(f"approve {told.request()} tag=2", "bob")
    assert told.running == []
    told.hear(f"approve {told.request()}", "bob")
    assert told.running == []
    told.hear(f"approve {told.request()}", "carol")
    assert len(told.running) == 1


def test_a_change_that_nobody_could_approve_is_refused() -> None:
    """With two operators, one who asks and one who changes leave nobody: the request stands."""
    told = Talk(rules(*TEAM[:2], approval=Approval(by="operator")))
    told.hear("run change")
    request = told.request()
    tried = told.hear(f"approve {request} tag=2", "bob")
    assert "nobody could approve what you have changed" in told.answers(tried)[0]
    assert "decision_refused" in told.kinds(tried)
    assert told.request() == request


def test_who_may_not_decide_may_not_change() -> None:
    """A stranger's change is refused like a stranger's approval."""
    told = talk()
    told.hear("run change")
    request = told.request()
    told.hear(f"approve {request} tag=2", "mallory")
    assert told.request() == request


def test_many_requests_are_approved_one_by_one() -> None:
    """A batch is as many decisions, each with its own answer; changes go with one alone."""
    one, two = "abcdefghijkl-1", "abcdefghijkl-2"
    assert singly(f"approve {one} {two} {one}") == (f"approve {one}", f"approve {two}")
    assert singly(f"approve {one} tag=2") == (f"approve {one} tag=2",)
    assert singly(f"approve {one} {two} tag=2") == (f"approve {one} {two} tag=2",)
    assert singly("approve of this and that") == ("approve of this and that",)
