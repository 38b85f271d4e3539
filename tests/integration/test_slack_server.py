"""The real slack-bolt and slack_sdk over the local Slack: what it promises to tests that use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import (
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    BOT_USER,
    TEAM,
    SlackServer,
    slack_server,
)

Next = Callable[[], Awaitable[BoltResponse]]


def client_of(server: SlackServer, token: str = BOT_TOKEN) -> AsyncWebClient:
    """A client that never sends anything twice by itself."""
    return AsyncWebClient(token=token, base_url=server.api_url, retry_handlers=[], timeout=5)


class Bot:
    """An app that keeps what it is told, in the order in which it came. broken: acks to refuse."""

    def __init__(self, server: SlackServer, sockets: int = 1) -> None:
        self.client = client_of(server)
        self.app = AsyncApp(client=self.client, signing_secret="signing-secret")
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.retries: list[str] = []
        self.broken = 0
        self.app.middleware(self._keep)
        self.app.event("message")(self._nothing)
        self.app.event("app_mention")(self._nothing)
        self.app.event("agent_session_stopped")(self._nothing)
        self.handlers = [
            AsyncSocketModeHandler(self.app, APP_TOKEN, ping_interval=0.2) for _ in range(sockets)
        ]

    async def _keep(self, req: AsyncBoltRequest, next: Next) -> BoltResponse:  # noqa: A002
        if self.broken:
            self.broken -= 1
            return BoltResponse(status=500)
        self.retries.append(req.headers.get("x-slack-retry-num", ["-"])[0])
        self.told.put_nowait(req.body)
        return await next()

    async def _nothing(self) -> None:
        pass

    async def event(self) -> dict[str, Any]:
        """The next event."""
        body = await asyncio.wait_for(self.told.get(), 5)
        event: dict[str, Any] = body["event"]
        return event


@asynccontextmanager
async def running(server: SlackServer, sockets: int = 1) -> AsyncIterator[Bot]:
    """A bot, connected, until the end of the block."""
    bot = Bot(server, sockets)
    for handler in bot.handlers:
        await handler.connect_async()  # type: ignore[no-untyped-call]
    await server.connected(sockets)
    try:
        yield bot
    finally:
        for handler in bot.handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]


def buttons(*names: str) -> list[dict[str, Any]]:
    """A line of text, and a row of buttons."""
    row = [
        {
            "type": "button",
            "action_id": name,
            "value": f"{name}-1",
            "text": {"type": "plain_text", "text": name.title()},
        }
        for name in names
    ]
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Restart web?"}},
        {"type": "actions", "elements": row},
    ]


def modal() -> dict[str, Any]:
    """A form with one input."""
    return {
        "type": "modal",
        "callback_id": "reason",
        "title": {"type": "plain_text", "text": "Why"},
        "submit": {"type": "plain_text", "text": "Deny"},
        "private_metadata": "request-1",
        "blocks": [
            {
                "type": "input",
                "block_id": "reason",
                "label": {"type": "plain_text", "text": "Reason"},
                "element": {"type": "plain_text_input", "action_id": "typed"},
            }
        ],
    }


# --- who the app is, and who may ---------------------------------------------------------------


async def test_auth() -> None:
    """`auth.test` says who the app is, and its headers what it may do."""
    async with slack_server() as server:
        told = await client_of(server).auth_test()
        assert (told["team_id"], told["user_id"], told["bot_id"]) == (TEAM, BOT_USER, BOT)
        assert "chat:write" in told.headers["X-OAuth-Scopes"].split(",")


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-other", "invalid_auth")])
async def test_wrong_token(token: str, error: str) -> None:
    """Whoever has not the bot's token is told so."""
    async with slack_server() as server:
        with pytest.raises(SlackApiError) as refused:
            await client_of(server, token).auth_test()
        assert refused.value.response["error"] == error


