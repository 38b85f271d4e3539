"""`audit`: all that was decided and run is in it, by ids and without a word, and it verifies."""

import re
from collections.abc import Iterator, Mapping

import pytest
from pydantic import JsonValue

from bot.audit import FIELDS
from bot.store.keys import thread_id
from tests.cli_house import CONFIG, PATIENCE, Cli
from tests.servers import redis_server

SECRET = "xyzzy" * 5
SAID = """
disk
restart service=api env=staging
deny {}-1 zeppelins over the marketplace
restart service=api env=prod
approve {}-2
restart service=api env=prod
cancel
"""
WORDS = ("staging", "prod", "zeppelins", "marketplace", "restarting", "Filesystem")
"""What was said, given as an argument or put out by a program."""


def thread_of(cli: Cli) -> str:
    """The thread that the OS user has opened."""
    row, *_ = cli("threads", "--json").rows
    return str(row["thread"])


def conversed(cli: Cli) -> str:
    """All of it was said, people tried what they may not, operators did what they do; its id."""
    thread = thread_id(f"console:{cli.user}")
    assert cli.piped(SAID.replace("{}", thread).strip() + "\n").code == 0
    for command in ("pause", "resume"):
        assert cli("thread", command, thread).code == 0
    assert "Not counted" in cli.piped(f"approve {thread}-2\n", "chat", "--as", "bob").out
    assert cli("recover").code == 0
    assert cli("audit", "seal").code == 0
    return thread


def test_all_that_happened_is_in_the_audit(cli: Cli) -> None:
    """Decisions, runs, refused attempts and operators' commands, by ids and without a word."""
    thread = conversed(cli)
    ran = cli("audit", "--json")
    assert (ran.code, ran.err) == (0, "")
    log = cli("thread", "show", thread, "--json").rows
    wanted = [(row["seq"], row["kind"]) for row in log if row["kind"] in FIELDS]
    rows = [row for row in ran.rows if row["thread"] == thread]
    assert [(row["seq"], row["kind"]) for row in rows] == wanted
    assert {kind for _, kind in wanted} >= {
        *("tool_requested", "tool_started", "tool_returned", "approval_requested"),
        *("approval_given", "approval_refused", "decision_refused", "approval_withdrawn"),
        *("paused", "resumed", "cancelled"),
    }
    assert [row["kind"] for row in ran.rows if row["thread"] == ""] == [
        *("chat --as", "recover", "audit seal")
    ]
    assert not set(WORDS) & set(re.findall(r"\w+", ran.out))
    assert (
        cli("audit", "verify").out == f"{len(ran.rows)} rows, 2 chains, all as they were written\n"
    )


def one(rows: list[dict[str, JsonValue]], kind: str, nth: int = 0) -> Mapping[str, JsonValue]:
    """The n-th row of a kind."""
    return [row for row in rows if row["kind"] == kind][nth]


def test_each_row_says_who_and_what(cli: Cli) -> None:
    """A call is followed by its id from who asked to how it ended."""
    thread = conversed(cli)
    rows = cli("audit", "--json").rows
    me = {"by": f"console:{cli.user}", "person": "me"}
    given, refused = one(rows, "approval_given"), one(rows, "approval_refused")
    assert given.items() >= me.items()
    assert refused.items() >= me.items()
    ids = given["ids"]
    assert isinstance(ids, dict)
    said = cli("thread", "show", thread, "--json").rows[int(str(ids["turn"])) - 1]
    assert said["text"] == f"approve {thread}-2"
    assert (ids["request_id"], ids["final"], ids["counted"]) == (f"{thread}-2", True, ["me"])
    asked = one(rows, "approval_requested", 1)["ids"]
    assert isinstance(asked, dict)
    calls = {row["kind"]: row["ids"] for row in rows if f"'{asked['call_id']}'" in str(row["ids"])}
    assert set(calls) == {"tool_requested", "approval_requested", "tool_started", "tool_returned"}
    assert calls["tool_requested"]["digest"] == asked["digest"]  # type: ignore[call-overload, index]
    attempt = one(rows, "decision_refused")
    assert (attempt["by"], attempt["person"]) == ("console:bob", "bob")
    assert one(rows, "chat --as").items() >= me.items()


def test_rows_are_listed_for_people(cli: Cli) -> None:
    """One line each, the newest last, of all or of one thread, all or the last ones."""
    thread = conversed(cli)
    lines = cli("audit").out.splitlines()
    rows = cli("audit", "--json").rows
    assert len(lines) == len(rows)
    assert lines[-1].startswith(f"{rows[-1]['at']} - 3 audit seal by console:{cli.user} (me) ")
    assert cli("audit", "--limit", "2").out.splitlines() == lines[-2:]
    ours = [line for line in lines if f" {thread} " in line]
    assert cli("audit", "--thread", thread.upper()).out.splitlines() == ours
    assert cli("audit", "--thread", thread, "--limit", "3").out.splitlines() == ours[-3:]


