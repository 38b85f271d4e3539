"""What a channel is given to show, and what it hears of a message later."""

from dataclasses import replace
from pathlib import Path

from bot import events as e
from bot import wiring
from bot.store.port import Appended
from channels.port import Address, Author, Inbound, Outbound
from tests.fake_model import FakeModel
from tests.fakes import FakeChannel
from tests.house import RUNBOOKS, House, open_house, runs
from tests.steps import call, done, reply, route

TEAM = """
[people.erin]
slack = "T1/U5"
roles = ["operator"]
[people.frank]
slack = "T1/U6"
roles = ["operator"]
"""
ROOM = Address(channel="slack", room="C1", thread="1.1")


def by(user: str, text: str, ref: str = "") -> Inbound:
    """Somebody writes in the room."""
    return Inbound(
        references=("slack:C1:1.1",),
        dedupe="",
        author=Author(channel="slack", id=user),
        address=ROOM,
        text=text,
        audience=("slack:T1/U5", "slack:T1/U6"),
        ref=ref,
    )


async def said(house: House, inbound: Inbound) -> Appended:
    """It is taken in, and answered."""
    stored = await wiring.build_intake(house.settings, house.store).deliver(inbound)
    assert stored is not None
    if inbound.change == "said":
        await house.answer(stored)
    return stored


async def sent(house: House, slack: FakeChannel, thread: str) -> list[Outbound]:
    """All that was sent, once nothing is on its way any more."""
    async for _ in house.store.follow(thread, after=0):
        if not (state := await house.thread(thread)).outbox and not state.turns:
            return slack.sent
    raise AssertionError("the log ended")


async def test_a_card_is_settled_in_its_place_with_who_and_when(tmp_path: Path) -> None:
    """Once decided, the message that asked says how, by whom and when; once."""
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(channels={"slack": slack})
        thread = (await said(house, by("T1/U5", "change tag=one"))).thread
        await said(house, by("T1/U6", f"approve {thread}-1"))
        await house.rest()
        told = await sent(house, slack, thread)
        (asked,) = [one for one in told if one.card and not one.edits]
        (settled,) = [one for one in told if one.edits]
        assert settled.edits == f"slack:{slack.sent.index(asked) + 1}"
        assert settled.address == asked.address
        assert settled.card is not None
        assert asked.card is not None
        assert replace(settled.card, outcome="") == asked.card
        assert settled.card.outcome.startswith("Approved by frank, 20")
        assert (await house.thread(thread)).cards == ()
        assert runs(tmp_path) == ["one"]


async def test_who_may_not_decide_hears_it_alone(tmp_path: Path) -> None:
    """24: a refused decision is told to whoever decided; the card stays as it is."""
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(channels={"slack": slack})
        thread = (await said(house, by("T1/U5", "change tag=one"))).thread
        await said(house, by("T1/U5", f"approve {thread}-1"))
        told = await sent(house, slack, thread)
        assert "asked for it yourself" in told[-1].text
        assert told[-1].only == "T1/U5"
        assert not any(one.edits for one in told)
        assert len((await house.thread(thread)).cards) == 1


async def test_what_is_done_is_seen_while_it_is_done(tmp_path: Path) -> None:
    """20: agents and tools at work are shown where somebody waits, and always cleared."""
    model = FakeModel(route("retriever"), call("look", service="api"), done(), reply("Fine."))
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(model=model, channels={"slack": slack})
        await said(house, by("T1/U5", "could you tell me how the api is doing?"))
        await house.rest()
    assert {address for address, _ in slack.shown} == {ROOM}
    assert [doing for _, doing in slack.shown] == [
        "reading",
        "looking it up",
        "running look",
        "looking it up",
        "writing",
        "",
    ]


async def test_06_an_edit_changes_what_is_read_and_starts_nothing(tmp_path: Path) -> None:
    """The next agent reads the words as they stand; nobody is answered again."""
    model = FakeModel(reply("Noted."), reply("Blue it is."))
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(model=model, channels={"slack": slack})
        thread = (await said(house, by("T1/U5", "I like the colour red best", "C1:1.1"))).thread
        edit = replace(by("T1/U5", "I like the colour blue best", "C1:1.1"), change="edited")
        await said(house, edit)
        await said(house, by("T1/U5", "which colour do I like?", "C1:1.2"))
        kinds = await house.kinds(thread)
        assert kinds.count("message_edited") == 1
        assert kinds.count("turn_ended") == 2
        assert (await house.thread(thread)).title == "I like the colour blue best"
    words = "".join(block.text for block in model.calls[-1].words)
    assert "blue best" in words
    assert "red best" not in words


async def test_06_what_is_taken_back_is_told_to_nobody(tmp_path: Path) -> None:
    """A deleted message is in no prompt any more, nor is the thread named after it."""
    model = FakeModel(reply("Noted."), reply("I do not know."))
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(model=model, channels={"slack": slack})
        thread = (await said(house, by("T1/U5", "the password is zanzibar", "C1:1.1"))).thread
        await said(house, replace(by("T1/U5", "", "C1:1.1"), change="deleted"))
        await said(house, by("T1/U5", "what was that again?", "C1:1.2"))
        assert "zanzibar" not in (await house.thread(thread)).title
    assert "zanzibar" not in "".join(block.text for block in model.calls[-1].words)


async def test_06_a_change_of_what_was_never_heard_opens_nothing(tmp_path: Path) -> None:
    """Somebody edits a message that was not for the bot: there is no thread, and none is made."""
    async with open_house(tmp_path, runbooks=RUNBOOKS + TEAM) as house:
        edit = replace(by("T1/U5", "hello again", "C1:1.1"), change="edited")
        intake = wiring.build_intake(house.settings, house.store)
        assert await intake.deliver(edit) is None
        assert await house.store.find("slack:C1:1.1") is None


async def test_what_is_deleted_before_anybody_read_it_is_not_done(tmp_path: Path) -> None:
    """Two messages wait for a worker, one of them is taken back: only the other runs."""
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        intake = wiring.build_intake(house.settings, house.store)
        await intake.deliver(by("T1/U5", "bump tag=one", "C1:1.1"))
        last = await intake.deliver(by("T1/U5", "look service=api", "C1:1.2"))
        taken_back = replace(by("T1/U5", "", "C1:1.1"), change="deleted")
        await intake.deliver(taken_back)
        assert last is not None
        house.hire(channels={"slack": slack})
        await house.answer(last)
        log = await house.store.events(last.thread)
        assert [one.tool for one in log if isinstance(one, e.ToolRequested)] == ["look"]
