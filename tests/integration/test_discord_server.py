"""The real discord.py over the local Discord: what the server promises to the tests that use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import discord
import pytest
from aiohttp import ServerDisconnectedError
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_server import (
    TOKEN,
    DiscordServer,
    Intent,
    User,
    discord_server,
    held,
    limited,
    lost_request,
    lost_response,
    pointed_at,
    routes,
)
from tests.discord_server import error as failed

INTENTS = discord.Intents(guilds=True, messages=True, reactions=True, message_content=True)


class Bot(discord.Client):
    """A client that keeps what it is told."""

    def __init__(self, intents: discord.Intents = INTENTS, **options: Any) -> None:
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.05,
            **options,
        )
        self.tree = app_commands.CommandTree(self)
        self.ready = asyncio.Event()
        self.messages: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.told: asyncio.Queue[Any] = asyncio.Queue()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s here before it identifies again; Discord's limit is not ours."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Keep what a test looks for; then as always."""
        super().dispatch(event, *args, **kwargs)
        match event, args:
            case "ready", _:
                self.ready.set()
            case "message", [message] if message.author != self.user:
                self.messages.put_nowait(message)
            case "raw_message_edit", [update]:
                self.told.put_nowait(("edit", update.message_id, update.message.content))
            case "raw_message_delete", [deletion]:
                self.told.put_nowait(("delete", deletion.message_id))
            case "raw_reaction_add", [reaction]:
                self.told.put_nowait(("reaction", reaction.message_id, str(reaction.emoji)))
            case _:
                pass


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    """The bot, ready, until the end of the block."""
    task = asyncio.create_task(bot.start(TOKEN))
    await bot.ready.wait()
    try:
        yield bot
    finally:
        await bot.close()
        await task


