"""The command grammar, for any text and any call."""

from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from agents.port import CallTool, Control, Judge, Pass, Say
from agents.usage import rendered
from agents.words import invisible
from tests.unit.test_commands import (
    GRAMMAR,
    ID,
    TOOLS,
    Remind,
    Restart,
    RollBack,
    Scale,
    Threads,
    Tier,
)

WORDS = st.one_of(
    st.sampled_from(["restart", "roll", "back", "remind", "help", "api", "prod", "10m", "stop"]),
    st.sampled_from(["approve", "deny", ID, "--force", "--env", "env=prod", "x=", "=", "\u2014a"]),
    st.sampled_from(['"', "\u201c", "\\", "!", "@watchkeeper", "\n", "\u2028", "<http://", "|"]),
    st.sampled_from([">", "\ud800", "\0", "\u202e", "`", "1" * 3_000]),
)
ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=8).map("".join),
)


@given(ANY_TEXT)
@example("scale api " + "1" * 3_900)
@example('"' + '\\"' * 1_900)
def test_any_text_is_a_step(text: str) -> None:
    """No text raises, and a call that comes out holds only what its schema allows."""
    step = GRAMMAR.read(text)
    assert isinstance(step, CallTool | Judge | Control | Say | Pass)
    if isinstance(step, CallTool):
        params = next(each.params for each in TOOLS if each.name == step.tool)
        assert params.model_validate(step.args).model_dump(mode="json", by_alias=True) == step.args


SEEN = st.characters(exclude_categories=("C", "Z"), exclude_characters="<")
PLAIN = st.text(SEEN, min_size=1, max_size=20).filter(lambda text: not invisible(text))
SENTENCE = st.lists(PLAIN, min_size=1, max_size=5).map(" ".join)
SERVICE, ENV = st.sampled_from(["api", "web"]), st.sampled_from(["staging", "prod"])
CALLS = st.one_of(
    st.builds(
        lambda **args: ("restart", Restart.model_validate(args)),
        service=SERVICE,
        env=ENV,
        force=st.booleans(),
    ),
    st.builds(
        lambda **args: ("roll-back", RollBack.model_validate(args)),
        service=SERVICE,
        env=ENV,
        reason=SENTENCE,
    ),
    st.builds(
        lambda **args: ("scale", Scale.model_validate(args)),
        service=SERVICE,
        count=st.integers(0, 100),
        tier=st.none() | st.sampled_from(Tier),
    ),
    st.builds(
        lambda span, text: ("remind", Remind.model_validate({"in": span, "text": text})),
        st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds)),
        SENTENCE,
    ),
    st.builds(lambda query: ("threads", Threads(query=query)), st.none() | SENTENCE),
)


@given(CALLS)
def test_what_we_write_reads_back(call: tuple[str, BaseModel]) -> None:
    """The canonical form of any call, sent as a message, is that call."""
    name, params = call
    args = params.model_dump(mode="json", by_alias=True)
    assert GRAMMAR.read(rendered(name, args)) == CallTool(tool=name, args=args)
