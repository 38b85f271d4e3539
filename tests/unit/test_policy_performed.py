"""What `policy explain` says is what happens: with real runbooks, planned by the performer."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from pydantic import JsonValue

from agents.port import CallTool, Tool
from agents.usage import written
from bot import events as e
from bot import policy
from bot.approval import Approval
from bot.delivery import Delivery
from bot.effects import PlanCall, Reaching
from bot.gatekeeper import Admitted, Gatekeeper
from bot.performer import Performer
from bot.policy import Asked
from bot.rulebook import build_rules
from bot.rules import Rule, Rules
from bot.settings import load
from bot.thinking import Thinking
from bot.toolbox import tools_over
from bot.trial import Nowhere
from channels.port import Address
from tests.fakes import Talk, author

CASES = 1_000
CONFIG = """
[people.alice]
console = "alice"
roles = ["operator"]
[people.bob]
console = "bob"
roles = ["operator"]
[people.carol]
console = "carol"
roles = ["lead"]
[people.dave]
console = "dave"
roles = ["lead", "operator"]
[people.erin]
console = "erin"
[rotas.duty]
people = ["alice", "erin"]
week_of = 2025-12-29
[services.api]
environments = ["staging", "prod"]
[services.web]
environments = ["staging", "prod"]
[runbooks.look]
summary = "Look"
argv = ["/bin/echo", "{service}"]
params = { service = "service" }
risk = "read"
[runbooks.restart]
summary = "Restart"
argv = ["/bin/echo", "{service}", "{env}", "{force}"]
params = { service = "service", env = "environment", force = "boolean" }
risk = "write"
approve = { by = "operator" }
[runbooks.grow]
summary = "Grow"
argv = ["/bin/echo", "{env}", "{size}"]
params = { env = "environment", size = "integer" }
risk = "write"
approve = { by = "duty", escalate = "lead", expire = "10m" }
[runbooks.gone]
summary = "A program that is not there"
argv = ["/nowhere/gone"]
risk = "write"
approve = { by = "lead" }
"""
VERDICTS: tuple[Literal["allow", "approve", "refuse"], ...] = (
    "allow",
    "approve",
    "approve",
    "refuse",
)
PERSONS = ("alice", "bob", "carol", "dave", "erin")
VALUES: dict[str, tuple[JsonValue, ...]] = {
    "service": ("api", "web"),
    "env": ("staging", "prod"),
    "force": (True, False),
    "size": (1, 2),
}
TOOLS = {
    "look": ("service",),
    "restart": ("service", "env", "force"),
    "grow": ("env", "size"),
    "gone": (),
    "services": (),
}
PLACES = (
    Address(channel="console", room="alice"),
    Address(channel="slack", room="C1"),
    Address(channel="slack", room="C2"),
    Address(channel="email", room="alice@example.com"),
)
APPROVALS = (
    Approval(by="lead"),
    Approval(by="operator", quorum=2),
    Approval(by="operator", self_=True),
    Approval(by="duty", escalate="lead", expire=timedelta(minutes=5)),
    Approval(by="erin"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What both sides are played on."""

    rules: Rules
    tools: Mapping[str, Tool]
    gatekeeper: Gatekeeper
    runner: asyncio.Runner


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Real settings, real tools, the real performer, and no store."""
    (tmp_path / "watchkeeper.toml").write_text(CONFIG)
    settings, nowhere = load({}, tmp_path, "root"), Nowhere()
    tools = {tool.name: tool for tool in tools_over(settings, nowhere, nowhere, nowhere)}
    rules = build_rules(settings, tuple(tools.values()))
    with asyncio.Runner() as runner:
        yield Bench(rules=rules, tools=tools, gatekeeper=Gatekeeper(tools), runner=runner)


class RealTalk(Talk):
    """A thread whose calls are planned by the performer itself."""

    def __init__(self, bench: Bench, rules: Rules) -> None:
        super().__init__(rules)
        self._bench = bench
        self._performer = Performer(
            rules=rules,
            tools=bench.tools,
            thinking=Thinking({}),
            delivery=Delivery({}),
        )

    def _perform(self, effect: Reaching) -> e.Event:
        assert isinstance(effect, PlanCall)
        (planned,) = self._bench.runner.run(self._performer.perform(self.thread, effect, self.now))
        return planned


class Dice:
    """Made-up rules and calls, which the seed repeats."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def rules(self) -> tuple[Rule, ...]:
        """Up to four, each with some of the conditions."""
        return tuple(self._rule(f"r{number}") for number in range(self._random.randrange(5)))

    def _rule(self, name: str) -> Rule:
        pick, some = self._random.choice, self._some
        verdict = pick(VERDICTS)
        key = pick(tuple(VALUES))
        return Rule(
            name=name,
            verdict=verdict,
            approval=replace(pick(APPROVALS), rule=name) if verdict == "approve" else None,
            who=some((*PERSONS, "operator", "lead", "duty")),
            tools=some(tuple(TOOLS)),
            args={key: (pick(VALUES[key]),)} if self._random.random() < 0.5 else None,
            channels=some(("console", "slack", "email")),
            rooms=some(("slack:C1", "slack:C2", "console:alice")) if pick((0, 0, 1)) else None,
        )

    def _some(self, among: tuple[str, ...]) -> tuple[str, ...] | None:
        if self._random.random() < 0.6:
            return None
        return tuple(self._random.sample(among, self._random.randint(1, 2)))

    def call(self) -> tuple[str, str, list[str], Address]:
        """A person, a tool, its arguments as people write them, and where."""
        tool = self._random.choice(tuple(TOOLS))
        words = [f"{key}={written(self._random.choice(VALUES[key]))}" for key in TOOLS[tool]]
        return self._random.choice(PERSONS), tool, words, self._random.choice(PLACES)


