"""The contract of input: taken once, in order, on the right thread."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.store.keys import thread_id
from bot.store.port import Appended, NoSuchThread
from bot.store.redis import RedisStore
from tests.contract.lab import KEYS, Lab, message, texts

DAY = 86_400_000


class InputContract:
    """What every store does with input."""

    async def test_01_same_delivery_three_times_is_one_event(self, lab: Lab) -> None:
        """A message that is delivered again, even at once and elsewhere, is one event."""
        stores = [await lab.store() for _ in range(3)]
        found = await asyncio.gather(
            *(store.append(["slack:C:1"], message(), dedupe="slack:C:1") for store in stores)
        )
        assert [one is not None and one.seq for one in found] == [1, 1, 1]
        assert [one is not None and one.fresh for one in found].count(True) == 1
        assert len(await stores[0].events(thread_id("slack:C:1"))) == 1

    async def test_a_name_that_was_given_finds_the_thread(self, store: RedisStore) -> None:
        """What we send is answered by its own name; names are never taken from another thread."""
        first = await store.append(["C:1"], message(), dedupe="")
        other = await store.append(["C:2"], message(), dedupe="")
        assert first is not None
        assert other is not None
        for _ in range(2):
            await store.name(first.thread, ("email:a@x", "C:2"))
        await store.name("nosuchthread", ("email:b@x",))
        assert await store.find("email:a@x") == first.thread
        assert await store.find("C:2") == other.thread
        assert await store.find("email:b@x") is None
        answer = await store.append(["email:a@x", "C:3"], message(), dedupe="")
        assert answer is not None
        assert answer.thread == await store.find("C:3") == first.thread

    async def test_02_one_message_under_two_references_is_one_event(
        self, store: RedisStore
    ) -> None:
        """What names the message decides, not the envelope it came in."""
        first = await store.append(["C:1"], message(), dedupe="T:C:1")
        second = await store.append(["C:2", "C:1"], message("again"), dedupe="T:C:1")
        third = await store.append_to(thread_id("C:1"), message("again"), dedupe="T:C:1")
        assert first is not None
        assert second == third == replace(first, fresh=False)
        assert texts(await store.events(first.thread)) == ["hi"]
        assert not await store.exists(thread_id("C:2"))

    async def test_03_concurrent_messages_are_gapless_and_in_order(self, lab: Lab) -> None:
        """Any number of senders: every number once, and each sender's words in their order."""
        stores = [await lab.store() for _ in range(4)]

        async def send(store: RedisStore, sender: int) -> None:
            for number in range(40):
                said = message(f"{sender} {number:02}")
                await store.append(["room"], said, dedupe=f"{sender}.{number}")

        await asyncio.gather(*(send(store, number) for number, store in enumerate(stores)))
        events = await stores[0].events(thread_id("room"))
        assert [event.seq for event in events] == list(range(1, 161))
        for sender in range(4):
            said = [text for text in texts(events) if text.startswith(f"{sender} ")]
            assert said == sorted(said)
            assert len(said) == 40

    async def test_what_the_channel_can_not_repeat_is_never_a_duplicate(
        self, store: RedisStore
    ) -> None:
        """Without a dedupe id, the same words twice are two messages."""
        for _ in range(2):
            await store.append(["tty"], message("yes"), dedupe="")
        assert texts(await store.events(thread_id("tty"))) == ["yes", "yes"]

    async def test_the_first_known_reference_wins_and_names_the_others(
        self, store: RedisStore
    ) -> None:
        """A conversation is found by any name it ever had."""
        first = await store.append(["a"], message(), dedupe="1")
        other = await store.append(["b"], message(), dedupe="2")
        reply = await store.append(["new", "a", "b", "last"], message(), dedupe="3")
        assert first is not None
        assert reply == Appended(thread=first.thread, seq=2, fresh=True)
        assert await store.find("new") == await store.find("last") == first.thread
        assert other is not None
        assert await store.find("b") == other.thread
        again = await store.append(["last"], message(), dedupe="4")
        assert again == Appended(thread=first.thread, seq=3, fresh=True)

    async def test_input_that_may_not_open_joins_or_is_dropped(self, store: RedisStore) -> None:
        """A word in a room where nobody asked for us leaves no trace."""
        assert await store.append(["r"], message(), dedupe="1", may_open=False) is None
        assert await store.find("r") is None
        assert [name async for name in store.all_threads()] == []
        assert await store.append(["r"], message(), dedupe="1") is not None
        joined = await store.append(["r"], message(), dedupe="2", may_open=False)
        assert joined == Appended(thread=thread_id("r"), seq=2, fresh=True)

    async def test_appending_to_an_unknown_thread_is_refused(self, store: RedisStore) -> None:
        """A decision on a request that never was names no thread."""
        with pytest.raises(NoSuchThread, match="nowhere"):
            await store.append_to("nowhere", message(), dedupe="1")
        assert not await store.exists("nowhere")

    @pytest.mark.parametrize("days", [-2, -1, 0, 1])
    async def test_duplicates_are_known_across_midnight(self, lab: Lab, days: int) -> None:
        """For two days, whichever side of midnight the clocks were on."""
        store = await lab.store()
        today = int(store.now().timestamp() * 1000) // DAY
        await lab.raw("HSET", KEYS.deduped(today + days), "again", "7 elsewhere")
        found = await store.append(["here"], message(), dedupe="again")
        assert found == Appended(thread="elsewhere", seq=7, fresh=False)

    async def test_duplicates_are_forgotten_in_the_end(self, lab: Lab) -> None:
        """Chat after two days and a bit, mail after 400 days, so that memory is bounded."""
        store = await lab.store()
        today = int(store.now().timestamp() * 1000) // DAY
        await store.append(["r"], message(), dedupe="chat")
        await store.append(["r"], message(), dedupe="email:box:<id>:hash")
        chat = await lab.raw("PTTL", KEYS.deduped(today))
        mail = await lab.raw("PTTL", KEYS.deduped_alone("email:box:<id>:hash"))
        assert 2 * DAY < int(str(chat)) <= 4 * DAY
        assert 399 * DAY < int(str(mail)) <= 400 * DAY
        again = await store.append(["r"], message(), dedupe="email:box:<id>:hash")
        assert again == Appended(thread=thread_id("r"), seq=2, fresh=False)

    async def test_a_client_whose_day_is_wrong_is_put_right(
        self, store: RedisStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server's day counts: a duplicate is known whatever the client takes today for."""
        await store.append(["r"], message(), dedupe="1")
        monkeypatch.setattr(store._client.clock, "ms", lambda: 40 * DAY)
        again = await store.append(["r"], message(), dedupe="1")
        assert again == Appended(thread=thread_id("r"), seq=1, fresh=False)

    async def test_22_a_server_that_forgot_its_scripts_learns_them_again(self, lab: Lab) -> None:
        """A restart or a fail-over empties the script cache."""
        store = await lab.store()
        for number in range(3):
            lab.forget_scripts()
            await store.append(["r"], message(), dedupe=str(number))
        assert len(await store.events(thread_id("r"))) == 3

    async def test_versions_go_on_when_all_execution_state_is_gone(self, lab: Lab) -> None:
        """Business state stands alone: not one execution key is needed to take input."""
        store = await lab.store()
        for number in range(3):
            await store.append(["r"], message(), dedupe=str(number))
            assert lab.wipe_execution() > 0
        again = await store.append(["r"], message(), dedupe="2")
        assert again == Appended(thread=thread_id("r"), seq=3, fresh=False)
        assert [event.seq for event in await store.events(thread_id("r"))] == [1, 2, 3]

    async def test_the_store_has_one_clock(self, lab: Lab) -> None:
        """Every process tells the same time, which moves forward, in whole milliseconds."""
        one, two = await lab.store(), await lab.store()
        times = [store.now() for _ in range(50) for store in (one, two)]
        assert all(late.microsecond % 1000 == 0 for late in times)
        assert all(abs((late - soon).total_seconds()) < 1 for soon, late in pairwise(times))
