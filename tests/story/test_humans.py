"""Humans in the loop: what the field promises, and the pains that its users report.

Each test is a row of what people compare bots by, or a pain by its name, through the whole house.
"""

import re
from pathlib import Path

import pytest

from bot import events as e
from channels.port import Author
from tests.fake_model import FakeModel
from tests.fakes import FakeChannel
from tests.house import RUNBOOKS, House, open_house, runs
from tests.steps import call, done, reply, route

ERIN = '\n[people.erin]\nconsole = "erin"\nslack = "T1/U5"\nroles = ["operator"]\n'
OUTCOMES = {"approval_given", "approval_refused", "approval_expired", "approval_withdrawn"}


async def asked_for(house: House, tag: str, *, thread: str = "") -> str:
    """Alice asks for a change; the id of the request."""
    asked = await house.tell(f"change tag={tag}", thread=thread)
    found = re.search(r"[a-z2-7]{12}-\d+", await house.answer(asked))
    assert found is not None
    return found[0]


# --- what the field has, or has not --------------------------------------------------------------


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


# --- pains ---------------------------------------------------------------------------------------


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


SHORT = 'approve = { by = "operator", expire = "1s" }'


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
        assert sorted(runs(tmp_path)) == ["one", "three"]
        assert set((await house.thread(two.rpartition("-")[0])).requests) == {two}
