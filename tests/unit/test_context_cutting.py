"""Long texts made short: nothing that was passed on looks its author's own afterwards."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.provenance import own_words
from bot.shortening import LONGEST_NOTE, cut, cut_message, one_line, unfenced, untraced

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
def test_a_message_is_cut_to_its_room(message: str, most: int) -> None:
    """The notes of what is left out included; what fits stays as it is."""
    shorter = cut_message(message, most)
    assert len(shorter) <= most
    assert shorter == message or len(message) > most
    assert cut_message(shorter, most) == shorter


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
    assert len(shorter) <= 200
    assert "GET" not in own_words(shorter)


@given(st.text(max_size=400), st.integers(0, 400))
def test_a_cut_is_never_longer(text: str, most: int) -> None:
    """It has the room it was given, but for a note where that has none; cut again, it stays."""
    shorter = cut(text, most)
    assert len(shorter) <= len(text)
    assert len(shorter) <= max(most, LONGEST_NOTE)
    assert most < LONGEST_NOTE or cut(shorter, most) == shorter


def test_a_cut_of_a_cut_counts_all_that_is_gone() -> None:
    """Whoever reads it last knows how long it was."""
    once = cut("x" * 20_000, 8_000)
    assert "… 12,040 characters left out …" in once
    assert "… 19,840 characters left out …" in cut(once, 200).replace("\n", "")


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
    assert untraced(text) == "\n".join(text.splitlines())
