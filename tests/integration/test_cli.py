"""The command line: exit codes, one line for every fault, nothing but JSON after `--json`."""

import re
import subprocess
from pathlib import Path

import pytest

from bot.consistency import REPLACEABLE, RESERVED
from tests.cli_house import CONFIG, PATIENCE, Cli


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a command"),
        (("bogus",), "bogus"),
        (("threads", "--foo"), "--foo"),
        (("thread",), "command"),
        (("thread", "show"), "ID"),
        (("deny", "abcdefghijkl-1"), "REASON"),
        (("run", "--only", "everything"), "--only"),
        (("run", "--only", "worker", "--console"), "--console"),
        (("init", "pigeon"), "pigeon"),
        (("config", "reload"), "reload"),
        (("thread", "show", "\udcff"), "UTF-8"),
        (("deny", "x-1", "\x1b[2J"), "control characters"),
    ],
)
def test_wrong_usage_is_one_line_and_two(cli: Cli, arguments: tuple[str, ...], told: str) -> None:
    """A command that can not be understood says so in one line and exits with 2."""
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.fault


def test_every_command_helps(cli: Cli) -> None:
    """`--help` lists every command of the contract."""
    ran = cli("--help")
    assert ran.code == 0
    for command in (
        *("run", "chat", "threads", "thread", "replay", "requests", "approve", "deny", "answer"),
        *("tools", "dead", "recover", "config", "doctor", "init"),
    ):
        assert f" {command} " in ran.out


def test_the_version_is_told(cli: Cli) -> None:
    """`--version` is one line."""
    ran = cli("--version")
    assert ran.code == 0
    assert ran.out.startswith("watchkeeper ")


