"""What agents hear later: outcomes of what they asked for, and answers from elsewhere."""

from pathlib import Path

import pytest

from bot import events as e
from bot.answers import NOTHING_RUN
from tests.fake_model import FakeModel
from tests.house import RUNBOOKS, House, open_house, runs
from tests.steps import ask, call, done, reply, route

FAILING = """
[runbooks.change]
summary = "It never works"
argv = ["/bin/false", "--tag={tag}"]
params = { tag = "text" }
risk = "write"
approve = { by = "operator" }
"""
SHORT = RUNBOOKS.replace('by = "operator", self = true', 'by = "operator", expire = "1s"')


async def said(house: House, thread: str) -> list[e.ReplyQueued]:
    """Every reply on a thread."""
    return [one for one in await house.store.events(thread) if isinstance(one, e.ReplyQueued)]


async def test_an_answer_from_elsewhere_goes_on_where_it_was_asked(tmp_path: Path) -> None:
    """Alice answers from another conversation: that hears that it counts, and nothing else."""
    model = FakeModel(
        route("executor"), ask("Which one?", "api", "web"), call("change", tag="web"), done()
    )
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please change the tag, it is a secret", thread="private")
        await house.answer(asked)
        told = await house.tell(f"answer {asked.thread}-1 web", thread="elsewhere")
        assert (await house.answer(told)).startswith("Counted:")
        requested = await house.until(told, "approval_requested")
        await house.rest()
        cards = [one for one in await said(house, asked.thread) if one.card is not None]
        assert [one.address.thread for one in cards] == ["private", "private"]
        assert requested.seq > told.seq


@pytest.mark.parametrize("words", ["²", "①", "9" * 5000, "0", "-1"])
async def test_digits_that_are_no_number_harm_nobody(tmp_path: Path, words: str) -> None:
    """Whatever is written while a question with options is open, the thread lives."""
    model = FakeModel(ask("Which one?", "api", "web"), reply("I see."))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        await house.ask("how is it doing today?")
        assert "I see." in await house.ask(words)


async def test_an_options_own_words_go_before_its_number(tmp_path: Path) -> None:
    """With 3, 2 and 1 to choose from, "3" is not taken for the third: the agent reads it."""
    model = FakeModel(ask("How many?", "3", "2", "1"), reply("Three, then."))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please scale it for me")
        await house.answer(asked)
        assert "Three, then." in await house.ask("3")
        assert "question_answered" not in await house.kinds(asked.thread)


async def test_a_failed_run_is_explained_and_not_denied(tmp_path: Path) -> None:
    """After an approved run that failed the responder speaks; code does not say nothing ran."""
    model = FakeModel(route("executor"), call("change", tag="x"), done(), reply("It failed."))
    async with open_house(tmp_path, workers=0, runbooks=FAILING) as house:
        house.hire(model=model)
        asked = await house.tell("please change x for me")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1", "bob")
        assert "exit 1" in await house.answer(given)
        await house.until(given, "turn_ended", nth=2)
        last = (await said(house, asked.thread))[-1].text
        assert last.endswith("It failed.")
        assert NOTHING_RUN not in last


async def test_what_expired_is_heard_of_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Two things were asked for; nobody decides the first in time, the second is asked for."""
    model = FakeModel(route("executor"), call("bump", tag="one"), call("bump", tag="two"), done())
    async with open_house(tmp_path, workers=0, runbooks=SHORT) as house:
        house.hire(model=model)
        asked = await house.tell("please bump one, and after that bump two")
        await house.answer(asked)
        await house.until(asked, "approval_expired")
        await house.until(asked, "approval_requested", nth=2)
        await house.until(asked, "approval_expired", nth=2)
        assert runs(tmp_path) == []


async def test_cancel_ends_what_would_follow(tmp_path: Path) -> None:
    """Called off as the first of two runs: the second is never asked for."""
    model = FakeModel(route("executor"), call("bump", tag="sleep"), call("bump", tag="two"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please bump sleep, and after that bump two")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1", "bob")
        await house.until(given, "tool_started")
        await house.ask("cancel")
        await house.answer(given)
        await house.rest()
    assert len(model.calls) == 2
