"""Slack, with its real clients: what comes in. The numbers are those of what is promised."""

import asyncio
from pathlib import Path

import pytest

from bot import events as e
from bot.store.port import StoreUnreachable
from channels.port import Inbound
from channels.slack import api
from channels.slack.rooms import Rooms
from tests.fake_model import FakeModel
from tests.house import RUNBOOKS, runs
from tests.slack_house import Deliver, slack_house
from tests.slack_lab import Said, faults
from tests.steps import reply


async def test_a_mention_gives_a_reply_in_its_thread(tmp_path: Path) -> None:
    """Under the message, once, and nowhere else."""
    async with slack_house(tmp_path) as lab:
        assert lab.connected.name == "@watchkeeper"
        assert lab.connected.faults == ()
        said = await lab.asks("look service=api")
        [answer] = await lab.answers(said)
        assert "api is fine" in answer.shown
        assert answer.thread == said.ts


async def test_01_with_the_store_down_nothing_is_acked(tmp_path: Path) -> None:
    """Slack delivers again once it is there, and it is answered once."""
    tried: list[str] = []

    def broken(deliver: Deliver) -> Deliver:
        async def take(inbound: Inbound) -> bool:
            tried.append(inbound.dedupe)
            if len(tried) <= 2:
                raise StoreUnreachable("gone")
            return await deliver(inbound)

        return take

    async with slack_house(tmp_path, deliver=broken, retries=(0.0, 0.1, 0.1)) as lab:
        lab.server.sockets.patience = 0.3
        said = lab.ann.says(lab.ops, "<@UBOT> look service=api")
        message, mention = lab.server.sockets.deliveries
        await lab.server.acked(message)
        await lab.server.acked(mention)
        assert message.tries > 1
        await lab.answers(said)
        await lab.house.rest()
        assert len(lab.server.sent(lab.ops)) == 1


async def test_02_a_mention_and_its_message_are_one_turn(tmp_path: Path) -> None:
    """Slack tells of both, with different ids of the event."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("bump tag=one")
        await lab.card(said)
        events = [one.payload["event"]["type"] for one in lab.server.sockets.deliveries]
        assert sorted(events) == ["app_mention", "message"]
        assert (await lab.kinds()).count("message_received") == 1


async def test_03_a_retry_that_comes_later_is_no_second_turn(tmp_path: Path) -> None:
    """The same envelope again, after it was answered."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        await lab.answers(said)
        again = lab.server.sockets.send(
            "events_api", lab.server.sockets.deliveries[0].payload | {"event_id": "EvAgain"}
        )
        await lab.server.acked(again)
        other = await lab.asks("look service=web")
        await lab.answers(other)
        assert len(lab.server.sent(lab.ops)) == 2


async def test_04_acked_while_it_works(tmp_path: Path) -> None:
    """What runs for long holds no ack back: it is acked before the program has ended."""
    async with slack_house(tmp_path) as lab:
        card = await lab.card(await lab.asks("bump tag=sleep"))
        await lab.server.acked(lab.ben.clicks(card, "approve"))
        await lab.happened("tool_started")
        more = lab.ann.says(lab.ops, "look service=api", thread=card.thread)
        await lab.server.acked(lab.server.sockets.deliveries[-1])
        assert "tool_returned" not in await lab.kinds()
        lab.ann.says(lab.ops, "stop", thread=card.thread)
        await lab.happened("tool_failed")
        await lab.answers(more, 3)


