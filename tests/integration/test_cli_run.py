"""`run`: channels, console and worker; two roles that meet in the store; an end in order."""

import os
import signal
import subprocess

import pytest

from tests.cli_house import CONFIG, PATIENCE, Cli


def ready(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a headless worker says that it works."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"worker: ready\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_headless_worker_ends_with_zero(cli: Cli, how: signal.Signals) -> None:
    """`run --only worker` needs no channel and no console, and drains on a signal."""
    with cli.start("run", "--only", "worker") as process:
        ready(process)
        process.send_signal(how)
        assert process.wait(PATIENCE) == 0


def test_without_credentials_run_is_the_console(cli: Cli) -> None:
    """It says so on stderr, answers piped lines like `chat`, and ends with them."""
    ran = cli.piped("services\n", "run")
    assert ran.code == 0
    assert "- api" in ran.out
    assert "this is the console" in ran.fault
    assert cli.piped("services\n", "run", "--console").err == ""


def test_intake_and_worker_meet_in_the_store(cli: Cli) -> None:
    """One process takes messages in, another one works on them."""
    with cli.start("run", "--only", "worker") as worker:
        ready(worker)
        assert "- api" in cli.piped("services\n", "run", "--only", "intake").out
        worker.terminate()
        assert worker.wait(PATIENCE) == 0


def test_a_message_waits_for_a_worker(cli: Cli) -> None:
    """Without a worker the input is stored; the next command that has one answers it."""
    with cli.start("run", "--only", "intake") as intake:
        assert intake.stdin is not None
        intake.stdin.write(b"restart api staging\n")
        intake.stdin.flush()
        while not cli("threads", "--json").rows:
            assert intake.poll() is None
        intake.terminate()
        assert intake.wait(PATIENCE) == 0
    (row,) = cli("threads", "--json").rows
    assert row["state"] == "new"
    assert "- api" in cli.piped("services\n").out
    assert len(cli("requests", "--json").rows) == 1


@pytest.mark.parametrize(
    ("name", "channel"),
    [("DISCORD_BOT_TOKEN", "discord")],
)
def test_a_credential_of_a_channel_that_is_not_built_is_refused(
    cli: Cli, name: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for a bot that never connects: 2, with the name of the variable."""
    cli.configure(CONFIG.replace("impersonate = true", ""))
    monkeypatch.setenv(name, "imaps://u:hunter2@h")
    ran = cli("run")
    assert ran.code == 2
    assert name in ran.fault
    assert channel in ran.fault
    assert "hunter2" not in ran.fault


def test_a_run_drains_what_it_has_begun(cli: Cli) -> None:
    """A program that runs is finished and told before the process ends."""
    with cli.start("run", "--only", "worker") as worker:
        ready(worker)
        with cli.start("run", "--only", "intake") as intake:
            assert intake.stdin is not None
            intake.stdin.write(b"nap\n")
            intake.stdin.flush()
            while not (rows := cli("threads", "--json").rows) or rows[0]["state"] != "running":
                assert worker.poll() is None
            worker.terminate()
            assert worker.wait(PATIENCE) == 0
            assert intake.stdout is not None
            assert b"rested" in os.read(intake.stdout.fileno(), 65536)
            intake.communicate(timeout=PATIENCE)
