"""Who reads what: rooms with people from outside, and what was said among some."""

from pathlib import Path

import pytest

from bot import events as e
from bot import wiring
from channels.port import Address, Author, Inbound
from tests.fake_model import FakeModel
from tests.fakes import FakeChannel
from tests.house import RUNBOOKS, House, open_house, runs
from tests.steps import call, done, reply, route

TEAM = '\n[people.alan]\nslack = "T1/U1"\nconsole = "alan"\nroles = ["operator"]\n'
SHARED = Address(channel="slack", room="C1", thread="1.1")
SECRET = "zanzibar"


async def said(house: House, text: str, *, outsiders: bool = True, by: str = "T1/U1") -> int:
    """Somebody writes in the room C1; the number of the event."""
    stored = await wiring.build_intake(house.settings, house.store).deliver(
        Inbound(
            references=("slack:C1:1.1",),
            dedupe="",
            author=Author(channel="slack", id=by),
            address=SHARED,
            text=text,
            audience=("slack:T1/U1", "slack:T1/U9"),
            outsiders=outsiders,
        )
    )
    assert stored is not None
    await house.answer(stored)
    return stored.seq


async def all_sent(house: House, thread: str) -> None:
    """Wait until everything that was queued there is with its readers."""
    queued = delivered = 0
    async for event in house.store.follow(thread, after=0):
        queued += isinstance(event, e.ReplyQueued)
        delivered += isinstance(event, e.ReplyDelivered)
        if queued and queued == delivered and not (await house.thread(thread)).outbox:
            return


def in_room(slack: FakeChannel) -> list[str]:
    """All that was shown in C1, cards and all."""
    return [
        "\n".join((one.text, *(one.card.lines if one.card else ())))
        for one in slack.sent
        if one.address == SHARED
    ]


async def test_a_room_with_outsiders_reads_id_and_tool_only(tmp_path: Path) -> None:
    """What would run is told in private to who may decide; the room reads its id and tool.

    That goes for the request, a denial given elsewhere and what the asker is told of the end.
    """
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(channels={"slack": slack})
        await said(house, f"change tag={SECRET}")
        thread = await house.store.find("slack:C1:1.1")
        assert thread is not None
        await all_sent(house, thread)
        bob = await house.store.find("console:bob")
        assert bob is not None
        assert SECRET in str(await house.store.events(bob))
        await house.ask(f"deny {thread}-1 not today", "bob")
        await all_sent(house, thread)
        told = in_room(slack)
        assert "change" in told[0]
        assert f"{thread}-1" in told[0]
        assert not any(SECRET in text or "bump" in text or "digest" in text for text in told)
        assert any("not today" in text for text in told)
        await said(house, f"change tag={SECRET}")
        await house.ask(f"approve {thread}-2", "bob")
        await all_sent(house, thread)
        assert runs(tmp_path) == [SECRET]
        assert any("Approved by bob. change: exit 0" in text for text in in_room(slack))


async def test_a_room_of_the_team_reads_it_all(tmp_path: Path) -> None:
    """Once the last guest has left, requests are shown there as they are."""
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(channels={"slack": slack})
        await said(house, f"change tag={SECRET}")
        await said(house, f"change tag={SECRET}", outsiders=False)
        assert SECRET in in_room(slack)[-1]
        assert "bump" in in_room(slack)[-1]


async def test_an_agent_in_such_a_room_is_not_told_either(tmp_path: Path) -> None:
    """What no model knows, none can tell: an open request is given to it by its tool."""
    model = FakeModel(reply("It waits."))
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(model=model, channels={"slack": slack})
        await said(house, "change tag=blue")
        await said(house, "and how far is that now, please?")
    (asked,) = model.calls
    assert "-1" in asked.words[-1].text
    assert "bump" not in asked.words[-1].text


async def test_a_word_said_in_a_private_talk_reaches_nobody_else(tmp_path: Path) -> None:
    """What alice said alone reaches no prompt, no search and no answer anywhere else.

    Not even where she asks herself: others would read the answer. In her own talk it is found.
    """
    steps = (route("retriever"), call("threads", query="password"), done(), reply("Nothing."))
    model = FakeModel(reply("Noted."), *steps, *steps, *steps)
    slack = FakeChannel()
    async with open_house(tmp_path, workers=0, runbooks=RUNBOOKS + TEAM) as house:
        house.hire(model=model, channels={"slack": slack})
        await house.ask(f"the api password was {SECRET}, keep that to yourself", "alan")
        await said(house, "threads query=password")
        await said(house, "what did I say about the api earlier?", outsiders=False)
        await house.ask("what did alan say about the api earlier?", "alice")
        for other in ("slack:C1:1.1", "console:alice"):
            found = await house.store.find(other)
            assert found is not None
            told = [
                event.text
                for event in await house.store.events(found)
                if isinstance(event, e.ReplyQueued | e.NoticeQueued)
            ]
            assert SECRET not in "".join(told)
        for asked in model.calls[1:]:
            words = "".join(block.text for block in (*asked.system, *asked.words))
            assert SECRET not in words
        assert SECRET in await house.ask("threads query=password", "alan", thread="second")


ELSEWHERE = RUNBOOKS.replace('by = "operator" }', 'by = "keeper" }') + (
    '[people.ben]\nemail = "ben@x.example"\nroles = ["keeper"]\n'
)


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ("", ["console", "email"]),
        ('[people.dora]\nconsole = "dora"\nroles = ["keeper"]\n', ["console"]),
    ],
)
async def test_who_can_not_see_it_is_asked_elsewhere_if_nobody_here_may(
    tmp_path: Path, more: str, asked: list[str]
) -> None:
    """Where enough of those who may decide are on the channel, nobody else is bothered."""
    mail = "EMAIL_ADDRESS=b@x.example\nIMAP_URL=imap://b:p@127.0.0.1\nSMTP_URL=smtp://127.0.0.1\n"
    (tmp_path / ".env").write_text(mail)
    async with open_house(tmp_path, runbooks=ELSEWHERE + more) as house:
        said = await house.tell("change tag=one")
        await house.answer(said)
        log = await house.store.events(said.thread)
        cards = [one for one in log if isinstance(one, e.ReplyQueued) and one.card]
        assert [one.address.channel for one in cards] == asked
