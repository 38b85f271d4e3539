"""Prose, read by the four agents, through the whole house with a scripted model."""

from pathlib import Path

import pytest

from bot import events as e
from bot.answers import NOTHING_RUN
from bot.replay import check
from tests.fake_model import FakeModel
from tests.house import House, open_house, runs
from tests.steps import ask, call, done, handover, reply, route


async def log_of(house: House, thread: str, kind: type[e.Event]) -> list[e.Event]:
    """The events of one kind."""
    return [event for event in await house.store.events(thread) if isinstance(event, kind)]


async def test_a_plain_question_costs_one_call(tmp_path: Path) -> None:
    """What needs nobody else is answered by the first reader."""
    model = FakeModel(reply("Good morning!"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert await house.ask("good morning to you all") == "Good morning!"
    assert [one.agent for one in model.calls] == ["classifier"]


async def test_a_plain_question_costs_at_most_two_calls(tmp_path: Path) -> None:
    """Where no tool is needed, the responder answers at once."""
    model = FakeModel(route("responder"), reply("It began at nine."))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert await house.ask("when did this begin, please?") == "It began at nine."
    assert [one.agent for one in model.calls] == ["classifier", "responder"]


async def test_a_question_is_looked_up_and_answered(tmp_path: Path) -> None:
    """The retriever calls what only reads; the answer stands under what was really run."""
    model = FakeModel(
        route("retriever"), call("look", service="api"), done("api is fine"), reply("All is well.")
    )
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("could you tell me how the api is doing?")
        answer = await house.answer(asked)
        assert answer.startswith("look service=api → /bin/echo 'api is fine': exit 0")
        assert answer.endswith("All is well.")
        steps = await log_of(house, asked.thread, e.StepDecided)
        assert [step.agent for step in steps if isinstance(step, e.StepDecided)] == [
            "commands",
            "classifier",
            "retriever",
            "retriever",
            "responder",
        ]
        await house.rest()
        assert (await check(house.store, house.rules, asked.thread)).ok


async def test_an_action_is_asked_for_and_runs_once(tmp_path: Path) -> None:
    """The executor's call goes through policy: a person approves, it runs, its outcome is told.

    The executor hears of it, and where nothing is left to do, nothing more is said.
    """
    model = FakeModel(route("executor"), call("change", tag="blue"), done())
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please change the tag to blue, thanks")
        request = f"{asked.thread}-1"
        assert request in await house.answer(asked)
        assert runs(tmp_path) == []
        given = await house.tell(f"approve {request}", "bob")
        assert "Approved by bob. change tag=blue" in await house.answer(given)
        assert runs(tmp_path) == ["blue"]
        await house.rest()
        kinds = await house.kinds(asked.thread)
        assert kinds.count("reply_queued") == 3  # the card, the outcome to bob and to alice
        assert (await check(house.store, house.rules, asked.thread)).ok
    assert [one.agent for one in model.calls] == ["classifier", "executor", "executor"]


async def test_two_actions_are_asked_for_one_after_the_other(tmp_path: Path) -> None:
    """Once the first has run, the executor goes on with the second."""
    model = FakeModel(route("executor"), call("bump", tag="one"), call("bump", tag="two"), done())
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please bump one, and after that bump two")
        await house.answer(asked)
        first = await house.tell(f"approve {asked.thread}-1", "bob")
        await house.until(first, "approval_requested")
        second = await house.tell(f"approve {asked.thread}-2", "bob")
        await house.answer(second)
        await house.rest()
        assert runs(tmp_path) == ["one", "two"]


async def test_a_refusal_is_told_to_the_agent_and_not_asked_again(tmp_path: Path) -> None:
    """Refused by a person, the same call again is stopped and handed to people."""
    model = FakeModel(route("executor"), call("bump", tag="one"), call("bump", tag="one"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please bump one for me")
        await house.answer(asked)
        denied = await house.tell(f"deny {asked.thread}-1 not today", "bob")
        handed = await house.until(denied, "handed_over")
        assert isinstance(handed, e.HandedOver)
        assert handed.reason == "refused"
        await house.rest()
        assert "refused by bob: not today" in model.calls[-1].words[-2].text or any(
            "not today" in block.text for block in model.calls[-1].words
        )
        assert runs(tmp_path) == []
        assert (await house.kinds(asked.thread)).count("approval_requested") == 1


@pytest.mark.parametrize(
    "script",
    [
        [reply("Done, restarted the api.")],
        [route("responder"), reply("Done, I have bumped it.")],
        [reply("All taken care of.")],
        [route("responder"), reply("Erledigt!")],
        [route("executor"), done("restarted"), reply("Erledigt.")],
    ],
)
async def test_a_claim_without_an_action_is_put_right(
    tmp_path: Path, script: list[dict[str, object]]
) -> None:
    """What an agent claims stands under a line of code's own: nothing was run."""
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=FakeModel(*script))  # type: ignore[arg-type]
        answer = await house.ask("please give it a kick")
        assert answer.startswith(NOTHING_RUN)


async def test_a_claim_after_a_refused_action_is_put_right(tmp_path: Path) -> None:
    """The outcome line says that it did not run, whatever the responder says."""
    model = FakeModel(
        route("executor"), call("change", tag="x"), done("changed"), reply("Done, changed it.")
    )
    async with open_house(tmp_path, workers=0, runbooks=NOBODY_MAY) as house:
        house.hire(model=model)
        answer = await house.ask("please change x for me")
        assert answer.startswith("Not run: change")
        assert runs(tmp_path) == []


NOBODY_MAY = """
[runbooks.change]
summary = "Somebody else has to say yes, and there is nobody"
argv = ["PROGRAM", "--tag={tag}"]
params = { tag = "text" }
risk = "write"
approve = { by = "alice" }
"""


async def test_a_question_of_an_agent_is_shown_with_its_options(tmp_path: Path) -> None:
    """An agent that does not know asks; the next words go on from there."""
    model = FakeModel(
        ask("Which one?", "api", "web"),
        route("retriever"),
        call("look", service="web"),
        done(),
        reply("Fine."),
    )
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert await house.ask("how is it doing today?") == "Which one?\n1. api\n2. web"
        assert "web is fine" in await house.ask("the web one please, have a look")
    assert any("Which one?" in block.text for block in model.calls[1].words)


@pytest.mark.parametrize("words", ["2", "Web", "answer {request} web", "answer {request} 2"])
async def test_an_option_or_its_number_answers_the_question(tmp_path: Path, words: str) -> None:
    """The agent that asked goes on with the answer, which is a person's own word."""
    model = FakeModel(
        route("executor"), ask("Which one?", "api", "web"), call("change", tag="web"), done()
    )
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please change the tag of the one we spoke of")
        await house.answer(asked)
        told = await house.tell(words.format(request=f"{asked.thread}-1"))
        assert f"{asked.thread}-2" in await house.answer(told)
        kinds = await house.kinds(asked.thread)
        assert kinds.count("question_answered") == 1
        assert kinds.count("approval_requested") == 1
        await house.rest()
        assert (await check(house.store, house.rules, asked.thread)).ok


async def test_somebody_else_can_not_answer_an_agents_question(tmp_path: Path) -> None:
    """It was asked of whoever wrote; others are told so."""
    model = FakeModel(ask("Which one?", "api", "web"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("how is it doing today?")
        await house.answer(asked)
        told = await house.ask(f"answer {asked.thread}-1 web", "bob")
        assert "you may not answer this, alice may" in told
    assert len(model.calls) == 1


async def test_who_wants_a_person_gets_one(tmp_path: Path) -> None:
    """A handover is recorded and said."""
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=FakeModel(handover()))
        asked = await house.tell("let me talk to a human being please")
        assert "a person has to go on: they want a person" in await house.answer(asked)
        assert "handed_over" in await house.kinds(asked.thread)


async def test_a_cap_hands_over_with_a_summary(tmp_path: Path) -> None:
    """An agent that never comes to an end is stopped at its cap; what it found is told."""
    looks = [call("look", service=one) for one in ("api", "web", "api", "api", "web", "web")]
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=FakeModel(route("retriever"), *looks, done()))
        asked = await house.tell("how are api and web and all the others?")
        answer = await house.answer(asked)
        assert "the retriever has taken all of its 6 steps" in answer
        assert "web is fine" in answer
        (handed,) = await log_of(house, asked.thread, e.HandedOver)
        assert isinstance(handed, e.HandedOver)
        assert handed.reason == "cap"
        assert "retriever 6" in handed.summary
        assert handed.summary.count("look service") == 6


async def test_cancel_ends_what_agents_do(tmp_path: Path) -> None:
    """While a tool of theirs runs: it is stopped, they are not asked again, it is said."""
    model = FakeModel(route("executor"), call("bump", tag="sleep"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please bump sleep for me")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1", "bob")
        await house.until(given, "tool_started")
        await house.ask("cancel")
        assert "cancelled by alice" in await house.answer(given)
        await house.rest()
    assert len(model.calls) == 2
