"""Handing over to people: who is asked, what the bot does meanwhile, and how it comes back."""

from pathlib import Path

from bot import events as e
from tests.fake_model import FakeModel
from tests.house import RUNBOOKS, open_house
from tests.steps import handover, reply

ONCALL = """
[people.dora]
console = "dora"
roles = ["oncall"]
"""


async def test_people_are_asked_with_a_summary_and_the_bot_keeps_quiet(tmp_path: Path) -> None:
    """Who wants a person gets one: dora is told on her own console, the bot keeps quiet.

    She has not been part of it, so she is told where it is, and nothing of what was said.
    Commands still work; once it is handed back, prose is answered again.
    """
    model = FakeModel(handover("they want a person"), reply("Here I am again."))
    async with open_house(
        tmp_path, workers=0, runbooks=RUNBOOKS + ONCALL, handover="oncall"
    ) as house:
        house.hire(model=model)
        asked = await house.tell("let me talk to a person please")
        assert "I have asked dora" in await house.answer(asked)
        first = await house.ask("is anybody there by now?")
        assert "This is with dora" in first
        assert await house.ask("hello? hello hello?") == ""
        assert "api is fine" in await house.ask("look service=api")
        assert len(model.calls) == 1
        await house.until(asked, "reply_delivered", nth=2)
        own = await house.store.find("console:dora")
        assert own is not None
        (summons,) = [
            event for event in await house.store.events(own) if isinstance(event, e.ReplyQueued)
        ]
        assert asked.thread in summons.text
        assert "for alice" in summons.text
        assert "they want a person" not in summons.text
        assert "answer here again" in await house.ask("handback")
        assert await house.ask("and you, are you back?") == "Here I am again."


async def test_with_nobody_to_ask_the_bot_goes_on(tmp_path: Path) -> None:
    """Where the settings name nobody, a handover is said, and the next words are read again."""
    model = FakeModel(handover(), reply("Good morning!"))
    async with open_house(tmp_path, workers=0) as house:
        house.hire(model=model)
        assert "a person has to go on" in await house.ask("let me talk to a person please")
        assert await house.ask("good morning then, my friend") == "Good morning!"
