"""Slack as a channel: connected over Socket Mode, over signed HTTP requests, or both."""

import asyncio
import logging
from dataclasses import dataclass

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from channels.port import Address, CannotConnect, Connected, Cursors, Deliver, Outbound, SentLog
from channels.slack import api, names, scopes, sweep
from channels.slack.door import Door
from channels.slack.files import Files
from channels.slack.names import Me
from channels.slack.rooms import Rooms
from channels.slack.sending import Sender
from channels.slack.signs import Signs
from channels.slack.sockets import Sockets
from channels.slack.sweep import Sweep, Timing

log = structlog.get_logger()

PATH = "/slack/events"
"""Where Slack posts events, clicks and commands to, if it does not use Socket Mode."""

_MEND = {
    "invalid_auth": "is not valid: copy it again from the app's page",
    "not_authed": "is not valid: copy it again from the app's page",
    "account_inactive": "belongs to an app that was removed: install it again",
    "token_revoked": "was revoked: install the app again",
    "token_expired": "has expired: install the app again",
    "not_allowed_token_type": "is a token of another kind",
    "missing_scope": "lacks the scope connections:write",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """app_token: for Socket Mode; signing_secret: for HTTP; "" for neither. url: of the Web API.

    sockets: connections at once; sweep: seconds between two looks through the rooms; grace: seconds
    that a message may be on its way before it counts as missed.
    """

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    url: str | None = None
    sockets: int = 2
    sweep: float = 60.0
    grace: float = 10.0


class Slack:
    """A `Channel`. Sends as soon as it is made; hears once it is started."""

    def __init__(self, settings: SlackSettings, cursors: Cursors, sent: SentLog) -> None:
        self._settings = settings
        self._cursors = cursors
        self._sent = sent
        self._client = api.client(settings.bot_token, settings.url)
        self._rooms = Rooms(self._client)
        self._sender = Sender(self._client, self._rooms, sent)
        self._signs = Signs(self._client, self._rooms)
        self._app: AsyncApp | None = None
        self._door: Door | None = None
        self._sockets: Sockets | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """As in addresses."""
        return names.NAME

    async def check(self) -> Connected:
        """See `Channel`."""
        me, faults = await self._who_am_i()
        if self._settings.app_token:
            await self._may_connect()
        missed = await sweep.missed(self._cursors, me.team)
        return Connected(name=f"@{me.name}", faults=(*faults, *missed))

    async def start(self, deliver: Deliver) -> Connected:
        """See `Channel`."""
        me, faults = await self._who_am_i()
        files = Files(self._settings.bot_token, self._settings.url)
        self._door = Door(me, self._client, self._rooms, files, deliver)
        self._app = self._behind(self._door, me)
        rounds = Sweep(
            me=me,
            client=self._client,
            rooms=self._rooms,
            cursors=self._cursors,
            sent=self._sent,
            deliver=deliver,
            timing=Timing(every=self._settings.sweep, grace=self._settings.grace),
        )
        if self._settings.app_token:
            await self._may_connect()
            self._sockets = self._connections(self._app, rounds)
        self._sweeping = asyncio.create_task(rounds.run(self._connect_anew))
        if self._sockets is not None:
            try:
                await self._sockets.connect()
            except asyncio.CancelledError:
                await self.stop()
                raise
        return Connected(name=f"@{me.name}", faults=faults)

    async def send(self, message: Outbound) -> str:
        """See `Channel`. The reference is the room's id and the message's time stamp."""
        return await self._sender.send(message)

    async def busy(self, address: Address, doing: str) -> None:
        """See `Channel`."""
        await self._signs.show(address, doing)

    async def stop(self) -> None:
        """See `Channel`."""
        for task in (self._sweeping, *self._tasks):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._sockets is not None:
            await self._sockets.close()
        if self._door is not None:
            await self._door.close()
        self._app = None

    async def close(self) -> None:
        """See `Channel`. Each call has a connection of its own."""

    async def ready(self) -> bool:
        """See `Channel`. One connection that answers its pings is enough."""
        if self._sockets is None:
            return self._app is not None
        return await self._sockets.alive() > 0

    async def http(self, request: web.Request) -> web.Response:
        """What Slack posts to `PATH`; what it has not signed, or too long ago, is turned away."""
        if self._app is None or not self._settings.signing_secret:
            return web.Response(status=503)
        try:
            asked = await to_bolt_request(request)
        except Exception as fault:  # noqa: BLE001 - not signed yet: anybody may post anything
            log.info("slack.unreadable", why=type(fault).__name__)
            return web.Response(status=400)
        if not _is_shaped(asked.body):
            log.info("slack.unreadable", why="malformed")
            return web.Response(status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _behind(self, door: Door, me: Me) -> AsyncApp:
        """Bolt, with everything that it lets through taken by the door."""

        async def authorize() -> AuthorizeResult:
            # Bolt would ask Slack, and ack an event unheard if Slack does not answer it.
            return AuthorizeResult(
                enterprise_id=None,
                team_id=me.team,
                bot_user_id=me.user,
                bot_id=me.bot,
                bot_token=self._settings.bot_token,
            )

        app = AsyncApp(
            client=api.client(None, self._settings.url),
            authorize=authorize,
            logger=_quiet(),
            signing_secret=self._settings.signing_secret or None,
            request_verification_enabled=bool(self._settings.signing_secret),
        )

        async def middleware(req: AsyncBoltRequest) -> BoltResponse:
            return await door.take(req)

        app.middleware(middleware)
        return app

    def _connections(self, app: AsyncApp, rounds: Sweep) -> Sockets:
        settings = self._settings
        return Sockets(app, settings.app_token, settings.sockets, rounds.soon, _quiet())

    def _connect_anew(self) -> None:
        if self._sockets is not None:
            task = asyncio.create_task(self._sockets.connect_anew())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _who_am_i(self) -> tuple[Me, tuple[str, ...]]:
        for fault in scopes.wrong_kind(self._settings.bot_token, self._settings.app_token):
            raise CannotConnect(fault, transient=False)
        try:
            told = await self._client.auth_test()
        except (SlackApiError, *api.UNREACHABLE) as fault:
            raise _cannot("SLACK_BOT_TOKEN", fault) from None
        me = Me(
            team=str(told.get("team_id") or ""),
            user=str(told.get("user_id") or ""),
            bot=str(told.get("bot_id") or ""),
            name=str(told.get("user") or "watchkeeper"),
        )
        headers = {name.lower(): value for name, value in told.headers.items()}
        return me, scopes.missing(str(headers.get("x-oauth-scopes", "")))

    async def _may_connect(self) -> None:
        """Bolt tries for ever: with a token that will never do, that would be a silent bot."""
        try:
            await self._client.apps_connections_open(app_token=self._settings.app_token)
        except (SlackApiError, *api.UNREACHABLE) as fault:
            raise _cannot("SLACK_APP_TOKEN", fault) from None


def _is_shaped(body: object) -> bool:
    """Whether Bolt can look at it without tripping, so that its errors are those of our own."""
    if not isinstance(body, dict):
        return False
    actions = body.get("actions", [])
    whole = all(isinstance(body.get(name, {}), dict) for name in ("event", "view"))
    return whole and isinstance(actions, list) and all(isinstance(one, dict) for one in actions)


def _cannot(token: str, fault: Exception) -> CannotConnect:
    if isinstance(fault, SlackApiError) and (mend := _MEND.get(api.error_of(fault))):
        return CannotConnect(f"{token} {mend}", transient=False)
    return CannotConnect(str(api.failed(fault)), transient=True)


def _quiet() -> logging.Logger:
    """Bolt tells its troubles to the log, and what it does at every step to nobody."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.WARNING)
    return logger