def room(bot: Bot, server: DiscordServer) -> discord.TextChannel:
    """The server's one channel, as the bot knows it."""
    channel = bot.get_channel(server.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A server that this process' discord.py talks to."""
    async with discord_server() as running_server:
        with pointed_at(running_server):
            yield running_server


@pytest.fixture
async def bot(server: DiscordServer) -> AsyncIterator[Bot]:
    """A connected bot."""
    async with running(Bot()) as connected:
        yield connected


@pytest.fixture
def alice(server: DiscordServer) -> User:
    """Somebody in the guild."""
    return server.add_person("alice", server.guild)


# --- talking -------------------------------------------------------------------------------------


async def test_a_client_connects(server: DiscordServer, bot: Bot) -> None:
    """discord.py finds itself, the guild, its channel and what it may do there."""
    [asked] = await server.identified()
    assert asked["intents"] == INTENTS.value
    assert bot.user is not None
    assert bot.user.id == server.bot.id
    may = room(bot, server).permissions_for(room(bot, server).guild.me)
    assert may.send_messages
    assert may.create_public_threads
    assert not may.administrator


async def test_addresses_come_back() -> None:
    """discord.py has its own addresses again after the block, also when that raised."""

    def addresses() -> tuple[str, object]:
        return Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY

    before = addresses()
    async with discord_server() as server:
        with pytest.raises(LookupError), pointed_at(server):
            raise LookupError
    assert addresses() == before


async def test_a_message_is_replied_to(server: DiscordServer, bot: Bot, alice: User) -> None:
    """What a person writes arrives; the reply refers to it and pings nobody."""
    asked = server.mention(alice, server.channel, "hello")
    message = await bot.messages.get()
    assert message.id == asked.id
    assert message.mentions == [bot.user]
    await message.reply(f"hello {alice.mention} @everyone")
    [reply] = await server.posted(server.channel)
    assert reply.reference is asked
    told = server.journal.dispatched("MESSAGE_CREATE")[-1]
    assert (told["mentions"], told["mention_everyone"]) == ([], False)


async def test_content_needs_its_intent(server: DiscordServer, alice: User) -> None:
    """Without the message-content intent only mentions, pinging replies and DMs have content."""
    async with running(Bot(discord.Intents(guilds=True, messages=True))) as bot:
        own = await room(bot, server).send("mine")
        mine = server.world.messages[own.id]
        server.say(alice, server.channel, "plain")
        server.mention(alice, server.channel, "named")
        server.say(alice, server.channel, "reply", reply_to=mine)
        server.say(alice, server.channel, "quiet reply", reply_to=mine, ping=False)
        server.dm(alice, "direct")
        seen = [(await bot.messages.get()).content for _ in range(5)]
    assert seen == ["", f"{server.bot.mention} named", "reply", "", "direct"]


async def test_a_thread_shares_the_id_of_its_message(
    server: DiscordServer, bot: Bot, alice: User
) -> None:
    """A message has one thread, under its id, and people talk on in it."""
    asked = server.mention(alice, server.channel, "restart")
    message = await bot.messages.get()
    thread = await message.create_thread(name="restart")
    with pytest.raises(discord.HTTPException) as caught:
        await message.create_thread(name="again")
    assert (thread.id, caught.value.code) == (asked.id, 160004)
    await thread.send("in here")
    native = await server.threaded(asked)
    assert [sent.text for sent in await server.posted(native)] == ["in here"]
    server.say(alice, native, "and then?")
    async with asyncio.timeout(5):
        while (heard := await bot.messages.get()).content != "and then?":
            assert heard.type is discord.MessageType.thread_starter_message
    assert isinstance(heard.channel, discord.Thread)


async def test_what_people_do_is_told(server: DiscordServer, bot: Bot, alice: User) -> None:
    """Edits, deletions, reactions, and what other programs write all reach the bot."""
    said = server.say(alice, server.channel, "teh")
    server.edit(said, "the")
    server.react(alice, said, "👍")
    server.delete(said)
    server.webhook(server.channel, "ci", "build failed")
    server.say(server.add_person("other", server.guild, bot=True), server.channel, "beep")
    assert [await bot.told.get() for _ in range(3)] == [
        ("edit", said.id, "the"),
        ("reaction", said.id, "👍"),
        ("delete", said.id),
    ]
    heard = [await bot.messages.get() for _ in range(3)]
    assert [message.content for message in heard] == ["the", "build failed", "beep"]
    assert [message.webhook_id is not None for message in heard] == [False, True, False]
    assert [message.author.bot for message in heard] == [False, True, True]


async def test_files_go_both_ways(server: DiscordServer, bot: Bot, alice: User) -> None:
    """A person's file is downloaded without the bot's token; the bot's file is kept as sent."""
    server.upload(alice, server.channel, "look", notes_txt=b"one\ntwo")
    [attachment] = (await bot.messages.get()).attachments
    assert (attachment.filename, await attachment.read()) == ("notes.txt", b"one\ntwo")
    [download] = await server.called(routes.DOWNLOAD)
    assert "authorization" not in download.headers
    await room(bot, server).send("log", file=discord.File(BytesIO(b"long"), "log.txt"))
    [sent] = await server.posted(server.channel)
    assert [(one.name, one.data) for one in sent.attachments] == [("log.txt", b"long")]


async def test_history_pages(server: DiscordServer, bot: Bot, alice: User) -> None:
    """`after` gives the next ones, not the newest; `before` the ones right before."""
    said = [server.say(alice, server.channel, str(number)) for number in range(120)]
    channel = room(bot, server)
    after = [m.content async for m in channel.history(after=discord.Object(said[9].id), limit=None)]
    assert after == [str(number) for number in range(10, 120)]
    before = [m.content async for m in channel.history(before=discord.Object(said[9].id), limit=3)]
    assert before == ["8", "7", "6"]


async def test_what_discord_refuses_is_refused(server: DiscordServer, bot: Bot) -> None:
    """Too long a text or nonce, or nothing at all, is an error and no message."""
    channel = room(bot, server)
    for sent, code in (("x" * 2001, 50035), (" ", 50006)):
        with pytest.raises(discord.HTTPException) as caught:
            await channel.send(sent)
        assert caught.value.code == code
    with pytest.raises(discord.HTTPException):
        await channel.send("x", nonce="x" * 26)
    assert server.sent(server.channel) == []


# --- interactions --------------------------------------------------------------------------------


class Ask(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"ask:(?P<id>\w+)"):
    """A button that is known by its id alone; what it does is the class attribute `does`."""

    does: Callable[[discord.Interaction], Awaitable[None]]

    def __init__(self, number: str) -> None:
        super().__init__(discord.ui.Button(label="Approve", custom_id=f"ask:{number}"))

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any, /) -> "Ask":
        """The button again, on a message of any age."""
        return cls(match["id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """What the test gave it to do."""
        await type(self).does(interaction)


class Card(discord.ui.LayoutView):
    """A card of Components V2 with one button."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        box: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay("May I?"))
        box.add_item(discord.ui.ActionRow(Ask("7")))
        self.add_item(box)


async def test_a_click_is_deferred_and_followed_up(
    server: DiscordServer, bot: Bot, alice: User
) -> None:
    """A button of a card answers: a deferral, a private follow-up, and the card settled."""

    async def does(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.followup.send("noted", ephemeral=True)
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.TextDisplay("Approved."))
        await interaction.edit_original_response(view=view)

    Ask.does = does
    bot.add_dynamic_items(Ask)
    await room(bot, server).send(view=Card())
    [card] = await server.posted(server.channel)
    assert (card.text, card.buttons) == ("May I?", ["ask:7"])
    click = server.click(alice, card, "ask:7")
    assert (await click.answered())["type"] == 6
    note = await click.replied()
    assert (note.text, note.seen_by) == ("noted", alice)
    await server.edited(card)
    assert (card.texts, card.buttons) == (["May I?", "Approved."], [])
    assert server.sent(server.channel) == [card]
    with pytest.raises(LookupError):
        server.click(alice, card, "ask:7")


async def test_what_is_late_is_refused(server: DiscordServer, bot: Bot, alice: User) -> None:
    """After 3 s nothing answers a click, after 15 minutes nothing follows the answer."""
    raised: asyncio.Queue[int] = asyncio.Queue()

    async def does(interaction: discord.Interaction) -> None:
        try:
            await interaction.response.defer(ephemeral=True, thinking=True)
            clicks[-1].expire()
            await interaction.followup.send("too late")
        except discord.HTTPException as error:
            raised.put_nowait(error.code)

    Ask.does = does
    bot.add_dynamic_items(Ask)
    await room(bot, server).send(view=Card())
    [card] = await server.posted(server.channel)
    clicks = [server.click(alice, card, "ask:7")]
    clicks[0].late()
    await clicks[0].refused()
    assert await raised.get() == 10062
    clicks.append(server.click(alice, card, "ask:7"))
    assert await raised.get() == 50027
    assert clicks[1].replies == []


async def test_a_modal_is_submitted(server: DiscordServer, bot: Bot, alice: User) -> None:
    """A click shows a modal; what is written into it arrives, and is answered privately."""

    class Why(discord.ui.Modal, title="Why?"):
        reason: discord.ui.TextInput[Any] = discord.ui.TextInput(label="r", custom_id="reason")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message(f"because {self.reason}", ephemeral=True)

    async def does(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Why(custom_id="why:7"))

    Ask.does = does
    bot.add_dynamic_items(Ask)
    await room(bot, server).send(view=Card())
    [card] = await server.posted(server.channel)
    await server.click(alice, card, "ask:7").answered()
    with pytest.raises(LookupError):
        server.submit(alice, "why:7", {"other": "x"})
    submitted = server.submit(alice, "why:7", {"reason": "load"})
    assert (await submitted.replied()).text == "because load"
    assert server.sent(server.channel) == [card]


async def test_commands_are_registered_and_given(
    server: DiscordServer, bot: Bot, alice: User
) -> None:
    """A command is registered, completed, given and answered after a deferral."""

    @bot.tree.command(description="Restart a service")
    async def restart(interaction: discord.Interaction, service: str, who: discord.Member) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send(f"{service} for {who.name}")

    @restart.autocomplete("service")
    async def complete(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed + "i", value=typed + "i")]

    await bot.tree.sync()
    assert [command["name"] for command in server.commands()] == ["restart"]
    typing = server.autocomplete(alice, server.channel, "restart", "service", {"service": "ap"})
    await typing.answered()
    assert typing.choices == ["api"]
    with pytest.raises(LookupError):
        server.slash(alice, server.channel, "restart", {"service": "api"})
    given = server.slash(alice, server.channel, "restart", {"service": "api", "who": alice})
    assert (await given.answered())["type"] == 5
    reply = await given.replied()
    assert (reply.text, given.followups) == ("api for alice", [])
    assert await server.posted(server.channel) == [reply]


# --- the gateway's troubles ----------------------------------------------------------------------

CUTS: dict[str, Callable[[DiscordServer], None]] = {
    "op 7": lambda server: server.reconnect(),
    "op 9, resumable": lambda server: server.invalidate(resumable=True),
    "1001": lambda server: server.close(1001),
    "4000": lambda server: server.close(4000),
    "cut": lambda server: server.abort(),
}


@pytest.mark.parametrize("how", CUTS)
async def test_a_gap_is_replayed(how: str, server: DiscordServer, bot: Bot, alice: User) -> None:
    """However a connection ends, the session is resumed and nothing is told twice or lost."""
    server.say(alice, server.channel, "before")
    CUTS[how](server)
    server.say(alice, server.channel, "meanwhile")
    await server.resumed()
    server.say(alice, server.channel, "after")
    heard = [(await bot.messages.get()).content for _ in range(3)]
    assert heard == ["before", "meanwhile", "after"]
    assert len(server.gateway.identified) == 1


async def test_an_invalid_session_is_lost(server: DiscordServer, bot: Bot, alice: User) -> None:
    """A session that is forgotten is not replayed: only the history has what was said."""
    cursor = server.say(alice, server.channel, "before")
    await bot.messages.get()
    bot.ready.clear()
    server.forget_sessions()
    server.abort()
    server.say(alice, server.channel, "meanwhile")
    await server.identified(2)
    await bot.ready.wait()
    assert bot.messages.empty()
    missed = room(bot, server).history(after=discord.Object(cursor.id))
    assert [message.content async for message in missed] == ["meanwhile"]


async def test_a_deaf_connection_is_noticed(server: DiscordServer, alice: User) -> None:
    """A client whose heartbeats are not answered resumes, and hears what it missed."""
    server.gateway.interval = 0.05
    async with running(Bot(heartbeat_timeout=0.2)) as bot:
        server.deafen()
        server.say(alice, server.channel, "anybody?")
        await server.resumed()
        assert (await bot.messages.get()).content == "anybody?"


async def test_a_malformed_event_raises(server: DiscordServer, alice: User) -> None:
    """A message told without its author ends the client; the history has it right."""
    bot = Bot()
    task = asyncio.create_task(bot.start(TOKEN))
    await bot.ready.wait()
    broken = server.say_broken(alice, server.channel, "x", without=["author"])
    with pytest.raises(AttributeError, match="author"):
        await task
    [right] = [message async for message in room(bot, server).history()]
    assert (right.id, right.author.name) == (broken.id, "alice")
    await bot.close()


@pytest.mark.parametrize("wrong", [{"mentions": 7}, {"id": None}, {"type": {}, "channel_id": []}])
async def test_a_wrong_type_raises(server: DiscordServer, alice: User, wrong: Any) -> None:
    """A field of another type ends the client too."""
    bot = Bot()
    task = asyncio.create_task(bot.start(TOKEN))
    await bot.ready.wait()
    server.say_broken(alice, server.channel, "x", wrong=wrong)
    with pytest.raises((TypeError, ValueError)):
        await task
    await bot.close()


async def test_a_bad_token_and_intent_are_refused() -> None:
    """A token that is wrong or withdrawn, and an intent that is not allowed, end the client."""
    async with discord_server(allowed=Intent(0)) as server:
        with pointed_at(server):
            async with Bot() as bot:
                with pytest.raises(discord.LoginFailure):
                    await bot.start("wrong")
            async with Bot() as bot:
                with pytest.raises(discord.PrivilegedIntentsRequired):
                    await bot.start(TOKEN)
            server.gateway.refusals.append(4004)
            async with Bot(discord.Intents(guilds=True)) as bot:
                with pytest.raises(discord.ConnectionClosed) as caught:
                    await bot.start(TOKEN)
    assert caught.value.code == 4004


# --- the API's troubles --------------------------------------------------------------------------


async def test_a_bucket_is_honoured(server: DiscordServer, bot: Bot) -> None:
    """discord.py keeps to a bucket that it knows, and waits where one is full."""
    server.bucket(routes.POST_MESSAGE, limit=2, per=0.2)
    server.then(routes.POST_MESSAGE, limited(0.05))
    for number in range(5):
        await room(bot, server).send(str(number))
    sent = await server.posted(server.channel, 5)
    assert [message.text for message in sent] == ["0", "1", "2", "3", "4"]
    assert [call.status for call in await server.called(routes.POST_MESSAGE)].count(429) == 1


async def test_the_global_limit_stops_all(server: DiscordServer, bot: Bot) -> None:
    """While the global limit holds, every route is refused; then all goes on."""
    server.then(routes.TYPING, limited(0.2, everywhere=True))
    channel = room(bot, server)
    await asyncio.gather(channel.typing(), bot.fetch_channel(channel.id), channel.send("x"))
    assert {call.status for call in await server.called(routes.TYPING)} == {429, 204}
    assert len(await server.posted(server.channel)) == 1


@pytest.mark.parametrize("fault", [lost_response(), lost_request()])
async def test_a_fixed_nonce_makes_one_message(server: DiscordServer, bot: Bot, fault: Any) -> None:
    """Whichever half of a send is lost: sent again with its nonce, it is there once."""
    server.then(routes.POST_MESSAGE, fault, channel=server.channel.id)
    channel = room(bot, server)
    with pytest.raises((OSError, ServerDisconnectedError)):
        await channel.send("once", nonce="outbox-1")
    message = await channel.send("once", nonce="outbox-1")
    assert [sent.id for sent in server.sent(server.channel)] == [message.id]
    server.forget_nonces()
    await channel.send("once", nonce="outbox-1")
    assert len(server.sent(server.channel)) == 2


async def test_errors_are_discords(server: DiscordServer, bot: Bot) -> None:
    """A scripted error carries Discord's code; a 500 is tried again by discord.py itself."""
    channel = room(bot, server)
    server.then(routes.POST_MESSAGE, failed(403, 50013), failed(404, 10003), failed(500))
    with pytest.raises(discord.Forbidden) as forbidden:
        await channel.send("x")
    with pytest.raises(discord.NotFound) as missing:
        await channel.send("x")
    assert (forbidden.value.code, missing.value.code) == (50013, 10003)
    await channel.send("x")
    statuses = [call.status for call in await server.called(routes.POST_MESSAGE, 4)]
    assert statuses == [403, 404, 500, 200]


async def test_a_request_is_held(server: DiscordServer, bot: Bot) -> None:
    """A held request has its effect, or its answer, when the test says so."""
    channel, first, second = room(bot, server), asyncio.Event(), asyncio.Event()
    server.then(routes.POST_MESSAGE, held(first), held(second, after=True))
    sending = asyncio.create_task(channel.send("a"))
    await server.called(routes.POST_MESSAGE)
    assert server.sent(server.channel) == []
    first.set()
    await sending
    sending = asyncio.create_task(channel.send("b"))
    await server.posted(server.channel, 2)
    assert not sending.done()
    second.set()
    await sending


async def test_waiting_in_vain_says_what_there_is() -> None:
    """A wait that runs out of patience fails with what the server has seen instead."""
    async with discord_server(patience=0.01) as server:
        with pytest.raises(AssertionError, match="there is"):
            await server.posted(server.channel)
