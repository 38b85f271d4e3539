"""The real slack-bolt and slack_sdk over the local Slack: what it promises to tests that use it."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import (
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    BOT_USER,
    COMMANDS,
    EVENTS,
    SECRET,
    TEAM,
    Person,
    SlackServer,
    delayed,
    failed,
    held,
    limited,
    lost_request,
    lost_response,
    slack_server,
)

Next = Callable[[], Awaitable[BoltResponse]]
Json = dict[str, Any]


def client_of(server: SlackServer, token: str = BOT_TOKEN) -> AsyncWebClient:
    """A client that never sends anything twice by itself."""
    return AsyncWebClient(token=token, base_url=server.api_url, retry_handlers=[], timeout=5)


class Bot:
    """An app that keeps what it is told. broken: how many of the next it does not ack."""

    def __init__(self, server: SlackServer, sockets: int = 0) -> None:
        self.client = client_of(server)
        self.app = AsyncApp(client=self.client, signing_secret=SECRET)
        self.told: asyncio.Queue[Json] = asyncio.Queue()
        self.retries: list[str] = []
        self.broken = 0
        self.app.middleware(self._keep)
        for event in ("message", "app_mention", "agent_session_stopped", "member_joined_channel"):
            self.app.event(event)(self._nothing)
        self.handlers = [
            AsyncSocketModeHandler(self.app, APP_TOKEN, ping_interval=0.2) for _ in range(sockets)
        ]

    async def _keep(self, req: AsyncBoltRequest, next: Next) -> BoltResponse:  # noqa: A002
        self.retries.append(req.headers.get("x-slack-retry-num", ["-"])[0])
        if self.broken:
            self.broken -= 1
            return BoltResponse(status=500)
        self.told.put_nowait(req.body)
        return await next()

    async def _nothing(self) -> None:
        pass

    async def event(self) -> Json:
        """The next event."""
        body = await asyncio.wait_for(self.told.get(), 5)
        event: Json = body["event"]
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


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """A server at which what is not acked comes again soon."""
    async with slack_server(ack=1.0, retries=(0.0, 0.05, 0.1)) as running_server:
        yield running_server


@pytest.fixture
def client(server: SlackServer) -> AsyncWebClient:
    """The app's client."""
    return client_of(server)


@pytest.fixture
async def bot(server: SlackServer) -> AsyncIterator[Bot]:
    """A bot with one socket."""
    async with running(server) as connected:
        yield connected


@pytest.fixture
def alice(server: SlackServer) -> Person:
    """Somebody in C1."""
    return server.person("U1", "alice")


@asynccontextmanager
async def refused(error: str) -> AsyncIterator[Json]:
    """The call in the block is refused with this error; its answer is there afterwards."""
    answer: Json = {}
    with pytest.raises(SlackApiError) as info:
        yield answer
    answer |= info.value.response.data
    assert answer["error"] == error


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


# --- who the app is, and what it may -------------------------------------------------------------


async def test_auth(client: AsyncWebClient) -> None:
    """`auth.test` says who the app is, and its headers what it may do."""
    told = await client.auth_test()
    assert (told["team_id"], told["user_id"], told["bot_id"]) == (TEAM, BOT_USER, BOT)
    assert "chat:write" in told.headers["X-OAuth-Scopes"].split(",")


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-2", "invalid_auth")])
async def test_wrong_token(server: SlackServer, token: str, error: str) -> None:
    """Whoever has not the bot's token is told so."""
    async with refused(error):
        await client_of(server, token).auth_test()


