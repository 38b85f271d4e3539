"""A thread that can not go on is set aside, its people are told, and the others go on."""

from pathlib import Path

import orjson

from bot import events as e
from bot import sentences
from tests.house import House, open_house
from tests.keys import raw, rows_of


async def poison(house: House) -> str:
    """A thread whose log can not be folded."""
    asked = await house.tell("help", thread="poison")
    await house.answer(asked)
    await house.store.append_to(asked.thread, e.ToolStarted(call_id="nobody"), dedupe="")
    return asked.thread


async def test_17_a_poison_thread_is_set_aside_and_others_go_on(tmp_path: Path) -> None:
    """After its attempts it is a dead letter: recorded, told, listed; others are answered."""
    async with open_house(tmp_path) as house:
        thread = await poison(house)
        async for event in house.store.follow(thread, after=0):
            if isinstance(event, e.DeadLettered):
                break
        assert "api is fine" in await house.ask("look service=api")
        await house.rest()
        assert thread in await house.store.dead()
        log = await house.store.events(thread)
        sorry = [event for event in log if isinstance(event, e.ReplyQueued)][-1]
        assert sorry.text == sentences.SORRY
        assert [event.kind for event in log][-1] == "reply_delivered"


async def test_a_dead_letter_can_be_retried(tmp_path: Path) -> None:
    """A retry gives it its attempts again; what still can not go on is set aside again."""
    async with open_house(tmp_path) as house:
        thread = await poison(house)
        dead = 0
        async for event in house.store.follow(thread, after=0):
            dead += isinstance(event, e.DeadLettered)
            if dead == 1 and isinstance(event, e.ReplyDelivered):
                while not await house.store.revive(thread):
                    """The letter is filed in the same commit: this does not turn often."""
            if dead == 2:
                break
        assert (await house.kinds(thread)).count("dead_lettered") == 2


async def test_an_event_of_a_newer_version_sets_only_its_thread_aside(tmp_path: Path) -> None:
    """A kind that this version can not read: the thread is named and told, the rest goes on."""
    async with open_house(tmp_path) as house:
        asked = await house.tell("help", thread="newer")
        await house.answer(asked)
        await house.rest()
        async with raw(house.settings) as client:
            version = len(await house.store.events(asked.thread)) + 1
            body = orjson.dumps({"v": 1, "at": 0, "kind": "from_the_future"})
            await client.xadd(f"wk:{{watchkeeper}}:t:{asked.thread}:e", {"d": body}, f"{version}-0")
            await client.hset(f"wk:{{watchkeeper}}:t:{asked.thread}:h", "v", str(version))
        house.hire()
        again = await house.tell("help", thread="newer")
        assert again.thread == asked.thread
        assert "api is fine" in await house.ask("look service=api")
        while asked.thread not in await house.store.dead():
            assert "api is fine" in await house.ask("look service=api")
        assert "from_the_future" in (await house.store.dead())[asked.thread]
        async with raw(house.settings) as client:
            rows = await rows_of(client, f"wk:{{watchkeeper}}:t:{asked.thread}:e")
        assert sentences.SORRY in rows[-2]["d"]
