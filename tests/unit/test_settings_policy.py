"""Settings of `[[policy]]`, `[rotas]` and `[email]`: what is read, and what is refused."""

import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from agents.port import Risk, Tool
from bot.approval import Approval
from bot.conditions import OWN
from bot.rulebook import build_rules
from bot.rules import Rule, Rules
from bot.settings import EXAMPLE, load
from bot.toolbox import tools_over
from bot.trial import Nowhere
from tests.fakes import START
from tests.unit.test_settings_refusals import refused

TEAM = """
[bot]
timezone = "Europe/Berlin"
[people.ann]
console = "ann"
roles = ["operator", "lead"]
[people.bob]
console = "bob"
roles = ["operator"]
[services.api]
environments = ["staging", "prod"]
aliases = ["backend"]
[runbooks.restart]
summary = "s"
argv = ["/bin/echo", "{service}", "{env}", "{count}", "{hard}"]
params = { service = "service", env = "environment", count = "integer", hard = "boolean" }
risk = "write"
approve = { by = "operator" }
[runbooks.deploy]
summary = "s"
argv = ["/bin/echo", "--tag={tag}"]
params = { tag = "text" }
risk = "write"
approve = { by = "operator" }
[runbooks.oncall]
summary = "s"
argv = ["/bin/echo", "ann"]
risk = "read"
"""

POLICY = """
[[policy]]
name = "prod-restart"
who = ["operator", "night", "ann"]
tools = ["restart"]
args = { env = "prod", count = [1, 2], hard = true }
channels = ["slack", "console"]
rooms = ["slack:C012"]
verdict = "approve"
approve = { by = "lead", self = true, remind = "5m", escalate = "night" }
[[policy]]
name = "no-deploys"
tools = ["deploy"]
verdict = "refuse"
[rotas.night]
people = ["ann", "bob"]
week_of = 2026-01-05
handover = "09:00"
[rotas.primary]
runbook = "oncall"
fallback = "lead"
[email]
may_approve = ["read", "prod"]
"""


def tools_of(folder: Path, text: str) -> tuple[Tool, ...]:
    """The tools that these settings make."""
    (folder / "watchkeeper.toml").write_text(text)
    nowhere = Nowhere()
    return tools_over(load({}, folder, "root"), nowhere, nowhere, nowhere)


def built(folder: Path, text: str) -> Rules:
    """The rules that these settings make."""
    tools = tools_of(folder, text)
    return build_rules(load({}, folder, "root"), tools)


def test_everything_that_a_policy_may_say_becomes_a_rule(tmp_path: Path) -> None:
    """No condition is lost on the way to where calls are judged, and none is added."""
    first, second = built(tmp_path, TEAM + POLICY).policy
    assert first == Rule(
        name="prod-restart",
        verdict="approve",
        approval=Approval(
            by="lead",
            self_=True,
            remind=timedelta(minutes=5),
            escalate="night",
            rule="prod-restart",
        ),
        who=("operator", "night", "ann"),
        tools=("restart",),
        args={"env": ("prod",), "count": (1, 2), "hard": (True,)},
        channels=("slack", "console"),
        rooms=("slack:C012",),
    )
    assert second == Rule(name="no-deploys", verdict="refuse", tools=("deploy",))


def test_rotas_and_mail_are_read(tmp_path: Path) -> None:
    """Weeks begin in the bot's time zone; what mail may approve is what is listed."""
    rules = built(tmp_path, TEAM + POLICY)
    night, primary = rules.people.rotas["night"], rules.people.rotas["primary"]
    assert (night.people, night.week_of, night.handover, str(night.zone)) == (
        ("ann", "bob"),
        date(2026, 1, 5),
        time(9),
        "Europe/Berlin",
    )
    assert (primary.runbook, primary.fallback, primary.people) == ("oncall", "lead", ())
    assert rules.mail == {"read", "prod"}
    assert built(tmp_path, TEAM).mail == frozenset()


def test_rules_know_every_tool_of_the_bot(tmp_path: Path) -> None:
    """What a rule may name is what there is, with the arguments that it has."""
    tools = {tool.name: tool for tool in tools_of(tmp_path, "[bot]\n")}
    assert set(OWN) == set(tools)
    for name, params in OWN.items():
        assert name == "help" or tools[name].params is params
    assert tools["raise-cap"].risk is Risk.WRITE


