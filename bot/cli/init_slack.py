"""`init slack`: from nothing to a bot that knows its admin, in the order of Slack's own pages."""

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from bot.cli import dotenv_file
from bot.cli.job import DONE, NOT_SO, USAGE, Fault
from bot.cli.output import flush, line, warn
from bot.cli.session import os_user, settings_here
from bot.secrets_env import with_dotenv
from bot.settings import EXAMPLE, Settings, config_path
from bot.store.port import ThreadStore
from bot.wiring import build_channels, connect
from channels.port import Address, CannotConnect, Channel, Inbound, Outbound

PATIENCE = 600.0
"""Seconds that a direct message is waited for."""

STEPS = """\
1. Open https://api.slack.com/apps, press "Create New App", then "From a manifest", choose your
   workspace, and paste deploy/slack-manifest.yaml (`watchkeeper init slack --manifest` prints it).
2. "Install App": install it to the workspace, and copy the Bot User OAuth Token (xoxb-...).
3. "Basic Information", "App-Level Tokens": generate one with the scope connections:write, and copy
   it (xapp-...)."""
ASKED = {
    "SLACK_BOT_TOKEN": "Bot User OAuth Token (xoxb-...)",
    "SLACK_APP_TOKEN": "App-Level Token (xapp-...)",
}


async def init_slack() -> int:
    """Ask for the tokens, try them, and wait for whoever has the code."""
    here = Path.cwd()
    env = with_dotenv(os.environ, here / ".env")
    line(STEPS)
    given = _tokens(env)
    config = config_path(env, here)
    if not config.exists():
        config.write_bytes(EXAMPLE.read_bytes())
        line(f"{config} written")
    os.environ.update(given)
    settings = settings_here()
    async with connect(settings) as store:
        return await _meet(settings, store, config, given)


def _tokens(env: Mapping[str, str]) -> dict[str, str]:
    """What is not set yet is asked for; on a pipe one line each."""
    found: dict[str, str] = {}
    for name, what in ASKED.items():
        value = env.get(name, "").strip() or _asked(what)
        if not value:
            raise Fault(f"{name} is needed: {what}", USAGE)
        found[name] = value
    return found


def _asked(what: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True)).strip()
    return sys.stdin.readline().strip()


async def _meet(
    settings: Settings, store: ThreadStore, config: Path, given: Mapping[str, str]
) -> int:
    (slack,) = (one for one in build_channels(settings, store).channels if one.name == "slack")
    code = f"watch-{secrets.token_hex(4)}"
    heard: asyncio.Future[Inbound] = asyncio.get_running_loop().create_future()

    async def deliver(inbound: Inbound) -> bool:
        private = inbound.audience == (f"slack:{inbound.author.id}",)
        if private and inbound.text.strip() == code and not heard.done():
            heard.set_result(inbound)
        return False

    try:
        connected = await slack.start(deliver)
    except CannotConnect as fault:
        raise Fault(f"slack: {fault.reason}", USAGE) from None
    try:
        dotenv_file.put(Path.cwd() / ".env", given)
        line(f"slack: connected as {connected.name}; the tokens are in .env, for you alone")
        for told in connected.faults:
            warn(f"slack: {told}")
        line(f"4. Send {connected.name} this as a direct message in Slack: {code}")
        flush()
        return await _record(slack, heard, config, connected.name, settings)
    finally:
        await slack.stop()


async def _record(
    slack: Channel, heard: asyncio.Future[Inbound], config: Path, bot: str, settings: Settings
) -> int:
    try:
        async with asyncio.timeout(PATIENCE):
            admin = await heard
    except TimeoutError:
        warn("nobody sent the code: run `watchkeeper init slack` again for a new one")
        return NOT_SO
    from bot.cli import people_file  # noqa: PLC0415 - its library takes a while

    name = settings.people_by_console(os_user()) or os_user()
    people_file.add_admin(config, name, "slack", admin.author.id)
    await _welcome(slack, admin.address, name)
    line(f"You are {admin.author.id} there: written as people.{name} with the role admin.")
    line(f"5. In each channel where it is to be: /invite {bot}")
    line("6. Start it: `watchkeeper run`")
    return DONE


async def _welcome(slack: Channel, address: Address, name: str) -> None:
    key = f"init:{secrets.token_hex(8)}"
    text = f"That is it: I know you as {name} now. `/invite` me where I am needed, and say `help`."
    await slack.send(Outbound(key=key, address=address, text=text))