async def test_app_token() -> None:
    """Sockets are opened for the app's token, and not for the bot's."""
    async with slack_server() as server:
        with pytest.raises(SlackApiError) as refused:
            await client_of(server).apps_connections_open(app_token=BOT_TOKEN)
        assert refused.value.response["error"] == "not_allowed_token_type"
        told = await client_of(server).apps_connections_open(app_token=APP_TOKEN)
        assert told["url"].startswith("ws://127.0.0.1:")


async def test_missing_scope() -> None:
    """A call without its scope has no effect, and names the scope."""
    async with slack_server() as server:
        server.api.scopes.remove("chat:write")
        with pytest.raises(SlackApiError) as refused:
            await client_of(server).chat_postMessage(channel="C1", text="hello")
        answer = refused.value.response
        assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
        assert "chat:write" not in answer["provided"].split(",")


# --- what people say ---------------------------------------------------------------------------


async def test_mention() -> None:
    """A mention comes as two events about one message."""
    async with slack_server() as server, running(server) as bot:
        alice = server.person("U1", "alice")
        ts = await alice.mentions("C1", "hello")
        bodies = [await bot.told.get() for _ in range(2)]
        assert {body["event"]["type"] for body in bodies} == {"message", "app_mention"}
        assert len({body["event_id"] for body in bodies}) == 2
        assert {body["event"]["ts"] for body in bodies} == {ts}
        assert bodies[0]["event"]["channel_type"] == "channel"
        await server.acked(ts)


async def test_direct_message() -> None:
    """A direct message comes once, whoever is mentioned in it."""
    async with slack_server() as server, running(server) as bot:
        alice = server.person("U1", "alice")
        ts = await alice.says(alice.dm, f"<@{BOT_USER}> hello")
        event = await bot.event()
        assert (event["type"], event["channel_type"]) == ("message", "im")
        await server.acked(ts)
        assert bot.told.empty()


async def test_click() -> None:
    """A click carries what stands on the button, and needs the button to be there."""
    async with slack_server() as server, running(server) as bot:
        alice = server.person("U1", "alice")

        async def approve(ack: AsyncAck, respond: AsyncRespond) -> None:
            await ack()
            await respond(text="Approved", replace_original=True)

        bot.app.action("approve")(approve)
        posted = await bot.client.chat_postMessage(
            channel="C1", text="Restart web?", blocks=buttons("approve", "deny")
        )
        click = await alice.clicks(posted["ts"], "approve")
        await click.acked()
        assert click.payload["actions"][0]["value"] == "approve-1"
        await server.until(lambda: server.visible("C1")[0].shown == "Approved")
        assert server.visible("C1")[0].texts[0].startswith("Restart web?")
        with pytest.raises(LookupError):
            await alice.clicks(posted["ts"], "approve")


async def test_form() -> None:
    """A form opens once for a trigger, stays open over errors, and closes when it is taken."""
    async with slack_server() as server, running(server) as bot:
        alice = server.person("U1", "alice")

        async def deny(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            await bot.client.views_open(trigger_id=body["trigger_id"], view=modal())

        async def reason(ack: AsyncAck, view: dict[str, Any]) -> None:
            typed = view["state"]["values"]["reason"]["typed"]["value"]
            if len(typed) < 5:
                await ack(response_action="errors", errors={"reason": "Say more"})
            else:
                await ack()

        bot.app.action("deny")(deny)
        bot.app.view("reason")(reason)
        posted = await bot.client.chat_postMessage(
            channel="C1", text="Restart web?", blocks=buttons("deny")
        )
        click = await alice.clicks(posted["ts"], "deny")
        form = await server.form(alice)
        sent = await alice.submits({"reason": "no"})
        assert (await sent.acked())["response_action"] == "errors"
        await server.until(lambda: form.errors)
        await (await alice.submits({"typed": "not on a Friday"})).acked()
        await server.until(lambda: alice.form is None)
        with pytest.raises(SlackApiError) as refused:
            await bot.client.views_open(trigger_id=click.payload["trigger_id"], view=modal())
        assert refused.value.response["error"] == "exchanged_trigger_id"
