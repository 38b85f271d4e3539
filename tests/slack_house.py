"""A house with Slack in it: a local Slack, the real client libraries, a worker, people."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.model import Model
from bot import events as e
from bot import wiring
from bot.sending import Sending
from channels.port import Connected, Inbound
from channels.slack.adapter import Slack, SlackSettings
from tests.house import RUNBOOKS, House, open_house
from tests.slack_lab import Room, Said, SlackServer, slack_server
from tests.slack_lab.people import Person

TEAM = """
[people.ann]
slack = "T1/U1"
roles = ["operator"]
[people.ben]
slack = "T1/U2"
roles = ["operator"]
[people.cas]
slack = "T1/U3"
"""

Deliver = Callable[[Inbound], Awaitable[bool]]


@dataclass
class SlackHouse:
    """ann and ben are operators, cas is not; zed is nobody. All are in the room `ops`."""

    server: SlackServer
    house: House
    slack: Slack
    connected: Connected
    ann: Person
    ben: Person
    cas: Person
    zed: Person
    ops: Room

    async def asks(self, text: str, *, room: Room | None = None) -> Said:
        """ann mentions the bot with it, and it is durable; her message."""
        said = self.ann.says(room or self.ops, f"<@UBOT> {text}")
        await self.server.acked(self.server.sockets.deliveries[-1])
        return said

    async def answers(self, said: Said, count: int = 1) -> list[Said]:
        """What was answered in the conversation that a message began."""
        room = self.server.world.rooms[said.room]
        return await self.server.posted(room, count, thread=said.thread or said.ts)

    async def card(self, said: Said) -> Said:
        """The first message with buttons in that conversation."""
        room = self.server.world.rooms[said.room]

        def found() -> list[Said]:
            return [one for one in self.server.sent(room) if _has_buttons(one)]

        await self.server.world.until(lambda: bool(found()), lambda: self.server.sent(room))
        return found()[0]

    async def settled(self, card: Said, words: str) -> None:
        """Wait until a message has been changed to say this."""
        await self.server.world.until(lambda: words in card.shown, lambda: card.shown)

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

    async def happened(self, kind: str) -> None:
        """Wait until something has happened in it."""
        async for event in self.house.store.follow(await self.thread(), after=0):
            if event.kind == kind:
                return

    async def told(self, person: Person, count: int = 1) -> list[Said]:
        """Wait until somebody was shown something alone in `ops`."""
        return await self.server.posted(self.ops, count, only=person.id)


def _has_buttons(said: Said) -> bool:
    return any(block.get("type") == "actions" for block in said.blocks)


@asynccontextmanager
async def slack_house(
    folder: Path,
    *,
    model: Model | None = None,
    runbooks: str = RUNBOOKS,
    deliver: Callable[[Deliver], Deliver] = lambda deliver: deliver,
    workers: int = 1,
    sweep: float = 3600.0,
    grace: float = 10.0,
    lease: str = "30s",
    retries: tuple[float, ...] = (0.0, 0.1, 0.2),
    secret: str = "",
) -> AsyncIterator[SlackHouse]:
    """Everything is connected inside of the block. deliver: what stands before the intake."""
    (folder / ".env").write_text("SLACK_BOT_TOKEN=xoxb-test\nSLACK_APP_TOKEN=xapp-test\n")
    async with (
        slack_server(retries=retries) as server,
        open_house(folder, workers=0, runbooks=runbooks + TEAM, lease=lease) as house,
    ):
        ann, ben, cas, zed = (server.person(f"U{number}") for number in (1, 2, 3, 9))
        ops = server.room("C1", ann, ben, cas, zed)
        slack = connect_slack(server, house, sweep=sweep, grace=grace, secret=secret)
        for _ in range(workers):
            house.hire(model=model, channels={"slack": slack})
        intake = wiring.build_intake(house.settings, house.store)
        connected = await slack.start(deliver(intake.take))
        lab = SlackHouse(server, house, slack, connected, ann, ben, cas, zed, ops)
        try:
            yield lab
        finally:
            await lab.slack.stop()


def connect_slack(
    server: SlackServer,
    house: House,
    *,
    sweep: float = 3600.0,
    grace: float = 10.0,
    secret: str = "",
) -> Slack:
    """One process's Slack, not started yet."""
    settings = SlackSettings(
        bot_token=server.api.bot_token,
        app_token=server.api.app_token,
        signing_secret=secret,
        url=server.api_url,
        sweep=sweep,
        grace=grace,
    )
    return Slack(settings, house.store, Sending(house.store))
