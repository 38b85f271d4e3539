"""What may be said to a runbook: values that can be nothing but values."""

import sys
import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.commands import Grammar
from agents.port import Say
from agents.tools.argv import filled
from agents.tools.values import unfit_text, unfit_word
from tests.unit.test_tools_runbook import NOTE, built

FIT: Mapping[str, object] = {"service": "api", "how": "softly", "times": 1, "text": "all well"}


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("service", "$HOME"),
        ("service", "-rf"),
        ("service", "api\n"),
        ("service", "api web"),
        ("service", ["api"]),
        ("how", "`softly`"),
        ("times", "-1"),
        ("times", "1; ls"),
        ("times", 2**63),
        ("loud", "perhaps"),
        ("text", ""),
        ("text", "  "),
        ("text", "-rf"),
        ("text", "--force"),
        ("text", " -rf"),
        ("text", "two\nlines"),
        ("text", "a\0b"),
        ("text", "a\x1b[0mb"),
        ("text", "a\u2028b"),
        ("text", "a\u202eb"),
        ("text", "$HOME"),
        ("text", "$5"),
        ("text", "in $HOME now"),
        ("text", "$(reboot)"),
        ("text", "so ${IFS} so"),
        ("text", "`reboot`"),
        ("text", "so $@ so"),
        ("text", "so $$"),
        ("text", "\ud800"),
        ("text", "x" * 1_001),
    ],
)
def test_unfit_values(param: str, value: object) -> None:
    """No value can be an option, a line of its own, or anything that a shell would expand."""
    params = built(NOTE).params
    params.model_validate(FIT)
    with pytest.raises(ValidationError):
        params.model_validate({**FIT, param: value})


BLANK = "\u034f\u115f\u1160\u17b4\u180b\u2800\u3164\ufe00\ufe0f\uffa0\U000e0100"


def test_what_nobody_sees_is_refused() -> None:
    """No format character, blank letter or selector can hide in a value, or tell two apart."""
    every = map(chr, range(sys.maxunicode + 1))
    formats = [one for one in every if unicodedata.category(one) == "Cf"]
    assert {"\u061c", "\u180e", "\ufff9", "\U000e0041", "\u200d"} <= set(formats)
    for character in [*formats, *BLANK]:
        for unfit in (unfit_text, unfit_word):
            assert "invisible" in unfit(f"a{character}b"), hex(ord(character))


def test_unknown_arguments_are_refused() -> None:
    """An argument that the runbook does not have is an error, never ignored."""
    with pytest.raises(ValidationError):
        built(NOTE).params.model_validate({**FIT, "more": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "it cost 5$",
        "a $ b",
        "it cost $5",
        "100% (of it); and more | so > on & on",
        "\u26a0\ufe0f all of 1\ufe0f\u20e3 \U0001f680 \u65e5\u672c caf\u00e9",
    ],
)
def test_harmless_text(text: str) -> None:
    """What a shell would act on but nothing expands is just text; so are emoji and any script."""
    built(NOTE).params.model_validate({**FIT, "text": text})


def test_the_grammar_tells_why() -> None:
    """A refused value is explained to whoever wrote it."""
    step = Grammar([built(NOTE)]).read("note api softly 3 text=$HOME is full")
    assert isinstance(step, Say)
    assert "text: must not begin with $" in step.text


@given(st.text())
def test_values_are_never_split_or_expanded(value: str) -> None:
    """Whatever a value holds, it stays in its one word, as it is."""
    words = filled(("/x", "--a={a}", "{b}"), {"a": value, "b": "{a}"})
    assert words == ("/x", f"--a={value}", "{a}")


@given(st.text() | st.text(st.sampled_from("$({`-aA \n\0")))
def test_text_that_passes_is_harmless(value: str) -> None:
    """Any text either is refused or has none of the characters that could mean something."""
    params = built(NOTE).params
    try:
        passed = str(params.model_validate({**FIT, "text": value}).model_dump()["arg_text"])
    except ValidationError:
        return
    assert passed == value.strip()
    assert not passed.startswith(("-", "$"))
    assert not any(bad in passed for bad in ("$(", "${", "$a", "$A", "`", "\n", "\0"))
