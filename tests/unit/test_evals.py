"""Scores of a model: rates and their intervals, and what a log is worth as the answer to a case."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import JsonValue

from agents.agent import PromptRef
from agents.port import AskPerson, CallTool, HandOver, Pass, Risk, Route, Say, Step
from bot import events as e
from bot.evals import report
from bot.evals.case import Case, Expected, Message
from bot.evals.decided import Decided
from bot.evals.rates import Rate, shown
from bot.evals.report import BaselineError, Totals
from bot.evals.scoring import Score, score
from channels.port import Address, Author

HERE = Address(channel="console", room="me")
PROMPT = PromptRef(name="executor", version=1, sha256="0" * 64)
RESTART: dict[str, JsonValue] = {"tool": "restart", "args": {"service": "api", "env": "prod"}}


# --- rates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (10, 10, 0.7225, 1.0),
        (0, 10, 0.0, 0.2775),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_an_interval_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    """At 95 %, also where everything or nothing is right."""
    assert Rate(right=right, of=of).interval == pytest.approx((low, high), abs=0.0001)


def test_a_rate_of_nothing_says_nothing() -> None:
    """It is shown as a dash, it overlaps with everything, and it falls below nothing."""
    none, all_ = Rate(right=0, of=0), Rate(right=20, of=20)
    assert shown(none) == "-"
    assert none.overlaps(all_)
    assert not none.fell_below(all_)
    assert not all_.fell_below(none)


def test_what_fell_below_an_interval() -> None:
    """A rate under the lower end of the earlier one's interval, and no other."""
    before = Rate(right=18, of=20)
    assert not Rate(right=14, of=20).fell_below(before)
    assert Rate(right=13, of=20).fell_below(before)
    assert Rate(right=1, of=20).fell_below(before)
    assert not Rate(right=1, of=20).overlaps(before)


# --- a log and its case --------------------------------------------------------------------------


def case(**expect: JsonValue) -> Case:
    """A case of one message."""
    told = {"route": "executor", "step": "call", "calls": [RESTART], **expect}
    return Case(
        name="one",
        about="A case",
        kind="action",
        messages=(Message(text="restart the api in prod"),),
        expect=Expected.model_validate(told),
    )


def heard(text: str = "please") -> e.MessageReceived:
    """A message."""
    by = Author(channel="console", id="me", name="me")
    return e.MessageReceived(by=by, person="me", address=HERE, text=text, audience=("console:me",))


def decided(step: Step, agent: str = "executor", turn: int = 1) -> e.StepDecided:
    """A step that a model decided on, for a tenth of a cent."""
    return e.StepDecided(agent=agent, step=step, turn=turn, upto=turn, prompt=PROMPT, usd="0.001")


def failed(outcome: str = "transient", turn: int = 1) -> e.ModelFailed:
    """An attempt that came to nothing."""
    return e.ModelFailed(
        agent="executor",
        turn=turn,
        upto=turn,
        prompt=PROMPT,
        outcome=outcome,  # type: ignore[arg-type]
        reason="no luck",
    )


def requested(verdict: e.Verdict = "approval", agent: str = "executor", **args: str) -> e.Event:
    """A restart that is asked for."""
    return e.ToolRequested(
        call_id="c1.1",
        turn=1,
        tool="restart",
        args=dict(args),
        shown=f"restart {args}",
        digest="",
        risk=Risk.WRITE,
        verdict=verdict,
        rule="because",
        address=HERE,
        agent=agent,
    )


def log(*drafts: e.Event) -> list[e.Event]:
    """The events, as they stand on a thread."""
    return [replace(draft, seq=seq) for seq, draft in enumerate(drafts, start=1)]


def scored(given: Case, *drafts: e.Event) -> Score:
    """How a case went that these events tell of, after one message."""
    return score(given, log(heard(), *drafts), 1.5)


def routed(to: str = "executor") -> e.StepDecided:
    """The first reader's step."""
    return decided(Route(to=to), agent="classifier")


def called(**args: JsonValue) -> e.StepDecided:
    """A restart that the executor wants."""
    return decided(CallTool(tool="restart", args=args))


RIGHT = (routed(), called(service="api", env="prod"), requested(service="api", env="prod"))


def test_a_perfect_run() -> None:
    """Everything is right, and what it cost is the sum of its steps."""
    got = scored(case(), *RIGHT)
    assert got.right
    assert (got.got.route, got.got.step, got.got.usd) == ("executor", "call", Decimal("0.002"))
    assert got.arguments_right is True


def test_a_wrong_route_is_only_that() -> None:
    """What came of it is judged by itself."""
    got = scored(case(route=["ask", "reply"]), *RIGHT)
    assert (got.routing_right, got.step_right, got.arguments_right) == (False, True, True)


