"""Humans in the loop: each test is a pain that users of other bots report, by its name."""

from pathlib import Path

import pytest

from bot import events as e
from bot.faults import SettingsError
from channels.port import Author
from tests.asking import SHORT, asked_for
from tests.fake_model import FakeModel
from tests.house import RUNBOOKS, open_house, runs, settings_in
from tests.steps import call, done, reply, route
from tests.story.test_crash_points import approved, die_at, settled

OUTCOMES = {"approval_given", "approval_refused", "approval_expired", "approval_withdrawn"}


async def test_the_answer_hits_the_wrong_request(tmp_path: Path) -> None:
    """Two threads ask for the same call; a yes to one is no yes to the other."""
    async with open_house(tmp_path) as house:
        one = await asked_for(house, "same", thread="a")
        other = await asked_for(house, "same", thread="b")
        await house.ask(f"approve {one}", "bob")
        assert runs(tmp_path) == ["same"]
        assert other in (await house.thread(other.rpartition("-")[0])).requests


async def test_approved_once_ran_twice(tmp_path: Path) -> None:
    """A double click, a second tab and a redelivery: one run; the others hear who approved it."""
    async with open_house(tmp_path, workers=2) as house:
        request = await asked_for(house, "once")
        given = [await house.tell(f"approve {request}", "bob", dedupe="click") for _ in range(2)]
        assert given[0].seq == given[1].seq
        await house.answer(given[0])
        assert "approved by bob" in await house.ask(f"approve {request}", "bob")
        assert runs(tmp_path) == ["once"]


async def test_a_timeout_is_no_refusal(tmp_path: Path) -> None:
    """Refused, expired, cancelled and failed are four outcomes, and are told as such."""
    books = RUNBOOKS.replace('approve = { by = "operator" }', SHORT)
    async with open_house(tmp_path, runbooks=books) as house:
        asked = await house.tell("change tag=late")
        await house.answer(asked)
        expired = await house.until(asked, "approval_expired")
        assert isinstance(expired, e.ApprovalExpired)
        refused = await asked_for(house, "no")
        await house.ask(f"deny {refused} no", "bob")
        await asked_for(house, "off")
        await house.ask("cancel")
        kinds = await house.kinds(asked.thread)
        assert sorted(OUTCOMES & set(kinds)) == [
            "approval_expired",
            "approval_refused",
            "approval_withdrawn",
        ]
        assert runs(tmp_path) == []


async def test_a_message_while_a_request_is_open_decides_nothing(tmp_path: Path) -> None:
    """Chat is answered, says what still waits, and the request stays as it was."""
    model = FakeModel(reply("It is about the tag."))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        request = await asked_for(house, "one")
        answer = await house.ask("yes sure, go ahead, approve it please", "alice")
        assert f"Still waiting for bob or me: {request}" in answer
        assert request in (await house.thread(request.rpartition("-")[0])).requests
        assert runs(tmp_path) == []


async def test_denied_but_the_bot_tells_that_it_is_done(tmp_path: Path) -> None:
    """A model that claims it anyway is contradicted by the line above its words."""
    model = FakeModel(route("executor"), call("change", tag="one"), done("done"), reply("Done!"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please change one for me")
        await house.answer(asked)
        denied = await house.tell(f"deny {asked.thread}-1 no", "bob")
        assert "Not run: change tag=one" in await house.answer(denied)
        await house.rest()
        said = [
            one.text
            for one in await house.store.events(asked.thread)
            if isinstance(one, e.ReplyQueued)
        ]
        assert not any(text.startswith("Done!") for text in said)


@pytest.mark.parametrize("text", ["approve", "approve ", "yes", "ok", "👍", "", "LGTM"])
async def test_an_empty_word_approves_nothing(tmp_path: Path, text: str) -> None:
    """Only a whole decision with an id is one."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        await house.ask(text, "bob")
        assert request in (await house.thread(request.rpartition("-")[0])).requests
        assert runs(tmp_path) == []


async def test_a_decision_for_another_thread_counts_there_and_only_there(tmp_path: Path) -> None:
    """Bob decides from his own conversation: the request's own thread holds the decision."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        await house.ask("services", "bob")
        given = await house.tell(f"approve {request}", "bob")
        assert given.thread == request.rpartition("-")[0]
        assert "exit 0" in await house.answer(given)


async def test_many_are_approved_at_once_and_each_can_be_singled_out(tmp_path: Path) -> None:
    """Against fatigue: a listed batch; one of three is left out and stays open."""
    async with open_house(tmp_path) as house:
        one, two, three = [await asked_for(house, tag) for tag in ("one", "two", "three")]
        last = await house.tell(f"approve {one} {three}", "bob")
        await house.answer(last)
        await house.rest()  # the answer to the last of them may come before the other has run
        assert sorted(runs(tmp_path)) == ["one", "three"]
        assert set((await house.thread(two.rpartition("-")[0])).requests) == {two}


async def test_crash_between_effect_and_record(tmp_path: Path) -> None:
    """It ran and nobody wrote it down: people are asked, and it does not run again."""
    async with open_house(tmp_path, workers=0, lease="1s") as house:
        given = await approved(house)
        await die_at(tmp_path, "after_RunTool")
        assert "nobody knows whether it was done" in await settled(house, given)
        assert runs(tmp_path) == ["once"]


async def test_an_edit_dodges_no_gate(tmp_path: Path) -> None:
    """Neither another tool nor arguments that a rule refuses; what was asked for still stands."""
    async with open_house(tmp_path, runbooks=RUNBOOKS + NEVER_LAST) as house:
        request = await asked_for(house, "one")
        assert "has no argument" in await house.ask(f"approve {request} tool=bump", "bob")
        assert "no-last refuses it" in await house.ask(f"approve {request} tag=last", "bob")
        assert request in (await house.thread(request.rpartition("-")[0])).requests
        assert runs(tmp_path) == []


@pytest.mark.parametrize(
    "approve",
    [
        "",
        'approve = { by = "" }',
        'approve = { by = "nobody-is-this" }',
        'approve = { by = "operator", quorum = 0 }',
        'approve = { by = "operator", quorum = 9 }',
    ],
)
async def test_a_gate_that_fails_open_on_bad_config(tmp_path: Path, approve: str) -> None:
    """Nobody who approves, or who can, is an error before anything starts: never everybody."""
    with pytest.raises(SettingsError, match="change"):
        settings_in(tmp_path, runbooks=RUNBOOKS.replace('approve = { by = "operator" }', approve))


@pytest.mark.parametrize("kind", ["approve", "deny"])
async def test_a_bot_can_decide(tmp_path: Path, kind: str) -> None:
    """Not even one that has the id of a person who may."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        robot = Author(channel="console", id="bob", name="bob", bot=True)
        assert await house.deliver(f"{kind} {request} because", robot) is None
        assert request in (await house.thread(request.rpartition("-")[0])).requests


async def test_who_asks_approves_it_by_design(tmp_path: Path) -> None:
    """Whoever asked for it can not say yes to it, unless the settings say that they can."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        assert "asked for it yourself" in await house.ask(f"approve {request}")
        assert runs(tmp_path) == []
        mine = await house.tell("bump tag=mine")
        await house.answer(mine)
        assert "exit 0" in await house.ask(f"approve {mine.thread}-2")


NEVER_LAST = """
[[policy]]
name = "no-last"
args = { tag = "last" }
verdict = "refuse"
"""
