"""Discord, with its real client: what comes in. The numbers are those of what is promised."""

from pathlib import Path

import pytest

from bot import events as e
from bot.store.port import StoreUnreachable
from channels.port import Inbound
from tests.discord_house import button, discord_house
from tests.discord_server import PRIVILEGED, Intent, routes
from tests.fake_model import FakeModel
from tests.house import runs
from tests.slack_house import Deliver
from tests.steps import reply, route


async def test_a_mention_opens_a_thread_with_the_answer(tmp_path: Path) -> None:
    """On the message, named after it, once, and nothing in the channel."""
    async with discord_house(tmp_path) as lab:
        assert lab.connected.name == "@watchkeeper"
        assert lab.connected.faults == ()
        said = lab.asks("look service=api")
        [answer] = await lab.answers(said)
        assert "api is fine" in answer.text
        thread = await lab.server.threaded(said)
        assert thread.name == "look service=api"
        assert lab.server.sent(lab.server.channel) == []


async def test_01_with_the_store_down_nothing_is_passed_over(tmp_path: Path) -> None:
    """There is no ack: it is tried until it is durable, and what came later comes after it."""
    tried: list[str] = []

    def broken(deliver: Deliver) -> Deliver:
        async def take(inbound: Inbound) -> bool:
            tried.append(inbound.text)
            if len(tried) <= 3:
                raise StoreUnreachable("gone")
            return await deliver(inbound)

        return take

    async with discord_house(tmp_path, deliver=broken) as lab:
        first, second = lab.asks("look service=api"), lab.asks("look service=web")
        await lab.answers(second)
        await lab.answers(first)
        assert tried == ["look service=api"] * 4 + ["look service=web"]


async def test_03_the_same_message_again_is_no_second_turn(tmp_path: Path) -> None:
    """Told twice by the gateway, it is one event and one answer."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("look service=api")
        await lab.answers(said)
        lab.server.dispatch("MESSAGE_CREATE", lab.server.journal.dispatched("MESSAGE_CREATE")[0])
        other = lab.asks("look service=web")
        await lab.answers(other)
        await lab.house.rest()
        assert len(lab.server.sent(await lab.server.threaded(said))) == 1


async def test_04_it_hears_while_it_works(tmp_path: Path) -> None:
    """What runs for long holds nothing up."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("bump tag=sleep")
        card = await lab.card(said)
        click = lab.server.click(lab.ben, card, button(card, "approve"))
        assert (await click.answered())["type"] == 6
        await lab.happened("tool_started")
        thread = await lab.server.threaded(said)
        lab.server.say(lab.ann, thread, "look service=api")
        await lab.happened("message_received", 3)
        assert "tool_returned" not in await lab.kinds()
        lab.server.say(lab.ann, thread, "stop")
        await lab.happened("tool_failed")


async def test_05_its_own_messages_and_bots_start_nothing(tmp_path: Path) -> None:
    """Even if they mention it; nor do webhooks, nor what Discord says itself."""
    async with discord_house(tmp_path) as lab:
        other = lab.server.add_person("other", lab.server.guild, bot=True)
        lab.asks("look service=api", by=other)
        lab.asks("look service=api", by=lab.server.bot)
        lab.server.webhook(lab.server.channel, "hook", f"{lab.server.bot.mention} services")
        said = lab.asks("look service=web")
        await lab.answers(said)
        await lab.house.rest()
        [received] = [one for one in await lab.log() if isinstance(one, e.MessageReceived)]
        assert received.text == "look service=web"


async def test_06_edits_and_deletions_change_the_thread(tmp_path: Path) -> None:
    """They are events of it, and start no turn; a preview that was added is no edit."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("look service=api")
        await lab.answers(said)
        lab.server.unfurl(said, {"title": "a page"})
        lab.server.edit(said, f"{lab.server.bot.mention} look service=web")
        lab.server.delete(said)
        await lab.happened("message_deleted")
        await lab.house.rest()
        kinds = await lab.kinds()
        assert [kinds.count(one) for one in ("message_edited", "message_deleted")] == [1, 1]
        assert kinds.count("turn_ended") == 1


async def test_07_a_thread_goes_on_without_a_mention(tmp_path: Path) -> None:
    """What is said to somebody else there is not for the bot, nor what is said in the channel."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("look service=api")
        await lab.answers(said)
        thread = await lab.server.threaded(said)
        lab.server.say(lab.ann, thread, f"{lab.ben.mention} look service=api")
        lab.server.say(lab.ann, lab.server.channel, "look service=api")
        lab.server.say(lab.ben, thread, "look service=web")
        answers = await lab.answers(said, 2)
        assert "web is fine" in answers[1].text
        await lab.house.rest()
        assert len(lab.server.sent(thread)) == 2
        assert len(await lab.house.store.threads(limit=10)) == 1


