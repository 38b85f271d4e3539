"""Discord, with its real client: connections that break. The numbers are those of promises."""

from pathlib import Path

import pytest

from bot import wiring
from channels.port import CannotConnect
from tests.discord_house import DiscordHouse, connect_discord, discord_house
from tests.discord_server import (
    PRIVILEGED,
    DiscordServer,
    Intent,
    discord_server,
    error,
    pointed_at,
    routes,
)
from tests.house import open_house


async def all_answered(lab: DiscordHouse, count: int) -> None:
    """Every mention in the channel has its own thread with one answer in it."""
    said = [one for one in lab.server.channel.said if one.author == lab.ann]
    assert len(said) == count
    for one in said:
        await lab.answers(one)
    await lab.house.rest()
    for one in said:
        assert len(lab.server.sent(await lab.server.threaded(one))) == 1


@pytest.mark.parametrize("how", ["op 7", "1001", "4000", "abort"])
async def test_13_a_break_is_replayed_once(tmp_path: Path, how: str) -> None:
    """The session is resumed: what was said before, meanwhile and after is answered, once each."""
    async with discord_house(tmp_path) as lab:
        lab.asks("look service=api")
        lab.server.gateway.door.clear()
        breaks = {
            "op 7": lab.server.reconnect,
            "1001": lambda: lab.server.close(1001),
            "4000": lambda: lab.server.close(4000),
            "abort": lab.server.abort,
        }
        breaks[how]()
        lab.asks("look service=web")
        lab.server.gateway.door.set()
        await lab.server.resumed()
        lab.asks("services")
        await all_answered(lab, 3)


async def test_13_a_zombie_is_noticed(tmp_path: Path) -> None:
    """Heartbeats that are not answered end the connection, and the session goes on."""
    async with discord_house(tmp_path, interval=0.3, deaf=0.6) as lab:
        lab.server.gateway.acks = False
        lab.asks("look service=api")
        await lab.server.resumed()
        lab.server.gateway.acks = True
        lab.asks("look service=web")
        await all_answered(lab, 2)


async def test_13_a_lost_session_is_read_again(tmp_path: Path) -> None:
    """Op 9: the gap is not replayed, so channels, threads and direct talks are read."""
    async with discord_house(tmp_path) as lab:
        first = lab.asks("look service=api")
        [_] = await lab.answers(first)
        thread = await lab.server.threaded(first)
        direct = lab.server.dm(lab.ann, "look service=api")
        await lab.server.posted(direct.channel)
        lab.server.gateway.door.clear()
        lab.server.forget_sessions()
        lab.server.abort()
        await lab.server.gone()
        lab.asks("look service=web")
        lab.server.say(lab.ann, thread, "look service=web")
        lab.server.dm(lab.ann, "look service=web")
        lab.server.gateway.door.set()
        await lab.server.identified(2)
        await lab.answers(first, 2)
        await lab.server.posted(direct.channel, 2)
        second = lab.server.channel.said[-1]
        await lab.answers(second)
        await lab.house.rest()
        assert len(lab.server.sent(thread)) == 2
        assert len(lab.server.sent(direct.channel)) == 2


async def test_11_what_was_said_while_it_was_away_is_taken_in(tmp_path: Path) -> None:
    """Stopped, and started again much later: in order, once."""
    async with discord_house(tmp_path) as lab:
        first = lab.asks("look service=api")
        await lab.answers(first)
        await lab.discord.stop()
        for service in ("web", "api", "web"):
            lab.server.say(lab.ann, await lab.server.threaded(first), f"look service={service}")
        again = connect_discord(lab.server, lab.house)
        await again.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        answers = await lab.answers(first, 4)
        shown = [next(s for s in ("api", "web") if s in one.text) for one in answers]
        assert shown == ["api", "web", "api", "web"]
        await again.stop()
        await again.close()


