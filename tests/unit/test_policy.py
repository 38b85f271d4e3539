"""Who may run what: rules of `[[policy]]`, and that what is explained is what happens."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, JsonValue

from agents.port import Caller, CallTool, Plan, Result, Step, Tool
from bot import events as e
from bot import policy
from bot.approval import Approval
from bot.gatekeeper import Admitted, Gatekeeper
from bot.people import People, Person
from bot.policy import Asked, Judgement
from bot.rotas import Rota
from bot.rules import Gate, Rule, Rules
from channels.port import Address
from tests.fakes import START, Talk, author, person, read, rules

HERE = Address(channel="console", room="room")
LEAD = Approval(by="lead")
CASES = 1000


class Params(BaseModel):
    """The arguments of a fake tool."""

    model_config = ConfigDict(extra="forbid")
    env: str = "staging"


def calling(text: str) -> Step:
    """`run TOOL env=X` besides what the small grammar knows."""
    match text.split():
        case ["run", tool, env]:
            return CallTool(tool=tool, args={"env": env.removeprefix("env=")})
        case _:
            return read(text)


def team(*policies: Rule) -> Rules:
    """Alice operates, bob and carol operate and lead, dave does neither."""
    people = (
        person("alice", "operator"),
        person("bob", "operator", "lead"),
        person("carol", "operator", "lead"),
        person("dave"),
    )
    return replace(rules(*people), policy=policies, read=calling)


def judged(
    given: Rules,
    tool: str = "change",
    *by: str,
    env: JsonValue = "prod",
    at: Address = HERE,
) -> Judgement:
    """What policy says of a call; by alice, if by nobody else."""
    asked = Asked(tool=tool, args={"env": env}, requesters=by or ("alice",), address=at)
    return policy.judge(given, asked, START)


def test_without_a_rule_it_is_as_the_runbook_says() -> None:
    """People read at once, write with approval, and what names nobody is refused."""
    given = team()
    assert judged(given, "look").verdict == "allowed"
    assert judged(given, "change").approval == Approval(by="operator")
    assert judged(given, "open").verdict == "refused"
    assert judged(given, "nope") == Judgement(verdict="refused", rule="there is no tool nope")


def test_the_strictest_rule_wins_whatever_the_order() -> None:
    """Refuse goes before approve, approve before allow where it only reads; the rule is told."""
    allow = Rule(name="yes", verdict="allow", tools=("look",))
    ask = Rule(name="ask", verdict="approve", approval=LEAD, tools=("look",))
    never = Rule(name="never", verdict="refuse", tools=("look",))
    assert judged(team(allow), "look").rule == "policy yes allows it"
    for pair in ((allow, ask), (ask, allow)):
        found = judged(team(*pair), "look")
        assert (found.verdict, found.rule) == ("approval", "policy ask by lead")
    for three in ((allow, ask, never), (never, ask, allow)):
        found = judged(team(*three), "look")
        assert (found.verdict, found.rule) == ("refused", "policy never refuses it")


def test_a_rule_may_allow_a_write_and_replaces_the_runbook() -> None:
    """What a rule says counts instead of the runbook's own `approve`."""
    allow = Rule(name="yes", verdict="allow", tools=("change",))
    ask = Rule(name="ask", verdict="approve", approval=LEAD, tools=("change", "open"))
    assert judged(team(allow)).verdict == "allowed"
    assert judged(team(ask)).approval == replace(LEAD, rule="ask")
    assert judged(team(ask), "open").approval == replace(LEAD, rule="ask")


