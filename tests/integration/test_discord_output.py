"""Discord, with its real client: what goes out. The numbers are those of what is promised."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sending import Sending
from bot.store.redis import RedisStore
from channels.discord.adapter import Discord, DiscordSettings
from channels.port import Address, Outbound, SendFailed
from tests.discord_house import button, discord_house
from tests.discord_server import (
    DiscordServer,
    discord_server,
    error,
    limited,
    lost_response,
    routes,
)
from tests.discord_server.things import Channel
from tests.fake_model import FakeModel
from tests.fakes import START
from tests.steps import reply, route


def message(channel: Channel, key: str = "t:1", text: str = "hello") -> Outbound:
    """Something to be said in a channel."""
    return Outbound(key=key, address=Address(channel="discord", room=str(channel.id)), text=text)


def sender(server: DiscordServer, store: RedisStore) -> Discord:
    """One process's Discord, which only sends."""
    settings = DiscordSettings(
        token=server.token, api_url=server.api_url, gateway_url=server.gateway_url
    )
    return Discord(settings, store, Sending(store))


async def test_15_a_429_is_waited_out_in_order(store: RedisStore) -> None:
    """The bucket empties, nothing is lost, and nothing overtakes."""
    async with discord_server() as server:
        discord = sender(server, store)
        server.bucket(routes.POST_MESSAGE, 2, 0.3)
        server.then(routes.POST_MESSAGE, limited(0.2))
        for number in range(6):
            await discord.send(message(server.channel, f"t:{number}", f"number {number}"))
        said = [one.text for one in await server.posted(server.channel, 6)]
        assert said == [f"number {number}" for number in range(6)]
        await discord.close()


@pytest.mark.parametrize("later", [False, True], ids=["at once", "minutes later"])
async def test_16_a_lost_answer_is_one_message(store: RedisStore, later: bool) -> None:
    """The nonce finds it for some minutes; after that it is found in the channel."""
    async with discord_server() as server:
        discord = sender(server, store)
        at = store.now() - timedelta(minutes=10 if later else 0)
        told = replace(message(server.channel), at=at)
        server.then(routes.POST_MESSAGE, lost_response())
        with pytest.raises(SendFailed) as failed:
            await discord.send(told)
        assert failed.value.transient
        if later:
            server.forget_nonces()
        reference = await discord.send(told)
        [shown] = server.sent(server.channel)
        assert reference == f"{server.channel.id}:{shown.id}"
        await discord.close()


async def test_16_another_process_goes_on(store: RedisStore) -> None:
    """Killed between the sending and its record: a card is known by its mark."""
    async with discord_server() as server:
        text = "\n".join(f"line {number}" for number in range(500))
        told = replace(message(server.channel, text=text), at=store.now() - timedelta(minutes=5))
        first, second = sender(server, store), sender(server, store)
        one = await first.send(told)
        before = [shown.id for shown in server.sent(server.channel)]
        server.forget_nonces()
        assert await second.send(told) == one
        assert [shown.id for shown in server.sent(server.channel)] == before
        await first.close()
        await second.close()


async def test_18_long_answers_are_whole(store: RedisStore) -> None:
    """Split outside of code, or closed and opened again; what is very long is a file."""
    async with discord_server() as server:
        discord = sender(server, store)
        code = "```python\n" + "\n".join(f"print({n})" for n in range(600)) + "\n```"
        await discord.send(message(server.channel, "t:1", code))
        parts = [one.text for one in server.sent(server.channel)]
        assert len(parts) == 2
        assert all(part.count("```") % 2 == 0 for part in parts)
        long = "word " * 10_000
        await discord.send(message(server.channel, "t:2", long))
        last = server.sent(server.channel)[-1]
        assert [file.data for file in last.attachments] == [long.encode()]
        assert last.attachments[0].name in last.text
        await discord.close()