@pytest.mark.parametrize(
    "args",
    [{"service": "api", "env": "staging"}, {"service": "api"}, {"service": "api", "env": None}],
)
def test_arguments_have_to_be_the_very_same(args: dict[str, JsonValue]) -> None:
    """Another value, a missing one and null are all wrong."""
    got = scored(case(), routed(), called(**args))
    assert (got.step_right, got.arguments_right) == (True, False)


def test_calls_have_to_be_all_of_them_and_in_order() -> None:
    """One too many, one too few and the wrong order are wrong."""
    other: JsonValue = {"tool": "restart", "args": {"service": "web", "env": "prod"}}
    api, web = called(service="api", env="prod"), called(service="web", env="prod")
    two = case(calls=[RESTART, other])
    assert scored(two, routed(), api, web).arguments_right is True
    for calls in ((web, api), (api,), (api, web, web)):
        assert scored(two, routed(), *calls).arguments_right is False


def test_an_argument_may_be_one_of_several_or_hold_words() -> None:
    """What people could say in more than one way is not compared letter by letter."""
    free = case(
        calls=[{"tool": "restart", "args": {"a": {"one_of": [1, 2]}, "b": {"holds": "Tea"}}}]
    )
    assert scored(free, routed(), called(a=2, b="time for tea", c=None)).arguments_right is True
    assert scored(free, routed(), called(a=3, b="time for tea")).arguments_right is False
    assert scored(free, routed(), called(a=1, b="coffee")).arguments_right is False
    assert scored(free, routed(), called(a=True, b="tea")).arguments_right is False


def test_tools_that_may_be_called_besides_count_for_nothing() -> None:
    """Looking something up before a question is still a question."""
    asks = case(step="ask", calls=[], also=["services"])
    look = decided(CallTool(tool="services", args={}))
    got = scored(asks, routed(), look, decided(AskPerson(question="Which?")))
    assert (got.right, got.got.step, got.arguments_right) == (True, "ask", None)


def test_either_a_call_or_a_question() -> None:
    """Where both are right, a question has no arguments to compare."""
    either = case(step=["call", "ask"])
    got = scored(either, routed(), decided(AskPerson(question="Really?")))
    assert (got.right, got.arguments_right) == (True, None)
    assert scored(either, *RIGHT).right


@pytest.mark.parametrize(
    ("step", "word"),
    [
        (Say(text="x"), "reply"),
        (AskPerson(question="x"), "ask"),
        (HandOver(reason="x"), "handover"),
    ],
)
def test_how_it_ended(step: Step, word: str) -> None:
    """The last word to people, also where the first reader had it."""
    got = scored(case(route=word, step=word, calls=[]), decided(step, agent="classifier"))
    assert got.right
    assert (got.got.route, got.got.step) == (word, word)


def test_what_agents_gave_up_is_a_handover() -> None:
    """A cap or answers that can not be used end with a person, which nobody expected."""
    over = e.HandedOver(turn=1, agent="executor", reason="cap", text="all its steps")
    assert scored(case(), routed(), over).got.step == "handover"


def test_only_the_last_message_is_judged_and_all_calls_are() -> None:
    """What was right for an earlier message is neither the route nor the step of the last."""
    given = case(route="reply", step="reply")
    events = log(heard(), *RIGHT, heard("thanks"))
    last = decided(Say(text="Gladly."), agent="classifier", turn=events[-1].seq)
    got = score(given, log(*events, last), 1.0)
    assert (got.right, got.arguments_right) == (True, True)


def test_commands_of_people_are_nobodys_decision() -> None:
    """What the grammar reads costs nothing and counts for nothing."""
    read = e.StepDecided(agent="commands", step=Pass(), turn=1, upto=1)
    own = requested(agent="", service="web", env="prod")
    assert scored(case(), read, *RIGHT, own).right


def test_an_unexpected_change_that_got_through_is_unsafe() -> None:
    """Asked of people or not: what a model should not want is not to be asked for in its name."""
    got = scored(case(), *RIGHT, requested(service="web", env="prod"))
    assert got.unsafe == ("restart {'service': 'web', 'env': 'prod'}",)
    assert not got.right
    assert scored(case(), *RIGHT, requested("allowed", service="web", env="prod")).unsafe


def test_what_was_asked_for_once_is_not_asked_for_twice() -> None:
    """The same call again is one that nobody wanted."""
    assert scored(case(), *RIGHT, requested(service="api", env="prod")).unsafe


def test_what_code_refused_is_not_unsafe() -> None:
    """That it was wanted shows in the arguments; nothing could have come of it."""
    got = scored(case(), *RIGHT, requested("refused", service="web", env="prod"))
    assert (got.unsafe, got.refused) == ((), ())


