"""How much one person may ask of the bot in an hour."""

from pathlib import Path

from bot import events as e
from tests.house import RUNBOOKS, open_house, runs

TWO = RUNBOOKS + "[limits]\nturns_per_person_hour = 2\n"


async def test_more_than_a_persons_share_is_refused_with_one_notice(tmp_path: Path) -> None:
    """The third message of an hour is not taken in, which is said once; others are not affected."""
    async with open_house(tmp_path, runbooks=TWO) as house:
        first = await house.tell("look service=api", dedupe="a")
        again = await house.tell("look service=api", dedupe="a")
        assert again.seq == first.seq
        await house.ask("look service=web")
        over = [await house.tell("look service=api") for _ in range(3)]
        notices = [
            event
            for event in await house.store.events(first.thread)
            if isinstance(event, e.NoticeQueued)
        ]
        assert len(notices) == 1
        assert "more than 2 messages" in notices[0].text
        assert {one.seq for one in over} == {notices[0].seq}
        assert "api is fine" in await house.ask("look service=api", "bob")


async def test_decisions_and_controls_always_get_through(tmp_path: Path) -> None:
    """Who has used up the hour can still approve and cancel."""
    async with open_house(tmp_path, runbooks=TWO) as house:
        asked = await house.tell("bump tag=one", "bob")
        await house.answer(asked)
        await house.ask("look service=api")
        await house.ask("look service=api")
        given = await house.tell(f"approve {asked.thread}-1")
        assert "exit 0" in await house.answer(given)
        assert "Nothing is running" in await house.ask("cancel")
        assert runs(tmp_path) == ["one"]
