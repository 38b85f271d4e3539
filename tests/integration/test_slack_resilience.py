"""Slack, with its real clients: what breaks. The numbers are those of what is promised."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import wiring
from bot.sending import Sending
from channels.port import CannotConnect
from channels.slack.adapter import Slack, SlackSettings
from tests.house import open_house
from tests.slack_house import SlackHouse, connect_slack, slack_house
from tests.slack_lab import Said, slack_server
from tests.slack_lab.sockets import Delivery


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
@pytest.mark.parametrize("close", [True, False])
async def test_10_a_disconnect_loses_nothing(tmp_path: Path, reason: str, close: bool) -> None:
    """What is said just before, meanwhile and after is answered, once each."""
    async with slack_house(tmp_path) as lab:
        await lab.server.connected(2)
        opened = lab.server.sockets.opened
        first = lab.ann.says(lab.ops, "<@UBOT> look service=api")
        await lab.server.sockets.disconnect(reason, close=close)
        second = lab.ann.says(lab.ops, "<@UBOT> look service=web")
        await lab.server.world.until(
            lambda: lab.server.sockets.opened >= opened + 2, lambda: lab.server.sockets.opened
        )
        third = await lab.asks("services")
        for said in (first, second, third):
            await lab.answers(said)
        await lab.house.rest()
        assert len(lab.server.sent(lab.ops)) == 3


async def test_10_a_cut_connection_is_replaced(tmp_path: Path) -> None:
    """Without a word from Slack, too."""
    async with slack_house(tmp_path) as lab:
        await lab.server.connected(2)
        opened = lab.server.sockets.opened
        await lab.server.sockets.drop()
        await lab.server.world.until(
            lambda: lab.server.sockets.opened >= opened + 1, lambda: lab.server.sockets.opened
        )
        await lab.answers(await lab.asks("look service=api"))


async def test_11_what_was_said_while_it_was_away_is_taken_in(tmp_path: Path) -> None:
    """Of rooms, threads and direct talks, in order, once; and an edit of what was known."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        await lab.answers(said)
        direct = lab.server.direct(lab.ann)
        await lab.slack.stop()
        lab.server.faults.down = True
        top = lab.ann.says(lab.ops, "<@UBOT> look service=web")
        lab.ann.says(lab.ops, "services", thread=said.ts)
        private = lab.ann.says(direct, "look service=api")
        lab.ann.says(lab.ops, "nobody is meant")
        lab.ann.edits(said, "<@UBOT> look service=web")
        lab.server.faults.down = False
        lab.slack = connect_slack(lab.server, lab.house)
        await lab.slack.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        for one, count in ((top, 1), (said, 2), (private, 1)):
            await lab.answers(one, count)
        await lab.house.rest()
        assert len(lab.server.sent(lab.ops)) == 3
        assert len(lab.server.sent(direct)) == 1
        edited = [
            row
            for row in await lab.house.store.threads(limit=10)
            if "message_edited" in await lab.house.kinds(row.thread)
        ]
        assert len(edited) == 1


@pytest.mark.parametrize(("most", "chatter"), [(1000, 250), (15, 40)])
async def test_11_however_much_was_said_meanwhile(tmp_path: Path, most: int, chatter: int) -> None:
    """Page after page; with replies in a conversation that lies below all of it."""
    async with slack_house(tmp_path) as lab:
        said = await lab.asks("look service=api")
        await lab.answers(said)
        await lab.slack.stop()
        lab.server.faults.down = True
        first = lab.ann.says(lab.ops, "<@UBOT> look service=web")
        for number in range(chatter):
            lab.ben.says(lab.ops, f"chatter {number}")
        lab.ann.says(lab.ops, "services", thread=said.ts)
        lab.server.faults.down = False
        lab.server.api.most = most
        lab.slack = connect_slack(lab.server, lab.house)
        await lab.slack.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        await lab.answers(first)
        await lab.answers(said, 2)


async def test_11_what_was_said_before_it_was_ever_there_is_not_for_it(tmp_path: Path) -> None:
    """The first start takes no old messages in."""
    async with slack_server() as server, open_house(tmp_path, workers=0) as house:
        ann = server.person("U1")
        ops = server.room("C1", ann)
        server.faults.down = True
        ann.says(ops, "<@UBOT> look service=api")
        server.faults.down = False
        slack = connect_slack(server, house, sweep=0.2)
        await slack.start(wiring.build_intake(house.settings, house.store).take)
        await server.called("conversations.history", 2)
        await slack.stop()
        assert await house.store.threads(limit=10) == ()


async def test_12_a_deaf_connection_is_noticed(tmp_path: Path) -> None:
    """Open, answering pings, delivering nothing: what was missed is found, and it is replaced."""
    async with slack_house(tmp_path, sweep=0.3, grace=0.0) as lab:
        await lab.server.connected(2)
        await lab.server.called("conversations.history", 1)
        opened = lab.server.sockets.opened
        for connection in lab.server.sockets.connections:
            connection.deaf = True
        said = lab.ann.says(lab.ops, "<@UBOT> look service=api")
        await lab.answers(said)
        await lab.server.world.until(
            lambda: lab.server.sockets.opened >= opened + 2, lambda: lab.server.sockets.opened
        )
        await lab.answers(await lab.asks("look service=web"))


