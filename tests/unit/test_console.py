"""The console as a channel: lines in, plain text out, nothing untrusted obeyed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from channels import console
from channels.port import Address, Card

APPROVAL = Card(
    request="abcdefghijkl-1",
    kind="approval",
    title="Approval needed",
    lines=("restart api in staging", "may decide: ann or bob (2 of them)"),
    expires_at=datetime(2026, 3, 1, 10, 30, tzinfo=UTC),
)


def test_a_line_is_a_message_of_the_os_user() -> None:
    """The person is known by the OS user, alone in a room of their own."""
    said = console.inbound("ann", "restart api")
    assert said.author.channel == "console"
    assert (said.author.id, said.author.authenticated, said.author.bot) == ("ann", True, False)
    assert said.references == ("console:ann",)
    assert said.address == Address(channel="console", room="ann", thread="")
    assert said.audience == ("console:ann",)
    assert (said.text, said.dedupe, said.may_open) == ("restart api", "", True)


def test_a_named_thread_is_another_conversation() -> None:
    """`--thread NAME` has its own reference and its own address; the audience stays the user."""
    said = console.inbound("ann", "hi", thread="deploy")
    assert said.references == ("console:ann:deploy",)
    assert said.address.thread == "deploy"
    assert said.audience == ("console:ann",)


def test_a_line_of_a_named_input_is_known_again() -> None:
    """The same line of the same input has the same key; another place or text has another."""
    first = console.inbound("ann", "hi", input_name="jobs", number=3).dedupe
    assert first.startswith("console:ann:jobs:3:")
    assert first == console.inbound("ann", "hi", input_name="jobs", number=3).dedupe
    others = {
        console.inbound("bob", "hi", input_name="jobs", number=3).dedupe,
        console.inbound("ann", "ho", input_name="jobs", number=3).dedupe,
        console.inbound("ann", "hi", input_name="work", number=3).dedupe,
        console.inbound("ann", "hi", input_name="jobs", number=4).dedupe,
        console.inbound("ann", "hi", thread="x", input_name="jobs", number=3).dedupe,
    }
    assert first not in others
    assert len(others) == 5


def test_an_approval_shows_what_who_until_when_and_how() -> None:
    """Everything needed to decide is in the lines, with the words to send."""
    assert console.text("", APPROVAL).splitlines() == [
        "Approval needed (abcdefghijkl-1)",
        "  restart api in staging",
        "  may decide: ann or bob (2 of them)",
        "  until 2026-03-01 10:30 UTC",
        "  approve abcdefghijkl-1",
        "  deny abcdefghijkl-1 REASON",
    ]


def test_times_are_told_in_the_zone_of_the_team() -> None:
    """A deadline is shown as people read it."""
    assert "until 2026-03-01 11:30 CET" in console.text(
        "", APPROVAL, zone=ZoneInfo("Europe/Berlin")
    )


def test_what_the_words_said_is_not_said_again() -> None:
    """A reply with a card tells each line once."""
    told = console.text("restart api in staging\nabcdefghijkl-1, digest 12ab", APPROVAL)
    assert told.count("restart api in staging") == 1
    assert "digest 12ab" in told


def test_a_question_numbers_its_options() -> None:
    """An option can be picked by its number."""
    card = Card(request="r-1", kind="question", title="Please answer", options=("done", "not done"))
    told = console.text("", card)
    assert "  1. done\n  2. not done\n" in told
    assert told.endswith("  answer r-1 NUMBER")


def test_an_open_question_takes_words() -> None:
    """Without options, the answer is free text."""
    card = Card(request="r-1", kind="question", title="Which?")
    assert console.text("", card).endswith("  answer r-1 TEXT")


def test_a_closed_card_shows_its_outcome_and_no_hints() -> None:
    """Nobody is invited to decide what is decided."""
    card = Card(request="r-1", kind="approval", title="Approval", outcome="approved by ann")
    assert console.text("", card) == "Approval (r-1)\n  approved by ann"


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b[2J\x1b]0;owned\x07",
        "\x9b31m",
        "\r\x08\x7f",
        "\u202eevil\u2066",
        "\u2028line\u2029",
        "\x00",
    ],
)
def test_text_can_not_steer_the_terminal(evil: str) -> None:
    """Control characters and marks that turn the reading order are gone; words stay."""
    told = console.text(f"before{evil}after")
    assert told.startswith("before")
    assert told.endswith("after")
    assert all(char.isprintable() or char in "\n\t" for char in told)


def test_ordinary_text_stays_as_it_is() -> None:
    """Newlines, tabs, umlauts, emoji and joined scripts are no danger."""
    text = "a\tb\nÜber 日本 👩\u200d🚒"
    assert console.text(text) == text


def test_a_card_line_can_not_pass_for_a_line_of_its_own() -> None:
    """Words inside of a card that hold a newline forge no hint."""
    card = Card(request="r-1", kind="approval", title="T", lines=("x\n  approve r-9",))
    assert "  x⏎  approve r-9" in console.text("", card).splitlines()


def test_a_card_shows_what_runs_to_the_last_space() -> None:
    """No character of it is lost, whatever the words around the card have said."""
    shown = "run '--a=1   <!-- --b=2 -->  `c` __init__'"
    card = Card(request="r-1", kind="approval", title="T", lines=(shown,))
    words = f"It has changed.\n{shown}\nr-1, digest 12ab"
    assert f"  {shown}" in console.card_lines(card)
    assert console.besides(words, card) == "It has changed.\nr-1, digest 12ab"
    assert console.text(words, card).count(shown) == 1
    assert shown.replace("   ", " ") in console.besides(words.replace("   ", " "), card)