async def test_05_its_own_messages_and_bots_start_nothing(tmp_path: Path) -> None:
    """Even if they mention it."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        [answer] = await lab.answers(said)
        event = answer.payload() | {"channel": "C1", "channel_type": "channel"}
        own = lab.ann.told.event(event | {"text": "<@UBOT> look service=web"}, lab.ops)
        other = event | {"user": "U77", "bot_id": "B77", "app_id": "A77", "ts": "1.000001"}
        bots = lab.ann.told.event(other | {"text": "<@UBOT> look service=web"}, lab.ops)
        await lab.server.acked(own)
        await lab.server.acked(bots)
        await lab.house.rest()
        assert len(lab.server.sent(lab.ops)) == 1


async def test_06_edits_and_deletions_change_the_thread(tmp_path: Path) -> None:
    """They are events of it, and start no turn."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        await lab.answers(said)
        await lab.server.acked(lab.ann.edits(said, "<@UBOT> look service=web"))
        await lab.server.acked(lab.ann.deletes(said))
        await lab.house.rest()
        kinds = await lab.kinds()
        assert [kinds.count(one) for one in ("message_edited", "message_deleted")] == [1, 1]
        assert kinds.count("turn_ended") == 1


async def test_06_a_deletion_as_documented_counts(tmp_path: Path) -> None:
    """Without the message that it was."""
    async with slack_house(tmp_path, workers=0) as lab:
        said = await lab.asks("look service=api")
        told = {"type": "message", "subtype": "message_deleted", "channel": "C1"}
        times = {"ts": lab.server.world.ts(), "deleted_ts": said.ts}
        await lab.server.acked(lab.server.told.event(told | times, lab.ops))
        assert "message_deleted" in await lab.kinds()


async def test_07_a_thread_goes_on_without_a_mention(tmp_path: Path) -> None:
    """What is said to somebody else there is not for the bot, nor what is said elsewhere."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        await lab.answers(said)
        lab.ann.says(lab.ops, "<@U2> look service=api", thread=said.ts)
        lab.ann.says(lab.ops, "look service=api")
        lab.ann.says(lab.ops, "look service=web", thread=said.ts)
        answers = await lab.answers(said, 2)
        assert "web is fine" in answers[1].shown
        for one in lab.server.sockets.deliveries:
            await lab.server.acked(one)
        await lab.house.rest()
        assert len(lab.server.sent(lab.ops)) == 2


async def test_08_a_direct_message_needs_no_mention(tmp_path: Path) -> None:
    """At the top and in its thread: one conversation."""
    async with slack_house(tmp_path) as lab:
        direct = lab.server.direct(lab.ann)
        said = lab.ann.says(direct, "look service=api")
        [answer] = await lab.answers(said)
        assert answer.thread == said.ts
        lab.ann.says(direct, "look service=web", thread=said.ts)
        assert "web is fine" in (await lab.answers(said, 2))[1].shown
        assert len(await lab.house.store.threads(limit=10)) == 1


async def test_28_a_small_file_is_read_with_the_token_kept_home(tmp_path: Path) -> None:
    """From Slack's host with the token; from any other host nothing is fetched."""
    async with slack_house(tmp_path) as lab:
        note = lab.server.file("note.txt", b"disk full\n")
        evil = note | {"id": "F9", "url_private": "http://127.0.0.1:9/files/note.txt"}
        large = lab.server.file("large.txt", b"x" * 20_000)
        said = lab.ann.says(lab.ops, "<@UBOT> what is this?", files=[note, evil, large])
        await lab.answers(said)
        assert set(lab.server.downloads) == {("note.txt", "Bearer xoxb-test")}
        [heard] = [event for event in await lab.log() if isinstance(event, e.MessageReceived)]
        assert "note.txt:\n```\ndisk full\n" in heard.text
        assert "[file: large.txt, text/plain, 20000 bytes]" in heard.text


@pytest.mark.parametrize("url", ["http://[", "https://[", "//x]y", "\ud800", "http://\x00", "x:y"])
async def test_a_file_that_lies_nowhere_is_only_named(tmp_path: Path, url: str) -> None:
    """The message that it hangs on is taken in."""
    async with slack_house(tmp_path, workers=0) as lab:
        file = lab.server.file("a.txt", b"x") | {"url_private": url}
        lab.ann.says(lab.ops, "<@UBOT> look service=api", files=[file])
        await lab.server.acked(lab.server.sockets.deliveries[-1])
        [event] = await lab.log()
        assert isinstance(event, e.MessageReceived)
        assert "[file: a.txt" in event.text


