"""Discord's inbox: nothing is passed over, and the cursor never runs ahead."""

import asyncio
from collections.abc import Callable

import pytest

from channels.discord import inbound
from channels.discord.files import Files
from channels.discord.inbox import Heard, Inbox
from channels.port import Inbound
from tests.unit.test_discord_inbound import ME, SAID


class Kept:
    """Cursors that are kept as long as the test."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"discord:1": "1000"}
        self.written = asyncio.Event()

    async def cursor(self, name: str) -> str | None:
        """See `Cursors`."""
        return self.values.get(name)

    async def set_cursor(self, name: str, value: str) -> None:
        """See `Cursors`."""
        self.values[name] = value
        self.written.set()


def heard(number: int) -> Heard:
    """A message with this id."""
    return Heard(id=number, inbound=inbound.said(SAID, ME))


async def test_what_is_held_moves_no_cursor() -> None:
    """A look for what was missed that fails is done again from where the bot was."""
    kept = Kept()
    taken: list[Inbound] = []

    async def deliver(one: Inbound) -> bool:
        taken.append(one)
        return True

    box = Inbox(kept, "discord:1", deliver, Files(""))
    running = asyncio.create_task(box.run())
    box.hold()
    box.put(heard(3000))

    async def broken(put: Callable[[Heard], None]) -> None:
        put(heard(1500))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await box.catch_up(broken)
    await kept.written.wait()
    assert kept.values["discord:1"] == "1500"

    async def whole(put: Callable[[Heard], None]) -> None:
        put(heard(2000))

    kept.written.clear()
    await box.catch_up(whole)
    while kept.values["discord:1"] != "3000":
        await kept.written.wait()
        kept.written.clear()
    assert len(taken) == 3
    running.cancel()
