"""Humans in the loop: each test is a row of what people compare bots by."""

from pathlib import Path

import pytest

from bot import events as e
from channels.port import Author
from tests.asking import SHORT, asked_for
from tests.fake_model import FakeModel
from tests.fakes import FakeChannel
from tests.house import RUNBOOKS, open_house, runs
from tests.steps import ask, call, done, reply, route

ERIN = '\n[people.erin]\nconsole = "erin"\nslack = "T1/U5"\nroles = ["operator"]\n'


async def test_approve_or_deny_with_a_reason(tmp_path: Path) -> None:
    """A yes runs it, a no tells its reason to whoever asked."""
    async with open_house(tmp_path) as house:
        yes, no = await asked_for(house, "yes"), await asked_for(house, "no")
        assert "exit 0" in await house.ask(f"approve {yes}", "bob")
        assert "not on Friday" in await house.ask(f"deny {no} not on Friday", "bob")
        assert runs(tmp_path) == ["yes"]


async def test_several_pending_requests_are_matched_by_id(tmp_path: Path) -> None:
    """Three are open on one thread; the second is approved, and nothing else happens."""
    async with open_house(tmp_path) as house:
        first, second, third = [await asked_for(house, tag) for tag in ("one", "two", "three")]
        await house.ask(f"approve {second}", "bob")
        assert runs(tmp_path) == ["two"]
        left = (await house.thread(second.rpartition("-")[0])).requests
        assert set(left) == {first, third}


async def test_who_may_answer(tmp_path: Path) -> None:
    """Not who asked, not somebody without the role, not a stranger, not a bot: bob may."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        assert "asked for it yourself" in await house.ask(f"approve {request}")
        assert "you may not decide" in await house.ask(f"approve {request}", "carol")
        await house.tell(f"approve {request}", "mallory")
        robot = Author(channel="console", id="bob", bot=True)
        assert await house.deliver(f"approve {request}", robot) is None
        assert runs(tmp_path) == []
        await house.ask(f"approve {request}", "bob")
        assert runs(tmp_path) == ["one"]


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    """Asked of one process, decided after it is gone, run by another."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        await house.rest()
        given = await house.tell(f"approve {request}", "bob")
        house.hire()
        assert "exit 0" in await house.answer(given)


