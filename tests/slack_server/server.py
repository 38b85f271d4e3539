"""A Slack on the loopback that the real slack-bolt and slack_sdk talk to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.slack_server.acts import Acts
from tests.slack_server.apps import AppMethods
from tests.slack_server.chat import ChatMethods
from tests.slack_server.conversations import ConversationMethods
from tests.slack_server.delivery import Delivery, Post
from tests.slack_server.faults import Fault, Faults
from tests.slack_server.journal import Call, Journal
from tests.slack_server.listener import Listener
from tests.slack_server.people import Person
from tests.slack_server.responses import Responses
from tests.slack_server.signed import Requests
from tests.slack_server.sockets import Sockets
from tests.slack_server.things import Channel, Kind, User
from tests.slack_server.uploads import Uploads
from tests.slack_server.views import Views
from tests.slack_server.watching import Watching
from tests.slack_server.web_api import WebApi, cut
from tests.slack_server.wire import TEAM, Payload
from tests.slack_server.world import World


class SlackServer(Watching):
    """A workspace with one app, at `api_url`, and with a channel C1 that everybody is in."""

    def __init__(self, *, patience: float, ack: float, retries: tuple[float, ...]) -> None:
        journal = Journal(patience)
        self.sockets = Sockets(journal, ack)
        self.post = Post(journal, self.sockets, retries)
        super().__init__(World(journal, self.post))
        self.faults = Faults()
        self.views = Views(self.world)
        self.responses = Responses(self.world)
        self.uploads = Uploads(self.world, self._may_read)
        self.acts = Acts(self.world, self.views, self.uploads, self.responses)
        methods = {
            **AppMethods(self.world, self.sockets.ticket).methods(),
            **ChatMethods(self.world).methods(),
            **ConversationMethods(self.world).methods(),
            **self.uploads.methods(),
            **self.views.methods(),
        }
        self.api = WebApi(self.world, self.faults, methods)
        self.requests = Requests(ack)
        self.listener = Listener(self.application())
        self.channel("C1", "general")

    @property
    def api_url(self) -> str:
        """For SLACK_API_URL, and for `AsyncWebClient(base_url=…)`."""
        return f"{self.world.origin}/api/"

    @property
    def bot(self) -> User:
        """The app's own user."""
        return self.world.bot

    # --- what there is ---------------------------------------------------------------------------

    def person(self, user: str, name: str, *, team: str = TEAM, is_bot: bool = False) -> Person:
        """Somebody new, in C1. team: another one, for somebody of Slack Connect.

        is_bot: no person, but another app.
        """
        somebody = User(id=user, name=name, team_id=team, is_bot=is_bot)
        self.world.users[user] = self.world.channels["C1"].members[user] = somebody
        return Person(somebody, self.acts)

    def channel(
        self,
        channel: str,
        name: str = "",
        *people: Person,
        kind: Kind = "public",
        app: bool = True,
        is_ext_shared: bool = False,
    ) -> Channel:
        """A new channel with these people; `app`: the app is in it."""
        users = [person.user for person in people]
        made = self.world.add_channel(channel, name or channel.lower(), kind, *users)
        made.is_ext_shared = is_ext_shared
        if not app:
            del made.members[self.bot.id]
        return made

    def invite(self, channel: str) -> None:
        """The app comes into a channel."""
        self.world.join(self.world.channels[channel], self.bot)

    def unfurl(self, ts: str) -> None:
        """Slack shows what a link leads to: a change of the message that nobody made."""
        shown = {"title": "A page", "from_url": "https://example.org/", "id": 1}
        self.world.change(self.world.messages[ts], by_hand=False, attachments=[shown])

    def dispatch(self, event: Payload) -> Delivery:
        """Tell the app of an event as it is given, however malformed."""
        delivery = self.world.tell(event, None)
        assert delivery is not None
        return delivery

    async def connected(self, count: int = 1) -> None:
        """Wait until there are exactly so many sockets."""
        there = self.sockets.connections
        await self.until(lambda: len(there) == count, lambda: len(there))

    # --- what goes wrong -------------------------------------------------------------------------

    def then(self, method: str, *faults: Fault, times: int = 1) -> None:
        """What happens to the next calls of a method; `times`: all of that so often."""
        if not self.api.has(method):
            raise LookupError(f"there is no method {method}")
        self.faults.then(method, *faults, times=times)

    def switch_off(self, method: str, error: str = "unknown_method") -> None:
        """The app does not have this method: or `missing_scope`."""
        self.api.lacking[method] = error

    async def disconnect(self, reason: str = "refresh_requested", *, close: bool = True) -> None:
        """Ask all sockets to come again: warning, refresh_requested or link_disabled."""
        await self.sockets.disconnect(reason, close=close)

    def deafen(self) -> None:
        """The sockets of now stay open and answer pings; what they are given is lost."""
        for connection in self.sockets.connections:
            connection.is_deaf = True

    def abort(self) -> None:
        """Cut all sockets without a word."""
        self.sockets.abort()

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Nothing is reached until the end of the block. People go on; the app is told nothing."""
        self.faults.is_down = self.post.is_down = True
        await self.listener.refuse()
        self.abort()
        try:
            yield
        finally:
            self.faults.is_down = self.post.is_down = False
            await self.listener.accept()

    def speak_http(self, url: str) -> None:
        """Tell the app everything by requests to this address, and no longer over sockets."""
        self.requests.url = url
        self.post.carrier = self.requests

    @web.middleware
    async def _reach(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        return cut(request) if self.faults.is_down else await handler(request)

    def _may_read(self, token: str) -> bool:
        return token == self.api.bot_token and "files:read" in self.api.scopes

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        call = Call(
            method="response_url",
            args=await request.json(),
            token="",
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        name = request.match_info["name"]
        return await self.api.attend(
            request, call, lambda call: self.responses.answer(name, call.args)
        )

    def application(self) -> web.Application:
        """All that is served."""
        app = web.Application(client_max_size=2**26, middlewares=[self._reach])
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_route("*", "/api/{method}", self.api.serve)
        app.router.add_post("/upload/{file}", self.uploads.receive)
        app.router.add_get("/files/{file}/{name}", self.uploads.send)
        app.router.add_post("/response/{name}", self._respond)
        return app

    async def start(self) -> None:
        """Begin to serve."""
        await self.listener.start()
        self.world.origin = f"http://127.0.0.1:{self.listener.port}"

    async def stop(self) -> None:
        """End, whatever is under way."""
        await self.acts.close()
        await self.post.close()
        await self.requests.close()
        self.abort()
        await self.listener.close()


@asynccontextmanager
async def slack_server(
    *, patience: float = 10.0, ack: float = 3.0, retries: tuple[float, ...] = (0.0, 60.0, 300.0)
) -> AsyncIterator[SlackServer]:
    """A server until the end of the block.

    patience: how many seconds each wait may take before the test fails. ack: how many an ack may
    take. retries: how many pass before an event that was not acked comes again.
    """
    server = SlackServer(patience=patience, ack=ack, retries=retries)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