async def test_app_token(client: AsyncWebClient) -> None:
    """Sockets are opened for the app's token, and not for the bot's; the ticket is good once."""
    async with refused("not_allowed_token_type"):
        await client.apps_connections_open(app_token=BOT_TOKEN)
    told = await client.apps_connections_open(app_token=APP_TOKEN)
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(told["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(told["url"])


async def test_missing_scope(server: SlackServer, client: AsyncWebClient) -> None:
    """A call without its scope has no effect, and names the scope."""
    server.api.scopes -= {"chat:write", "im:history"}
    async with refused("missing_scope") as answer:
        await client.chat_postMessage(channel="C1", text="hello")
    assert answer["needed"] == "chat:write"
    assert "chat:write" not in answer["provided"].split(",")
    assert server.visible("C1") == []
    direct = server.person("U1", "alice").dm
    await client.conversations_history(channel="C1")
    async with refused("missing_scope"):
        await client.conversations_history(channel=direct)


async def test_methods_that_are_off(
    server: SlackServer, client: AsyncWebClient, alice: Person
) -> None:
    """Signs of work are kept until a message comes; an app that has none is told so."""
    ts = await alice.says("C1", "hello")
    where: Json = {"channel_id": "C1", "thread_ts": ts}
    await client.assistant_threads_setStatus(status="is looking", **where)
    await client.agents_sessions_setStatus(status="processing", **where)
    assert server.world.statuses["C1", ts] == "is looking"
    assert server.world.sessions["C1", ts] == "processing"
    await client.chat_postMessage(channel="C1", thread_ts=ts, text="Done")
    assert ("C1", ts) not in server.world.statuses
    server.switch_off("agents.sessions.setStatus")
    server.switch_off("assistant.threads.setStatus", "missing_scope")
    async with refused("unknown_method"):
        await client.agents_sessions_setStatus(status="active", **where)
    async with refused("missing_scope"):
        await client.assistant_threads_setStatus(status="", **where)


# --- writing -------------------------------------------------------------------------------------


async def test_form_encoding(server: SlackServer) -> None:
    """A call may be a form, with JSON inside of it, and with the token among the rest."""
    form = {
        "token": BOT_TOKEN,
        "channel": "C1",
        "text": "Restart web?",
        "blocks": json.dumps(buttons("approve")),
        "unfurl_links": "false",
    }
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{server.api_url}chat.postMessage", data=form) as response,
    ):
        assert (await response.json())["ok"]
    [message] = server.sent("C1")
    assert message.actions == ["approve"]
    assert not message.unfurl_links
    assert message.unfurl_media


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_000}}
TOO_LONG = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}
MARKDOWN = {"type": "markdown", "text": "x" * 6_000}


