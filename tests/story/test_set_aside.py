"""What a thread that is set aside still is to those who look at lists."""

from pathlib import Path

from bot import events as e
from tests.house import open_house


async def test_open_requests_of_a_dead_letter_stay_in_the_list(tmp_path: Path) -> None:
    """A thread that can not be folded any more still shows the request that people were asked."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("bump tag=kept")
        await house.answer(asked)
        await house.store.append_to(asked.thread, e.ToolStarted(call_id="nobody"), dedupe="")
        async for event in house.store.follow(asked.thread, after=0):
            if isinstance(event, e.DeadLettered):
                break
        waiting = await house.store.threads(limit=10, waiting=True)
        assert [row.thread for row in waiting] == [asked.thread]
