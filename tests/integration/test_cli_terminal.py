"""`chat` on a terminal: a prompt that stays, answers above it, and what was said while away."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from types import TracebackType

import pytest

from tests import warm
from tests.cli_house import CONFIG, PATIENCE, Cli

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")
PROMPT = ">"
CTRL_C, CTRL_D = "\x03", "\x04"


class Screen:
    """A console on a terminal, and what it has shown since the last look."""

    def __init__(self, cli: Cli, *arguments: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self._terminal = ours
        self._shown = ""
        self.process = warm.start(
            ("chat", *arguments),
            (theirs, theirs, theirs),
            folder=cli.folder,
            env=cli.env({"TERM": "xterm-256color"}),
        )
        os.close(theirs)

    def __enter__(self) -> "Screen":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        os.close(self._terminal)

    def type(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._terminal, keys.encode())

    def wait_for(self, words: str) -> str:
        """Everything shown up to and with `words`; what comes after stays for the next look."""
        until = time.monotonic() + PATIENCE
        while words not in self._shown:
            alive = self._read() and time.monotonic() < until
            assert alive or words in self._shown, f"{words!r} is not in {self._shown!r}"
        seen, _, self._shown = self._shown.partition(words)
        return seen + words

    def end(self) -> int:
        """The exit code, once it has ended."""
        until = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < until, f"it does not end: {self._shown!r}"
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None
        return self.process.exitcode

    def _read(self) -> bool:
        """Take in what is shown, waiting a little; False once the other side has hung up."""
        if not select.select([self._terminal], [], [], 0.1)[0]:
            return True
        try:
            chunk = os.read(self._terminal, 65536)
        except OSError:
            return False
        self._shown += ESCAPES.sub("", chunk.decode(errors="replace"))
        return bool(chunk)


def test_a_conversation(cli: Cli) -> None:
    """A question, its answer, and Ctrl-D to leave with 0."""
    with Screen(cli) as screen:
        screen.wait_for("you are me")
        screen.wait_for(PROMPT)
        screen.type("disk\r")
        screen.wait_for("Filesystem")
        screen.type(CTRL_D)
        assert screen.end() == 0
    history = cli.data / "console_history"
    assert "disk" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_open_requests_are_shown_and_can_be_decided(cli: Cli) -> None:
    """What waits for me is the first thing I see; approving it here runs it."""
    cli.piped("restart api staging\n", "chat", "--thread", "other")
    (row,) = cli("requests", "--json").rows
    with Screen(cli) as screen:
        assert str(row["id"]) in screen.wait_for("until")
        screen.wait_for(PROMPT)
        screen.type(f"approve {row['id']}\r")
        screen.wait_for("Approved by me")
        screen.type(CTRL_D)
        assert screen.end() == 0
    assert cli("requests", "--json").rows == []


def test_what_runs_is_shown_and_ctrl_c_calls_it_off(cli: Cli) -> None:
    """While a program runs the line above the prompt names it; Ctrl-C sends `cancel`."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type("nap\r")
        screen.wait_for("nap →")  # the terminal is sent only what differs from "working…"
        screen.type(CTRL_C)
        screen.wait_for("stopping nap")
        screen.type(CTRL_D)
        assert screen.end() == 0


def test_ctrl_c_at_rest_only_says_how_to_leave(cli: Cli) -> None:
    """Nothing is sent where nothing runs."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type(CTRL_C)
        screen.wait_for("Ctrl-D leaves")
        screen.type(CTRL_D)
        assert screen.end() == 0
    assert cli("threads", "--json").rows == []


def test_a_reminder_arrives_by_itself_and_only_once(cli: Cli) -> None:
    """What is said later is shown above the prompt; what was shown is not said again."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type("remind 1s tea is ready\r")
        screen.wait_for("Reminder: tea is ready")
        screen.type(CTRL_D)
        assert screen.end() == 0
    with Screen(cli) as screen:
        assert "Reminder" not in screen.wait_for(PROMPT)


def test_what_was_said_while_away_comes_first(cli: Cli) -> None:
    """A reply that nobody saw is shown at the next start."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type("remind 1s tea is ready\r")
        screen.wait_for("I will say it")
        screen.type(CTRL_D)
        assert screen.end() == 0
    (row,) = cli("threads", "--json").rows
    with cli.start("run", "--only", "worker") as worker:
        while "Reminder" not in cli("thread", "show", str(row["thread"])).out:
            assert worker.poll() is None
        worker.terminate()
    with Screen(cli) as screen:
        assert "Reminder: tea is ready" in screen.wait_for(PROMPT)


def test_names_are_completed(cli: Cli) -> None:
    """Tab offers what can be said."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type("serv\t")
        screen.wait_for("services")
        screen.type("\r")
        screen.wait_for("api: staging")