def rule(more: str, *, verdict: str = "refuse", name: str = "x") -> str:
    """A policy table of these lines, on the team's settings."""
    return f'{TEAM}[[policy]]\nname = "{name}"\nverdict = "{verdict}"\n{more}\n'


OTHER = '[[policy]]\nname = "x"\nverdict = "allow"\n'

REFUSALS = [
    (rule("", verdict="forbid"), "policy[0].verdict: must be 'allow', 'approve' or 'refuse'"),
    (f'{TEAM}[[policy]]\nverdict = "allow"\n', "policy[0].name: is missing: add it"),
    (rule("tolls = []"), "policy[0].tolls: there is no such key, did you mean tools?"),
    (rule("tools = []"), "policy[0].tools: must not be empty"),
    (rule("args = {}"), "policy[0].args: "),
    (
        rule('who = ["operater"]'),
        "policy[0].who[0]: nobody is 'operater' or has that role, did you",
    ),
    (
        rule('tools = ["restrat"]'),
        "policy[0].tools[0]: there is no tool 'restrat', did you mean restart?",
    ),
    (
        rule('tools = ["restart"]\nargs = { enw = "prod" }'),
        "policy[0].args.enw: is no argument of restart, did you mean env?",
    ),
    (
        rule('tools = ["restart", "deploy"]\nargs = { env = "prod" }'),
        "policy[0].args.env: is no argument of deploy",
    ),
    (rule('args = { enw = "prod" }'), "policy[0].args.enw: is no argument of any tool, did you"),
    (
        rule('args = { env = "prd" }'),
        "policy[0].args.env: is never 'prd', did you mean prod?, it is one of staging, prod",
    ),
    (
        rule('args = { env = ["prod", "PROD"] }'),
        "policy[0].args.env: is never 'PROD', did you mean",
    ),
    (rule('args = { service = "backend" }'), "is never 'backend', did you mean api?"),
    (rule('args = { count = "1" }'), "policy[0].args.count: must be a whole number"),
    (rule("args = { count = true }"), "policy[0].args.count: must be a whole number"),
    (rule("args = { hard = 1 }"), "policy[0].args.hard: must be true or false"),
    (rule("args = { tag = 1 }"), "policy[0].args.tag: must be a text in quotes"),
    (rule("args = { env = 1.5 }"), "policy[0].args.env: must be a value as"),
    (rule("args = { env = [] }"), "policy[0].args.env: must be a value as"),
    (rule('channels = ["slak"]'), "policy[0].channels[0]: must be 'console', 'slack', 'discord'"),
    (rule('rooms = ["C012"]'), "policy[0].rooms[0]: write the channel and the room's id"),
    (
        rule('channels = ["console"]\nrooms = ["slack:C012"]'),
        "policy[0].rooms[0]: slack:C012 is on none of the channels of this rule",
    ),
    (rule("", verdict="approve"), "policy[0].approve: is missing"),
    (rule('approve = { by = "lead" }'), 'policy[0].approve: goes with verdict = "approve" alone'),
    (
        rule('approve = { by = "lead", quorum = 2 }', verdict="approve"),
        "policy[0].approve.quorum: is 2, but lead is only 1",
    ),
    (rule("") + OTHER, "policy[1].name: x is the name of policy[0] already"),
    (
        rule("") + OTHER.replace('"x"', '"y"'),
        "policy[1]: has the same conditions as x, make one rule of them",
    ),
    (
        f'{TEAM}[runbooks.who]\nsummary = "s"\nargv = ["/bin/echo", "{{env}}"]\nrisk = "read"\n'
        'params = { env = ["here", "there"] }\n[[policy]]\nname = "x"\nverdict = "refuse"\n'
        'tools = ["restart", "who"]\nargs = { env = "prod" }\n',
        "policy[0].args.env: who takes none of these values",
    ),
    (
        f'{TEAM}[runbooks.who]\nsummary = "s"\nargv = ["/bin/echo"]\nrisk = "read"\n'
        'approve = { by = "lead" }\n',
        "runbooks.who.approve: what only reads runs at once: leave it out, or write a [[policy]]",
    ),
    (f"{TEAM}[rotas.ann]\n", "rotas.ann: is also a person, rename one of them"),
    (
        f'{TEAM}[rotas.lead]\npeople = ["bob"]\n',
        "people.ann.roles: lead is also a rota, rename one of them",
    ),
    (f"{TEAM}[rotas.a]\n", "rotas.a.people: is missing: name people, or a runbook that does"),
    (
        f'{TEAM}[rotas.a]\npeople = ["bop"]\n',
        "rotas.a.people[0]: there is no person 'bop', did you mean bob?",
    ),
    (f'{TEAM}[rotas.a]\npeople = ["ann", "bob"]\n', "rotas.a.week_of: is missing"),
    (
        f'{TEAM}[rotas.a]\npeople = ["ann", "bob"]\nweek_of = "2026-01-05"\n',
        "rotas.a.week_of: must be a date without quotes",
    ),
    (f'{TEAM}[rotas.a]\nhandover = "9"\n', "rotas.a.handover: must be a time as"),
    (f'{TEAM}[rotas.a]\npeople = ["bob"]\nfallback = "lead"\n', "rotas.a.fallback: goes with"),
    (f'{TEAM}[rotas.a]\nrunbook = "oncall"\n', "rotas.a.fallback: is missing"),
    (
        f'{TEAM}[rotas.a]\nrunbook = "oncall"\nfallback = "leed"\n',
        "rotas.a.fallback: nobody is 'leed' or has that role, did you mean lead?",
    ),
    (
        f'{TEAM}[rotas.a]\nrunbook = "oncall"\nfallback = "a"\n',
        "rotas.a.fallback: nobody is 'a' or has that role",
    ),
    (
        f'{TEAM}[rotas.a]\nrunbook = "onkall"\nfallback = "lead"\n',
        "rotas.a.runbook: there is no runbook 'onkall', did you mean oncall?",
    ),
    (
        f'{TEAM}[rotas.a]\nrunbook = "restart"\nfallback = "lead"\n',
        "rotas.a.runbook: restart must only read, and need no params",
    ),
    (
        f'{TEAM}[rotas.a]\nrunbook = "oncall"\nfallback = "lead"\npeople = ["ann"]\n',
        "rotas.a.runbook: says who is on duty, remove people",
    ),
    (
        '[email]\nmay_approve = ["rite"]\n',
        "email.may_approve[0]: must be 'read', 'write' or 'prod'",
    ),
    (
        "[email]\nmay_aprove = []\n",
        "email.may_aprove: there is no such key, did you mean may_appro",
    ),
]