@contextlib.asynccontextmanager
async def deaf(folder: Path) -> AsyncIterator[SlackHouse]:
    """Everything has to be found by looking; it was looked once."""
    async with slack_house(folder, sweep=0.2, grace=0.0) as lab:
        await lab.server.connected(2)
        await lab.server.called("conversations.history", 1)
        lab.server.told.send = lambda kind, payload: Delivery(kind=kind, payload=payload, lost=True)
        yield lab


async def test_a_room_that_can_not_be_read_stops_no_other(tmp_path: Path) -> None:
    """What was said there is taken in once it can be."""
    async with deaf(tmp_path) as lab:
        shut = lab.server.room("C0", lab.ann)
        lab.server.faults.refusals["C0"] = "channel_not_found"
        there = lab.ann.says(shut, "<@UBOT> look service=api")
        await lab.answers(lab.ann.says(lab.ops, "<@UBOT> look service=api"))
        lab.server.faults.refusals.clear()
        await lab.answers(there)


async def test_a_conversation_that_can_not_be_read_stops_no_other(tmp_path: Path) -> None:
    """It may be gone between being listed and being read."""
    async with deaf(tmp_path) as lab:
        gone = lab.ben.says(lab.ops, "never mind")
        lab.ben.says(lab.ops, "really", thread=gone.ts)
        lab.server.faults.refusals[gone.ts] = "thread_not_found"
        await lab.answers(lab.ann.says(lab.ops, "<@UBOT> look service=api"))


@pytest.mark.parametrize("ts", ["\xb2", "1.", "now", "9" * 400])
async def test_a_time_that_is_none_stops_nothing(tmp_path: Path, ts: str) -> None:
    """A message with one is nobody's; one whose last reply has one is read all the same."""
    async with deaf(tmp_path) as lab:
        lab.server.world.say(Said(room="C1", ts=ts, user="U2", text="<@UBOT> services"))
        await lab.answers(lab.ann.says(lab.ops, "<@UBOT> look service=api"))


async def test_two_processes_hear_everything_once(tmp_path: Path) -> None:
    """Each with its own connections, on one store."""
    async with slack_house(tmp_path) as lab:
        other = connect_slack(lab.server, lab.house)
        await other.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        await lab.server.connected(4)
        said = [lab.ann.says(lab.ops, "<@UBOT> look service=api") for _ in range(6)]
        for one in said:
            await lab.answers(one)
        await other.stop()
        await lab.house.rest()
        assert len(lab.server.sent(lab.ops)) == 6


async def test_29_a_missing_scope_is_named(tmp_path: Path) -> None:
    """With what it is for, at the start."""
    async with slack_house(tmp_path) as lab:
        lab.server.api.scopes = "chat:write,channels:history"
        again = connect_slack(lab.server, lab.house)
        connected = await again.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        await again.stop()
        assert any("app_mentions:read" in line for line in connected.faults)
        assert not any("chat:write" in line for line in connected.faults)


@pytest.mark.parametrize(
    ("bot", "app", "why"),
    [
        ("xoxb-wrong", "xapp-test", "SLACK_BOT_TOKEN is not valid"),
        ("xoxb-test", "xapp-wrong", "SLACK_APP_TOKEN is not valid"),
        ("xapp-test", "xapp-test", "SLACK_BOT_TOKEN has to begin with xoxb-"),
        ("xoxb-test", "xoxb-test", "SLACK_APP_TOKEN has to begin with xapp-"),
    ],
)
async def test_29_a_wrong_token_is_named(tmp_path: Path, bot: str, app: str, why: str) -> None:
    """At once, instead of trying for ever."""
    async with slack_server() as server, open_house(tmp_path, workers=0) as house:
        settings = SlackSettings(bot_token=bot, app_token=app, url=server.api_url)
        slack = Slack(settings, house.store, Sending(house.store))
        with pytest.raises(CannotConnect, match=why) as failed:
            await slack.start(wiring.build_intake(house.settings, house.store).take)
        assert not failed.value.transient


async def test_a_slack_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    """It is not the settings' fault."""
    async with slack_server() as server, open_house(tmp_path, workers=0) as house:
        server.faults.down = True
        slack = connect_slack(server, house)
        with pytest.raises(CannotConnect) as failed:
            await slack.start(wiring.build_intake(house.settings, house.store).take)
        assert failed.value.transient


async def test_an_address_that_leads_nowhere_is_not_kept(tmp_path: Path) -> None:
    """Another one is asked for, at the start and later; one connection is enough to begin."""
    async with slack_server() as server, open_house(tmp_path, workers=0) as house:
        server.dead_ends = 3  # one for the look whether it may connect at all
        slack = connect_slack(server, house)
        async with asyncio.timeout(20):
            await slack.start(wiring.build_intake(house.settings, house.store).take)
        await server.connected(2)
        server.dead_ends = 2
        await server.sockets.disconnect("refresh_requested")
        await server.world.until(lambda: server.sockets.opened >= 4, lambda: server.sockets.opened)
        await slack.stop()


async def test_a_start_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    """However long it would have waited for a connection."""
    async with slack_server() as server, open_house(tmp_path, workers=0) as house:
        server.dead_ends = 1000
        slack = connect_slack(server, house)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await slack.start(wiring.build_intake(house.settings, house.store).take)
        assert not await slack.ready()
