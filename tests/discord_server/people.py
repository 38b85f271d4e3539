"""People and other programs on Discord, as a test lets them act."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.discord_server import payloads
from tests.discord_server.content import buttons
from tests.discord_server.interactions import (
    Interaction,
    Interactions,
    options_of,
    resolved_of,
    submission,
)
from tests.discord_server.journal import File
from tests.discord_server.things import Channel, Guild, Message, User
from tests.discord_server.wire import EVERYDAY, Flag, Intent, Kind, Payload
from tests.discord_server.world import World


class People:
    """Everything that others than the bot do. It has happened when the call returns."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self.world = world
        self.interactions = interactions

    # --- who and where ---------------------------------------------------------------------------

    def add_guild(self, name: str, *, permissions: int = EVERYDAY) -> Guild:
        """A guild that the bot is in, with these permissions."""
        world = self.world
        owner = self._add_user(f"{name}-owner", bot=False)
        number = world.ids.next()
        world.ids.next()  # the id of the bot's role there
        guild = Guild(id=number, name=name, owner=owner, bot=world.bot, permissions=permissions)
        guild.members |= {world.bot.id: world.bot, owner.id: owner}
        world.guilds[guild.id] = guild
        world.gateway.tell(
            "GUILD_CREATE",
            lambda intents: (
                payloads.whole_guild(guild, intents) if Intent.GUILDS in intents else None
            ),
        )
        return guild

    def add_channel(
        self, guild: Guild, name: str, *, seen_by: Sequence[User] | None = None
    ) -> Channel:
        """A text channel, for everybody there or only for those named (and the bot)."""
        only = None if seen_by is None else frozenset(seen_by)
        channel = Channel(id=self.world.ids.next(), name=name, guild=guild, seen_by=only)
        guild.channels[channel.id] = self.world.channels[channel.id] = channel
        self.world.tell("CHANNEL_CREATE", payloads.channel(channel))
        return channel

    def add_person(self, name: str, *guilds: Guild, bot: bool = False) -> User:
        """Somebody new in these guilds; `bot`: another bot."""
        user = self._add_user(name, bot=bot)
        for guild in guilds:
            guild.members[user.id] = user
            joined = {**payloads.member(user, guild), "guild_id": str(guild.id)}
            self.world.tell("GUILD_MEMBER_ADD", joined, Intent.MEMBERS)
        return user

    def _add_user(self, name: str, *, bot: bool) -> User:
        user = User(self.world.ids.next(), name, bot=bot)
        self.world.users[user.id] = user
        return user

    # --- talking ---------------------------------------------------------------------------------

    def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Mapping[str, bytes] | None = None,
    ) -> Message:
        """Write something; as a reply, which pings its author unless told not to."""
        return self.world.post(self._written(user, channel, text, reply_to, ping, files))

    def mention(self, user: User, channel: Channel, text: str) -> Message:
        """Write something to the bot, by its name."""
        return self.say(user, channel, f"{self.world.bot.mention} {text}")

    def dm(self, user: User, text: str) -> Message:
        """Write to the bot directly."""
        return self.say(user, self.world.conversation(user), text)

    def upload(self, user: User, channel: Channel, text: str, **files: bytes) -> Message:
        """Write something with files; `notes_txt=b"…"` is named notes.txt."""
        named = {name[::-1].replace("_", ".", 1)[::-1]: data for name, data in files.items()}
        return self.say(user, channel, text, files=named)

    def say_broken(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        without: Sequence[str] = (),
        wrong: Mapping[str, Any] | None = None,
    ) -> Message:
        """Write something that the gateway tells wrongly; the history has it right.

        without: the fields that are missing. wrong: fields with other values.
        """
        message = self.world.keep(self._written(user, channel, text, None, True, None))
        told = payloads.in_event(message, self.world.payload(message))
        broken = {key: value for key, value in told.items() if key not in without}
        self.world.tell_message("MESSAGE_CREATE", message, {**broken, **(wrong or {})})
        return message

    def webhook(self, channel: Channel, name: str, text: str) -> Message:
        """A message of an incoming webhook."""
        author = User(self.world.ids.next(), name, bot=True)
        written = Message(id=self.world.ids.next(), channel=channel, author=author, content=text)
        written.webhook = author.id
        return self.world.post(written)

    def edit(self, message: Message, text: str) -> None:
        """The author writes it anew."""
        self.world.change(message, content=text)

    def unfurl(self, message: Message, embed: Payload) -> None:
        """Discord shows a link of it: an update that nobody made."""
        self.world.change(message, by_hand=False, embeds=[*message.embeds, embed])

    def delete(self, message: Message) -> None:
        """It is deleted."""
        self.world.remove(message)

    def react(self, user: User, message: Message, emoji: str, *, added: bool = True) -> None:
        """Add a reaction, or take it back."""
        self.world.react(message, user, emoji, added=added)

    def open_thread(
        self, user: User, channel: Channel, name: str, *, on: Message | None = None
    ) -> Channel:
        """Open a thread on a message, or alone."""
        return self.world.open_thread(user, name, channel, on)

    def _written(
        self,
        user: User,
        channel: Channel,
        text: str,
        reply_to: Message | None,
        ping: bool,
        files: Mapping[str, bytes] | None,
    ) -> Message:
        sent = [File(name, data) for name, data in (files or {}).items()]
        quiet = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        return Message(
            id=self.world.ids.next(),
            channel=channel,
            author=user,
            content=text,
            kind=Kind.PLAIN if reply_to is None else Kind.REPLY,
            attachments=self.world.attach(sent),
            reference=reply_to,
            allowed_mentions=None if ping else quiet,
        )

    # --- using what the bot offers ---------------------------------------------------------------

    def click(self, user: User, message: Message, custom_id: str, *values: str) -> Interaction:
        """Click a button, or choose values of a select. What is not there cannot be clicked."""
        found = [item for item in buttons(message.components) if item["custom_id"] == custom_id]
        if message.deleted or not found or found[0].get("disabled"):
            raise LookupError(f"there is no {custom_id} to click, only {message.buttons}")
        if message.flags & Flag.EPHEMERAL and message.seen_by != user:
            raise LookupError(f"{user.name} does not see that message")
        data: Payload = {"custom_id": custom_id, "component_type": found[0]["type"]}
        data |= {"id": found[0]["id"], **({"values": list(values)} if values else {})}
        return self.interactions.begin(Kind.COMPONENT, user, message.channel, data, message)

    def submit(self, user: User, custom_id: str, values: Mapping[str, Any]) -> Interaction:
        """Submit the modal of that id that was last shown to somebody, with these values."""
        shown = self.interactions.modal(user, custom_id)
        assert shown.answer is not None
        data = submission(shown.answer["data"], dict(values))
        return self.interactions.begin(Kind.MODAL, user, shown.channel, data, shown.message)

    def slash(
        self, user: User, channel: Channel, command: str, options: Mapping[str, Any] | None = None
    ) -> Interaction:
        """Give a command that the bot registered; a subcommand as `group name`."""
        data = self._command(channel, command, dict(options or {}), None)
        return self.interactions.begin(Kind.SLASH, user, channel, data)

    def autocomplete(
        self, user: User, channel: Channel, command: str, focused: str, options: Mapping[str, Any]
    ) -> Interaction:
        """Type into an option of a command; `options` has what stands there so far."""
        data = self._command(channel, command, dict(options), focused)
        return self.interactions.begin(Kind.AUTOCOMPLETE, user, channel, data)

    def commands(self, guild: Guild | None = None) -> list[Payload]:
        """What the bot registered in a guild, or for all."""
        return self.world.commands.get(None if guild is None else guild.id, [])

    def _command(
        self, channel: Channel, command: str, given: dict[str, Any], focused: str | None
    ) -> Payload:
        name, *subcommands = command.split()
        known = [*self.commands(channel.guild), *self.commands()]
        found = next((one for one in known if one["name"] == name), None)
        if found is None:
            raise LookupError(f"there is no /{name}, only {[one['name'] for one in known]}")
        chain = [found]
        for inner in subcommands:
            chain.append(next(one for one in chain[-1]["options"] if one["name"] == inner))
        options = options_of(chain[-1], given)
        if focused is None:
            needed = [one["name"] for one in chain[-1].get("options", ()) if one.get("required")]
            if missing := set(needed) - set(given):
                raise LookupError(f"/{command} needs {sorted(missing)}")
        for option in options:
            if option["name"] == focused:
                option["focused"] = True
        for inner_command in reversed(chain[1:]):
            kind = inner_command["type"]
            options = [{"name": inner_command["name"], "type": kind, "options": options}]
        data = {"id": found["id"], "name": name, "type": 1, "options": options}
        if "guild_id" in found:
            data["guild_id"] = found["guild_id"]
        if resolved := resolved_of(given, channel):
            data["resolved"] = resolved
        return data