async def test_07_a_thread_of_somebody_else_is_not_its_own(tmp_path: Path) -> None:
    """It is only heard where it was asked to be."""
    async with discord_house(tmp_path) as lab:
        thread = lab.server.open_thread(lab.ann, lab.server.channel, "ours")
        lab.server.say(lab.ann, thread, "look service=api")
        asked = lab.server.say(lab.ann, thread, f"{lab.server.bot.mention} look service=web")
        [answer] = await lab.server.posted(thread)
        assert "web is fine" in answer.text
        assert asked.thread is None
        assert len(await lab.house.store.threads(limit=10)) == 1


async def test_08_direct_messages(tmp_path: Path) -> None:
    """Without a mention; the answer is theirs alone."""
    async with discord_house(tmp_path) as lab:
        said = lab.server.dm(lab.ann, "look service=api")
        [answer] = await lab.server.posted(said.channel)
        assert "api is fine" in answer.text
        [received] = [one for one in await lab.log() if isinstance(one, e.MessageReceived)]
        assert received.audience == (f"discord:{lab.ann.id}",)
        assert received.person == "ann"


async def test_a_stranger_is_told_whom_to_ask(tmp_path: Path) -> None:
    """Once, with the id that would make them somebody."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("look service=api", by=lab.zed)
        [answer] = await lab.answers(said)
        assert f"discord {lab.zed.id}" in answer.text


async def test_without_the_intent_mentions_and_direct_talks_work(tmp_path: Path) -> None:
    """And it says what does not."""
    async with discord_house(tmp_path, allowed=PRIVILEGED & ~Intent.CONTENT) as lab:
        assert "Message Content Intent" in lab.connected.faults[0]
        said = lab.asks("look service=api")
        await lab.answers(said)
        thread = await lab.server.threaded(said)
        lab.server.say(lab.ann, thread, "look service=web")
        lab.asks("look service=web", channel=thread)
        answers = await lab.answers(said, 2)
        assert "web is fine" in answers[1].text
        direct = lab.server.dm(lab.ann, "look service=api")
        await lab.server.posted(direct.channel)


async def test_a_small_text_file_is_read_along(tmp_path: Path) -> None:
    """As somebody's file, fenced; others by name only."""
    model = FakeModel(route("responder"), reply("Seen."))
    async with discord_house(tmp_path, model=model) as lab:
        mention = lab.server.bot.mention
        files = {"app.log": b"it broke at line 7", "photo.png": b"\x89PNG"}
        said = lab.server.upload(lab.ann, lab.server.channel, f"{mention} what is this?", **files)
        await lab.answers(said)
        [received] = [one for one in await lab.log() if isinstance(one, e.MessageReceived)]
        assert "app.log:\n```\nit broke at line 7\n```" in received.text
        assert "[file: photo.png, application/octet-stream, 4 bytes]" in received.text


async def test_a_command_of_discord_s_own(tmp_path: Path) -> None:
    """`/look` with its choices: what was given is shown, and the answer hangs on it."""
    async with discord_house(tmp_path) as lab:
        named = {one["name"]: one for one in lab.server.commands()}
        [service] = named["look"]["options"]
        assert [choice["value"] for choice in service["choices"]] == ["api", "web"]
        given = lab.server.slash(lab.ann, lab.server.channel, "look", {"service": "web"})
        shown = await given.replied()
        assert "/look service=web" in shown.text
        [answer] = await lab.server.posted(await lab.server.threaded(shown))
        assert "web is fine" in answer.text


async def test_a_command_in_a_thread_is_answered_there(tmp_path: Path) -> None:
    """It belongs to the conversation, decisions too."""
    async with discord_house(tmp_path) as lab:
        said = lab.asks("look service=api")
        await lab.answers(said)
        thread = await lab.server.threaded(said)
        lab.server.slash(lab.ann, thread, "bump", {"tag": "one two"})
        card = await lab.card_in(thread)
        lab.server.click(lab.ann, card, button(card, "approve"))
        await lab.settled(card, "Approved by ann")
        await lab.happened("tool_returned", 2)
        assert runs(tmp_path) == ["one", "two"]
        assert len(await lab.house.store.threads(limit=10)) == 1


@pytest.mark.parametrize("name", ["approve", "requests", "stop"])
async def test_what_is_no_tool_is_no_command(tmp_path: Path, name: str) -> None:
    """Decisions are buttons and words."""
    async with discord_house(tmp_path, workers=0) as lab:
        assert name not in {one["name"] for one in lab.server.commands()}
        assert [call.status for call in await lab.server.called(routes.PUT_COMMANDS)] == [200]
