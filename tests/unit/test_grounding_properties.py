"""For any catalogue and any arguments: nothing invented passes, and everything written does."""

from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from agents.port import Service, Tool
from agents.tools.values import unfit_text, unfit_word
from agents.usage import rendered
from bot.entry import Entry
from bot.grounding import ground
from bot.provenance import own_words
from tests.unit.test_grounding import look, runbook, said

LETTERS = st.text("abcdefgh", min_size=1, max_size=6)
NAMES = st.one_of(LETTERS, st.lists(LETTERS, min_size=2, max_size=3).map("-".join))
ANY_NAMES = st.one_of(NAMES, st.text(min_size=1, max_size=12).filter(lambda n: not unfit_word(n)))
ANY_TEXTS = st.text(min_size=1, max_size=40).map(str.strip).filter(lambda t: not unfit_text(t))
PARAMS = {
    "service": "service",
    "env": "environment",
    "times": "integer",
    "force": "boolean",
    "note": "text",
}
# None of its words can be one of a catalogue, nor a number, a flag or a note.
CHATTER = st.lists(
    st.sampled_from(["please", "up", "your", "it", "now", "quickly", "?", "<@U01>", "!", "\n"]),
    max_size=12,
).map(" ".join)
DECOYS = st.sampled_from(["> {}", "```{}```", "~~~\n{}", "-- \n{}", "2026-01-02 03:04:05 ERROR {}"])


@dataclass(frozen=True)
class Case:
    """A call that fits a catalogue."""

    services: tuple[Service, ...]
    tool: Tool
    args: dict[str, JsonValue]


@st.composite
def cases(draw: st.DrawFn, names: st.SearchStrategy[str]) -> Case:
    """A catalogue, and arguments that its runbook takes."""
    services = tuple(
        Service(name=name, environments=tuple(places))
        for name, places in draw(
            st.dictionaries(
                names,
                st.lists(names, min_size=1, max_size=3, unique_by=str.lower),
                min_size=1,
                max_size=4,
            )
        ).items()
    )
    service = draw(st.sampled_from(services))
    args: dict[str, JsonValue] = {
        "service": service.name,
        "env": draw(st.sampled_from(service.environments)),
        "times": draw(st.integers(0, 2**63 - 1)),
        "force": draw(st.booleans()),
        "note": draw(st.one_of(names, ANY_TEXTS)),
    }
    try:
        tool = runbook(PARAMS, services)
        tool.params.model_validate(args)
    except (ValueError, ValidationError):
        assume(False)
    return Case(services, tool, args)


def ungrounded(case: Case, *story: Entry) -> set[str]:
    """What nobody wrote of the call."""
    return {*ground(case.tool, case.args, story, "alice", case.services).ungrounded}


def only_possible(case: Case) -> set[str]:
    """What of a call nobody has to say, while nobody says anything of it."""
    places = {place for each in case.services for place in each.environments}
    free = {"force"} if case.args["force"] is False else set()
    free |= {"service"} if len(case.services) == 1 else set()
    free |= {"env"} if len(places) == 1 else set()
    return free


@settings(deadline=None)
@given(cases(NAMES), CHATTER, DECOYS)
def test_what_nobody_wrote_is_never_grounded(case: Case, chatter: str, decoy: str) -> None:
    """Whatever a model invents, copies from a log or has from a bot: only defaults pass."""
    call = rendered("change", case.args)
    assume(str(case.args["note"]).casefold() not in chatter)
    story = (
        said(f"{chatter}\n\n{decoy.format(call)}"),
        said(call, trust="machine"),
        said(call, kind="reply", trust="model"),
        said(call, kind="result", trust="machine"),
    )
    assert ungrounded(case, *story) == {*case.args} - only_possible(case)


@settings(deadline=None)
@given(cases(ANY_NAMES), CHATTER)
def test_what_is_written_as_a_command_is_grounded(case: Case, chatter: str) -> None:
    """Every `name=value` that a person writes is theirs, whatever the value holds."""
    text = f"{chatter}\n\n{rendered('change', case.args)}"
    assume(own_words(text) == text)
    assert ungrounded(case, said(text)) == set()
    persons = ground(case.tool, case.args, (said(text, "bob"),), "alice", case.services).persons
    assert persons == ("alice", "bob")


@settings(deadline=None)
@given(cases(NAMES), CHATTER)
def test_prose_is_as_good_as_a_command(case: Case, chatter: str) -> None:
    """Names, numbers and flags count in any order, in any person's prose."""
    flag = "with force" if case.args["force"] else ""
    text = f"{case.args['env']}, {case.args['times']} for {case.args['service']} {flag}"
    story = (said(chatter, seq=1), said(f'{text}. "{case.args["note"]}"', "bob", seq=2))
    assume(own_words(story[1].text) == story[1].text)
    assert ungrounded(case, *story) <= {"note"}


HARD = [
    *("a ", "api ", "api-", "1 ", "1 000 ", "1,", "1:", "one ", "half an ", "1h and ", '"', '\\"'),
    *(
        "a.",
        "a@",
        "a/",
        "note=x ",
        'note="a ',
        "no ",
        "xn't",
        "no force ",
        "...",
        "http:",
        "<http://",
    ),
]


@pytest.mark.parametrize("piece", HARD)
def test_a_long_message_grounds_nothing_by_its_length(piece: str) -> None:
    """Twenty thousand characters of anything; what is not linear would never come back."""
    args: dict[str, JsonValue] = {"service": "web", "times": 7, "force": True, "note": "a b c"}
    found = look(args, (piece * 20_000)[:20_000])
    assert "note" in found.ungrounded