def test_rules_that_contradict_each_other_refuse_and_are_named() -> None:
    """A write that one rule allows and another asks for, or that two ask different people for."""
    allow = Rule(name="yes", verdict="allow")
    ask = Rule(name="ask", verdict="approve", approval=LEAD)
    same = Rule(name="same", verdict="approve", approval=LEAD)
    other = Rule(name="other", verdict="approve", approval=Approval(by="operator"))
    both = judged(team(allow, ask))
    assert (both.verdict, both.rule) == (
        "refused",
        "policy yes and policy ask contradict each other",
    )
    two = judged(team(ask, other))
    assert (two.verdict, two.rule) == (
        "refused",
        "policy ask and policy other contradict each other",
    )
    assert judged(team(ask, same)).verdict == "approval"


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (Rule(name="r", verdict="refuse", who=("alice",)), True),
        (Rule(name="r", verdict="refuse", who=("lead",)), False),
        (Rule(name="r", verdict="refuse", who=("lead", "operator")), True),
        (Rule(name="r", verdict="refuse", who=()), False),
        (Rule(name="r", verdict="refuse", tools=("look", "change")), True),
        (Rule(name="r", verdict="refuse", tools=("look",)), False),
        (Rule(name="r", verdict="refuse", args={"env": ("staging", "prod")}), True),
        (Rule(name="r", verdict="refuse", args={"env": ("staging",)}), False),
        (Rule(name="r", verdict="refuse", args={"other": ("prod",)}), False),
        (Rule(name="r", verdict="refuse", channels=("console",)), True),
        (Rule(name="r", verdict="refuse", channels=("slack",)), False),
        (Rule(name="r", verdict="refuse", rooms=("console:room",)), True),
        (Rule(name="r", verdict="refuse", rooms=("slack:room",)), False),
        (Rule(name="r", verdict="refuse", tools=("change",), who=("lead",)), False),
    ],
)
def test_every_condition_has_to_match(rule: Rule, matches: bool) -> None:
    """Role, tool, argument, channel and room: each one can keep a rule from matching."""
    assert (judged(team(rule)).verdict == "refused") is matches


def test_one_is_not_true() -> None:
    """Values are told apart as JSON tells them apart."""
    rule = Rule(name="r", verdict="refuse", args={"env": (1,)})
    assert judged(team(rule), env=1).verdict == "refused"
    assert judged(team(rule), env=True).verdict == "approval"


def test_of_several_who_ask_the_strictest_counts() -> None:
    """A call has the rights of the least of those whose words it came from."""
    allow = Rule(name="yes", verdict="allow", who=("lead",))
    never = Rule(name="never", verdict="refuse", who=("dave",))
    given = team(allow, never)
    assert judged(given, "change", "bob").verdict == "allowed"
    assert judged(given, "change", "alice", "bob").verdict == "approval"
    assert judged(given, "change", "bob", "dave").verdict == "refused"
    assert judged(given, "change", "bob", "mallory").rule == policy.STRANGER


def test_no_rule_makes_a_stranger_a_person() -> None:
    """Whatever is allowed to all is allowed to people of the configuration."""
    given = team(Rule(name="all", verdict="allow"))
    assert judged(given, "look", "mallory").verdict == "refused"
    assert judged(given, "change", "mallory").verdict == "refused"
    chatty = replace(given, unknown="chat")
    assert judged(chatty, "look", "mallory").verdict == "allowed"
    assert judged(chatty, "change", "mallory").verdict == "refused"


def test_what_was_asked_for_stays_asked_for() -> None:
    """A rule that is gone while people think leaves nobody who may say yes, the runbook or not."""
    ask = Rule(name="ask", verdict="approve", approval=LEAD, tools=("change",))
    talk = Talk(team(ask))
    talk.hear("run change env=prod")
    request = talk.request()
    talk.rules = team()
    tried = talk.hear(f"approve {request}", "bob")
    assert "decision_refused" in talk.kinds(tried)
    talk.rules = team(replace(ask, approval=replace(LEAD, quorum=2)))
    talk.hear(f"approve {request}", "bob")
    assert talk.running == []
    talk.hear(f"approve {request}", "carol")
    assert len(talk.running) == 1


def test_a_rule_that_refuses_by_now_is_heard() -> None:
    """What may not run any more can not be approved either."""
    talk = Talk(team())
    talk.hear("run change env=prod")
    never = Rule(name="never", verdict="refuse", args={"env": ("prod",)})
    talk.rules = team(never)
    talk.hear(f"approve {talk.request()}", "bob")
    assert talk.running == []
    assert talk.request()


# --- what is explained is what happens -----------------------------------------------------------


def fake_tool(name: str, gate: Gate) -> Tool:
    """A tool that can be looked at, and never runs."""

    async def plan(params: BaseModel) -> Plan:
        return Plan(line=name, facts={})

    async def run(params: BaseModel, caller: Caller) -> Result:
        raise AssertionError("explaining runs nothing")

    return Tool(
        name=name,
        summary=name,
        params=Params,
        risk=gate.risk,
        idempotent=gate.idempotent,
        plan=plan,
        run=run,
    )