async def test_files_that_do_not_come_hold_no_room_up(tmp_path: Path) -> None:
    """All are waited for at once, so that every message is acked in time, and in its order."""
    heard: list[str] = []

    def noting(deliver: Deliver) -> Deliver:
        async def take(inbound: Inbound) -> bool:
            heard.append(inbound.ref)
            return await deliver(inbound)

        return take

    never = asyncio.Event()
    async with slack_house(tmp_path, deliver=noting, workers=0) as lab:
        said: list[Said] = []
        for name in ("a.txt", "b.txt", "c.txt"):
            lab.server.faults.then(name, *(faults.held(never) for _ in range(2)))
            file = lab.server.file(name, b"x")
            said.append(lab.ann.says(lab.ops, "<@UBOT> look service=api", files=[file]))
        for delivery in lab.server.sockets.deliveries:
            await lab.server.acked(delivery)
        never.set()
        assert [one.tries for one in lab.server.sockets.deliveries] == [1] * 6
        assert list(dict.fromkeys(heard)) == [f"C1:{one.ts}" for one in said]


async def test_a_form_that_is_slow_to_show_holds_no_ack(tmp_path: Path) -> None:
    """Slack is answered first."""
    shown = asyncio.Event()
    async with slack_house(tmp_path, workers=0) as lab:
        lab.server.faults.then("views.open", faults.held(shown))
        said = lab.ben.says(lab.ops, "disk full")
        await lab.server.acked(lab.ann.asks_about(said))
        assert lab.server.api.forms == []
        shown.set()
        await lab.server.form()


async def test_the_command_is_answered_in_the_room(tmp_path: Path) -> None:
    """What was typed is shown to the room; where the bot is not, it answers in private."""
    async with slack_house(tmp_path) as lab:
        shown = await lab.server.acked(lab.ann.commands(lab.ops, "look service=api"))
        assert shown.answer == {"response_type": "in_channel"}
        [answer] = await lab.server.posted(lab.ops)
        assert "api is fine" in answer.shown
        away = lab.server.room("C9", lab.ann, bot=False)
        told = await lab.server.acked(lab.ann.commands(away, "look service=web"))
        assert told.answer is not None
        assert "/invite @watchkeeper" in told.answer["text"]
        [private] = await lab.server.posted(lab.server.direct(lab.ann))
        assert "web is fine" in private.shown


async def test_the_shortcut_asks_about_a_message(tmp_path: Path) -> None:
    """What is asked stands in the thread of that message; its words are a quotation."""
    async with slack_house(tmp_path) as lab:
        alert = lab.zed.says(lab.ops, "bump tag=prod")
        await lab.server.acked(lab.ann.asks_about(alert))
        view = await lab.server.form()
        await lab.server.acked(lab.ann.submits(view, "what is this?"))
        [answer] = await lab.answers(alert)
        assert answer.thread == alert.ts
        assert runs(tmp_path) == []


async def test_the_shortcut_where_it_can_not_answer(tmp_path: Path) -> None:
    """In a room that the bot is not in, the answer comes in private."""
    async with slack_house(tmp_path) as lab:
        away = lab.server.room("C9", lab.ann, lab.zed, bot=False)
        alert = lab.server.world.say(
            Said(room="C9", ts=lab.server.world.ts(), user="U9", text="disk full")
        )
        await lab.server.acked(lab.ann.asks_about(alert))
        lab.ann.submits(await lab.server.form(), "what is this?")
        await lab.server.posted(lab.server.direct(lab.ann))
        assert lab.server.sent(away) == []


async def test_between_two_people_it_answers_in_private(tmp_path: Path) -> None:
    """The command and the shortcut can be used where it is not: whoever did so is answered."""
    async with slack_house(tmp_path) as lab:
        theirs = lab.server.room("DXY", lab.ann, lab.ben, kind="im", bot=False)
        lab.server.faults.refusals["DXY"] = "channel_not_found"
        delivery = await lab.server.acked(lab.ann.commands(theirs, "look service=api"))
        assert delivery.answer is not None
        assert "direct messages" in delivery.answer["text"]
        await lab.server.posted(lab.server.direct(lab.ann))
        said = Said(room="DXY", ts=lab.server.world.ts(), user="U2", text="disk full")
        lab.ann.asks_about(said)
        lab.ann.submits(await lab.server.form(), "look service=web")
        await lab.server.posted(lab.server.direct(lab.ann), 2)


