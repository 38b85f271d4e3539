"""The things that Discord keeps: users, guilds, channels, messages, files."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.discord_server.content import buttons, texts
from tests.discord_server.wire import EVERYDAY, Flag, Kind, Payload


@dataclass(frozen=True)
class User:
    """A person or a bot."""

    id: int
    name: str
    bot: bool = False

    @property
    def mention(self) -> str:
        """What others write to mention them."""
        return f"<@{self.id}>"


@dataclass(eq=False, kw_only=True)
class Guild:
    """A server of Discord's: people and channels. `permissions` are the bot's."""

    id: int
    name: str
    owner: User
    bot: User
    permissions: int = EVERYDAY
    members: dict[int, User] = field(default_factory=dict)
    channels: dict[int, "Channel"] = field(default_factory=dict)
    threads: dict[int, "Channel"] = field(default_factory=dict)

    @property
    def bot_role(self) -> int:
        """The id of the role that the bot came with."""
        return self.id + 1


@dataclass(eq=False, kw_only=True)
class Channel:
    """A text channel, a thread or a direct conversation.

    seen_by: the only people who see it; None: everybody in the guild.
    """

    id: int
    kind: int = Kind.TEXT
    name: str = ""
    guild: Guild | None = None
    parent: "Channel | None" = None
    owner: User | None = None
    recipient: User | None = None
    seen_by: frozenset[User] | None = None
    archived: bool = False
    locked: bool = False
    messages: dict[int, "Message"] = field(default_factory=dict)

    @property
    def said(self) -> list["Message"]:
        """What stands there now, oldest first, without what Discord says itself."""
        return [message for message in self.messages.values() if message.is_said]


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a message."""

    id: int
    name: str
    data: bytes
    content_type: str
    description: str | None = None


@dataclass(eq=False, kw_only=True)
class Message:
    """A message, as it is now. `texts` are all that it ever showed, oldest first."""

    id: int
    channel: Channel
    author: User
    content: str = ""
    kind: int = Kind.PLAIN
    embeds: list[Payload] = field(default_factory=list)
    components: list[Payload] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    allowed_mentions: Payload | None = None
    reference: "Message | None" = None
    nonce: str | None = None
    edited: str | None = None
    deleted: bool = False
    webhook: int | None = None
    asked: Payload | None = None
    seen_by: User | None = None
    thread: Channel | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, in its content or in its components."""
        return "\n".join(part for part in (self.content, *texts(self.components)) if part)

    @property
    def buttons(self) -> list[str]:
        """The custom ids of what can be clicked."""
        return [item["custom_id"] for item in buttons(self.components) if not item.get("disabled")]

    @property
    def is_ephemeral(self) -> bool:
        """Whether only `seen_by` sees it."""
        return bool(self.flags & Flag.EPHEMERAL)

    @property
    def is_said(self) -> bool:
        """Whether somebody wrote it and it is there to be read."""
        told = self.kind in (Kind.THREAD_CREATED, Kind.THREAD_STARTER)
        return not told and not self.flags & Flag.LOADING


def oldest_first(messages: Iterable[Message]) -> list[Message]:
    """The messages in the order in which they were made."""
    return sorted(messages, key=lambda message: message.id)
