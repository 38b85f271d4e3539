"""Setting up a channel: from credentials to a bot there that knows its admin."""

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from channels.port import Address, CannotConnect, Channel, Connected, Inbound, Outbound

PATIENCE = 600.0
"""Seconds that a direct message is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """One channel's way to go, in the order of the service's own pages.

    steps: what to do there first. asked: the credentials, by variable, and what each is called
    there. joined: what to do once the bot is connected; known: once it has met its admin.
    """

    channel: str
    title: str
    steps: str
    asked: Mapping[str, str]
    joined: Callable[[Connected], Sequence[str]]
    known: Callable[[Connected], Sequence[str]]


async def meet(guide: Guide) -> int:
    """Ask for the credentials, try them, and wait for whoever has the code. Raises `Fault`."""
    line(guide.steps)
    given = asked(guide.asked)
    config = configured()
    os.environ.update(given)
    settings = settings_here()
    async with connect(settings) as store:
        return await _Meeting(guide, settings, store, config).hold(given)


def asked(wanted: Mapping[str, str]) -> dict[str, str]:
    """What is not set yet is asked for; on a pipe one line each. Raises `Fault`."""
    env = with_dotenv(os.environ, Path.cwd() / ".env")
    found: dict[str, str] = {}
    for name, what in wanted.items():
        value = env.get(name, "").strip() or _typed(what)
        if not value:
            raise Fault(f"{name} is needed: {what}", USAGE)
        found[name] = value
    return found


def configured() -> Path:
    """The configuration file; the example is copied to where there is none."""
    here = Path.cwd()
    config = config_path(with_dotenv(os.environ, here / ".env"), here)
    if not config.exists():
        config.write_bytes(EXAMPLE.read_bytes())
        line(f"{config} written")
    return config


def _typed(what: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True)).strip()
    return sys.stdin.readline().strip()


class _Meeting:
    """Connected for as long as it takes until somebody sends the code."""

    def __init__(self, guide: Guide, settings: Settings, store: ThreadStore, config: Path) -> None:
        self._guide = guide
        self._settings = settings
        self._config = config
        self._code = f"watch-{secrets.token_hex(4)}"
        self._heard: asyncio.Future[Inbound] = asyncio.get_running_loop().create_future()
        (self._channel,) = (
            one for one in build_channels(settings, store).channels if one.name == guide.channel
        )

    async def hold(self, given: Mapping[str, str]) -> int:
        """Connect, keep the credentials that did, and write down who sends the code."""
        name = self._guide.channel
        try:
            connected = await self._channel.start(self._hear)
        except CannotConnect as fault:
            raise Fault(f"{name}: {fault.reason}", USAGE) from None
        try:
            dotenv_file.put(Path.cwd() / ".env", given)
            kept = "token is" if len(given) == 1 else "tokens are"
            line(f"{name}: connected as {connected.name}; the {kept} in .env, for you alone")
            for told in connected.faults:
                warn(f"{name}: {told}")
            for told in self._guide.joined(connected):
                line(told)
            told = f"Send {connected.name} this as a direct message in {self._guide.title}"
            line(f"4. {told}: {self._code}")
            flush()
            return await self._record(connected)
        finally:
            await self._channel.stop()
            await self._channel.close()

    async def _hear(self, inbound: Inbound) -> bool:
        private = inbound.audience == (f"{self._guide.channel}:{inbound.author.id}",)
        if private and inbound.text.strip() == self._code and not self._heard.done():
            self._heard.set_result(inbound)
        return False

    async def _record(self, connected: Connected) -> int:
        try:
            async with asyncio.timeout(PATIENCE):
                admin = await self._heard
        except TimeoutError:
            again = f"`watchkeeper init {self._guide.channel}`"
            warn(f"nobody sent the code: run {again} again for a new one")
            return NOT_SO
        from bot.cli import config_file  # noqa: PLC0415 - its library takes a while

        name = self._settings.people_by_console(os_user()) or os_user()
        config_file.add_admin(self._config, name, self._guide.channel, admin.author.id)
        await _welcome(self._channel, admin.address, name)
        line(f"You are {admin.author.id} there: written as people.{name} with the role admin.")
        for told in self._guide.known(connected):
            line(told)
        line("Start it: `watchkeeper run`")
        return DONE


async def _welcome(channel: Channel, address: Address, name: str) -> None:
    key = f"init:{secrets.token_hex(8)}"
    text = f"That is it: I know you as {name} now. Invite me where I am needed, and say `help`."
    await channel.send(Outbound(key=key, address=address, text=text))