async def test_one_hiccup_is_not_believed_for_long(tmp_path: Path) -> None:
    """What was known of a room before it is kept, and what was not is asked again soon."""
    async with slack_house(tmp_path, workers=0) as lab:
        rooms = Rooms(api.client(lab.server.api.bot_token, lab.server.api_url), brief=0.0)
        lab.server.faults.then("conversations.info", faults.limited(1))
        assert not await rooms.is_member("C1")
        assert await rooms.is_member("C1")


@pytest.mark.parametrize("flag", [None, False])
async def test_outsiders_are_never_overlooked(tmp_path: Path, flag: bool | None) -> None:
    """Where an event does not tell of them Slack is asked; what is known is not taken back."""
    heard: list[Inbound] = []

    def noting(deliver: Deliver) -> Deliver:
        async def take(inbound: Inbound) -> bool:
            heard.append(inbound)
            return await deliver(inbound)

        return take

    async with slack_house(tmp_path, deliver=noting, workers=0) as lab:
        lab.ops.shared = True
        await lab.asks("look service=api")
        lab.server.told.send = lambda kind, payload: lab.server.sockets.send(
            kind, payload | {"is_ext_shared_channel": flag}
        )
        await lab.asks("look service=web")
        other = lab.server.room("C2", lab.ann, shared=True)
        if flag is None:
            await lab.asks("look service=web", room=other)
        assert {one.outsiders for one in heard} == {True}


async def test_a_stranger_is_told_once_whom_to_ask(tmp_path: Path) -> None:
    """With the id that goes into the settings."""
    async with slack_house(tmp_path) as lab:
        said = lab.zed.says(lab.ops, "<@UBOT> look service=api")
        [told] = await lab.answers(said)
        assert "T1/U9" in told.shown


async def test_a_call_that_fails_is_no_second_answer(tmp_path: Path) -> None:
    """Slack has the message, its answer is lost: it is found there, not sent again (16)."""
    async with slack_house(tmp_path) as lab:
        lab.server.faults.then("chat.postMessage", faults.lost_response())
        said = await lab.asks("look service=api")
        await lab.server.called("conversations.replies")
        await lab.house.rest()
        assert len(await lab.answers(said)) == 1


async def test_14_a_malformed_event_ends_nothing(tmp_path: Path) -> None:
    """It is acked, so that it does not come again for ever, and what comes after it is answered."""
    async with slack_house(tmp_path) as lab:
        for broken in (
            {"type": "message", "channel": "C1", "ts": 7, "user": ["U1"], "text": {"a": 1}},
            {"type": "message", "channel": "C1", "subtype": "message_changed", "message": None},
            {"type": "agent_session_stopped"},
        ):
            await lab.server.acked(lab.ann.told.event(broken, lab.ops))
        await lab.answers(await lab.asks("look service=api"))
        assert len(lab.server.sent(lab.ops)) == 1


async def test_27_a_model_is_told_who_said_what(tmp_path: Path) -> None:
    """Each message by its person, and what a stranger says in the thread as a stranger's."""
    model = FakeModel(reply("Noted."), reply("Fine."))
    runbooks = RUNBOOKS + '[access]\nunknown = "chat"\n'
    async with slack_house(tmp_path, model=model, runbooks=runbooks) as lab:
        said = lab.zed.says(lab.ops, "<@UBOT> the disk was full yesterday, was it not?")
        await lab.answers(said)
        lab.ann.says(lab.ops, "and how does it look today, all in all?", thread=said.ts)
        await lab.answers(said, 2)
    told = "".join(block.text for block in model.calls[-1].words)
    assert 'trust="stranger"' in told or "trust=stranger" in told
    assert "by=ann" in told
