"""Decisions in words: only a whole message, strictly of the form, ever decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.commands import Grammar, decision
from agents.port import Judge, Pass, Say

ID = "abcdefgh2345-1"
GRAMMAR = Grammar((), names=("watchkeeper",))


@pytest.mark.parametrize(
    ("text", "judge"),
    [
        (f"approve {ID}", Judge(request=ID, verdict="approve")),
        (f"  Approve   {ID.upper()} \n", Judge(request=ID, verdict="approve")),
        (f"approve\u00a0{ID}\u200b", Judge(request=ID, verdict="approve")),
        (f"@watchkeeper approve {ID}", Judge(request=ID, verdict="approve")),
        (f"!approve {ID}", Judge(request=ID, verdict="approve")),
        ("approve abcdefgh2345-120", Judge(request="abcdefgh2345-120", verdict="approve")),
        (
            f'approve {ID} env=staging Roll-Out="in two steps"',
            Judge(
                request=ID,
                verdict="approve",
                edits={"env": "staging", "roll_out": "in two steps"},
            ),
        ),
        (f"deny {ID} it's too late", Judge(request=ID, verdict="deny", text="it's too late")),
        (f'deny {ID} "no"', Judge(request=ID, verdict="deny", text='"no"')),
        (f"answer {ID} 2", Judge(request=ID, verdict="answer", text="2")),
        (f"answer {ID} the blue one", Judge(request=ID, verdict="answer", text="the blue one")),
    ],
)
def test_decisions(text: str, judge: Judge) -> None:
    """A whole message of the form is a decision, with the id as the store writes it."""
    assert decision(text, ("watchkeeper",)) == judge
    assert GRAMMAR.read(text) == judge


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("approve", "Which request?"),
        ("approve please", '"please" is not the id of a request.'),
        ("approve abcdefgh2345", "is not the id of a request."),
        ("approve abcdefgh2345-0", "is not the id of a request."),
        ("approve abcdefgh1234-1", "is not the id of a request."),
        (f"approve {ID}.", "is not the id of a request."),
        (f"approve `{ID}`", "is not the id of a request."),
        (f"approve {ID} please", '"please" is no part of an approval. Say `approve ID'),
        (f"approve {ID} env=", '"env=" is no part of an approval.'),
        (f'approve {ID} env=""', "env has no value."),
        (f"approve {ID} env=a ENV=b", "env is given twice."),
        (f'approve {ID} env="a', "A quote is not closed."),
        (f"approve {ID} {ID}x", "is no part of an approval."),
        (f"approve {ID} {ID[:-1]}2 env=a", "Changed arguments go with one request alone."),
        (f"deny {ID}", "A denial needs a reason."),
        (f"deny {ID} \u200b", "A denial needs a reason."),
        (f"answer {ID}", "The answer is missing."),
        (f"approve {ID}\nthanks", "A decision must be the whole message"),
        (f"deny {ID} no\u2028really", "A decision must be the whole message"),
    ],
)
def test_what_was_meant_as_a_decision_gets_its_usage(text: str, hint: str) -> None:
    """A decision that is not quite one decides nothing and says what is missing."""
    assert decision(text) is None
    step = GRAMMAR.read(text)
    assert isinstance(step, Say)
    assert hint in step.text


@pytest.mark.parametrize(
    "text",
    [
        "I approve of this",
        f"I approve {ID}",
        f"> approve {ID}",
        f'"approve {ID}"',
        f"`approve {ID}`",
        f"please approve {ID}",
        f"don't approve {ID}",
        f"yes\napprove {ID}",
        "approve of it or not, it will be done",
        "deny everything that they say",
        "answer me this question please",
        f"approved {ID} yesterday",
        f"deny {ID} " + "no " * 2_000,
        "",
    ],
)
def test_ordinary_chat_never_decides(text: str) -> None:
    """Words about a decision, quotations and long texts are no decision."""
    assert decision(text) is None
    assert not isinstance(GRAMMAR.read(text), Judge)


def test_talk_is_left_to_whoever_reads_prose() -> None:
    """Sentences that happen to begin with one of the words are prose, not mistakes."""
    assert GRAMMAR.read("answer me this question please") == Pass()
    assert GRAMMAR.read("deny everything that they say") == Pass()


def test_only_the_bots_own_name_may_come_first() -> None:
    """A decision that is said to somebody else is not for us."""
    assert decision(f"@alice approve {ID}", ("watchkeeper",)) is None
    assert decision(f"@watchkeepers approve {ID}", ("watchkeeper",)) is None


@given(st.text() | st.text(st.characters(codec=None)) | st.text("aprove den\n-x=1" + ID))
def test_a_decision_always_has_the_form(text: str) -> None:
    """Whatever the text: if it decides, it begins with the word and the id, on one line."""
    judge = decision(text)
    if judge is not None:
        assert len(text.strip().splitlines()) == 1
        assert judge.request in text.lower()
        assert judge.verdict in text.lower()
