"""`chat` on a pipe: one message a line, in order, once, with everything bad told by line."""

import json
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from bot.intake import MOST_BYTES
from tests.cli_house import CONFIG, PATIENCE, Cli


def ask(process: "subprocess.Popen[bytes]", line: str) -> str:
    """Write a line; the first line of the answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n".encode())
    process.stdin.flush()
    return process.stdout.readline().decode()


def test_lines_are_answered_in_order_and_the_end_is_zero(cli: Cli) -> None:
    """Each line has its answer before the next is read; end of input is the end."""
    ran = cli.piped("disk\nservices\nnap\nservices\n")
    assert (ran.code, ran.err) == (0, "")
    places = [ran.out.index(word) for word in ("/bin/df", "- api: staging", "rested")]
    assert places == sorted(places)
    assert ran.out.count("- api: staging") == 2


def test_an_empty_input_is_no_message(cli: Cli) -> None:
    """Nothing in, nothing out; blank lines are nothing."""
    for text in ("", "\n  \n\n"):
        ran = cli.piped(text)
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert cli("threads", "--json").rows == []


def test_stdin_may_be_closed(cli: Cli) -> None:
    """Started without any stdin, there is nothing to read."""
    with subprocess.Popen(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *cli.command("chat")],
        cwd=cli.folder,
        env=cli.env({}),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.wait(PATIENCE) == 0


def test_a_file_without_a_last_newline_is_read_whole(cli: Cli) -> None:
    """The last line counts, however it ends."""
    assert "- api" in cli.piped("services").out


def test_named_threads_are_conversations_of_their_own(cli: Cli) -> None:
    """`--thread NAME` keeps things apart."""
    cli.piped("services\n")
    cli.piped("services\n", "chat", "--thread", "deploy")
    assert len(cli("threads", "--json").rows) == 2


def test_a_named_input_may_be_piped_again(cli: Cli) -> None:
    """Lines that were taken in are not run twice; their recorded answers are printed again."""
    first = cli.piped("remind in=1h text=tea\nservices\n", "chat", "--input", "jobs")
    again = cli.piped("remind in=1h text=tea\nservices\nhelp\n", "chat", "--input", "jobs")
    assert again.code == 0
    assert again.out.startswith(first.out)
    assert len(again.out) > len(first.out)
    (thread,) = cli("threads", "--json").rows
    events = cli("thread", "show", str(thread["thread"]), "--json").rows
    said = [event["text"] for event in events if event["kind"] == "message_received"]
    assert said == ["remind in=1h text=tea", "services", "help"]


def test_a_changed_line_of_a_named_input_is_a_new_message(cli: Cli) -> None:
    """A line is known by its number and its text."""
    cli.piped("services\n", "chat", "--input", "jobs")
    assert "/bin/df" in cli.piped("disk\n", "chat", "--input", "jobs").out


def test_without_a_name_each_run_says_it_anew(cli: Cli) -> None:
    """Two runs of the same pipe are two messages."""
    cli.piped("services\n")
    cli.piped("services\n")
    (thread,) = cli("threads", "--json").rows
    events = cli("thread", "show", str(thread["thread"]), "--json").rows
    assert sum(event["kind"] == "message_received" for event in events) == 2


def test_bad_lines_are_told_by_number_and_the_others_go_on(cli: Cli) -> None:
    """Bytes that are no text and lines that are too long: one line each on stderr, 2 at the end."""
    long = b"x" * (MOST_BYTES + 1)
    ran = cli.piped(b"services\n\xff\xfe\n" + long + b"\n\ndisk\n")
    assert ran.code == 2
    faults = ran.err.splitlines()
    assert len(faults) == 2
    assert faults[0].startswith("line 2: is not UTF-8")
    assert faults[1].startswith(f"line 3: is longer than {MOST_BYTES} bytes")
    assert "- api" in ran.out
    assert "/bin/df" in ran.out


def test_a_stranger_is_told_whom_to_ask(cli: Cli) -> None:
    """An OS user without a person is not answered with silence, nor with work."""
    cli.configure(CONFIG.replace('"@me"', '"somebody-else"'))
    ran = cli.piped("disk\nservices\n")
    assert ran.code == 0
    assert cli.user in ran.out
    assert "[people]" in ran.out
    assert "/bin/df" not in ran.out


def test_strangers_may_be_ignored(cli: Cli) -> None:
    """What is not accepted has no answer, and does not block the next line."""
    text = CONFIG.replace('"@me"', '"x"') + '[access]\nunknown = "ignore"\n'
    cli.configure(text)
    ran = cli.piped("disk\nservices\n")
    assert (ran.code, ran.out) == (0, "")


def test_being_somebody_else_is_for_trying_out(cli: Cli) -> None:
    """`--as NAME` is a person or an OS user, is audited, and needs console.impersonate."""
    assert "- api" in cli.piped("services\n", "chat", "--as", "bob").out
    (thread,) = cli("threads", "--json").rows
    (first, *_) = cli("thread", "show", str(thread["thread"]), "--json").rows
    assert first["person"] == "bob"
    cli.configure(CONFIG.replace("impersonate = true", ""))
    ran = cli.piped("services\n", "chat", "--as", "bob")
    assert ran.code == 2
    assert "console.impersonate" in ran.fault


def test_a_reader_that_leaves_ends_it_quietly(cli: Cli) -> None:
    """`| head -1` is no error: no traceback, no word."""
    process = cli.start("chat")
    assert ask(process, "help").startswith("You can say")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.write(b"help\nhelp\nhelp\n")
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


def test_text_from_a_program_can_not_steer_the_terminal(cli: Cli, tmp_path: Path) -> None:
    """Escapes in an answer are gone before they are printed."""
    program = tmp_path / "evil"
    program.write_text("#!/bin/sh\nprintf '\\033[2Jgone\\007'\n")
    program.chmod(0o755)
    cli.configure(CONFIG.replace("/bin/df", str(program)).replace(', "/"]', "]"))
    ran = cli.piped("disk\n")
    assert "gone" in ran.out
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_exits_zero(cli: Cli, how: signal.Signals) -> None:
    """What runs is finished, recorded and printed before the process ends."""
    with cli.start("chat") as process:
        assert "- api" in ask(process, "services")
        assert process.stdin is not None
        process.stdin.write(b"nap\n")
        process.stdin.flush()
        while cli("threads", "--json").rows[0]["state"] != "running":
            assert process.poll() is None
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, b"")
        assert out.count(b"\nrested\n") == 1
    (thread,) = cli("threads", "--json").rows
    events = cli("thread", "show", str(thread["thread"]), "--json").rows
    kinds = [event["kind"] for event in events]
    assert kinds.count("tool_started") == kinds.count("tool_returned") == 2


def test_the_console_is_small(cli: Cli) -> None:
    """A bot at work stays under 100 MB resident."""
    with cli.start("chat") as process:
        ask(process, "services")
        assert psutil.Process(process.pid).memory_info().rss < 100_000_000
        process.communicate(timeout=PATIENCE)


def test_events_are_json_lines(cli: Cli) -> None:
    """`thread show --json` prints each event with kind, seq and at, and nothing else."""
    cli.piped("services\n")
    (thread,) = cli("threads", "--json").rows
    ran = cli("thread", "show", str(thread["thread"]), "--json")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["at"].endswith("Z") for row in rows)
    assert (rows[0]["kind"], rows[-1]["kind"]) == ("message_received", "turn_ended")