@pytest.mark.filterwarnings("ignore:The top-level `text` argument")
@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [MARKDOWN, MARKDOWN, {"type": "markdown", "text": "x"}]}, "msg_too_long"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [TOO_LONG]}, "invalid_blocks"),
        ({"blocks": [{"type": "paragraph"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": []}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": ""}, "no_text"),
        ({"thread_ts": "1.2"}, "thread_not_found"),
        ({"channel": "C9"}, "channel_not_found"),
        ({"channel": "C2"}, "not_in_channel"),
        ({"channel": "C3"}, "channel_not_found"),
        ({"channel": "C4"}, "is_archived"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ],
)
async def test_limits(
    server: SlackServer, client: AsyncWebClient, message: Json, error: str
) -> None:
    """What Slack would not take is refused, and is not there."""
    server.channel("C2", app=False)
    server.channel("C3", kind="private", app=False)
    server.channel("C4").is_archived = True
    async with refused(error):
        await client.chat_postMessage(**{"channel": "C1", "text": "hello", **message})
    assert server.visible("C1") == []


async def test_at_the_limits(server: SlackServer, client: AsyncWebClient) -> None:
    """The longest that is allowed is taken."""
    await client.chat_postMessage(channel="C1", text="x" * 40_000, blocks=[SECTION] * 50)
    await client.chat_postMessage(channel="C1", text="x", blocks=[MARKDOWN, MARKDOWN])
    assert len(server.visible("C1")) == 2


async def test_update_and_delete(
    server: SlackServer, client: AsyncWebClient, alice: Person
) -> None:
    """The app changes and deletes what it wrote, and nothing else."""
    theirs = await alice.says("C1", "hello")
    posted = await client.chat_postMessage(channel="C1", text="One", blocks=buttons("approve"))
    await client.chat_update(channel="C1", ts=posted["ts"], text="Two")
    [message] = server.sent("C1")
    assert (message.shown, message.actions) == ("Two", [])
    assert message.texts == ["Restart web?\nApprove", "Two"]
    await client.chat_delete(channel="C1", ts=posted["ts"])
    assert server.sent("C1") == []
    async with refused("message_not_found"):
        await client.chat_update(channel="C1", ts=posted["ts"], text="Three")
    async with refused("cant_update_message"):
        await client.chat_update(channel="C1", ts=theirs, text="Three")
    async with refused("cant_delete_message"):
        await client.chat_delete(channel="C1", ts=theirs)


async def test_ephemeral(server: SlackServer, client: AsyncWebClient, alice: Person) -> None:
    """What is for one person is seen by them alone, and stands in no history."""
    bob = server.person("U2", "bob")
    await client.chat_postEphemeral(channel="C1", user=alice.id, text="Not you")
    assert [message.text for message in server.visible("C1", to=alice)] == ["Not you"]
    assert server.visible("C1", to=bob) == server.visible("C1") == []
    assert (await client.conversations_history(channel="C1"))["messages"] == []
    async with refused("user_not_in_channel"):
        await client.chat_postEphemeral(channel="C1", user="U9", text="Not you")


async def test_pings(server: SlackServer, client: AsyncWebClient) -> None:
    """Whom a message pings is told; what is escaped pings nobody."""
    await client.chat_postMessage(channel="C1", text="<@U1> <!here> @channel &lt;@U2&gt;")
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel|x>"}}
    await client.chat_postMessage(channel="C1", text="@here", blocks=[block], link_names=True)
    first, second = server.sent("C1")
    assert first.pings == {"U1", "here"}
    assert second.pings == {"here", "channel"}


async def test_files(server: SlackServer, client: AsyncWebClient, alice: Person) -> None:
    """A file that the app sends hangs on a message in the thread."""
    ts = await alice.says("C1", "logs?")
    sent = await client.files_upload_v2(
        content="all of it", filename="web.log", channel="C1", thread_ts=ts, initial_comment="Here"
    )
    [message] = server.sent("C1", ts)
    assert (message.text, message.files[0].data) == ("Here", b"all of it")
    assert sent["files"][0]["name"] == "web.log"
    [told] = (await client.conversations_replies(channel="C1", ts=ts))["messages"][1:]
    assert told["files"][0]["size"] == 9
    async with refused("file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": "F9", "title": "x"}])


