"""`init discord` and `doctor` at a local Discord, as a person goes through them."""

import stat
import tomllib
from pathlib import Path

from tests.bot_process import Bots
from tests.discord_process import environment
from tests.discord_server import PRIVILEGED, DiscordServer, Intent, discord_server
from tests.integration.test_init_slack import CONFIG, command, until, without_tokens


def bots(folder: Path, server: DiscordServer) -> Bots:
    """A directory with nothing but a configuration."""
    (folder / "watchkeeper.toml").write_text(CONFIG)
    return Bots(folder, environment(server), "")


async def test_from_a_token_to_an_admin(tmp_path: Path) -> None:
    """The invitation asks for what is needed; whoever sends the code in private is the admin."""
    async with discord_server() as server:
        bot = bots(tmp_path, server)
        ann, zed = (server.add_person(name, server.guild) for name in ("ann", "zed"))
        typed = f"{server.token}\n"
        child = await command(bot, "init", "discord", typed=typed, env=without_tokens(bot))
        invitation = await until(child, "Invite it to your server")
        assert f"client_id={server.bot.id}" in invitation
        assert "scope=bot+applications.commands" in invitation
        code = (await until(child, "as a direct message")).rpartition(" ")[2]
        server.dm(zed, "watch-00000000")
        server.mention(zed, server.channel, code)
        said = server.dm(ann, code)
        await until(child, "Start it")
        assert await child.wait() == 0
        secrets = tmp_path / ".env"
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
        assert secrets.read_text() == f"DISCORD_BOT_TOKEN={server.token}\n"
        people = tomllib.loads((tmp_path / "watchkeeper.toml").read_text())["people"]
        assert people["me"]["discord"] == str(ann.id)
        assert people["me"]["roles"] == ["operator", "admin"]
        [welcome] = await server.posted(said.channel)
        assert "I know you as me" in welcome.text


async def test_a_wrong_token_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    """It is tried before it is written down."""
    async with discord_server() as server:
        bot = bots(tmp_path, server)
        env = without_tokens(bot)
        child = await command(bot, "init", "discord", typed="no-such\n", env=env)
        await until(child, "DISCORD_BOT_TOKEN is not valid")
        assert await child.wait() == 2
        assert not (tmp_path / ".env").exists()


async def test_29_doctor_names_token_and_intent(tmp_path: Path) -> None:
    """Each with what to mend; and says who it is where nothing is amiss."""
    async with discord_server() as server:
        bot = bots(tmp_path, server)
        for wanted in ("ok    discord: is @watchkeeper", "Message Content Intent is off"):
            child = await command(bot, "doctor")
            assert wanted in (await child.communicate())[0].decode()
            server.gateway.allowed = PRIVILEGED & ~Intent.CONTENT
        bot.env["DISCORD_BOT_TOKEN"] = "wrong"
        child = await command(bot, "doctor")
        told = (await child.communicate())[0].decode()
        assert "FAULT discord: DISCORD_BOT_TOKEN is not valid" in told
