"""Secrets never get out, however the output that holds them is cut."""

import base64
import json
import textwrap
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.redact import MARK, Redactor

SECRET = "s3cr3t+va/lue"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_forms(form: str) -> None:
    """A secret is known as it is, URL-encoded and in base64."""
    assert form not in (told := Redactor([SECRET]).redact(f"a {form} b"))
    assert told.startswith(f"a {MARK}")


HARD = 'caf\u00e9/"q\\<&>\n\u65e5 end'


@pytest.mark.parametrize(
    "form",
    [
        json.dumps(HARD)[1:-1],
        json.dumps(HARD, ensure_ascii=False)[1:-1],
        json.dumps(HARD)[1:-1].replace("/", r"\/"),
        json.dumps(HARD)[1:-1].replace("\\u00e9", "\\u00E9").replace("\\u65e5", "\\u65E5"),
        json.dumps(HARD, ensure_ascii=False)[1:-1]
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026"),
        quote(HARD).lower(),
        quote(HARD, safe="").lower(),
        quote_plus(HARD).lower(),
        HARD.encode().hex(),
        HARD.encode().hex().upper(),
    ],
)
def test_forms_of_escapes(form: str) -> None:
    """A secret that JSON or a URL must escape is known however they do it, and in hexadecimal."""
    assert Redactor([HARD]).redact(f"a {form} b") == f"a {MARK} b"


LONG = "".join(f"{n:03}-\xff\xfe/" for n in range(40))
ENCODERS = [base64.b64encode, base64.urlsafe_b64encode, lambda data: data.hex().encode()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [60, 64, 76])
@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize(
    "user", ["", "someone:", "somebody with a long name and more than a line:"]
)
def test_broken_into_lines(
    user: str, encode: Callable[[bytes], bytes], width: int, end: str
) -> None:
    """Base64 and hexadecimal in lines of any usual length hide nothing, wherever they begin."""
    lines = textwrap.wrap(encode(f"{user}{LONG}".encode()).decode(), width)
    text = end.join(["before", *lines, "after"])
    told = Redactor([LONG]).redact(text)
    assert told.startswith("before")
    assert told.endswith("after")
    assert len(told.replace(MARK, "")) <= 20 + 2 * len(user)
    stream = Redactor([LONG]).stream()
    assert "".join(map(stream.feed, text)) + stream.close() == told


def test_lines_of_something_else() -> None:
    """What only reads like a secret when many lines are put together is none."""
    digits = b"hunter2".hex()
    text = "\n".join(digits)
    assert Redactor(["hunter2"]).redact(text) == text


def test_a_secret_that_is_no_text() -> None:
    """Bytes that are no UTF-8, as the environment may hold, are known like any others."""
    secret = b"\xff\xfe-hunter2".decode(errors="surrogateescape")
    assert Redactor([secret]).redact("a %FF%FE-hunter2 b") == f"a {MARK} b"


@pytest.mark.parametrize("user", ["", "a", "ab", "abc"])
def test_base64_of_something_around_it(user: str) -> None:
    """A header made of user and secret shows none of the secret's own letters."""
    header = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    told = Redactor([SECRET]).redact(f"Authorization: Basic {header}")
    assert MARK in told
    shown = told.removeprefix("Authorization: Basic ").replace(MARK, "")
    assert len(shown) <= len(user) + 8


def test_short_values_are_ignored() -> None:
    """Fewer than six characters are likely an ordinary word: "yes" is no secret."""
    assert Redactor(["", "yes", "12345"]).redact("yes 12345") == "yes 12345"
    assert Redactor(["123456"]).redact("yes 123456") == f"yes {MARK}"
    assert Redactor(["123456\n"]).redact("yes 123456") == f"yes {MARK}"


def test_without_secrets_nothing_is_held_back() -> None:
    """Live output is not delayed when there is nothing to hide."""
    assert Redactor([]).stream().feed("abc") == "abc"


def test_overlapping_secrets_leave_no_rest() -> None:
    """Where two secrets share characters, neither shows its end."""
    redactor = Redactor(["abcdefgh", "fghijklm"])
    assert redactor.redact("<abcdefghijklm>") == f"<{MARK}>"
    assert redactor.redact("<abcdefghabcdefgh>") == f"<{MARK}{MARK}>"


def test_a_secret_of_one_letter_over_and_over() -> None:
    """Endless overlaps need no endless memory."""
    stream = Redactor(["aaaaaa"]).stream()
    given_out = "".join(stream.feed("a" * 1_000) for _ in range(20)) + stream.close()
    assert given_out == MARK
    assert len(stream.held) == 0


def test_control_characters_in_a_secret() -> None:
    """A secret of several lines is known as cleaned output shows it, too."""
    assert Redactor(["line one\r\nline two"]).redact("line one\nline two") == MARK


SECRETS = st.lists(st.text("abcé", min_size=6, max_size=9), max_size=3)


@st.composite
def texts(draw: st.DrawFn) -> tuple[list[str], str]:
    """Some secrets, and a text that holds them, parts of them and noise."""
    secrets = draw(SECRETS)
    parts = st.text("abcé", max_size=8)
    if secrets:
        parts |= st.sampled_from(secrets)
        parts |= st.sampled_from(secrets).flatmap(
            lambda s: st.integers(1, len(s)).map(lambda n: s[:n])
        )
    return secrets, "".join(draw(st.lists(parts, max_size=8)))


@given(texts(), st.lists(st.integers(0, 80)))
def test_any_split_gives_what_the_whole_gives(case: tuple[list[str], str], cuts: list[int]) -> None:
    """A stream over any pieces equals the whole text redacted, and holds no secret."""
    secrets, text = case
    redactor = Redactor(secrets)
    stream = redactor.stream()
    pieces = [text[a:b] for a, b in pairwise([0, *sorted(cuts), len(text) + 80])]
    told = "".join(stream.feed(piece) for piece in pieces) + stream.close()
    assert told == redactor.redact(text)
    assert not any(secret in told for secret in secrets)


@given(texts())
def test_every_character_outside_a_secret_stays(case: tuple[list[str], str]) -> None:
    """Exactly the characters that no occurrence covers are shown, in their order."""
    secrets, text = case
    covered = {
        start + n
        for secret in secrets
        for start in range(len(text))
        if text.startswith(secret, start)
        for n in range(len(secret))
    }
    rest = "".join(c for n, c in enumerate(text) if n not in covered)
    assert Redactor(secrets).redact(text).replace(MARK, "") == rest
