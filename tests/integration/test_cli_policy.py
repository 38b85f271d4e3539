"""`policy explain`: what would become of a call, before anybody makes it."""

import pytest

from tests.cli_house import CONFIG, Cli

POLICY = """
[people.carol]
console = "carol"
roles = ["lead"]
[rotas.night]
runbook = "who"
fallback = "lead"
[runbooks.who]
summary = "Who is on duty"
argv = ["/bin/echo", "bob"]
risk = "read"
[[policy]]
name = "prod"
tools = ["restart"]
args = { env = "prod" }
verdict = "approve"
approve = { by = "lead", remind = "5m", escalate = "operator", expire = "20m" }
[[policy]]
name = "calm"
tools = ["nap"]
rooms = ["slack:C1"]
verdict = "refuse"
[[policy]]
name = "duty"
tools = ["disk"]
channels = ["discord"]
verdict = "approve"
approve = { by = "night" }
"""


@pytest.fixture
def told(cli: Cli) -> Cli:
    """Commands in a directory with a policy."""
    cli.configure(CONFIG + POLICY)
    return cli


def test_a_call_that_runs_at_once_is_allowed(told: Cli) -> None:
    """Exit 0, what would run, and why."""
    ran = told("policy", "explain", "bob", "disk")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "allowed: disk → /bin/df /\n    disk only reads\n"


def test_an_approval_says_who_how_many_and_until_when(told: Cli) -> None:
    """The rule, the persons of today, the quorum, and what happens if nobody answers."""
    ran = told("policy", "explain", "bob", "restart", "service=api", "env=prod")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "needs approval: restart service=api env=prod → /bin/echo 'restarting api in prod'",
        "    policy prod by lead",
        "    1 of carol; who asks does not count; reminded after 5m;"
        " then operator is asked as well; expires after 20m",
    ]
    (row,) = told("policy", "explain", "bob", "restart", "service=api", "env=prod", "--json").rows
    assert row["verdict"] == "approval"
    assert row["approve"] == {
        "by": "lead",
        "persons": ["carol"],
        "quorum": 1,
        "self": False,
        "expire": "20m",
        "remind": "5m",
        "escalate": "operator",
        "later": ["me"],
    }
    (row,) = told("policy", "explain", "me", "restart", "service=API", "env=staging", "--json").rows
    assert (row["args"], row["rule"]) == (
        {"service": "api", "env": "staging"},
        "runbooks.restart.approve by operator",
    )


def test_a_call_that_would_not_run_is_refused(told: Cli) -> None:
    """Exit 1 and the rule: by the room, by too few people, by a program that is not there."""
    assert told("policy", "explain", "bob", "nap").code == 0
    for place in (("--room", "slack:C1"), ("--channel", "slack", "--room", "C1")):
        ran = told("policy", "explain", "bob", "nap", *place)
        assert ran.code == 1
        assert "policy calm refuses it" in ran.out
    ran = told("policy", "explain", "bob", "disk", "--channel", "discord")
    assert ran.code == 1
    assert "needs 1 of night besides who asked, and there are 0" in ran.out


def test_where_nobody_else_is_left_the_others_are_asked_at_once(told: Cli) -> None:
    """Carol is the only lead and asks herself: the operators need not wait for nobody."""
    ran = told("policy", "explain", "carol", "restart", "service=api", "env=prod")
    assert ran.code == 0
    assert "1 of nobody; who asks does not count" in ran.out
    assert "at once operator is asked as well" in ran.out


def test_the_runbook_of_a_rota_is_asked(told: Cli) -> None:
    """Who is on duty now is who may say yes."""
    (row,) = told("policy", "explain", "me", "disk", "--channel", "discord", "--json").rows
    assert row["approve"]["persons"] == ["bob"]  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("bop disk", 'there is no person "bop", did you mean bob?'),
        ("bob dsk", 'there is no tool "dsk", did you mean disk?'),
        ("bob restart enw=prod", 'restart has no argument "enw", did you mean env?'),
        ("bob restart env=prd", 'env is never "prd", did you mean prod?'),
        ("bob restart env=prod", "restart: service: Field required"),
        ("bob restart api", '"api" is no argument: write ARG=VALUE'),
        ("bob restart env=prod env=prod", "env is given twice"),
        ("bob disk --channel slak", 'there is no channel "slak", did you mean slack?'),
        ("bob disk --channel console --room slack:C1", "--room"),
    ],
)
def test_what_is_not_known_is_told_with_what_is(told: Cli, words: str, fault: str) -> None:
    """Exit 2 and one line: a call that nobody could make is neither allowed nor refused."""
    ran = told("policy", "explain", *words.split())
    assert (ran.code, ran.out) == (2, "")
    assert fault in ran.fault
