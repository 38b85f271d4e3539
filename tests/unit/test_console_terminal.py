"""What the terminal shows: Markdown drawn, progress from events, untrusted words inert."""

import re
from datetime import timedelta

import pytest

from agents.port import Risk
from bot import events as e
from bot.cli.progress import Progress
from bot.cli.screen import drawn
from channels import console

ADDRESS = console.address("ann")
AUTHOR = console.author("ann")


def plain(drawing: str) -> str:
    """A drawing without its colours and without trailing spaces."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", drawing)
    return "\n".join(line.rstrip() for line in text.splitlines())


def received(seq: int) -> e.MessageReceived:
    """A message at `seq`."""
    return e.MessageReceived(
        seq=seq, by=AUTHOR, person="ann", address=ADDRESS, text="x", audience=()
    )


def requested(call: str) -> e.ToolRequested:
    """A call that is about to run."""
    return e.ToolRequested(
        call_id=call,
        turn=1,
        tool="restart",
        args={},
        shown="restart api",
        digest="",
        risk=Risk.WRITE,
        verdict="allowed",
        rule="",
        address=ADDRESS,
    )


def test_every_line_stays_a_line() -> None:
    """An outcome line and the output below it do not run together."""
    assert plain(drawn("restart api: exit 0\nall good")) == "restart api: exit 0\nall good"


def test_code_stays_as_it_is() -> None:
    """Output in a fence is shown line by line, without its marks."""
    shown = plain(drawn("```\na  b\nc\n```"))
    assert "a  b\n" in shown
    assert "```" not in shown


@pytest.mark.parametrize("words", ["[bold red]x[/]", "[link=http://e.org]x[/link]", ":smile:"])
def test_markup_of_the_drawing_library_is_only_text(words: str) -> None:
    """What people and tools write is never read as markup."""
    assert words in plain(drawn(words))
    assert words in plain(drawn("", (words,)))


def test_a_link_shows_where_it_leads() -> None:
    """No address hides behind words."""
    assert "http://evil.example" in plain(drawn("[safe](http://evil.example)"))
    assert "\x1b]8" not in drawn("[safe](http://evil.example)")


def test_a_card_follows_the_words() -> None:
    """The lines of a request come last, as they are."""
    assert plain(drawn("hello", ("Approval needed", "  approve r-1"))).endswith(
        "hello\nApproval needed\n  approve r-1"
    )


def test_progress_names_what_runs() -> None:
    """From the message to the end of its turn there is a line, and then none."""
    progress = Progress()
    assert progress.line == ""
    progress.saw(received(1))
    assert progress.line == "working…"
    progress.saw(requested("c1"))
    progress.saw(e.ToolStarted(seq=3, call_id="c1"))
    assert progress.line == "running restart api…"
    progress.saw(e.ToolReturned(seq=4, call_id="c1", text="done"))
    assert progress.line == "working…"
    progress.saw(e.TurnEnded(seq=5, turn=1, outcome="replied"))
    assert progress.line == ""


def test_progress_may_begin_in_the_middle() -> None:
    """A console that comes late sees ends whose beginnings it missed."""
    progress = Progress()
    progress.saw(e.ToolReturned(seq=9, call_id="c1", text="", seconds=timedelta().seconds))
    progress.saw(e.TurnEnded(seq=10, turn=1, outcome="replied"))
    assert progress.line == ""
    progress.saw(e.ToolStarted(seq=11, call_id="c2"))
    assert progress.line == "running c2…"


def test_a_thread_that_was_set_aside_is_not_busy() -> None:
    """Nothing is under way on a dead letter."""
    progress = Progress()
    progress.saw(received(1))
    progress.saw(e.DeadLettered(seq=2, reason="broke", attempts=5))
    assert progress.line == ""