async def test_downloads(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A file that somebody sends is for the bot's token; every token that came is kept."""
    await alice.says("C1", "look", files={"web.log": b"line"})
    event = await bot.event()
    assert event["subtype"] == "file_share"
    [file] = event["files"]
    assert (file["name"], file["size"], file["mimetype"]) == ("web.log", 4, "text/plain")
    async with aiohttp.ClientSession() as http:
        for token in (BOT_TOKEN, "xoxb-2"):
            headers = {"Authorization": f"Bearer {token}"}
            async with http.get(file["url_private"], headers=headers) as response:
                assert (await response.read() == b"line") is (token == BOT_TOKEN)
    assert [one.token for one in server.uploads.downloads] == [BOT_TOKEN, "xoxb-2"]


# --- reading -------------------------------------------------------------------------------------


async def pages(call: Callable[..., Awaitable[Any]], **args: Any) -> list[list[Json]]:
    """The messages of all pages."""
    found = []
    cursor: str | None = None
    while cursor != "":
        page = await call(cursor=cursor, **args)
        found.append(page["messages"])
        cursor = page["response_metadata"]["next_cursor"]
        assert page["has_more"] is bool(cursor)
    return found


def texts(messages: list[Json]) -> list[str]:
    """What they say."""
    return [message["text"] for message in messages]


async def test_history(server: SlackServer, client: AsyncWebClient, alice: Person) -> None:
    """A history is newest first, in pages, without the replies; a root says what is under it."""
    stamps = [await alice.says("C1", f"m{number}") for number in range(5)]
    reply = await alice.says("C1", "reply", thread=stamps[1])
    history = client.conversations_history
    assert [texts(page) for page in await pages(history, channel="C1", limit=2)] == [
        ["m4", "m3"],
        ["m2", "m1"],
        ["m0"],
    ]
    root = (await history(channel="C1"))["messages"][3]
    assert root["thread_ts"] == stamps[1]
    assert (root["reply_count"], root["latest_reply"]) == (1, reply)
    inside: Json = {"channel": "C1", "oldest": stamps[1], "latest": stamps[3]}
    assert texts((await history(**inside))["messages"]) == ["m2"]
    assert texts((await history(**inside, inclusive=True))["messages"]) == ["m3", "m2", "m1"]
    async with refused("invalid_cursor"):
        await history(channel="C1", cursor="?")


async def test_replies(server: SlackServer, client: AsyncWebClient, alice: Person) -> None:
    """A thread is oldest first, in pages, and its root comes along whatever is asked for."""
    root = await alice.says("C1", "root")
    stamps = [await alice.says("C1", f"r{number}", thread=root) for number in range(4)]
    replies = client.conversations_replies
    assert [texts(page) for page in await pages(replies, channel="C1", ts=root, limit=3)] == [
        ["root", "r0", "r1"],
        ["r2", "r3"],
    ]
    later = await replies(channel="C1", ts=root, oldest=stamps[2])
    assert texts(later["messages"]) == ["root", "r3"]
    assert later["messages"][1]["parent_user_id"] == alice.id
    await alice.deletes("C1", root)
    left = (await replies(channel="C1", ts=root))["messages"]
    assert left[0]["subtype"] == "tombstone"
    async with refused("thread_not_found"):
        await replies(channel="C1", ts="1.2")


async def test_metadata(server: SlackServer, client: AsyncWebClient) -> None:
    """What the app keeps on a message comes with a history that is asked for it."""
    metadata = {"event_type": "outbox", "event_payload": {"key": "k1"}}
    await client.chat_postMessage(channel="C1", text="hello", metadata=metadata)
    [bare] = (await client.conversations_history(channel="C1"))["messages"]
    assert "metadata" not in bare
    assert (bare["bot_id"], bare["user"]) == (BOT, BOT_USER)
    [whole] = (await client.conversations_history(channel="C1", include_all_metadata=True))[
        "messages"
    ]
    assert whole["metadata"] == metadata


async def test_channels(server: SlackServer, client: AsyncWebClient, alice: Person) -> None:
    """The app sees the channels that it is in, and the public ones."""
    server.channel("C2", "random", alice, app=False)
    server.channel("C3", "secret", alice, kind="private", is_ext_shared=True)
    server.channel("C4", "hidden", alice, kind="private", app=False)
    opened = await client.conversations_open(users=alice.id)
    assert opened["channel"]["id"] == alice.dm
    all_types = "public_channel,private_channel,mpim,im"

    async def ids(call: Callable[..., Awaitable[Any]], types: str) -> list[str]:
        return [one["id"] for one in (await call(types=types))["channels"]]

    assert await ids(client.users_conversations, "public_channel") == ["C1"]
    assert await ids(client.users_conversations, all_types) == ["C1", "C3", alice.dm]
    assert await ids(client.conversations_list, all_types) == ["C1", "C2", "C3", alice.dm]
    told = (await client.conversations_info(channel="C3"))["channel"]
    assert told["is_ext_shared"]
    assert told["is_private"]
    assert not (await client.conversations_info(channel="C2"))["channel"]["is_member"]
    assert (await client.conversations_info(channel=alice.dm))["channel"]["user"] == alice.id
    async with refused("channel_not_found"):
        await client.conversations_info(channel="C4")
    members = (await client.conversations_members(channel="C1"))["members"]
    assert members == [BOT_USER, alice.id]
    assert (await client.users_info(user=alice.id))["user"]["name"] == "alice"


# --- what people do ------------------------------------------------------------------------------


async def test_mention(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A mention comes as two events about one message."""
    ts = await alice.mentions("C1", "hello")
    bodies = [await bot.told.get() for _ in range(2)]
    assert {body["event"]["type"] for body in bodies} == {"message", "app_mention"}
    assert len({body["event_id"] for body in bodies}) == 2
    assert {body["event"]["ts"] for body in bodies} == {ts}
    assert bodies[0]["event"]["channel_type"] == "channel"
    await server.acked(ts)


async def test_direct_message(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A direct message comes once, whoever is mentioned in it."""
    ts = await alice.mentions(alice.dm, "hello")
    event = await bot.event()
    assert (event["type"], event["channel_type"]) == ("message", "im")
    assert len(server.told(ts)) == 1


async def test_thread(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A reply says which thread it is in; the app sees none of this where it is not."""
    root = await alice.says("C1", "root")
    await alice.says("C1", "reply", thread=root)
    assert "thread_ts" not in await bot.event()
    assert (await bot.event())["thread_ts"] == root
    server.channel("C2", "random", app=False)
    await alice.joins("C2")
    assert server.told(await alice.mentions("C2", "hello")) == []
    server.invite("C2")
    assert (await bot.event())["type"] == "member_joined_channel"


async def test_edit_and_delete(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A change tells what was there before; Slack's own changes were edited by nobody."""
    ts = await alice.says("C1", "one")
    await alice.edits("C1", ts, "two")
    server.unfurl(ts)
    await alice.deletes("C1", ts)
    created, edited, unfurled, deleted = [await bot.event() for _ in range(4)]
    assert created["text"] == "one"
    assert edited["subtype"] == unfurled["subtype"] == "message_changed"
    assert (edited["previous_message"]["text"], edited["message"]["text"]) == ("one", "two")
    assert edited["message"]["edited"]["user"] == alice.id
    assert "edited" not in edited["previous_message"]
    assert unfurled["message"]["edited"] == edited["message"]["edited"]
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    assert server.visible("C1") == []


async def test_strangers(server: SlackServer, bot: Bot) -> None:
    """Somebody of another team, and another app, can be told from people of the house."""
    zed = server.person("U9", "zed", team="T9")
    other = server.person("U8", "deploys", is_bot=True)
    server.world.channels["C1"].is_ext_shared = True
    await zed.says("C1", "hello")
    body = await bot.told.get()
    assert body["is_ext_shared_channel"]
    assert (body["team_id"], body["event"]["team"], body["event"]["user_team"]) == (
        TEAM,
        "T9",
        "T9",
    )
    await other.says("C1", "deployed")
    assert (await bot.event())["bot_id"] == "B8"


async def test_click(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A click carries what stands on the button, and needs the button to be there."""

    async def approve(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="Approved", replace_original=True)

    bot.app.action("approve")(approve)
    await bot.client.chat_postMessage(
        channel="C1", text="Restart web?", blocks=buttons("approve", "deny")
    )
    card = await server.offered("approve", "C1")
    click = await alice.clicks(card.ts, "approve")
    await click.acked()
    assert click.payload["actions"][0]["value"] == "approve-1"
    await server.shows(card, "Approved")
    assert card.texts == ["Restart web?\nApprove\nDeny", "Approved"]
    with pytest.raises(LookupError):
        await alice.clicks(card.ts, "approve")
    pressed = await alice.presses(card, "approve", "approve-1")
    await pressed.acked()


async def test_response_url(server: SlackServer, bot: Bot, alice: Person) -> None:
    """An answer is for the person alone unless it says otherwise, and there are five of them."""

    async def approve(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="You may not", replace_original=False)
        await respond(text="Told all", replace_original=False, response_type="in_channel")
        for _ in range(4):
            await respond(delete_original=True, text="")

    bot.app.action("approve")(approve)
    posted = await bot.client.chat_postMessage(
        channel="C1", text="Restart web?", blocks=buttons("approve")
    )
    await alice.clicks(posted["ts"], "approve")
    calls = await server.called("response_url", 6)
    assert [message.text for message in server.visible("C1")] == ["Told all"]
    assert {one.text for one in server.visible("C1", to=alice)} == {"You may not", "Told all"}
    await server.until(lambda: calls[5].error == "used_url", lambda: calls[5])


async def test_form(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A form opens once for a trigger, stays open over errors, and closes when it is taken."""

    async def deny(ack: AsyncAck, body: Json) -> None:
        await ack()
        await bot.client.views_open(trigger_id=body["trigger_id"], view=modal())

    async def reason(ack: AsyncAck, view: Json) -> None:
        if len(view["state"]["values"]["reason"]["typed"]["value"]) < 5:
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
    await server.until(lambda: form.errors == {"reason": "Say more"})
    sent = await alice.submits({"typed": "not on a Friday"})
    await server.until(lambda: alice.form is None)
    assert sent.payload["view"]["private_metadata"] == "request-1"
    async with refused("exchanged_trigger_id"):
        await bot.client.views_open(trigger_id=click.payload["trigger_id"], view=modal())


async def test_trigger_that_is_late(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A trigger is good for some seconds; a form has to be one."""
    posted = await bot.client.chat_postMessage(channel="C1", text="?", blocks=buttons("deny"))
    trigger = (await alice.clicks(posted["ts"], "deny")).payload["trigger_id"]
    async with refused("invalid_arguments"):
        await bot.client.views_open(trigger_id=trigger, view={"type": "modal", "blocks": []})
    server.views.expire()
    async with refused("expired_trigger_id"):
        await bot.client.views_open(trigger_id=trigger, view=modal())


async def test_command_shortcut_and_stop(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A command's ack is shown to whoever gave it; a shortcut carries the message."""

    async def command(ack: AsyncAck, command: Json) -> None:
        await ack(f"Looking at {command['text']}")

    async def shortcut(ack: AsyncAck) -> None:
        await ack()

    bot.app.command("/watchkeeper")(command)
    bot.app.shortcut("ask")(shortcut)
    ts = await alice.says("C1", "web is down")
    await (await alice.commands("/watchkeeper", "status", "C1")).acked()
    [whisper] = await server.whispered(alice, "C1")
    assert whisper.text == "Looking at status"
    asked = await alice.shortcut("ask", "C1", ts)
    await asked.acked()
    assert asked.payload["message"]["text"] == "web is down"
    stopped = await alice.stops("C1", ts)
    assert stopped is not None
    await stopped.acked()
    assert stopped.payload["event"]["thread_ts"] == ts


# --- Socket Mode ---------------------------------------------------------------------------------


async def test_two_sockets(server: SlackServer, alice: Person) -> None:
    """Each event comes over one socket, and they take turns."""
    async with running(server, sockets=2) as bot:
        for number in range(6):
            await server.acked(await alice.says("C1", f"m{number}"))
        assert [connection.taken for connection in server.sockets.connections] == [3, 3]
        assert bot.told.qsize() == 6


async def test_redelivery(server: SlackServer, bot: Bot, alice: Person) -> None:
    """What is not acked comes again with the same event id, and at last no more."""
    server.sockets.ack = 0.05
    bot.broken = 2
    [delivery] = server.told(await alice.says("C1", "hello"))
    await delivery.acked()
    assert bot.retries == ["0", "1", "2"]
    assert len(set(delivery.envelopes)) == 3
    server.post.again(delivery)
    assert [(await bot.told.get())["event_id"] for _ in range(2)] == [
        delivery.payload["event_id"]
    ] * 2
    assert bot.retries[-1] == "0"
    bot.broken = 9
    [delivery] = server.told(await alice.says("C1", "hello?"))
    await delivery.lost()
    assert len(delivery.envelopes) == 4


@pytest.mark.parametrize("close", [False, True])
@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_disconnect(
    server: SlackServer, bot: Bot, alice: Person, reason: str, close: bool
) -> None:
    """Whoever is asked to come again does, and nothing is lost."""
    await server.disconnect(reason, close=close)
    await server.until(lambda: server.sockets.opened > 1)
    await server.acked(await alice.says("C1", "hello"))


async def test_deaf(server: SlackServer, bot: Bot, alice: Person) -> None:
    """A deaf socket stays open while what it is given is lost; a new one is not deaf."""
    server.deafen()
    [delivery] = server.told(await alice.says("C1", "hello"))
    await delivery.lost()
    assert await bot.handlers[0].client.is_connected()
    await bot.handlers[0].client.connect_to_new_endpoint(force=True)
    await server.acked(await alice.says("C1", "hello?"))


async def test_abort(server: SlackServer, bot: Bot, alice: Person) -> None:
    """After a cut the client comes again, and what was sent meanwhile comes then."""
    server.abort()
    await server.connected(0)
    server.post.retries = (0.0, 0.3, 0.6, 1.2)
    ts = await alice.says("C1", "hello")
    await server.acked(ts)
    assert (await bot.event())["ts"] == ts


async def test_outage(server: SlackServer, bot: Bot, alice: Person) -> None:
    """In an outage nothing is reached and events are lost; the history has all of it."""
    async with server.outage():
        await server.connected(0)
        with pytest.raises(aiohttp.ClientConnectorError):
            await bot.client.chat_postMessage(channel="C1", text="hello")
        [delivery] = server.told(await alice.says("C1", "anybody?"))
        await delivery.lost()
    await server.connected(1)
    told = (await bot.client.conversations_history(channel="C1"))["messages"]
    assert texts(told) == ["anybody?"]
    await server.acked(await alice.says("C1", "back?"))
    assert bot.told.qsize() == 1


async def test_malformed(server: SlackServer, bot: Bot, alice: Person) -> None:
    """Anything can be sent, an event without a shape or a text that is no envelope."""
    await server.sockets.write('{"type": 1}')
    server.dispatch({"type": "message", "ts": 7})
    assert (await bot.event())["ts"] == 7
    await server.acked(await alice.says("C1", "hello"))


# --- what goes wrong with calls ------------------------------------------------------------------


async def test_rate_limit(server: SlackServer, client: AsyncWebClient) -> None:
    """A 429 says when to come again; a pace is kept in each channel."""
    server.then("chat.postMessage", limited(1), times=2)
    for _ in range(2):
        async with refused("ratelimited"):
            await client.chat_postMessage(channel="C1", text="hello")
    assert [call.status for call in server.calls()] == [429, 429]
    with pytest.raises(LookupError):
        server.then("chat.posted", limited(1))
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler())
    server.then("chat.postMessage", limited(0))
    server.faults.pace("chat.postMessage", 2, 60.0)
    server.channel("C2")
    for channel in ("C1", "C1", "C2"):
        await client.chat_postMessage(channel=channel, text="hello")
    client.retry_handlers.clear()
    with pytest.raises(SlackApiError) as info:
        await client.chat_postMessage(channel="C1", text="hello")
    assert 0 < int(info.value.response.headers["Retry-After"]) <= 60
    assert len(server.visible("C1")) == 2


async def test_lost(server: SlackServer, client: AsyncWebClient) -> None:
    """A lost response leaves a message, a lost request does not; both are kept as calls."""
    server.then("chat.postMessage", lost_response(), lost_request())
    for text in ("one", "two"):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.chat_postMessage(channel="C1", text=text)
    assert [message.text for message in server.visible("C1")] == ["one"]
    calls = server.calls("chat.postMessage")
    assert [(call.args["text"], call.is_performed, call.status) for call in calls] == [
        ("one", True, 0),
        ("two", False, 0),
    ]


async def test_default_client(server: SlackServer) -> None:
    """slack_sdk's own handlers write a message twice when its response is lost."""
    server.then("chat.postMessage", lost_response())
    client = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_url)
    await client.chat_postMessage(channel="C1", text="hello")
    assert len(server.visible("C1")) == 2


async def test_failed(server: SlackServer, client: AsyncWebClient) -> None:
    """An error comes in place of the effect."""
    server.then("chat.postMessage", failed(), failed(200, "fatal_error"), failed(503))
    for error in ("internal_error", "fatal_error", "internal_error"):
        async with refused(error):
            await client.chat_postMessage(channel="C1", text="hello")
    assert server.visible("C1") == []


async def test_held(server: SlackServer, client: AsyncWebClient) -> None:
    """A call is held back, before its effect or after it."""
    for after in (False, True):
        until = asyncio.Event()
        server.then("chat.postMessage", held(until, after=after))
        posting = asyncio.create_task(client.chat_postMessage(channel="C1", text=str(after)))
        if after:
            await server.posted("C1", count=2)
        else:
            await server.called("chat.postMessage")
            assert server.visible("C1") == []
        assert not posting.done()
        until.set()
        await posting
    server.then("auth.test", delayed(0.01))
    await client.auth_test()


# --- HTTP mode -----------------------------------------------------------------------------------


@asynccontextmanager
async def listening(server: SlackServer) -> AsyncIterator[Bot]:
    """A bot that is told everything by requests, until the end of the block."""
    bot = Bot(server)
    async with TestServer(bot.app.web_app("/slack/events")) as at:
        server.speak_http(str(at.make_url("/slack/events")))
        yield bot


async def test_http_mode(server: SlackServer, alice: Person) -> None:
    """The same acts come as signed requests, and again when they are not answered."""
    async with listening(server) as bot:

        async def command(ack: AsyncAck) -> None:
            await ack("Looking")

        async def approve(ack: AsyncAck) -> None:
            await ack()

        bot.app.command("/watchkeeper")(command)
        bot.app.action("approve")(approve)
        bot.broken = 1
        ts = await alice.says("C1", "hello")
        await server.acked(ts)
        assert bot.retries == ["-", "1"]
        assert (await bot.event())["ts"] == ts
        await (await alice.commands("/watchkeeper", "status", "C1")).acked()
        assert [one.text for one in await server.whispered(alice, "C1")] == ["Looking"]
        posted = await bot.client.chat_postMessage(
            channel="C1", text="?", blocks=buttons("approve")
        )
        await (await alice.clicks(posted["ts"], "approve")).acked()


async def test_http_signatures(server: SlackServer) -> None:
    """A request can be forged, be old, or be a retry."""
    async with listening(server) as bot:
        event = {"type": "url_verification", "challenge": "c", "token": "t"}
        good = await server.requests.send(EVENTS, event)
        assert (good.status, good.answer) == (200, {"challenge": "c"})
        assert (await server.requests.send(EVENTS, event, signature="v0=00")).status == 401
        assert (await server.requests.send(EVENTS, event, age=301)).status == 401
        server.requests.secret = "another"
        assert (await server.requests.send(COMMANDS, {"command": "/watchkeeper"})).status == 401
        server.requests.secret = SECRET
        message = {"type": "event_callback", "event": {"type": "message", "user": "U1"}}
        reply = await server.requests.send(EVENTS, message, retry=(2, "http_timeout"))
        assert reply.status == 200
        assert bot.retries == ["2"]


# --- a long run ----------------------------------------------------------------------------------

ECHO = f"""
import asyncio, sys
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

app = AsyncApp(client=AsyncWebClient(token="{BOT_TOKEN}", base_url=sys.argv[1], retry_handlers=[]))

@app.event("message")
async def echo(event, client):
    root = event.get("thread_ts") or event["ts"]
    await client.chat_postMessage(channel=event["channel"], thread_ts=root, text="echo")

async def main():
    for _ in range(2):
        handler = AsyncSocketModeHandler(app, "{APP_TOKEN}", ping_interval=1)
        await handler.connect_async()
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def echoing(server: SlackServer) -> Process:
    """A process of its own that answers whatever is said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ECHO, server.api_url, stderr=asyncio.subprocess.DEVNULL
    )
    await server.connected(2)
    return process


async def test_long_run() -> None:
    """1,000 messages in 50 threads are all acked, with a kill of the client between them."""
    async with slack_server(ack=1.0, retries=(0.0, 0.5, 2.0, 5.0), patience=60.0) as server:
        server.world.echoes = False
        alice = server.person("U1", "alice")
        process = await echoing(server)
        roots = [await alice.says("C1", f"root {number}") for number in range(50)]
        said = [*roots]
        for number in range(19):
            said += [await alice.says("C1", f"m{number}", thread=root) for root in roots]
            if number == 9:
                await server.acked(roots[-1])
                os.kill(process.pid, signal.SIGKILL)
                await process.wait()
                await server.connected(0)
                process = await echoing(server)
        await server.until(lambda: all(one.is_acked for one in server.post.deliveries))
        answered = await server.posted("C1", count=len(said) // 2)
        assert all(message.thread_ts in roots for message in answered)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