@pytest.mark.parametrize("command", ["threads", "tools", "requests", "dead", "recover", "run"])
def test_wrong_settings_are_one_line_and_two(cli: Cli, command: str) -> None:
    """Whatever is run, a fault of the settings is told first, and nothing is done."""
    cli.configure('[bot]\nnmae = "x"\n')
    ran = cli(command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.fault == "watchkeeper.toml: bot.nmae: there is no such key, did you mean name?"


def test_config_check_says_what_is_right(cli: Cli) -> None:
    """A right file is named with what it holds."""
    ran = cli("config", "check")
    assert ran.code == 0
    assert "2 people, 1 services, 3 runbooks" in ran.out


def test_config_check_names_the_packaged_example(cli: Cli) -> None:
    """Nobody takes our file for their own."""
    (cli.folder / "watchkeeper.toml").unlink()
    ran = cli("config", "check")
    assert ran.code == 0
    assert ran.out.startswith("the packaged example (there is no file here, `watchkeeper init`")


def test_config_check_refuses_what_run_refuses(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is right can be run: half of a channel's credentials is told by both alike."""
    cli.configure(CONFIG.replace("impersonate = true", ""))
    monkeypatch.setenv("IMAP_URL", "hunter2")
    ran = cli("config", "check")
    assert (ran.code, ran.out) == (2, "")
    assert "IMAP_URL needs EMAIL_ADDRESS and SMTP_URL too" in ran.fault
    assert ran.fault == cli("run").fault


def test_config_check_refuses(cli: Cli) -> None:
    """A wrong file is one line and 2."""
    cli.configure("[maintenance]\n")
    ran = cli("config", "check")
    assert ran.code == 2
    assert ran.fault == "watchkeeper.toml: maintenance is not built yet in this version: remove it"


def test_init_writes_a_file_that_is_right_and_overwrites_none(cli: Cli) -> None:
    """The first configuration passes `config check`; one that is there stays as it is."""
    path = cli.folder / "watchkeeper.toml"
    path.unlink()
    assert cli("init").code == 0
    assert cli("config", "check").code == 0
    path.write_text("mine")
    ran = cli("init")
    assert ran.code == 1
    assert "already there" in ran.fault
    assert path.read_text() == "mine"


def test_a_store_that_does_not_answer_is_one_line_without_its_password(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names REDIS_URL; nobody reads the password in it."""
    cli.configure("")
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:1")
    ran = cli("threads")
    assert ran.code == 2
    assert "REDIS_URL" in ran.fault
    assert "hunter2" not in ran.fault


def test_a_defect_is_one_line_and_its_traceback_is_in_the_log(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback on the terminal, whatever breaks."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.cli.threads.begin", broken)
    ran = cli("threads")
    assert ran.code == 1
    assert "ZeroDivisionError" in ran.fault
    log = cli.data / "watchkeeper.log"
    assert str(log) in ran.fault
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize(
    ("dotenv", "breaks"),
    [
        ("WATCHKEEPER_DATA_DIR=elsewhere", "bot.cli.threads.connect"),
        ("WATCHKEEPER_DATA_DIR=elsewhere", "bot.cli.threads.begin"),
        ("'", "bot.cli.threads.begin"),
    ],
)
def test_the_log_that_is_named_has_the_details(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, dotenv: str, breaks: str
) -> None:
    """Whatever broke: the data directory may be named in `.env`, or `.env` itself be broken."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(breaks, broken)
    monkeypatch.delenv("WATCHKEEPER_DATA_DIR")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(cli.folder / "home"))
    (cli.folder / ".env").write_text(f"{dotenv}\n")
    ran = cli("threads")
    assert ran.code == 1
    named = re.search(r"; (.*) has the details", ran.fault)
    assert named is not None
    assert named[1].startswith(str(cli.folder / ("elsewhere" if "elsewhere" in dotenv else "home")))
    assert "Traceback" in Path(named[1]).read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("arguments", ["chat", "tools --json", "--help", "--version"])
def test_a_stdout_that_is_full_is_told(cli: Cli, arguments: str) -> None:
    """Nobody is sent to a log because a disk is full: one line, 1."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            cli.command(*arguments.split()),
            input=b"help\n",
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=cli.folder,
            env=cli.env({}),
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"can not write to stdout: No space left on device\n"


def test_tools_show_usage_risk_and_who_approves(cli: Cli) -> None:
    """Everything that can be said to the bot, with its schema and its gate."""
    rows = {str(row["name"]): row for row in cli("tools", "--json").rows}
    restart = rows["restart"]
    assert restart["risk"] == "write"
    assert restart["approve"] == {"by": "operator", "quorum": 1, "self": True, "expire": "30m"}
    assert "service=api" in str(restart["usage"])
    assert "'enum': ['staging', 'prod']" in str(restart["schema"])
    assert rows["disk"]["approve"] is None
    told = cli("tools").out
    assert "restart service=api env=staging|prod\n" in told
    assert "write, approved by operator, who asked may too" in told


def test_no_runbook_can_take_a_name_of_the_bot(cli: Cli) -> None:
    """The settings refuse every name and alias of a built-in tool that theirs can not replace."""
    runbooks = {"disk", "nap", "restart", *REPLACEABLE}
    for row in cli("tools", "--json").rows:
        if row["name"] not in runbooks:
            aliases = row["aliases"]
            assert isinstance(aliases, list)
            assert {row["name"], *aliases} <= RESERVED


def test_a_doctor_finds_nothing_where_nothing_is_wrong(cli: Cli) -> None:
    """All is well: 0, and what was looked at."""
    ran = cli("doctor")
    assert ran.code == 0
    assert "FAULT" not in ran.out
    for what in ("config: ", "store: ", "model: ", "runbooks.restart.argv: ", "channels: "):
        assert what in ran.out


def test_a_doctor_names_each_fault(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is missing and a channel that can not be reached are two faults: 1."""
    cli.configure(CONFIG.replace("/bin/df", "/bin/no-such").replace("impersonate = true", ""))
    for name, value in (
        ("EMAIL_ADDRESS", "bot@example.com"),
        ("IMAP_URL", "imap://u:hunter2@127.0.0.1:1"),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
    ):
        monkeypatch.setenv(name, value)
    ran = cli("doctor")
    assert ran.code == 1
    faults = [line for line in ran.out.splitlines() if line.startswith("FAULT")]
    assert len(faults) == 2
    assert "runbooks.disk.argv: /bin/no-such is not there" in faults[0]
    assert "email: the SMTP server" in faults[1]
    assert "hunter2" not in ran.out


def test_a_doctor_without_settings_says_what_to_mend(cli: Cli) -> None:
    """Settings are the first thing that is looked at."""
    cli.configure("[bto]\n")
    ran = cli("doctor")
    assert ran.code == 1
    assert "FAULT config: watchkeeper.toml: bto: there is no such key" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("thread", "show", "nowhere"),
        ("thread", "pause", "nowhere"),
        ("thread", "cancel", "nowhere", "--json"),
        ("replay", "nowhere"),
        ("dead", "retry", "nowhere"),
    ],
)
def test_what_is_not_there_is_one(cli: Cli, arguments: tuple[str, ...]) -> None:
    """A thread that does not exist is one line and 1."""
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert "nowhere" in ran.fault


@pytest.mark.parametrize("command", ["threads", "requests", "dead"])
def test_an_empty_list_is_nothing_and_zero(cli: Cli, command: str) -> None:
    """With `--json`, nothing at all is printed for nothing."""
    ran = cli(command, "--json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(cli: Cli, closing: str) -> None:
    """Whoever started it without a stream loses only that."""
    with subprocess.Popen(
        ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *cli.command("config", "check")],
        cwd=cli.folder,
        env=cli.env({}),
        stdout=subprocess.DEVNULL,
    ) as process:
        assert process.wait(PATIENCE) == 0
