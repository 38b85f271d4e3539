"""`python -m channels.email.reply`: one JSON object a mail, whatever the mail is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from channels.email.reply.__main__ import answer, main

RAW = (
    b"From: bob@shop.example\nSubject: Re: api\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    b"Content-Type: text/plain\n\nYes.\n\nOn 3/4/25 09:12, Bot wrote:\n> Restart?\n\n--b\n"
    b"Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n1,2\n--b--\n"
)


@pytest.fixture(name="mails")
def _mails(tmp_path: Path) -> list[str]:
    some = {
        "raw.eml": RAW,
        "body.txt": b"No.\n\n-- \nBob",
        "body.html": b"<p>Wait.</p><blockquote>Restart?</blockquote>",
        "empty.eml": b"",
        "noise.eml": bytes(range(256)) * 20,
    }
    for name, content in some.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in [*some, "missing.eml"]]


def test_each_kind_of_file_is_answered(mails: list[str]) -> None:
    """A raw mail, a plain body, an HTML body."""
    raw, plain, rich, *_ = [answer(path) for path in mails]
    assert (raw["kind"], raw["reply"]) == ("human", "Yes.")
    assert "Restart?" in str(raw["quoted"])
    assert raw["attachments"] == [{"name": "a.csv", "type": "text/csv", "size": 3}]
    assert plain["reply"] == "No."
    assert str(rich["reply"]).strip() == "Wait."


def test_one_file_is_told_of(mails: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A file named on the command line; without one it says nothing and fails."""
    assert main([mails[0]]) == 0
    assert json.loads(capsys.readouterr().out)["reply"] == "Yes."
    assert main([]) == 2


def test_a_bad_file_never_ends_the_run(mails: list[str]) -> None:
    """One path a line in, one answer a line out, in order; a missing one is an answer too."""
    paths = "\n".join([*mails, "", *mails[:1]]) + "\n"
    run = subprocess.run(
        [sys.executable, "-m", "channels.email.reply", "--jsonl"],
        input=paths,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(mails) + 2
    assert "error" in answers[5]
    assert answers[-1] == answers[0]
