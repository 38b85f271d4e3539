"""A Discord on the loopback that the real discord.py talks to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.discord_server import payloads
from tests.discord_server.channel_routes import ChannelRoutes
from tests.discord_server.faults import Fault, Faults
from tests.discord_server.gateway import RECONNECT, Gateway
from tests.discord_server.guild_routes import GuildRoutes
from tests.discord_server.interaction_routes import InteractionRoutes
from tests.discord_server.interactions import Interactions
from tests.discord_server.journal import Call, Journal
from tests.discord_server.people import People
from tests.discord_server.rest import PREFIX, Rest
from tests.discord_server.things import Channel, Message
from tests.discord_server.wire import PRIVILEGED, Intent, Payload
from tests.discord_server.world import World

TOKEN = "token-of-the-bot"


class DiscordServer(People):
    """A server at `api_url` and `gateway_url`, with a guild that has one channel.

    Whatever is changed here is told to the bot at once, or kept for it until it resumes.
    """

    def __init__(self, token: str, *, allowed: Intent, interval: float, patience: float) -> None:
        self.journal = Journal(patience)
        self.gateway = Gateway(self.journal, allowed=allowed, interval=interval)
        world = World(self.gateway, self.journal)
        super().__init__(world, Interactions(world))
        self.token = self.gateway.token = token
        self.gateway.greet = world.greet
        self.gateway.members = self._members
        self.faults = Faults()
        self.bot = world.bot
        self.guild = self.add_guild("ops")
        self.channel = self.add_channel(self.guild, "general")
        handlers = {
            **GuildRoutes(world).handlers(),
            **ChannelRoutes(world).handlers(),
            **InteractionRoutes(world, self.interactions).handlers(),
        }
        self._rest = Rest(handlers, self.journal, self.faults, token)

    @property
    def api_url(self) -> str:
        """Where the REST API is: for DISCORD_API_URL."""
        return self.world.origin + PREFIX

    @property
    def gateway_url(self) -> str:
        """Where the gateway is: for DISCORD_GATEWAY_URL."""
        return self.world.origin.replace("http", "ws") + "/gateway/"

    @property
    def calls(self) -> list[Call]:
        """All requests, oldest first."""
        return self.journal.calls

    # --- waiting ---------------------------------------------------------------------------------

    def sent(self, channel: Channel) -> list[Message]:
        """What the bot wrote in a channel and is there now, oldest first."""
        return [message for message in channel.said if message.author == self.bot]

    async def posted(self, channel: Channel, count: int = 1) -> list[Message]:
        """Wait until the bot has so many messages in a channel."""

        def texts() -> list[str]:
            return [message.text for message in self.sent(channel)]

        await self.journal.until(lambda: len(self.sent(channel)) >= count, texts)
        return self.sent(channel)

    async def threaded(self, message: Message) -> Channel:
        """Wait until there is a thread on a message."""
        await self.journal.until(lambda: message.thread is not None, lambda: message.text)
        assert message.thread is not None
        return message.thread

    async def edited(self, message: Message, count: int = 1) -> Message:
        """Wait until a message has shown so many texts after its first."""
        await self.journal.until(lambda: len(message.texts) > count, lambda: message.texts)
        return message

    async def called(self, route: str, count: int = 1, **where: object) -> list[Call]:
        """Wait until so many requests have come to a route, answered or not.

        where: ids that their paths have to hold, as `channel=thread.id`.
        """

        def found() -> list[Call]:
            return [call for call in self.calls if call.route == route and _fits(call, where)]

        def routes() -> list[tuple[str, int]]:
            return [(call.route, call.status) for call in self.calls]

        await self.journal.until(lambda: len(found()) >= count, routes)
        return found()

    async def identified(self, count: int = 1) -> list[Payload]:
        """Wait until there have been so many new sessions: what each identified with."""
        seen = self.gateway.identified
        await self.journal.until(lambda: len(seen) >= count, lambda: self.journal.frames)
        return seen

    async def resumed(self, count: int = 1) -> list[Payload]:
        """Wait until sessions have been resumed so often: what each was resumed with."""
        seen = self.gateway.resumed
        await self.journal.until(lambda: len(seen) >= count, lambda: self.journal.frames)
        return seen

    async def gone(self) -> None:
        """Wait until nobody is connected to the gateway."""
        seen = self.gateway.connections
        await self.journal.until(lambda: not seen, lambda: seen)

    # --- what goes wrong -------------------------------------------------------------------------

    def then(self, route: str, *faults: Fault, **where: object) -> None:
        """What happens to the next requests of a route; `where` as for `called`."""
        self.faults.then(route, *faults, where={key: str(value) for key, value in where.items()})

    def bucket(self, route: str, limit: int, per: float) -> None:
        """Let a route be called so often in so many seconds, in each channel."""
        self.faults.bucket(route, limit, per)

    def forget_nonces(self) -> None:
        """Some minutes pass: a nonce may be used again, for a new message."""
        self.world.nonces.clear()

    def reconnect(self) -> None:
        """Ask all connections to come again (op 7)."""
        for connection in self.gateway.connections:
            connection.send(RECONNECT, None)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell all connections that their session is invalid (op 9), for good or not."""
        self.gateway.invalidate(resumable=resumable)

    def forget_sessions(self) -> None:
        """The next resume finds no session (op 9, false); what was missed is lost."""
        self.gateway.forget()

    def close(self, code: int) -> None:
        """Close all connections with a code."""
        for connection in self.gateway.connections:
            connection.close(code)

    def abort(self) -> None:
        """Cut all connections without a word."""
        for connection in self.gateway.connections:
            connection.abort()

    def deafen(self) -> None:
        """The connections of now stay open, but nothing comes over them any more."""
        for connection in self.gateway.connections:
            connection.is_deaf = True

    def dispatch(self, event: str, data: Any) -> None:
        """Tell all sessions of an event as it is given, however malformed."""
        self.world.tell(event, data, Intent(0))

    def write(self, text: str) -> None:
        """Write a text to all connections that need not be a frame."""
        for connection in self.gateway.connections:
            connection.write(text)

    def _members(self, asked: Payload) -> Payload:
        guild = self.world.guilds[int(asked["guild_id"])]
        told = {
            "guild_id": str(guild.id),
            "members": [payloads.member(user, guild) for user in guild.members.values()],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        return {**told, "nonce": asked["nonce"]} if "nonce" in asked else told

    def serve_on(self, app: web.Application) -> None:
        """Add the gateway and the REST API to an application."""
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/resume/", self.gateway.serve)
        self._rest.add_to(app)


def _fits(call: Call, where: dict[str, object]) -> bool:
    return all(call.params.get(name) == str(value) for name, value in where.items())


@asynccontextmanager
async def discord_server(
    *,
    token: str = TOKEN,
    allowed: Intent = PRIVILEGED,
    interval: float = 41.25,
    patience: float = 10.0,
) -> AsyncIterator[DiscordServer]:
    """A server until the end of the block.

    allowed: the privileged intents that the portal allows. interval: seconds between heartbeats.
    patience: how many seconds each wait may take before the test fails.
    """
    server = DiscordServer(token, allowed=allowed, interval=interval, patience=patience)
    app = web.Application(client_max_size=2**26)
    server.serve_on(app)
    # Requests that are still held back do not keep it from ending.
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.world.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.abort()
        await runner.cleanup()