def test_what_is_explained_is_what_happens(bench: Bench) -> None:
    """1,000 made-up calls under made-up rules: the same verdict, rule, people and times."""
    seen: Counter[str] = Counter()
    for case in range(CASES):
        dice = Dice(case)
        rules = replace(bench.rules, policy=dice.rules())
        person, tool, words, place = dice.call()
        talk = RealTalk(bench, rules)
        text = " ".join([tool, *words])
        step = rules.read(text)
        assert isinstance(step, CallTool)
        asked = Asked(tool=step.tool, args=step.args, requesters=(person,), address=place)
        told = bench.runner.run(bench.gatekeeper.admit(rules, asked, talk.now))
        check(talk, told, asked, text)
        seen[told.judged.verdict] += 1
        seen["contradictory"] += "contradict each other" in told.judged.rule
        seen["at once"] += "human_escalated" in talk.kinds()
    assert min(seen[kind] for kind in ("allowed", "approval", "refused", "contradictory")) > 20
    assert seen["at once"] > 3


def check(talk: Talk, told: Admitted, asked: Asked, text: str) -> None:
    """Say it, and hold what follows against what was explained."""
    (person,) = asked.requesters
    (heard,) = talk.tell(replace(talk.message(text, person), address=asked.address))
    (planned,) = (event for event in talk.log if isinstance(event, e.ToolRequested))
    assert (planned.verdict, planned.rule) == (told.judged.verdict, told.judged.rule)
    assert (planned.shown, planned.args) == (told.resolved.shown, told.resolved.args)
    match told.judged.verdict:
        case "allowed":
            assert talk.running == [planned.call_id]
        case "refused":
            assert talk.running == []
            assert talk.answers(heard) == [f"Not run: {planned.shown}: {planned.rule}"]
        case "approval":
            assert planned.approval == told.judged.approval
            assert told.judged.approval is not None
            check_request(talk, told.judged.approval, asked)


def check_request(talk: Talk, needed: Approval, asked: Asked) -> None:
    """Who was said to be able to say yes is, and nobody else."""
    may = {*policy.approvers(talk.rules, asked, needed, talk.now)}
    (request,) = (event for event in talk.log if isinstance(event, e.ApprovalRequested))
    assert {*request.approvers} == may
    assert request.quorum == needed.quorum
    assert request.expires_at == talk.now + needed.expire
    if len(may) < needed.quorum:  # others are asked at once
        talk.wait(timedelta(seconds=1))
        may |= {*policy.backup(talk.rules, asked, needed, talk.now)}
    for other in (*PERSONS, "mallory"):
        if other not in may:
            talk.tell(replace(talk.message(f"approve {talk.request()}", other), by=author(other)))
    assert talk.running == []
    for one in sorted(may)[: needed.quorum]:
        assert talk.running == []
        talk.hear(f"approve {talk.request()}", one)
    assert len(talk.running) == 1
