"""Who counts: whom an id is surely of, whose yes stands as of now, and what mail may approve."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from bot import policy
from bot.approval import Approval
from bot.people import People
from bot.rules import ByMail, Rule, Rules
from channels.port import Address, Author
from tests.fakes import Talk, person, rules

TEAM = (
    person("alice", "operator"),
    person("bob", "operator"),
    person("dave", "operator", "lead"),
    person("erin", "lead"),
    person("carol"),
)
BY_LEADS = Approval(by="lead")
ALLOW = Rule(name="open", verdict="allow")
ASK = Rule(name="ask", verdict="approve", approval=Approval(by="operator"))
WRITES: frozenset[ByMail] = frozenset({"write"})


def house(*given: Rule) -> Rules:
    """Three operators, two leads, carol without a role, and these rules."""
    return replace(rules(*TEAM), policy=given)


def waiting(*given: Rule) -> Talk:
    """Alice's call waits for its approval."""
    talk = Talk(house(*given))
    talk.hear("run change")
    assert talk.request()
    return talk


# --- whose yes stands ----------------------------------------------------------------------------


def test_what_was_decided_is_recorded_with_the_call() -> None:
    """The log says which rule asked for whom, and what a restart folds is the same."""
    talk = waiting(ASK)
    (call,) = talk.thread.calls.values()
    assert call.approval == Approval(by="operator", rule="ask")
    talk.die()
    assert talk.thread.calls[call.id].approval == call.approval


def test_a_rule_that_names_others_by_now_needs_who_is_meant_by_both() -> None:
    """Nobody gains a say in what was asked before, and who lost it has none."""
    talk = waiting(ASK)
    talk.rules = house(replace(ASK, approval=BY_LEADS))
    talk.hear(f"approve {talk.request()}", "bob")
    talk.hear(f"approve {talk.request()}", "erin")
    assert talk.running == []
    talk.hear(f"approve {talk.request()}", "dave")
    assert len(talk.running) == 1


def test_a_rule_that_allows_runs_at_once_and_says_so() -> None:
    """What changes something without anybody's yes does so because it is written down."""
    talk = Talk(house(ALLOW))
    asked = talk.hear("run change")
    assert talk.running == [f"c{asked}"]
    assert talk.thread.calls[f"c{asked}"].rule == "policy open allows it"
    assert "approval_requested" not in talk.kinds()


def test_a_vote_is_void_once_the_person_is_gone() -> None:
    """Who has left the configuration between voting and the last vote does not count."""
    two = replace(ASK, approval=Approval(by="operator", quorum=2))
    talk = Talk(house(two))
    talk.hear("run change", "erin")
    talk.hear(f"approve {talk.request()}", "bob")
    left = People(tuple(one for one in TEAM if one.name != "bob"))
    talk.rules = replace(talk.rules, people=left)
    talk.hear(f"approve {talk.request()}", "bob")
    talk.hear(f"approve {talk.request()}", "alice")
    assert talk.running == []
    talk.hear(f"approve {talk.request()}", "dave")
    assert len(talk.running) == 1


# --- who somebody is -----------------------------------------------------------------------------

NOBODY = {
    "a bot": Author(channel="slack", id="T1/U1", bot=True),
    "somebody whom the channel can not vouch for": Author(
        channel="slack", id="T1/U1", authenticated=False
    ),
    "a user of another workspace": Author(channel="slack", id="T2/U1"),
    "the same id on another channel": Author(channel="discord", id="T1/U1"),
    "somebody of the same name": Author(channel="slack", id="T1/U9", name="alice"),
    "a name in place of an id": Author(channel="slack", id="alice"),
    "nobody at all": Author(channel="", id=""),
}


@pytest.mark.parametrize("by", NOBODY.values(), ids=NOBODY)
def test_who_is_not_surely_somebody_is_nobody(by: Author) -> None:
    """Only a native id that its channel vouches for is a person."""
    people = People((replace(TEAM[0], ids=frozenset({("slack", "T1/U1")})),))
    assert people.find(by) is None


def test_a_mail_address_is_one_in_any_case() -> None:
    """Mail programs write it as they like; no other id may differ."""
    ids = frozenset({("email", "Alice@example.com"), ("slack", "T1/U1")})
    people = People((replace(TEAM[0], ids=ids),))
    assert people.find(Author(channel="email", id="alice@EXAMPLE.com")) == "alice"
    assert people.find(Author(channel="slack", id="t1/u1")) is None


# --- by mail -------------------------------------------------------------------------------------

MAIL = Address(channel="email", room="bob@x.org")


def by_mail(talk: Talk, text: str) -> int:
    """Bob writes a mail; the input's seq."""
    said = replace(talk.message(text, "bob", via=MAIL), by=Author(channel="email", id="Bob@x.org"))
    (seq,) = talk.tell(said)
    return seq


def reachable(approval: Approval | None = None, mail: frozenset[ByMail] = frozenset()) -> Talk:
    """Everybody has a mail address, and alice's call waits."""
    team = tuple(replace(one, ids=one.ids | {("email", f"{one.name}@x.org")}) for one in TEAM)
    talk = Talk(replace(rules(*team, approval=approval), mail=mail))
    talk.hear("run change")
    return talk


def test_a_yes_by_mail_does_not_count_where_mail_may_not() -> None:
    """The same person may say no by mail, and yes elsewhere."""
    talk = reachable()
    tried = by_mail(talk, f"approve {talk.request()}")
    assert "by mail nothing that may write is approved" in talk.answers(tried)[0]
    (there,) = talk.tell(talk.message(f"approve {talk.request()}", "bob", via=MAIL))
    assert "by mail" in talk.answers(there)[0]
    assert talk.running == []
    by_mail(talk, f"deny {talk.request()} no")
    assert "approval_refused" in talk.kinds()
    talk = reachable(mail=WRITES)
    by_mail(talk, f"approve {talk.request()}")
    assert len(talk.running) == 1


def test_a_change_by_mail_is_an_approval_by_mail() -> None:
    """With `self`, changing it is approving it; not where mail may not."""
    own = Approval(by="operator", self_=True)
    talk = reachable(own)
    tried = by_mail(talk, f"approve {talk.request()} tag=2")
    assert "by mail" in talk.answers(tried)[0]
    assert talk.running == []
    talk = reachable(own, WRITES)
    by_mail(talk, f"approve {talk.request()} tag=2")
    assert len(talk.running) == 1


PLACES: tuple[tuple[Mapping[str, JsonValue], bool], ...] = (
    ({"env": "staging"}, True),
    ({"env": "preprod"}, True),
    ({"place": "prod"}, False),
    ({"env": "Production"}, False),
    ({"env": "prod-eu"}, False),
)


@pytest.mark.parametrize(("args", "fits"), PLACES)
def test_in_production_mail_approves_only_what_says_so(
    args: Mapping[str, JsonValue], fits: bool
) -> None:
    """The risk alone is not enough: `prod` has to be named as well."""
    talk = reachable()
    (call,) = talk.thread.calls.values()
    call = replace(call, args=dict(args))
    everywhere: frozenset[ByMail] = frozenset({"write", "prod"})
    for mail, expected in ((WRITES, fits), (everywhere, True), (frozenset[ByMail](), False)):
        assert (policy.unfit_for_mail(replace(talk.rules, mail=mail), call) == "") is expected