def test_without_rows_there_is_nothing_to_find(cli: Cli) -> None:
    """An empty audit is as it was written."""
    assert cli("audit", "--json").out == ""
    assert cli("audit", "verify").out == "0 rows, 0 chains, all as they were written\n"
    assert cli("audit", "head").out == f"0-0 0 {'0' * 64}\n"


def test_a_head_is_an_anchor(cli: Cli) -> None:
    """As text, or in a file that collects them; anything else is no anchor: 2."""
    heads = [cli("audit", "head").out]
    for _ in range(2):
        cli("recover")
        heads.append(cli("audit", "head").out)
    (cli.folder / "heads").write_text("".join(heads))
    for anchor in (heads[1], "heads"):
        ran = cli("audit", "verify", "--anchor", anchor, "--json")
        assert (ran.code, ran.rows) == (0, [{"ok": True, "rows": 2, "chains": 1, "faults": []}])
    assert cli("audit", "head", "--json").rows[0]["rows"] == 2
    (cli.folder / "heads").write_text("whatever\n")
    assert cli("audit", "verify", "--anchor", "heads").code == 2
    ran = cli("audit", "verify", "--anchor", "nowhere")
    assert (ran.code, ran.fault) == (2, "nowhere cannot be read: No such file or directory")


def test_a_worker_logs_heads(cli: Cli) -> None:
    """Whoever keeps the log has anchors, the first one at once."""
    cli("recover")
    with cli.start("run", "--only", "worker") as worker:
        assert worker.stderr is not None
        while b'"audit.head"' not in (said := worker.stderr.readline()):
            assert said
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
    found = re.search(rb'"head": ?"([^"]+)"', said)
    assert found is not None
    assert cli("audit", "head").out.encode() == found[1] + b"\n"
    assert cli("audit", "verify", "--anchor", found[1].decode()).code == 0


# --- the secret ----------------------------------------------------------------------------------


def test_the_own_store_has_a_secret_in_a_file(cli: Cli) -> None:
    """Made once, for nobody else to read; who types it into a message finds it redacted."""
    cli("recover")
    path = cli.data / "secret"
    secret = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch("[0-9a-f]{64}", secret)
    cli("recover")
    assert path.read_text().strip() == secret
    cli.piped(f"what is {secret}\n")
    assert secret not in cli("thread", "show", thread_of(cli)).out
    assert cli("audit", "verify").err == ""


def test_a_secret_that_is_gone_is_told(cli: Cli) -> None:
    """Rows of another secret are strange, all of them, until somebody vouches for them."""
    cli("recover")
    cli("recover")
    (cli.data / "secret").unlink()
    ran = cli("audit", "verify")
    assert (ran.code, len(ran.out.splitlines())) == (1, 3)
    assert "WATCHKEEPER_SECRET" in ran.out.splitlines()[-1]
    assert cli("audit", "seal", "--json").rows[0]["rows"] == 2
    assert cli("audit", "verify").out == "3 rows, 1 chains, all as they were written\n"
    assert one(cli("audit", "--json").rows, "audit seal")["person"] == "me"


def test_an_empty_secret_is_told(cli: Cli) -> None:
    """Nothing is chained with a file that somebody emptied: 2, and what to mend."""
    (cli.data / "secret").write_text("\n")
    ran = cli("audit")
    assert (ran.code, ran.fault) == (
        2,
        f"{cli.data / 'secret'} is empty: bring it back, or remove it for a new secret",
    )


def test_a_short_secret_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has the rows could try them out: 2, and how to make a better one."""
    monkeypatch.setenv("WATCHKEEPER_SECRET", "hunter2")
    ran = cli("audit")
    assert ran.code == 2
    assert ran.fault.startswith("WATCHKEEPER_SECRET has to have 16 characters or more")


@pytest.fixture
def elsewhere(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Commands on a server of one's own, for which nobody has given a secret."""
    cli.configure(CONFIG.replace("impersonate = true", "").replace('"@me"', f'"{cli.user}"'))
    with redis_server(cli.folder / "redis") as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        yield cli


def test_a_store_of_ones_own_is_told_to_need_a_secret(elsewhere: Cli) -> None:
    """Until it is set, run, doctor and verify say what the audit is worth; all works meanwhile."""
    cli = elsewhere
    cli("recover")
    told = "WATCHKEEPER_SECRET is not set"
    ran = cli("audit", "verify", "--json")
    assert (ran.code, ran.rows[0]["ok"]) == (0, True)
    assert told in ran.fault
    doctor = cli("doctor")
    assert doctor.code == 1
    assert f"FAULT store: {told}" in doctor.out
    assert told in cli.piped("services\n", "run").err
    assert cli("audit", "seal").code == 2


def test_a_secret_can_be_set_later(elsewhere: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows from before it are vouched for once; from then on nobody says a word."""
    cli = elsewhere
    cli("recover")
    monkeypatch.setenv("WATCHKEEPER_SECRET", SECRET)
    assert cli("audit", "verify").code == 1
    assert cli("audit", "seal").code == 0
    ran = cli("audit", "verify")
    assert (ran.code, ran.err) == (0, "")
    assert "WATCHKEEPER_SECRET" not in cli("doctor").out
