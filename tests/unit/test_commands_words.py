"""Text as clients send it, made plain and cut into words."""

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.words import invisible, plain, quoted, shown, split, unaddressed, unquoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a b  ", "a b"),
        ("a\u00a0b\u202fc\td", "a b c d"),
        ("a\u200bp\u2060i\ufeff", "api"),
        ("\u202eapi\u202c", "api"),
        ("<https://a.example/x?y=1>", "https://a.example/x?y=1"),
        ("see <http://a.example|a.example> now", "see a.example now"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("a < b > c", "a < b > c"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("\u26a0\ufe0f 1\ufe0f\u20e3 a\ufe0fb", "\u26a0\ufe0f 1\ufe0f\u20e3 ab"),
        ("\u0600\u06dd", "\u0600\u06dd"),
        ("\ud800", "?"),
        ("\x08ap\x00i\x7f\x9b", "api"),
        ("a\nb\x85c\x1cd", "a\nb\x85c\x1cd"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    """What nobody sees is gone, what everybody sees is left."""
    assert plain(text) == expected


# Of the category Cf, but seen: signs that stand around digits and letters.
SEEN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
JOINERS = "\u200c\u200d"


def test_nothing_invisible_matters() -> None:
    """Every format character is taken out but joiners and those that are seen; so are blanks."""
    every = (c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf")
    blank = "\u034f\u115f\u1160\u17b4\u2800\u3164\ufe00\uffa0\U000e0100"
    for character in [*(set(every) - set(SEEN + JOINERS)), *blank]:
        assert plain(f"a{character}b") == "ab", hex(ord(character))
        assert invisible(f"a{character}b")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("it's a word", ["it's", "a", "word"]),
        ('say "two words"', ["say", "two words"]),
        ('text="two words"', ["text=two words"]),
        ("say \u201ctwo words\u201d", ["say", "two words"]),
        ("say \u201etwo words\u201c", ["say", "two words"]),
        ('""', [""]),
        (r'"a \"b\" \\ \c"', [r'a "b" \ \c']),
        (r"C:\dir\x", [r"C:\dir\x"]),
    ],
)
def test_split(line: str, words: list[str]) -> None:
    """Only double quotes of any shape quote; backslashes count inside them alone."""
    found, closed = split(line)
    assert closed
    assert [word.text for word in found] == words
    assert all(line[word.start : word.end] == word.raw for word in found)


def test_an_open_quote_is_noticed() -> None:
    """The words before it are there, and the caller knows that it was not closed."""
    words, closed = split('buy 5" nails')
    assert not closed
    assert [word.text for word in words] == ["buy", "5"]


@given(st.text().filter(lambda text: not set(text) & set("\n\r")))
def test_quoting_is_undone(value: str) -> None:
    """Whatever is quoted is one word, and comes back as it was."""
    words, closed = split(quoted(value))
    assert closed
    assert [word.text for word in words] == [value]
    assert unquoted(quoted(value)) == value


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("@wk go", "go"),
        ("WK: go", "go"),
        ("wk, go", "go"),
        ("wk go", "go"),
        ("wk", ""),
        ("! go", "go"),
        ("<@U1> go", "go"),
        ("wkx go", "wkx go"),
        ("<@U2> go", "<@U2> go"),
    ],
)
def test_unaddressed(line: str, rest: str) -> None:
    """The bot's name at the beginning is not part of what is said to it."""
    assert unaddressed(line, ("wk", "<@U1>")) == rest


def test_shown_is_one_short_line() -> None:
    """A person's words can not break out of the sentence that repeats them."""
    assert shown("a `b`\nc") == "\"a 'b' c\""
    assert shown("x" * 50, limit=10) == '"' + "x" * 9 + '…"'


@pytest.mark.parametrize("text", ["<http://" * 500, '"' + '\\"' * 2_000, "<" * 4_000, "\\" * 4_000])
def test_hostile_text_costs_little(text: str) -> None:
    """The worst text of the greatest length is read in no time that anybody notices."""
    start = time.process_time()
    split(plain(text))
    assert time.process_time() - start < 0.5
