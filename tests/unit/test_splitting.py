"""Long answers in several messages: whole code, nothing lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.splitting import lines, split

LIMIT = 100
CODE = (
    "before\n```python\n"
    + "\n".join(f"print({n}) # {'x' * 20}" for n in range(20))
    + "\n```\nafter"
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(["```", "```sh", "~~~", "````", "", "- item", "    indented", "``` `"]),
        # What follows an opening fence is told again with it, so only "sh" may.
        st.text(alphabet="ab `~\u00e9", max_size=150).filter(
            lambda line: not re.match(" {0,3}(```|~~~)", line)
        ),
    ),
    max_size=30,
).map("\n".join)


def test_what_fits_is_left_as_it_is() -> None:
    """One message, byte for byte."""
    assert split("hello\n\nworld ", LIMIT) == ("hello\n\nworld ",)


def test_nothing_is_no_message() -> None:
    """Not even an empty one."""
    assert split(" \n ", LIMIT) == ()


def test_code_is_closed_and_opened_again() -> None:
    """Each message shows its part of the code as code, in the same language; no line is lost."""
    parts = split(CODE, LIMIT)
    assert len(parts) > 5
    shown = []
    for part in parts:
        assert part.count("```") % 2 == 0
        shown += [line.text for line in lines(part) if line.code and "print" in line.text]
    assert shown == [f"print({n}) # {'x' * 20}" for n in range(20)]
    assert all(part.startswith(("```python\n", "before")) for part in parts[:-1])


def test_a_long_line_is_cut_at_spaces() -> None:
    """Words stay whole where there are some."""
    parts = split("word " * 100, LIMIT)
    assert all(set(part.split()) == {"word"} for part in parts)


def test_an_endless_word_is_cut() -> None:
    """Nothing of it is lost."""
    assert "".join(split("x" * 1000, LIMIT)) == "x" * 1000


def test_a_limit_too_narrow_for_code_is_refused() -> None:
    """It is an error of whoever calls."""
    with pytest.raises(ValueError, match="63"):
        split("x", 63)


@given(PIECES, st.integers(min_value=64, max_value=200))
def test_whatever_is_cut_fits_and_is_whole(text: str, limit: int) -> None:
    """Within the limit, every fence closed where it was cut, every letter there, in order."""
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    wanted = re.sub(r"[\s`~]|sh", "", text)
    assert re.sub(r"[\s`~]|sh", "", "".join(parts)) == wanted
    for part in parts[:-1]:
        last = list(lines(part))[-1]
        assert not last.code or last.text.strip(" `~") == ""


def test_a_fence_is_closed_by_nothing_but_blanks() -> None:
    """As Markdown has it; lines end in whichever of the three ways."""
    found = [line.code for line in lines("```\r\na\r```\u00a0\n``` \t\nb")]
    assert found == [True, True, True, True, False]


def test_code_is_sure_while_no_dialect_ends_it() -> None:
    """Opened at the margin, with no mark of a fence within."""
    assert [line.sure for line in lines("```\na\nb```\nc")] == [True, True, True, False]
    assert not any(line.sure for line in lines(" ```\na\n```\n~~~\nb\n~~~"))