async def test_stale_doubled_and_outside_decisions_are_refused_and_recorded(
    tmp_path: Path,
) -> None:
    """Each is told why, and stands in the log as refused."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        thread = request.rpartition("-")[0]
        assert "you may not" in await house.ask(f"approve {request}", "carol")
        await house.ask(f"approve {request}", "bob")
        assert "closed: approved by bob" in await house.ask(f"approve {request}", "bob")
        assert "closed: approved by bob" in await house.ask(f"deny {request} no", "bob")
        assert "there is no request" in await house.ask(f"approve {thread}-9", "bob")
        assert (await house.kinds(thread)).count("decision_refused") == 4


async def test_what_was_shown_is_what_runs(tmp_path: Path) -> None:
    """The program changes between the card and the yes: it does not run, it is asked anew."""
    async with open_house(tmp_path) as house:
        request = await asked_for(house, "one")
        (tmp_path / "bump").write_text("#!/bin/sh\necho evil >> runs\n")
        given = await house.tell(f"approve {request}", "bob")
        answer = await house.answer(given)
        assert "has changed since it was approved" in answer
        assert runs(tmp_path) == []
        thread = request.rpartition("-")[0]
        assert f"{thread}-2" in (await house.thread(thread)).requests


async def test_asked_in_one_place_and_given_in_another(tmp_path: Path) -> None:
    """Asked on the console, approved on another channel by who may: one run, told in both."""
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + ERIN) as house:
        house.hire(channels={"slack": slack})
        request = await asked_for(house, "one")
        given = await house.tell(f"approve {request}", "T1/U5", channel="slack")
        assert "Approved by erin" in await house.answer(given)
        assert runs(tmp_path) == ["one"]
        log = await house.store.events(given.thread)
        told = [one for one in log if isinstance(one, e.ReplyQueued) and "exit 0" in one.text]
        assert {one.address.channel for one in told} == {"console", "slack"}


async def test_one_person_on_two_channels_is_one_vote(tmp_path: Path) -> None:
    """Two of three must say yes: erin says so on the console and on Slack, and it is one."""
    books = RUNBOOKS.replace('by = "operator" }', 'by = "operator", quorum = 2 }') + ERIN
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=books) as house:
        house.hire(channels={"slack": slack})
        request = await asked_for(house, "one")
        assert "1 of 2" in await house.ask(f"approve {request}", "erin")
        again = await house.tell(f"approve {request}", "T1/U5", channel="slack")
        assert "have approved" in await house.answer(again)
        assert runs(tmp_path) == []
        await house.ask(f"approve {request}", "bob")
        assert runs(tmp_path) == ["one"]


async def test_an_approval_that_has_grown_old_is_asked_for_anew(tmp_path: Path) -> None:
    """Approved while the thread was paused, resumed after longer than the request stood: asked."""
    books = RUNBOOKS.replace('approve = { by = "operator" }', SHORT)
    async with open_house(tmp_path, runbooks=books) as house:
        request = await asked_for(house, "one")
        await house.ask("pause")
        given = await house.tell(f"approve {request}", "bob")
        await house.until(given, "approval_given")
        clock = await house.tell("remind in=2s text=now", thread="clock")
        await house.until(clock, "timer_fired")
        await house.ask("resume")
        assert "it was approved too long ago" in await house.answer(given)
        assert runs(tmp_path) == []
        assert f"{given.thread}-2" in (await house.thread(given.thread)).requests


async def test_edit_the_arguments_then_approve(tmp_path: Path) -> None:
    """The change is checked, gated and run as shown; the agent that asked is told what changed."""
    model = FakeModel(route("executor"), call("bump", tag="one"), done(), done(), reply("Done."))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("please bump one")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1 tag=two", "bob")
        assert "bump tag=two" in await house.answer(given)
        await house.rest()
        assert runs(tmp_path) == ["two"]
    assert any("tag=two" in block.text for block in model.calls[-1].words)


@pytest.mark.parametrize("words", ["answer {request} 2", "answer {request} web"])
async def test_a_question_is_answered_by_an_option_or_a_number(tmp_path: Path, words: str) -> None:
    """What the person said goes back to the agent that asked, as the outcome of its question."""
    model = FakeModel(ask("Which one?", "api", "web"), reply("It is web."))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("how is it doing today?")
        assert "1. api\n2. web" in await house.answer(asked)
        told = await house.tell(words.format(request=f"{asked.thread}-1"))
        assert "It is web." in await house.answer(told)
        answered = await house.until(asked, "question_answered")
        assert isinstance(answered, e.QuestionAnswered)
    assert any("web" in block.text for block in model.calls[-1].words)


async def test_the_gate_depends_on_the_arguments(tmp_path: Path) -> None:
    """Judged once by what it is called with; the log has the verdict and the rule."""
    async with open_house(tmp_path, runbooks=RUNBOOKS + BY_TAG) as house:
        small, large = await house.tell("change tag=small"), await house.tell("change tag=large")
        assert "exit 0" in await house.answer(small)
        assert "policy no-large refuses it" in await house.answer(large)
        verdicts = [
            (event.verdict, event.rule)
            for event in await house.store.events(small.thread)
            if isinstance(event, e.ToolRequested)
        ]
        assert verdicts == [
            ("allowed", "policy small-ones allows it"),
            ("refused", "policy no-large refuses it"),
        ]
        assert runs(tmp_path) == ["small"]


async def test_remind_then_escalate_then_expire(tmp_path: Path) -> None:
    """Each by a timer of the store, once, in this order; then nobody can say yes any more."""
    async with open_house(tmp_path, runbooks=NAGGING) as house:
        request = await asked_for(house, "one")
        thread = request.rpartition("-")[0]
        async for event in house.store.follow(thread, after=0):
            if isinstance(event, e.ApprovalExpired):
                break
        kinds = [kind for kind in await house.kinds(thread) if kind in NAGS]
        assert kinds == ["human_reminded", "human_escalated", "approval_expired"]
        assert "expired" in await house.ask(f"approve {request}", "bob")
        assert runs(tmp_path) == []


NAGS = {"human_reminded", "human_escalated", "approval_expired"}
NAGGING = RUNBOOKS.replace(
    'approve = { by = "operator" }',
    'approve = { by = "bob", remind = "1s", escalate = "carol", expire = "3s" }',
)
BY_TAG = """
[[policy]]
name = "small-ones"
tools = ["change"]
args = { tag = "small" }
verdict = "allow"
[[policy]]
name = "no-large"
tools = ["change"]
args = { tag = "large" }
verdict = "refuse"
"""
