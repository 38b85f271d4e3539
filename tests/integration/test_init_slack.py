"""`init slack` and `doctor` at a local Slack, as a person goes through them."""

import asyncio
import stat
import tomllib
from pathlib import Path

from bot.cli.session import os_user
from channels.slack.scopes import slack_manifest
from tests.bot_process import ROOT, Bots
from tests.slack_lab import SlackServer, slack_server
from tests.slack_process import slack_bots
from tests.warm_child import Child, begin

CONFIG = """# ours
[people.me]
console = "@me"   # whoever runs it
roles = ["operator"]
[services.api]
environments = ["staging"]
"""


async def command(
    bots: Bots, *words: str, typed: str = "", env: dict[str, str] | None = None
) -> Child:
    """A command in the folder, with what is typed into it."""
    env = bots.env if env is None else env
    return await begin(words, folder=bots.folder, env=env, given=typed.encode())


def without_tokens(bots: Bots) -> dict[str, str]:
    """The environment before anything is set up."""
    return {name: value for name, value in bots.env.items() if not name.endswith("_TOKEN")}


async def until(child: Child, words: str) -> str:
    """The first line with these words."""
    seen = []
    async with asyncio.timeout(30):
        while line := (await child.stdout.readline()).decode():
            seen.append(line)
            if words in line:
                return line.rstrip()
    raise AssertionError(f"{words!r} is not in {seen}")


async def test_from_tokens_to_an_admin(tmp_path: Path) -> None:
    """Tokens tried, `.env` for its owner alone; whoever sends the code is the admin."""
    async with slack_server() as server:
        bots = slack_bots(tmp_path, server)
        (tmp_path / "watchkeeper.toml").write_text(CONFIG)
        typed = "xoxb-test\nxapp-test\n"
        child = await command(bots, "init", "slack", typed=typed, env=without_tokens(bots))
        told = await until(child, "as a direct message")
        code = told.rpartition(" ")[2]
        ann, zed = server.person("U1"), server.person("U9")
        ops = server.room("C1", ann, zed)
        zed.says(server.direct(zed), "watch-00000000")
        zed.says(ops, f"<@UBOT> {code}")
        ann.says(server.direct(ann), code)
        await until(child, "/invite @watchkeeper")
        assert await child.wait() == 0
        secrets = tmp_path / ".env"
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
        assert secrets.read_text() == "SLACK_BOT_TOKEN=xoxb-test\nSLACK_APP_TOKEN=xapp-test\n"
        text = (tmp_path / "watchkeeper.toml").read_text()
        assert tomllib.loads(text)["people"]["me"] == {
            "console": "@me",
            "slack": "T1/U1",
            "roles": ["operator", "admin"],
        }
        assert "# whoever runs it" in text
        [welcome] = await server.posted(server.direct(ann))
        assert "I know you as me" in welcome.shown


async def test_a_wrong_token_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    """It is tried before it is written down."""
    async with slack_server() as server:
        bots = slack_bots(tmp_path, server)
        typed = "xoxb-wrong\nxapp-test\n"
        child = await command(bots, "init", "slack", typed=typed, env=without_tokens(bots))
        await until(child, "SLACK_BOT_TOKEN is not valid")
        assert await child.wait() == 2
        assert not (tmp_path / ".env").exists()


async def test_somebody_new_is_written_down(tmp_path: Path) -> None:
    """Without a person for who runs it, one is made under their own name."""
    async with slack_server() as server:
        bots = slack_bots(tmp_path, server)
        (tmp_path / "watchkeeper.toml").write_text("[people.bob]\nconsole = 'bob'\n")
        child = await command(bots, "init", "slack")
        code = (await until(child, "as a direct message")).rpartition(" ")[2]
        ann = server.person("U1")
        ann.says(server.direct(ann), code)
        assert await child.wait() == 0
        people = tomllib.loads((tmp_path / "watchkeeper.toml").read_text())["people"]
        assert people[os_user()] == {"slack": "T1/U1", "roles": ["admin"]}


async def doctor(server: SlackServer, bots: Bots) -> str:
    """What it says of Slack."""
    child = await command(bots, "doctor")
    out, _ = await child.communicate()
    del server
    return "\n".join(line for line in out.decode().splitlines() if "slack:" in line)


async def test_29_doctor_names_scope_token_and_event(tmp_path: Path) -> None:
    """Each with what to mend; and says who it is where nothing is amiss."""
    async with slack_server() as server:
        bots = slack_bots(tmp_path, server)
        assert await doctor(server, bots) == "ok    slack: is @watchkeeper"
        server.api.scopes = server.api.scopes.replace("im:write,", "")
        assert "FAULT slack: the scope im:write is missing" in await doctor(server, bots)
        bots.env["SLACK_APP_TOKEN"] = "xoxb-test"
        assert "SLACK_APP_TOKEN has to begin with xapp-" in await doctor(server, bots)


def test_the_manifest_is_the_one_that_is_shipped() -> None:
    """The file in deploy/ and what `init slack --manifest` prints are the same."""
    shipped = (ROOT / "deploy" / "slack-manifest.yaml").read_text()
    assert shipped == f"{slack_manifest()}\n"
