"""A house with Discord in it: a local Discord, the real discord.py, a worker, people."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.model import Model
from bot import events as e
from bot import toolbox, wiring
from bot.sending import Sending
from channels.discord.adapter import Discord, DiscordSettings
from channels.port import Connected
from tests.discord_process import team
from tests.discord_server import (
    PRIVILEGED,
    Channel,
    DiscordServer,
    Intent,
    Message,
    User,
    discord_server,
    pointed_at,
)
from tests.house import RUNBOOKS, House, open_house
from tests.slack_house import Deliver


@dataclass
class DiscordHouse:
    """ann and ben are operators, cas is not; zed is nobody. All are in the one server."""

    server: DiscordServer
    house: House
    discord: Discord
    connected: Connected
    ann: User
    ben: User
    cas: User
    zed: User

    def asks(self, text: str, *, by: User | None = None, channel: Channel | None = None) -> Message:
        """Somebody, ann by default, mentions the bot with it."""
        said = f"{self.server.bot.mention} {text}"
        return self.server.say(by or self.ann, channel or self.server.channel, said)

    async def answers(self, said: Message, count: int = 1) -> list[Message]:
        """What was answered in the thread on a message."""
        return await self.server.posted(await self.server.threaded(said), count)

    async def card(self, said: Message) -> Message:
        """The first message with buttons in that thread."""
        return await self.card_in(await self.server.threaded(said))

    async def card_in(self, channel: Channel) -> Message:
        """The first message with buttons there."""

        def found() -> list[Message]:
            return [one for one in self.server.sent(channel) if one.buttons]

        await self.server.journal.until(lambda: bool(found()), lambda: channel.said)
        return found()[0]

    async def settled(self, card: Message, words: str) -> None:
        """Wait until a message has been changed to say this."""
        await self.server.journal.until(lambda: words in card.text, lambda: card.text)

    async def thread(self) -> str:
        """The only conversation there is."""
        [row] = await self.house.store.threads(limit=10)
        return row.thread

    async def log(self) -> list[e.Event]:
        """Everything that happened in it."""
        return list(await self.house.store.events(await self.thread()))

    async def kinds(self) -> list[str]:
        """The same, by kind."""
        return [event.kind for event in await self.log()]

    async def happened(self, kind: str, nth: int = 1) -> None:
        """Wait until something has happened in it."""
        async for event in self.house.store.follow(await self.thread(), after=0):
            nth -= event.kind == kind
            if nth == 0:
                return


def button(card: Message, verb: str) -> str:
    """The button of that kind on a card."""
    return next(one for one in card.buttons if one.startswith(f"wk:{verb}:"))


@asynccontextmanager
async def discord_house(
    folder: Path,
    *,
    model: Model | None = None,
    runbooks: str = RUNBOOKS,
    deliver: Callable[[Deliver], Deliver] = lambda deliver: deliver,
    workers: int = 1,
    allowed: Intent = PRIVILEGED,
    interval: float = 41.25,
    long: float = 60.0,
    deaf: float = 30.0,
    lease: str = "30s",
) -> AsyncIterator[DiscordHouse]:
    """Everything is connected inside of the block. deliver: what stands before the intake."""
    async with discord_server(allowed=allowed, interval=interval) as server:
        ann, ben, cas, zed = (
            server.add_person(name, server.guild) for name in ("ann", "ben", "cas", "zed")
        )
        (folder / ".env").write_text(f"DISCORD_BOT_TOKEN={server.token}\n")
        books = runbooks + team(ann, ben, cas)
        with pointed_at(server):
            async with open_house(folder, workers=0, runbooks=books, lease=lease) as house:
                discord = connect_discord(server, house, long=long, deaf=deaf)
                for _ in range(workers):
                    house.hire(model=model, channels={"discord": discord})
                intake = wiring.build_intake(house.settings, house.store)
                connected = await discord.start(deliver(intake.take))
                lab = DiscordHouse(server, house, discord, connected, ann, ben, cas, zed)
                try:
                    yield lab
                finally:
                    await lab.discord.stop()
                    await house.rest()
                    await lab.discord.close()


def connect_discord(
    server: DiscordServer, house: House, *, long: float = 60.0, deaf: float = 30.0
) -> Discord:
    """One process's Discord, not started yet."""
    tools = toolbox.build_tools(house.settings, house.store)
    settings = DiscordSettings(
        token=server.token,
        api_url=server.api_url,
        gateway_url=server.gateway_url,
        commands=[toolbox.command(tool) for tool in tools],
        long=long,
        deaf=deaf,
    )
    return Discord(settings, house.store, Sending(house.store))