async def test_19_a_model_pings_nobody(tmp_path: Path) -> None:
    """Nor hides where a link leads, nor passes for one of Discord's own signs."""
    evil = "@everyone <@1> <@&2> [bank](https://evil.example) </ban:3> <t:1:R> @here"
    async with discord_house(tmp_path, model=FakeModel(route("responder"), reply(evil))) as lab:
        said = lab.asks("what is this, then?")
        [answer] = await lab.answers(said)
        assert answer.allowed_mentions is not None
        assert not answer.allowed_mentions.get("parse")
        assert "[bank] (https://evil.example)" in answer.text
        for sign in ("<@1>", "<@&2>", "</ban:3>", "<t:1:R>"):
            assert sign not in answer.text
        [call] = await lab.server.called(routes.POST_MESSAGE)
        assert call.body["flags"] & 4  # no previews


async def test_20_it_types_while_it_works_and_tells_what(tmp_path: Path) -> None:
    """A progress message with its Stop button, which is gone at the end."""
    async with discord_house(tmp_path, long=0.0) as lab:
        said = lab.asks("bump tag=sleep")
        card = await lab.card(said)
        lab.server.click(lab.ann, card, button(card, "approve"))
        thread = await lab.server.threaded(said)
        await lab.server.called(routes.TYPING, channel=thread.id)

        def working() -> bool:
            return any("running bump" in one.text for one in lab.server.sent(thread))

        await lab.server.journal.until(working, lambda: lab.server.sent(thread))
        lab.server.say(lab.ann, thread, "stop")
        await lab.happened("tool_failed")
        await lab.server.journal.until(lambda: not working(), lambda: lab.server.sent(thread))


@pytest.mark.parametrize("how", ["word", "button"])
async def test_21_stop_ends_the_run(tmp_path: Path, how: str) -> None:
    """The word in the thread, and the button of what it shows."""
    async with discord_house(tmp_path, long=0.0) as lab:
        said = lab.asks("bump tag=sleep")
        card = await lab.card(said)
        lab.server.click(lab.ann, card, button(card, "approve"))
        thread = await lab.server.threaded(said)
        await lab.happened("tool_started")

        def progress() -> list[int]:
            sent = lab.server.sent(thread)
            return [n for n, one in enumerate(sent) if "wk:stop:" in one.buttons]

        await lab.server.journal.until(lambda: bool(progress()), lambda: lab.server.sent(thread))
        if how == "word":
            lab.server.say(lab.ann, thread, "stop")
        else:
            shown = lab.server.sent(thread)[progress()[0]]
            lab.server.click(lab.ann, shown, "wk:stop:")
        await lab.happened("tool_failed")
        assert "cancelled" in await lab.kinds()


async def test_a_channel_that_is_gone_is_given_up(store: RedisStore) -> None:
    """What no waiting mends, with Discord's reason; what may pass is tried again."""
    async with discord_server() as server:
        discord = sender(server, store)
        server.then(routes.POST_MESSAGE, error(403, 50013, "Missing Permissions"))
        with pytest.raises(SendFailed, match="403") as failed:
            await discord.send(message(server.channel))
        assert not failed.value.transient
        await discord.close()


async def test_somebody_is_told_in_a_direct_message(store: RedisStore) -> None:
    """An address may be a person."""
    async with discord_server() as server:
        discord, ann = sender(server, store), server.add_person("ann", server.guild)
        to = Address(channel="discord", room=f"@{ann.id}")
        await discord.send(Outbound(key="t:1", address=to, text="psst", at=START))
        [told] = server.sent(server.world.conversation(ann))
        assert told.text == "psst"
        await discord.close()


async def test_to_a_message_that_was_taken_back_it_answers_in_the_channel(tmp_path: Path) -> None:
    """There is nothing for a thread to hang on any more."""
    async with discord_house(tmp_path, workers=0) as lab:
        said = lab.asks("look service=api")
        to = Address(channel="discord", room=str(said.channel.id), thread=str(said.id))
        lab.server.delete(said)
        await lab.discord.send(Outbound(key="t:1", address=to, text="api is fine"))
        [answer] = lab.server.sent(lab.server.channel)
        assert answer.text == "api is fine"


async def test_where_it_may_open_no_thread_it_answers_in_the_channel(tmp_path: Path) -> None:
    """Said there rather than nowhere."""
    async with discord_house(tmp_path) as lab:
        lab.server.then(routes.THREAD_ON_MESSAGE, error(403, 50013, "Missing Permissions"))
        lab.asks("look service=api")
        [answer] = await lab.server.posted(lab.server.channel)
        assert "api is fine" in answer.text
