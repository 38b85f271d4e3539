"""What is kept and shown of a program's output."""

from hypothesis import given
from hypothesis import strategies as st

from agents.tools.clean import CleanStream, clean
from agents.tools.redact import MARK, Redactor
from agents.tools.transcript import Transcript, excerpt

NOTHING_SECRET = Redactor([])


def kept(*pieces: bytes, redactor: Redactor = NOTHING_SECRET, limit: int = 1_000) -> str:
    """What a transcript keeps of these pieces."""
    transcript = Transcript(redactor, limit)
    for piece in pieces:
        transcript.feed(piece)
    return transcript.close()


def test_terminal_sequences_are_removed() -> None:
    """Colours, titles and cursor movements are not text."""
    assert clean("\x1b[1;31mred\x1b[0m") == "red"
    assert clean("\x1b]0;title\x07text") == "text"
    assert clean("\x1b]8;;https://a.example\x1b\\link\x1b]8;;\x1b\\") == "link"
    assert clean("\x1b(Btext\x1b=") == "text"
    assert clean("a\x00b\x08c\x7fd\x9be") == "abcde"


def test_lines_end_in_a_newline() -> None:
    """Whatever a program ends its lines with; a line written over shows all its states."""
    assert clean("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


def test_hidden_direction_marks_are_removed() -> None:
    """Output can not make a line read other than it is."""
    assert clean("a\u202eb\u2066c") == "abc"


def test_what_nobody_sees_is_removed() -> None:
    """Marks, tags and blank letters are no output; what joins the parts of an emoji is."""
    for character in "\u00ad\u061c\u115f\u180e\u200b\u2028\u2060\u2800\u3164\ufff9\U000e0041":
        assert clean(f"a{character}b") == "ab", hex(ord(character))
    assert clean("\u2764\ufe0f\u200d\U0001f525") == "\u2764\ufe0f\u200d\U0001f525"


def test_a_sequence_may_come_in_pieces() -> None:
    """Half a sequence is held back until the rest is there."""
    stream = CleanStream()
    assert stream.feed("a\x1b[1;3") == "a"
    assert stream.feed("1mb\r") == "b"
    assert stream.feed("\nc") == "\nc"
    assert stream.close() == ""


def test_a_sequence_without_end_is_not_held_for_ever() -> None:
    """A title that never ends costs a few kilobytes, not all memory."""
    stream = CleanStream()
    stream.feed("\x1b]0;")
    for _ in range(100):
        stream.feed("x" * 1_000)
        assert len(stream.held) < 6_000


def test_bytes_that_are_no_text() -> None:
    """Whatever is not UTF-8 shows as a replacement; a character may come in two pieces."""
    assert kept(b"a\xffb") == "a\ufffdb"
    assert kept("é".encode()[:1], "é".encode()[1:]) == "é"
    assert kept(b"\xc3") == "\ufffd"


def test_a_secret_in_pieces() -> None:
    """A secret never gets out, parted by pieces or by terminal sequences."""
    redactor = Redactor(["hunter2secret"])
    assert kept(b"a hunter2", b"secret b", redactor=redactor) == f"a {MARK} b"
    assert kept(b"hunter2\x1b[0m", b"secret", redactor=redactor) == MARK
    assert "unter2secret" not in kept(b"\x1bhunter2secret", redactor=redactor)


def test_big_output_keeps_head_and_tail() -> None:
    """The middle is left out, with a line that says how much."""
    told = kept(*(f"{n}\n".encode() for n in range(10_000)), limit=100)
    head, _, tail = told.partition("\n… 48,790 bytes left out …\n")
    assert head.startswith("0\n1\n2\n")
    assert tail.endswith("9998\n9999\n")
    assert len(head.encode()) + len(tail.encode()) == 100


def test_output_of_exactly_the_limit_is_whole() -> None:
    """Nothing is left out before it must be, not even a character that lies on the cut."""
    assert kept(("é" * 50).encode(), limit=100) == "é" * 50
    assert kept(("aé" * 33).encode(), limit=99) == "aé" * 33


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_any_bytes_give_bounded_text(pieces: list[bytes]) -> None:
    """Whatever comes, what is kept is text of bounded size without control characters."""
    told = kept(*pieces, limit=64)
    assert len(told.encode()) <= 64 + 60
    assert not any(ord(c) < 32 and c not in "\n\t" for c in told)


def test_excerpt_shows_the_ends() -> None:
    """The first ten and the last twenty lines, with a line for what is between."""
    lines = [f"line {n}" for n in range(40)]
    told = excerpt("\n".join(lines) + "\n").splitlines()
    assert told == ["```", *lines[:10], "… 10 lines left out …", *lines[20:], "```"]
    assert excerpt("\n".join(lines[:30])).splitlines() == ["```", *lines[:30], "```"]


def test_excerpt_of_nothing() -> None:
    """No output, no fence."""
    assert excerpt("") == ""
    assert excerpt("\n\n") == ""


def test_excerpt_cuts_long_lines() -> None:
    """One endless line does not fill the room."""
    assert len(excerpt("x" * 100_000)) < 250


@given(st.text("`\n~a", max_size=60))
def test_nothing_closes_the_fence(output: str) -> None:
    """Whatever the program prints, the only fences are ours."""
    told = excerpt(output)
    if told:
        assert told.startswith("```\n")
        assert told.endswith("\n```")
        assert "```" not in told[3:-3]