@pytest.mark.parametrize(("text", "fault"), REFUSALS, ids=[fault for _, fault in REFUSALS])
def test_a_rule_that_could_never_hold_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    """A misspelt condition is told before it guards nothing, by its key and the nearest name."""
    line = refused(tmp_path, text)
    assert line.startswith("watchkeeper.toml: ")
    assert fault in line


def test_who_is_on_duty_may_be_named_wherever_people_are(tmp_path: Path) -> None:
    """A rota can approve, be asked as well, be handed over to, and be who asks."""
    text = POLICY.replace('by = "lead", self', 'by = "night", self')
    rules = built(tmp_path, TEAM.replace("[bot]", '[bot]\nhandover = "night"') + text)
    assert rules.handover == "night"
    line = refused(tmp_path, TEAM + text.replace("self = true", "quorum = 2"))
    assert "policy[0].approve.quorum: is 2, but night is only 1" in line


def test_the_example_shows_how_policy_is_set(tmp_path: Path) -> None:
    """What stands there as a comment is right as it is, once there is an alice."""
    text = EXAMPLE.read_text()
    begins, ends = text.index("# [[policy]]"), text.index("# --- models")
    shown = re.sub("(?m)^# ?", "", text[begins:ends])
    rules = built(tmp_path, f"{text}\n[people.alice]\n{shown}")
    assert [rule.name for rule in rules.policy] == ["prod"]
    assert rules.people.who("oncall", START) in {("me",), ("alice",)}