NAMES = ("alice", "bob", "carol", "dave")
GROUPS = ("operator", "lead", "night", *NAMES)


def _some(random: Random, among: tuple[str, ...]) -> tuple[str, ...] | None:
    """A condition, half of the time none."""
    return tuple(random.sample(among, random.randint(1, 2))) if random.random() < 0.5 else None


def _approval(random: Random) -> Approval:
    return Approval(
        by=random.choice(GROUPS),
        quorum=random.choice((1, 1, 2)),
        self_=random.random() < 0.5,
        expire=timedelta(minutes=30),
    )


def _rule(random: Random, name: str) -> Rule:
    verdicts: tuple[Literal["allow", "approve", "refuse"], ...] = ("allow", "approve", "refuse")
    verdict = random.choice((*verdicts, "approve"))
    envs = _some(random, ("prod", "staging"))
    return Rule(
        name=name,
        verdict=verdict,
        approval=_approval(random) if verdict == "approve" else None,
        who=_some(random, GROUPS),
        tools=_some(random, ("look", "change", "open")),
        args={"env": envs} if envs else None,
        channels=_some(random, ("console", "slack")),
        rooms=_some(random, ("console:a", "slack:a", "slack:b")),
    )


def _world(random: Random) -> Rules:
    people = tuple(
        Person(
            name=name,
            ids=frozenset({("console", name)}),
            roles=frozenset(_some(random, ("operator", "lead")) or ()),
        )
        for name in NAMES
    )
    names = [f"r{number}" for number in range(random.randint(0, 3))]
    given = rules(*people, approval=_approval(random))
    return replace(
        given,
        people=People(people, rotas={"night": Rota(people=("alice", "dave"))}),
        policy=tuple(_rule(random, name) for name in names),
        unknown=random.choice(("notice", "chat")),
        read=calling,
    )


def _explained(given: Rules, asked: Asked) -> Admitted:
    tools: Mapping[str, Tool] = {name: fake_tool(name, gate) for name, gate in given.gates.items()}
    return asyncio.run(Gatekeeper(tools).admit(given, asked, START))


def _happened(random: Random, given: Rules, asked: Asked, told: Admitted) -> str:
    """The same call in a thread; returns what became of it, which must be what was told."""
    talk, (who,) = Talk(given), asked.requesters or ("mallory",)
    (heard,) = talk.tell(
        e.MessageReceived(
            by=author(who),
            person=given.people.find(author(who)),
            address=asked.address,
            text=f"run {asked.tool} env={asked.args['env']}",
            audience=(),
        )
    )
    running = [f"c{heard}"] if told.judged.verdict == "allowed" else []
    assert talk.running == running
    if told.judged.verdict != "approval":
        assert talk.thread.requests == {}
        assert running or told.judged.rule in talk.answers(heard)[0]
        return told.judged.verdict
    assert told.judged.approval is not None
    request = talk.thread.requests[talk.request()]
    may = policy.approvers(given, asked, told.judged.approval, START)
    assert (request.deciders, request.quorum) == (may, told.judged.approval.quorum)
    votes = 0
    for voter in random.sample((*NAMES, "mallory"), 5):
        assert talk.running == []
        said = talk.hear(f"approve {request.id}", voter)
        assert ("decision_refused" in talk.kinds(said)) is (voter not in may)
        votes += voter in may
        if votes == request.quorum:
            assert talk.running == [f"c{heard}"]
            return "approval"
    raise AssertionError("it can be asked for, and never be approved")


def test_what_is_explained_is_what_happens() -> None:
    """For a thousand policies and calls: whether it runs, who may say yes, how many it takes."""
    verdicts: dict[str, int] = {}
    for seed in range(CASES):
        random = Random(seed)
        given = _world(random)
        who = random.choice((*NAMES, "mallory"))
        asked = Asked(
            tool=random.choice(("look", "change", "change", "open", "nope")),
            args={"env": random.choice(("prod", "staging"))},
            requesters=(who,) if who in NAMES else (),
            address=Address(
                channel=random.choice(("console", "slack")), room=random.choice(("a", "b"))
            ),
        )
        verdict = _happened(random, given, asked, _explained(given, asked))
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    assert min(verdicts[each] for each in ("allowed", "approval", "refused")) > CASES // 20
