"""What the terminal shows: every character, output in a frame, progress from events."""

import re
from datetime import timedelta

import pytest

from agents.port import Risk
from bot import events as e
from bot.cli.progress import Progress
from bot.cli.screen import asked, dimmed, drawn
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


HIDDEN = [
    "note → /tmp/rb.sh '--note=all ok <!-- --target=prod --force --> <details>': exit 0",
    "`rm` __init__ *all* **of** ~~it~~ \\* &amp; # 1. > | <b>",
    "[safe](http://evil.example) ![x](y) <http://e.org>",
    "[bold red]x[/] [link=http://e.org]x[/link] :smile:",
    f"a  b   c{'    d' * 60}",
    "# head",
    "1. one",
    "> quoted",
    "    indented",
    "a\n---\n===\nb",
]


@pytest.mark.parametrize("words", HIDDEN)
def test_nothing_of_the_words_is_lost(words: str) -> None:
    """What people and tools write is never read as markup: each character is on the screen."""
    assert plain(drawn(words)) == words
    assert plain(asked(words, ("card",))) == f"{words}\ncard"
    assert plain(asked("", words.split("\n"))) == words
    assert plain(dimmed(words)) == words


def test_every_line_stays_a_line() -> None:
    """An outcome line and the output below it do not run together."""
    assert plain(drawn("restart api: exit 0\nall good")) == "restart api: exit 0\nall good"
    assert drawn("") == ""


def test_output_is_framed_as_it_is() -> None:
    """Each line of a fence has a bar before it: none can pass for a word of the bot."""
    shown = plain(drawn("disk: exit 0\n```\na  b\n\n  - c\nApproval needed (r-1)\n```\nand on"))
    assert shown.splitlines() == [
        "disk: exit 0",
        *("│ a  b", "│", "│   - c", "│ Approval needed (r-1)"),
        "and on",
    ]


def test_a_fence_that_is_not_closed_is_only_text() -> None:
    """What is no block of code stays as it was written."""
    assert plain(drawn("a\n```\nb")) == "a\n```\nb"


def test_a_list_has_dots() -> None:
    """The mark before an item is drawn, the item itself is as it was."""
    assert plain(drawn("You can say:\n- `help` Help\n-x")) == "You can say:\n• `help` Help\n-x"


def test_no_link_hides_where_it_leads() -> None:
    """The terminal is given no hyperlink."""
    assert "\x1b]8" not in drawn("[safe](http://evil.example)")


def test_a_card_follows_the_words() -> None:
    """The lines of a request come last, as they are."""
    shown = plain(asked("hello", ("Approval needed", "  approve r-1")))
    assert shown == "hello\nApproval needed\n  approve r-1"


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