async def test_11_what_was_said_before_it_was_ever_there_is_not_for_it(tmp_path: Path) -> None:
    """The first start takes no old messages in."""
    async with discord_server() as server:
        ann = server.add_person("ann", server.guild)
        server.say(ann, server.channel, f"{server.bot.mention} look service=api")
        with pointed_at(server):
            async with open_house(tmp_path, workers=0) as house:
                discord = connect_discord(server, house)
                await discord.start(wiring.build_intake(house.settings, house.store).take)
                assert await house.store.threads(limit=10) == ()
                await discord.stop()
                await discord.close()


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("MESSAGE_CREATE", {}),
        ("MESSAGE_CREATE", {"id": "x", "channel_id": None, "author": 7}),
        ("INTERACTION_CREATE", {"id": "1"}),
        ("GUILD_CREATE", []),
    ],
)
async def test_14_a_malformed_event_ends_nothing(tmp_path: Path, event: str, data: object) -> None:
    """It takes discord.py down, and not the bot: it listens anew, and nothing is lost."""
    async with discord_house(tmp_path) as lab:
        lab.asks("look service=api")
        lab.server.dispatch(event, data)
        lab.asks("look service=web")
        await all_answered(lab, 2)


async def test_14_what_is_no_frame_ends_nothing(tmp_path: Path) -> None:
    """Garbage on the socket."""
    async with discord_house(tmp_path) as lab:
        lab.server.write("this is not json")
        lab.asks("look service=web")
        await all_answered(lab, 1)


async def test_two_processes_hear_everything_once(tmp_path: Path) -> None:
    """Each with its own session, on one store."""
    async with discord_house(tmp_path) as lab:
        other = connect_discord(lab.server, lab.house)
        lab.house.hire(channels={"discord": other})
        await other.start(wiring.build_intake(lab.house.settings, lab.house.store).take)
        for service in ("api", "web", "api", "web"):
            lab.asks(f"look service={service}")
        await all_answered(lab, 4)
        await other.stop()
        await other.close()


async def started(tmp_path: Path, server: DiscordServer, token: str) -> None:
    """Connect with this token."""
    with pointed_at(server):
        async with open_house(tmp_path, workers=0) as house:
            server_token, server.token = server.token, token
            discord = connect_discord(server, house)
            server.token = server_token
            try:
                await discord.start(wiring.build_intake(house.settings, house.store).take)
            finally:
                await discord.stop()
                await discord.close()


async def test_29_a_wrong_token_is_named(tmp_path: Path) -> None:
    """At once, instead of trying for ever."""
    async with discord_server() as server:
        with pytest.raises(CannotConnect, match="DISCORD_BOT_TOKEN is not valid") as fault:
            await started(tmp_path, server, "wrong")
        assert not fault.value.transient


@pytest.mark.parametrize(
    ("code", "named"), [(4004, "DISCORD_BOT_TOKEN"), (4014, "Message Content Intent")]
)
async def test_29_what_the_gateway_refuses_is_fatal(tmp_path: Path, code: int, named: str) -> None:
    """A token that it does not take, an intent that it does not allow: what to mend."""
    async with discord_server() as server:
        server.gateway.refusals.append(code)
        with pytest.raises(CannotConnect, match=named) as fault:
            await started(tmp_path, server, server.token)
        assert not fault.value.transient


async def test_29_a_permission_that_lacks_is_named(tmp_path: Path) -> None:
    """At the start, with the server where it lacks; doctor names the intent."""
    async with discord_server(allowed=PRIVILEGED & ~Intent.CONTENT) as server:
        server.add_guild("elsewhere", permissions=0)
        with pointed_at(server):
            async with open_house(tmp_path, workers=0) as house:
                discord = connect_discord(server, house)
                take = wiring.build_intake(house.settings, house.store).take
                connected = await discord.start(take)
                assert "Message Content Intent is off" in connected.faults[0]
                assert "elsewhere does not allow it to: " in connected.faults[1]
                assert "Send Messages In Threads" in connected.faults[1]
                assert "permissions=" in connected.invite
                assert (await discord.check()).faults == connected.faults[:1]
                await discord.stop()
                await discord.close()


async def test_a_discord_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    """It is not the settings' fault."""
    async with discord_server() as server:
        server.then(routes.ME, *[error(503)] * 5)
        with pytest.raises(CannotConnect) as fault:
            await started(tmp_path, server, server.token)
        assert fault.value.transient