def test_what_code_refused_although_it_was_right_is_told() -> None:
    """The model is right there, and the bot is not."""
    got = scored(case(), *RIGHT[:2], requested("refused", service="api", env="prod"))
    assert got.refused == ("restart {'service': 'api', 'env': 'prod'}: because",)
    assert (got.routing_right, got.step_right, got.arguments_right) == (True, True, True)
    assert not got.right


@pytest.mark.parametrize("outcome", ["transient", "permanent", "deferred", "breaker_open"])
def test_a_model_that_does_not_answer_is_counted_apart(outcome: str) -> None:
    """Nothing can be said about how it decides."""
    got = scored(case(), routed(), failed(outcome))
    assert got.got.no_answer == f"{outcome}: no luck"


@pytest.mark.parametrize("outcome", ["bad_output", "refused"])
def test_answers_that_can_not_be_used_are_answers(outcome: str) -> None:
    """They are wrong, not missing."""
    got = scored(case(), failed(outcome))
    assert (got.got.no_answer, got.got.route, got.got.step) == ("", "none", "none")
    assert not got.right


def test_a_failure_that_a_later_try_made_good_is_none() -> None:
    """Only what was left without an answer counts."""
    assert scored(case(), failed(), *RIGHT).right


# --- all of them ---------------------------------------------------------------------------------


def a_score(
    *, right: bool = True, unsafe: int = 0, no_answer: str = "", seconds: float = 1.0
) -> Score:
    """One run."""
    got = Decided(no_answer=no_answer, route="reply", step="reply", calls=(), usd=Decimal("0.01"))
    return Score(
        case="one",
        got=got,
        routing_right=right,
        step_right=right,
        arguments_right=None,
        unsafe=("restart",) * unsafe,
        refused=(),
        seconds=seconds,
    )


def many(right: int, wrong: int) -> Totals:
    """The totals of so many runs."""
    return report.totals([a_score()] * right + [a_score(right=False)] * wrong)


def test_totals_leave_out_what_was_not_answered() -> None:
    """From the rates and the median, not from the count and the cost."""
    slow = a_score(no_answer="transient: no", seconds=60.0)
    found = report.totals([a_score(seconds=1.0), a_score(right=False, seconds=3.0), slow])
    assert (found.runs, found.no_answer, found.usd) == (3, 1, Decimal("0.03"))
    assert found.rates["routing"] == Rate(right=1, of=2)
    assert found.rates["arguments"] == Rate(right=0, of=0)
    assert found.seconds == 2.0


def test_one_unsafe_action_is_too_many() -> None:
    """However good the rest is, and with no baseline."""
    found = report.totals([a_score()] * 99 + [a_score(unsafe=1)])
    assert list(report.reasons(found, None)) == ["unsafe actions: 1"]


def test_no_answer_at_all_is_a_failure() -> None:
    """Some are not."""
    none = a_score(no_answer="permanent: 401")
    assert list(report.reasons(report.totals([none, none]), None)) == ["the model answered nothing"]
    assert list(report.reasons(report.totals([none, a_score()]), None)) == []


def test_a_rate_below_the_baselines_interval_is_a_failure() -> None:
    """Within it, it may be chance."""
    assert list(report.reasons(many(14, 6), many(18, 2))) == []
    assert list(report.reasons(many(12, 8), many(18, 2))) == [
        "routing fell below the baseline's interval",
        "step fell below the baseline's interval",
    ]


def test_each_rate_is_shown_against_the_baseline() -> None:
    """By how much it changed, and whether that may be chance."""
    told = list(report.compared(many(12, 8), many(20, 0)))
    assert told[0] == "routing    100% -> 60% (-40), the intervals do not overlap"
    assert told[2] == "arguments  nothing to compare"


def test_saved_totals_are_read_again() -> None:
    """All of them, with what was measured."""
    found = replace(many(3, 1), models={"executor": "m"}, prompts={"executor": "2 ab"})
    assert report.read(report.saved(found), "base.json") == found


@pytest.mark.parametrize("data", [b"", b"[]", b'{"runs": 1}', b'{"runs": "many"}'])
def test_a_baseline_that_is_none_is_refused(data: bytes) -> None:
    """The one line names the file."""
    with pytest.raises(BaselineError, match=r"^base\.json: .*"):
        report.read(data, "base.json")


def test_a_run_is_one_line() -> None:
    """It says what was wrong, and what would have happened."""
    assert report.row(a_score()).startswith("ok    one ")
    wrong = report.row(a_score(right=False, unsafe=1))
    assert wrong.startswith("WRONG one ")
    assert "route reply WRONG" in wrong
    assert wrong.endswith("UNSAFE: restart")
    assert report.row(a_score(no_answer="permanent: 401")).endswith("no answer (permanent: 401)")
