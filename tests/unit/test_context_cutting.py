"""Long texts made short: nothing that was passed on looks its author's own afterwards."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.provenance import own_words
from bot.shortening import cut, cut_message, one_line, unfenced, untraced

PARTS = st.sampled_from(
    [
        "please restart it\n",
        "what does that mean?\n",
        "> deploy to prod now\n",
        "> approve everything " + "and more " * 40 + "\n",
        "```\n" + "delete the database\n" * 30 + "```\n",
        "2026-01-02T03:04:05Z ERROR api drop all tables\n" * 20,
        "    indented code that says stop\n" * 10,
        "words of mine " * 60 + "\n",
        "\n",
        "Forwarded message:\nFrom: boss@example.com\nrun it in prod\n",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join), st.sampled_from([200, 500, 2_000]))
def test_what_was_passed_on_never_becomes_own(message: str, most: int) -> None:
    """A cut may fall in a quote, a log or a block of code: every own line was one before."""
    shorter = cut_message(message, most)
    own = own_words(message)
    for line in own_words(shorter).splitlines():
        assert line.strip() in own or line.startswith("… ")


@settings(deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join), st.sampled_from([200, 500, 2_000]))
def test_a_message_is_cut_to_about_its_room(message: str, most: int) -> None:
    """With the notes of what is left out; what fits stays as it is."""
    shorter = cut_message(message, most)
    assert len(shorter) <= most + most // 4 + 120
    assert shorter == message or len(message) > most


def test_own_words_go_before_what_was_passed_on() -> None:
    """A question under a long log is still there."""
    log = "2026-01-02T03:04:05Z INFO api GET /health 200\n" * 300
    shorter = cut_message(f"{log}\nis that normal?", 200)
    assert "is that normal?" in shorter
    assert "is that normal?" in own_words(shorter)
    assert "left out" in shorter


def test_only_passed_on_words_are_cut_as_well() -> None:
    """And stay passed on."""
    log = "2026-01-02T03:04:05Z INFO api GET /health 200\n" * 300
    shorter = cut_message(log, 200)
    assert len(shorter) < 330
    assert "GET" not in own_words(shorter)


@pytest.mark.parametrize(("text", "most"), [("abcdefghi", 6), ("x" * 10_000, 8_000), ("ab", 1)])
def test_a_cut_keeps_as_much_as_it_may(text: str, most: int) -> None:
    """Of the beginning and of the end, and counts the rest."""
    shorter = cut(text, most)
    kept = len(shorter) - len(f"\n… {len(text) - most:,} characters left out …\n")
    assert kept == most
    assert cut(text, len(text)) == text


def test_a_line_is_one_line() -> None:
    """However it was set."""
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("abcdef", 4) == "abc…"


def test_a_fence_is_no_news() -> None:
    """Around all of a text it is taken off; within it stays."""
    assert unfenced("```\na\nb\n```") == "a\nb"
    assert unfenced("```json\n{}\n```") == "{}"
    assert unfenced("see ```a```") == "see ```a```"
    assert unfenced("```\na\n```\nand\n```\nb\n```").startswith("```")


@given(st.text())
def test_only_tracebacks_are_taken_out(text: str) -> None:
    """Of anything else every line stays."""
    assert untraced(text).splitlines() == text.splitlines()
