"""When the model does not answer: what is tried again, what is said, and what still works."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.agent import Undecidedness
from agents.model import BadOutput, Declined, Deferred, Failed, OverBudget
from bot import events as e
from tests.fake_model import SPENT, FakeModel
from tests.house import House, open_house
from tests.keys import move_timers
from tests.steps import call, done, reply, route

PROSE = "good morning to all of you"
DOWN = Failed(reason="529 overloaded_error", passing=True)
LOCKED = Failed(reason="401 authentication_error", passing=False)
BAD = BadOutput(reason="kind must be one of: reply", spent=SPENT, request_sha256="0" * 64)
NO = Declined(reason="the model declined", spent=SPENT, request_sha256="0" * 64)


def later(**span: float) -> Deferred:
    """Come back then."""
    return Deferred(reason="429 rate_limit_error", after=timedelta(**span))


async def failures(house: House, thread: str) -> list[Undecidedness]:
    """How each attempt failed."""
    log = await house.store.events(thread)
    return [event.outcome for event in log if isinstance(event, e.ModelFailed)]


async def pass_by(house: House, thread: str) -> None:
    """The time passes that the thread waits for."""
    await move_timers(house.settings, thread, 86_000)


async def test_03_a_wait_is_a_timer_that_survives_a_restart(tmp_path: Path) -> None:
    """An hour's wait holds no worker, is said at once, and outlives every process.

    Commands are answered meanwhile; once the time has come, so is the question.
    """
    model = FakeModel(later(hours=1), reply("Good morning!"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell(PROSE)
        notice = await house.until(asked, "notice_queued")
        assert isinstance(notice, e.NoticeQueued)
        assert "I ask it again at" in notice.text
        assert "api is fine" in await house.ask("look service=api")
        await house.rest()
        held = await house.store.execution(asked.thread)
        assert f"retry:{asked.seq}" in held.timers
        assert not held.leased
        house.hire(model=model)
        await pass_by(house, asked.thread)
        assert await house.answer(asked) == "Good morning!"
        assert await failures(house, asked.thread) == ["deferred"]


async def test_04_what_passes_is_tried_three_times(tmp_path: Path) -> None:
    """After the third attempt people are told why, and what they can say instead."""
    model = FakeModel(DOWN, DOWN, DOWN, reply("too late"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell(PROSE)
        answer = await house.answer(asked)
        assert "the model failed: 529 overloaded_error" in answer
        assert "Commands still work" in answer
        assert "`look service=" in answer
        assert await failures(house, asked.thread) == ["transient"] * 3
    assert len(model.calls) == 3


async def test_04_a_second_attempt_may_do(tmp_path: Path) -> None:
    """One failure is nobody's business."""
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=FakeModel(DOWN, reply("Good morning!")))
        assert await house.ask(PROSE) == "Good morning!"


async def test_04_what_has_to_be_mended_is_told_at_once(tmp_path: Path) -> None:
    """A bad key is not tried again: it is said, and commands go on."""
    model = FakeModel(LOCKED)
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert "401 authentication_error" in await house.ask(PROSE)
        assert "api is fine" in await house.ask("look service=api")
    assert len(model.calls) == 1


async def test_05_bad_output_is_tried_once_more_with_feedback(tmp_path: Path) -> None:
    """The model is told what was wrong, the words before are the same byte for byte."""
    model = FakeModel(BAD, reply("Good morning!"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert await house.ask(PROSE) == "Good morning!"
    first, second = model.calls
    assert (first.feedback, second.feedback) == ("", "kind must be one of: reply")
    assert first.words == second.words


async def test_05_bad_output_twice_goes_to_people(tmp_path: Path) -> None:
    """A step that fits nothing is not insisted on."""
    model = FakeModel(BAD, {"kind": "fly"})
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell(PROSE)
        assert "a person has to go on" in await house.answer(asked)
        assert await failures(house, asked.thread) == ["bad_output"] * 2
        assert "handed_over" in await house.kinds(asked.thread)
    assert len(model.calls) == 2


async def test_05_a_model_that_declines_is_not_asked_again(tmp_path: Path) -> None:
    """It is said politely, and that is all."""
    model = FakeModel(NO)
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert "declined to answer this" in await house.ask(PROSE)
    assert len(model.calls) == 1


LOOK = call("look", service="api")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([LOOK] * 3, "the same call gave the same result 3 times"),
        (
            [call("threads"), call("services")] * 3,
            "the same two calls took turns 3 times",
        ),
        ([call("result", ref=f"c{n}") for n in "789"], "3 calls in a row went wrong"),
    ],
)
async def test_06_going_round_in_circles_is_stopped(
    tmp_path: Path, script: list[dict[str, object]], why: str
) -> None:
    """The same again, two taking turns, nothing but errors: people are asked to go on."""
    model = FakeModel(route("retriever"), *script, done(), reply("never"))  # type: ignore[arg-type]
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell("how is everything today?")
        assert why in await house.answer(asked)
        (handed,) = [
            event
            for event in await house.store.events(asked.thread)
            if isinstance(event, e.HandedOver)
        ]
        assert handed.reason == "spinning"
    assert len(model.calls) == 1 + len(script)


