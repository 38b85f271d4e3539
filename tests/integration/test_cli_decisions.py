"""`requests`, `approve`, `deny`, `answer`: a decision is given once, by who may, and told."""

import pytest

from tests.cli_house import CONFIG, Cli


def ask(cli: Cli, *, by: str = "me") -> str:
    """Have `by` ask for a restart; the id of the request."""
    before = {row["id"] for row in cli("requests", "--json").rows}
    cli.piped("restart api staging\n", "chat", "--as", by)
    (new,) = {row["id"] for row in cli("requests", "--json").rows} - before
    return str(new)


def test_open_requests_are_listed(cli: Cli) -> None:
    """What runs, who asked, who may, until when."""
    request = ask(cli, by="bob")
    (row,) = cli("requests", "--json").rows
    assert row["id"] == request
    assert row["kind"] == "approval"
    assert (row["asked_by"], row["approvers"]) == (["bob"], ["me"])
    assert str(row["expires_at"]).endswith("Z")
    assert "restarting api in staging" in str(row["shown"])
    told = cli("requests").out
    assert request in told
    assert "asked by bob" in told


def test_an_approval_runs_it_and_is_zero(cli: Cli) -> None:
    """The command works alone, waits for the run and prints its outcome."""
    request = ask(cli, by="bob")
    ran = cli("approve", request)
    assert ran.code == 0
    assert "Approved by me" in ran.out
    assert "restarting api in staging" in ran.out
    assert "exit 0" in ran.out
    assert cli("requests", "--json").rows == []


def test_a_second_approval_is_refused_and_one(cli: Cli) -> None:
    """A decision counts once: whoever comes later is told what became of it."""
    request = ask(cli)
    assert cli("approve", request).code == 0
    ran = cli("approve", request)
    assert ran.code == 1
    assert f"{request} is closed" in ran.out


def test_a_denial_needs_a_reason_and_runs_nothing(cli: Cli) -> None:
    """The reason is told to who asked, and nothing runs."""
    request = ask(cli, by="bob")
    assert cli("deny", request).code == 2
    ran = cli("deny", request, "not", "on a Friday")
    assert ran.code == 0
    assert "refused by me: not on a Friday" in ran.out
    events = cli("thread", "show", request.rpartition("-")[0], "--json").rows
    assert "tool_started" not in {event["kind"] for event in events}


def test_who_may_not_decide_is_refused(cli: Cli) -> None:
    """Somebody without the role changes nothing: 1, and the request stays open."""
    request = ask(cli, by="bob")
    cli.configure(CONFIG.replace('roles = ["operator"]', "").replace("[people.bob]", BOB))
    ran = cli("approve", request)
    assert ran.code == 1
    assert "may not" in ran.out
    assert len(cli("requests", "--json").rows) == 1


BOB = '[people.bob]\nroles = ["operator"]'


def test_a_stranger_can_not_decide(cli: Cli) -> None:
    """An OS user without a person is told so: 1."""
    request = ask(cli, by="bob")
    cli.configure(CONFIG.replace('"@me"', '"somebody-else"'))
    assert cli("approve", request).code == 1
    assert len(cli("requests", "--json").rows) == 1


def test_a_request_that_does_not_exist_is_one(cli: Cli) -> None:
    """An id that was never given approves nothing."""
    request = ask(cli)
    for wrong in (f"{request}9", "abcdefghijkl-1"):
        ran = cli("approve", wrong)
        assert ran.code == 1
        assert ran.out
    assert len(cli("requests", "--json").rows) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("approve", "the"), '"the" is not the id of a request, `requests` lists them'),
        (("deny", "the", "restart"), '"the" is not the id of a request, `requests` lists them'),
        (("answer", "abcdefghijkl", "1"), '"abcdefghijkl" is not the id of a request'),
        (("answer", "abcdefghijkl-1 or", "1"), '"abcdefghijkl-1 or" is not the id of a request'),
        (("approve", ""), '"" is not the id of a request'),
        (("approve", "abcdefghijkl-1", "please"), '"please" is '),
        (("deny", "abcdefghijkl-1", "x" * 4000), "at most 4000 characters"),
    ],
)
def test_what_is_no_decision_is_not_said_to_the_bot(
    cli: Cli, words: tuple[str, ...], told: str
) -> None:
    """Words that can not be a decision are wrong usage: 2, one line, and nothing is recorded."""
    ran = cli(*words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.fault
    assert cli("threads", "--json").rows == []


def test_an_id_may_be_in_upper_case(cli: Cli) -> None:
    """What people's clients make of an id does not matter."""
    request = ask(cli)
    thread = request.rpartition("-")[0]
    shown = cli("thread", "show", thread).out
    assert cli("thread", "show", thread.upper()).out == shown
    assert cli("replay", thread.upper()).code == 0
    assert cli("approve", request.upper()).code == 0


def test_changed_arguments_that_do_not_fit_do_not_approve(cli: Cli) -> None:
    """`ARG=VALUE` reaches the bot with its quotes; what fits no argument is refused."""
    request = ask(cli)
    ran = cli("approve", request, "env=prod two words")
    assert ran.code == 1
    assert "Not counted: env:" in ran.out
    assert len(cli("requests", "--json").rows) == 1


def test_an_answer_to_an_approval_is_refused(cli: Cli) -> None:
    """Words that fit no open question change nothing."""
    request = ask(cli)
    ran = cli("answer", request, "yes", "please")
    assert ran.code == 1
    assert "approve or deny" in ran.out