def test_sigterm_leaves_the_terminal_in_order(cli: Cli) -> None:
    """A signal ends the prompt, drains, and exits with 0."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.process.terminate()
        assert screen.end() == 0


NOTE = """
[runbooks.note]
summary = "Note"
argv = ["/bin/echo", "--note={note}"]
params = { note = "text" }
risk = "write"
approve = { by = "operator", self = true }
"""
HIDDEN = "all ok   <!-- --target=prod --force --> <details> __init__ *a*"


def test_nothing_of_what_is_approved_is_hidden(cli: Cli) -> None:
    """What looks like markup is on the screen before it is approved, and in its outcome."""
    cli.configure(CONFIG + NOTE)
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type(f'note note="{HIDDEN}"\r')
        shown = screen.wait_for("  deny ")
        assert f"→ /bin/echo '--note={HIDDEN}'\r" in shown
        (row,) = cli("requests", "--json").rows
        assert f"--note={HIDDEN}" in cli("requests").out
        screen.type(f"approve {row['id']}\r")
        assert f"→ /bin/echo '--note={HIDDEN}'" in screen.wait_for("exit 0")
        screen.type(CTRL_D)
        assert screen.end() == 0


@pytest.mark.parametrize("word", ["exit", "Quit "])
def test_words_that_leave(cli: Cli, word: str) -> None:
    """`exit` and `quit` do what Ctrl-D does, and are no message."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type(f"{word}\r")
        assert screen.end() == 0
    assert cli("threads", "--json").rows == []


def test_a_runbook_may_be_called_exit(cli: Cli) -> None:
    """What the team has named so is what they mean."""
    cli.configure(CONFIG.replace("runbooks.disk", "runbooks.exit"))
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type("exit\r")
        screen.wait_for("Filesystem")
        screen.type(CTRL_D)
        assert screen.end() == 0


def test_who_leaves_while_something_runs_sees_how_it_ends(cli: Cli) -> None:
    """Its outcome is printed after the prompt is gone, once."""
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type("nap\r")
        screen.wait_for("nap →")
        screen.type(CTRL_D)
        screen.wait_for("is finished first")
        screen.wait_for("exit 0")
        screen.wait_for("│ rested")
        assert screen.end() == 0
    with Screen(cli) as screen:
        assert "rested" not in screen.wait_for(PROMPT)


def unanswered(cli: Cli, line: str) -> None:
    """Say it on a pipe that is gone before it is answered; a worker answers it afterwards."""
    known = len(cli("threads", "--json").rows)
    with cli.start("run", "--only", "intake") as intake:
        assert intake.stdin is not None
        intake.stdin.write(f"{line}\n".encode())
        intake.stdin.flush()
        while len(cli("threads", "--json").rows) == known:
            assert intake.poll() is None
        intake.terminate()
        assert intake.wait(PATIENCE) == 0
    assert "/bin/df" in cli.piped("disk\n", "chat", "--thread", "other").out


def test_what_was_not_printed_on_a_pipe_comes_first(cli: Cli) -> None:
    """A pipe that ends before its line is answered has not shown the answer; others have."""
    unanswered(cli, "services")
    with Screen(cli) as screen:
        assert "api: staging" in screen.wait_for(PROMPT)
    with Screen(cli) as screen:
        assert "api: staging" not in screen.wait_for(PROMPT)
    with Screen(cli, "--thread", "other") as screen:
        assert "/bin/df" not in screen.wait_for(PROMPT)


def test_a_decision_on_another_thread_moves_no_cursor(cli: Cli) -> None:
    """What is shown of another thread says nothing about our own."""
    cli.piped("restart api staging\n", "chat", "--thread", "deploy")
    (row,) = cli("requests", "--json").rows
    with Screen(cli) as screen:
        screen.wait_for(PROMPT)
        screen.type(f"approve {row['id']}\r")
        screen.wait_for("exit 0")
        screen.type(CTRL_D)
        assert screen.end() == 0
    unanswered(cli, "services")
    with Screen(cli) as screen:
        assert "api: staging" in screen.wait_for(PROMPT)
