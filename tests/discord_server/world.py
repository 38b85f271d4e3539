"""What there is on Discord and what becomes of it, whoever does it: people or the bot."""

from collections.abc import Sequence
from typing import Any

from tests.discord_server import payloads
from tests.discord_server.content import numbered
from tests.discord_server.gateway import Gateway, Session
from tests.discord_server.journal import File, Journal
from tests.discord_server.things import Attachment, Channel, Guild, Message, User
from tests.discord_server.wire import (
    THREAD_EXISTS,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    Flag,
    Intent,
    Kind,
    Payload,
    Refused,
    Snowflakes,
    now,
)


class World:
    """Everything that is kept. Each change is told to the gateway's sessions as it happens."""

    def __init__(self, gateway: Gateway, journal: Journal) -> None:
        self.ids = Snowflakes()
        self.bot = User(self.ids.next(), "watchkeeper", bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.nonces: dict[str, Message] = {}
        self.commands: dict[int | None, list[Payload]] = {}
        self.origin = ""
        self.gateway = gateway
        self.journal = journal

    # --- finding ---------------------------------------------------------------------------------

    def channel(self, number: int) -> Channel:
        """The channel, or what the API says when there is none."""
        if number not in self.channels:
            raise Refused(*UNKNOWN_CHANNEL)
        return self.channels[number]

    def message(self, channel: int, number: int) -> Message:
        """The message of that channel, or what the API says when there is none."""
        found = self.messages.get(number)
        if found is None or found.deleted or found.channel.id != channel or found.is_ephemeral:
            raise Refused(*UNKNOWN_MESSAGE)
        return found

    def conversation(self, user: User) -> Channel:
        """The direct conversation of the bot with somebody."""
        for channel in self.channels.values():
            if channel.recipient == user:
                return channel
        channel = Channel(id=self.ids.next(), kind=Kind.DM, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def payload(self, message: Message) -> Payload:
        """A message with all that it holds."""
        return payloads.message(message, self.users, self.origin)

    def visible(self, message: Message) -> Payload:
        """A message as REST shows it to the bot: the portal decides what it may read."""
        whole = self.payload(message)
        if Intent.CONTENT in self.gateway.allowed:
            return whole
        return payloads.without_content(message, whole, self.bot)

    # --- telling ---------------------------------------------------------------------------------

    def tell(self, event: str, data: Any, needs: Intent = Intent.GUILDS) -> None:
        """An event for the sessions that asked for such."""
        self.gateway.tell(event, lambda intents: data if needs in intents else None)

    def tell_message(self, event: str, message: Message, data: Payload | None = None) -> None:
        """An event about a message, with its content for those who may read it.

        data: tell this instead of what the message holds.
        """
        whole = payloads.in_event(message, self.payload(message)) if data is None else data
        direct = message.channel.guild is None
        needs = Intent.DM_MESSAGES if direct else Intent.MESSAGES

        def told(intents: Intent) -> Payload | None:
            if needs not in intents:
                return None
            if Intent.CONTENT in intents or data is not None:
                return whole
            return payloads.without_content(message, whole, self.bot)

        if not message.is_ephemeral:
            self.gateway.tell(event, told)

    def greet(self, session: Session) -> None:
        """What a new session is told first: that it is ready, and its guilds."""
        ready = {
            "v": 10,
            "user": payloads.user(self.bot),
            "guilds": [{"id": str(number), "unavailable": True} for number in self.guilds],
            "session_id": session.id,
            "resume_gateway_url": self.origin.replace("http", "ws") + "/resume/",
            "application": {"id": str(self.bot.id), "flags": 0},
            "private_channels": [],
        }
        session.tell("READY", ready)
        if Intent.GUILDS in session.intents:
            for guild in self.guilds.values():
                session.tell("GUILD_CREATE", payloads.whole_guild(guild, session.intents))

    # --- messages --------------------------------------------------------------------------------

    def keep(self, message: Message) -> Message:
        """Put a message where it belongs, telling nobody yet."""
        message.components = numbered(message.components)
        message.texts.append(message.text)
        self.messages[message.id] = message
        if not message.is_ephemeral:
            message.channel.messages[message.id] = message
        self.journal.tell()
        return message

    def post(self, message: Message) -> Message:
        """A message appears. An archived thread comes back with it."""
        thread = message.channel
        if thread.archived:
            self.archive(thread, archived=False)
        self.keep(message)
        self.tell_message("MESSAGE_CREATE", message)
        return message

    def change(self, message: Message, *, by_hand: bool = True, **changed: Any) -> None:
        """A message is different now; not `by_hand`: nobody edited it, Discord itself did it."""
        for name, value in changed.items():
            setattr(message, name, value)
        message.components = numbered(message.components)
        if by_hand:
            message.edited = now()
        if message.texts[-1] != message.text:
            message.texts.append(message.text)
        self.journal.tell()
        self.tell_message("MESSAGE_UPDATE", message)

    def remove(self, message: Message) -> None:
        """A message is gone."""
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        told: Payload = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            told["guild_id"] = str(message.channel.guild.id)
        self.tell_message("MESSAGE_DELETE", message, told)

    def react(self, message: Message, by: User, emoji: str, *, added: bool = True) -> None:
        """Somebody adds a reaction or takes it back."""
        all_of_it = message.reactions.setdefault(emoji, [])
        if added == (by in all_of_it):
            return
        (all_of_it.append if added else all_of_it.remove)(by)
        guild = message.channel.guild
        told: Payload = {
            "user_id": str(by.id),
            "channel_id": str(message.channel.id),
            "message_id": str(message.id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        if guild is not None:
            told |= {"guild_id": str(guild.id), "member": payloads.member(by, guild)}
        needs = Intent.DM_REACTIONS if guild is None else Intent.REACTIONS
        self.tell(f"MESSAGE_REACTION_{'ADD' if added else 'REMOVE'}", told, needs)

    def attach(self, files: Sequence[File], described: Sequence[Payload] = ()) -> list[Attachment]:
        """Keep files for a message; `described`: what its body says of each, by number."""
        known = {str(item["id"]): item for item in described}
        return [
            Attachment(
                id=self.ids.next(),
                name=file.name,
                data=file.data,
                content_type=file.content_type,
                description=known.get(str(number), {}).get("description"),
            )
            for number, file in enumerate(files)
        ]

    # --- threads ---------------------------------------------------------------------------------

    def open_thread(self, by: User, name: str, parent: Channel, on: Message | None) -> Channel:
        """A thread, on a message (whose id it shares) or alone."""
        if on is not None and on.thread is not None:
            raise Refused(*THREAD_EXISTS)
        thread = Channel(
            id=self.ids.next() if on is None else on.id,
            kind=Kind.THREAD,
            name=name,
            guild=parent.guild,
            parent=parent,
            owner=by,
            seen_by=parent.seen_by,
        )
        assert thread.guild is not None
        self.channels[thread.id] = thread.guild.threads[thread.id] = thread
        self.tell("THREAD_CREATE", {**payloads.channel(thread), "newly_created": True})
        number = self.ids.next()
        if on is None:
            told = Message(id=number, channel=parent, author=by, kind=Kind.THREAD_CREATED)
            told.content = name
            self.post(told)
        else:
            self.change(on, by_hand=False, thread=thread, flags=on.flags | Flag.HAS_THREAD)
            start = Message(id=number, channel=thread, author=on.author, kind=Kind.THREAD_STARTER)
            start.reference = on
            self.post(start)
        return thread

    def archive(self, thread: Channel, *, archived: bool = True) -> None:
        """A thread goes out of sight, or comes back."""
        thread.archived = archived
        self.tell("THREAD_UPDATE", payloads.channel(thread))
