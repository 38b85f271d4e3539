"""The things that Slack keeps: users, channels, messages, files, forms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.slack_server.blocks import pinged, shown, walk
from tests.slack_server.wire import BOT_USER, TEAM, Payload

Kind = Literal["public", "private", "im", "mpim"]


@dataclass(eq=False, kw_only=True)
class User:
    """A person or a bot; one of another team is here by Slack Connect."""

    id: str
    name: str
    is_bot: bool = False
    team_id: str = TEAM

    @property
    def bot_id(self) -> str:
        """What marks the messages of a bot; "" for a person."""
        return f"B{self.id[1:]}" if self.is_bot else ""


@dataclass(eq=False, kw_only=True)
class File:
    """A file. is_uploaded: its bytes are here; before that there are only as many."""

    id: str
    name: str
    title: str
    mimetype: str
    data: bytes
    user: str
    is_uploaded: bool = True


@dataclass(eq=False, kw_only=True)
class Message:
    """A message as it is now. `texts` are all that people ever read in it, oldest first.

    thread_ts: the message that began the thread, "" if it is in none or began it. ephemeral_to:
    the only user who sees it.
    """

    channel: str
    ts: str
    user: str
    text: str
    thread_ts: str = ""
    bot_id: str = ""
    team_id: str = TEAM
    client_msg_id: str = ""
    blocks: list[Payload] = field(default_factory=list)
    metadata: Payload | None = None
    files: list[File] = field(default_factory=list)
    edited: str = ""
    deleted: bool = False
    ephemeral_to: str = ""
    unfurl_links: bool = True
    unfurl_media: bool = True
    link_names: bool = False
    attachments: list[Payload] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        """What its thread is called, or would be."""
        return self.thread_ts or self.ts

    @property
    def shown(self) -> str:
        """What people read of it: what is in its blocks, or else its text."""
        return shown(self.blocks) or self.text

    @property
    def pings(self) -> set[str]:
        """Whom it pings: ids of users, and `channel`, `here` or `everyone`."""
        return pinged(self.text, self.blocks, named=self.link_names)

    @property
    def is_apps(self) -> bool:
        """Whether the app wrote it."""
        return self.user == BOT_USER

    @property
    def actions(self) -> list[str]:
        """The ids of what can be clicked in it."""
        return [item["action_id"] for item in walk(self.blocks) if "action_id" in item]


@dataclass(eq=False, kw_only=True)
class Channel:
    """A channel, a direct message or a group of them.

    messages: all, by ts. roots: the ts of those that are in no thread, or began it, oldest first;
    threads: those of the replies, by the root's. whispers: what only one person sees.
    """

    id: str
    name: str = ""
    kind: Kind = "public"
    members: dict[str, User] = field(default_factory=dict)
    is_ext_shared: bool = False
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    threads: dict[str, list[str]] = field(default_factory=dict)
    whispers: list[Message] = field(default_factory=list)

    @property
    def has_app(self) -> bool:
        """Whether the app is in it."""
        return BOT_USER in self.members

    def add(self, message: Message) -> None:
        """It stands here from now on."""
        if message.ephemeral_to:
            self.whispers.append(message)
            return
        self.messages[message.ts] = message
        if message.thread_ts:
            self.threads.setdefault(message.thread_ts, []).append(message.ts)
        else:
            self.roots.append(message.ts)

    def replies(self, root: str) -> list[Message]:
        """What stands in a thread under its root, oldest first."""
        return list(self._there(self.threads.get(root, ())))

    def thread(self, root: str) -> Iterator[Message]:
        """A thread with its root, oldest first."""
        return self._there((root, *self.threads.get(root, ())))

    def _there(self, stamps: Iterable[str]) -> Iterator[Message]:
        found = (self.messages[ts] for ts in stamps if ts in self.messages)
        return (message for message in found if not message.deleted)


@dataclass(eq=False, kw_only=True)
class Form:
    """A modal that somebody sees, and what was wrong with what they sent."""

    id: str
    user: User
    view: Payload
    is_open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