async def test_06_a_restart_does_not_reset_the_count(tmp_path: Path) -> None:
    """What went round is folded from events: a new process for every step changes nothing."""
    async with open_house(tmp_path, workers=0) as house:
        asked = await house.tell("how is everything today?")
        for count, step in enumerate((route("retriever"), LOOK, LOOK), start=1):
            house.hire(model=FakeModel(step, later(hours=1)))
            await pass_by(house, asked.thread)
            await house.until(asked, "model_failed", nth=count)
            await house.rest()
        house.hire(model=FakeModel(LOOK))
        await pass_by(house, asked.thread)
        assert "the same call gave the same result 3 times" in await house.answer(asked)


async def test_08_a_cap_is_said_on_the_channel(tmp_path: Path) -> None:
    """What would pass a cap is not asked; people hear which one, and commands go on."""
    over = OverBudget(cap="thread", spent=Decimal("0.48"), limit=Decimal("0.50"))
    model = FakeModel(over)
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        asked = await house.tell(PROSE)
        answer = await house.answer(asked)
        assert "$0.48 of $0.50 spent" in answer
        assert await failures(house, asked.thread) == ["over_budget"]
        assert "api is fine" in await house.ask("look service=api")


async def test_08_the_real_books_stop_it(tmp_path: Path) -> None:
    """With a cap of nothing the model is never asked."""
    model = FakeModel(reply("never"))
    runbooks = "[limits]\nthread_usd = 0.0001\n"
    async with open_house(tmp_path, workers=0, runbooks=runbooks) as house:
        house.hire(model=model)
        assert "This conversation: $0.00 of $0.0001 spent" in await house.ask(PROSE)
    assert model.calls == []


async def test_04_admins_are_told_once(tmp_path: Path) -> None:
    """What somebody has to mend is told to each admin, once, however often it is met."""
    admin = '[people.dora]\nconsole = "dora"\nroles = ["admin"]\n'
    async with open_house(tmp_path, workers=0, runbooks=admin) as house:
        house.hire(model=FakeModel(LOCKED, LOCKED))
        await house.ask(PROSE)
        await house.ask(PROSE, "bob")
        own = await house.store.find("console:dora")
        assert own is not None
        told = [event for event in await house.store.events(own) if event.kind == "notice_queued"]
        assert len(told) == 1
        assert "401 authentication_error" in told[0].text


async def test_08_a_cap_is_raised_by_somebody_who_may(tmp_path: Path) -> None:
    """Asked for in the thread, approved by somebody else: the next question is answered."""
    limits = "[limits]\nthread_usd = 0\napprove = { by = 'operator' }\n"
    async with open_house(tmp_path, workers=0, runbooks=limits) as house:
        house.hire(model=FakeModel(reply("Good morning!")))
        assert "a spend cap" in await house.ask(PROSE)
        asked = await house.tell("raise-cap thread 0.50")
        await house.answer(asked)
        given = await house.tell(f"approve {asked.thread}-1", "bob")
        assert "The cap of this conversation is raised by $0.50" in await house.answer(given)
        assert await house.ask(PROSE) == "Good morning!"
        (raised,) = [
            event
            for event in await house.store.events(asked.thread)
            if isinstance(event, e.CapRaised)
        ]
        assert (raised.cap, raised.usd, raised.approved_by) == ("thread", "0.50", ("bob",))


async def test_08_nobody_may_raise_a_cap_unless_settings_say_who(tmp_path: Path) -> None:
    """Without `limits.approve` the cap stays where it is."""
    async with open_house(tmp_path, workers=1) as house:
        told = await house.ask("raise-cap thread 0.50")
        assert "limits.approve names nobody who may approve it" in told
