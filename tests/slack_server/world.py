"""What there is in the workspace and what becomes of it, whoever does it: people or the app."""

import uuid
from typing import Any

from tests.slack_server import payloads
from tests.slack_server.blocks import numbered, typed
from tests.slack_server.delivery import Delivery, Post
from tests.slack_server.journal import Journal
from tests.slack_server.things import Channel, File, Kind, Message, User
from tests.slack_server.wire import BOT_USER, EVENTS, TEAM, Clock, Payload, Refused


class World:
    """Everything that is kept. Each change is told to the app as it happens.

    echoes: the app is told of its own messages too, as Slack does. told: what was sent to the app
    about a message, by its ts.
    """

    def __init__(self, journal: Journal, post: Post) -> None:
        self.clock = Clock()
        self.journal = journal
        self.post = post
        self.origin = ""
        self.echoes = True
        self.bot = User(id=BOT_USER, name="watchkeeper", is_bot=True)
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.files: dict[str, File] = {}
        self.statuses: dict[tuple[str, str], str] = {}
        self.sessions: dict[tuple[str, str], str] = {}
        self.told: dict[str, list[Delivery]] = {}

    # --- finding ---------------------------------------------------------------------------------

    def channel(self, name: str) -> Channel:
        """The channel, or what the API says when the app sees none."""
        found = self.channels.get(name)
        if found is None or (found.kind != "public" and not found.has_app):
            raise Refused("channel_not_found")
        return found

    def joined(self, name: str) -> Channel:
        """The channel, which the app has to be in."""
        found = self.channel(name)
        if not found.has_app:
            raise Refused("not_in_channel")
        return found

    def direct(self, user: User) -> Channel:
        """The direct messages of the app with somebody."""
        return self.add_channel(f"D{user.id}", "", "im", user)

    def add_channel(self, name: str, title: str, kind: Kind, *users: User) -> Channel:
        """A channel with the app and these users; the one that is there, if there is one."""
        if name not in self.channels:
            members = {user.id: user for user in (self.bot, *users)}
            self.channels[name] = Channel(id=name, name=title, kind=kind, members=members)
        return self.channels[name]

    def join(self, channel: Channel, user: User) -> None:
        """Somebody comes into a channel, or the app itself."""
        channel.members[user.id] = user
        event = {"type": "member_joined_channel", "user": user.id, "team": user.team_id}
        self.tell({**event, **self._where(channel, self.clock.ts())}, channel)

    def payload(self, message: Message, *, metadata: bool = False) -> Payload:
        """A message as it stands in a history."""
        return payloads.message(message, self.origin, metadata=metadata)

    # --- telling ---------------------------------------------------------------------------------

    def tell(self, event: Payload, channel: Channel | None, about: str = "") -> Delivery | None:
        """An event, if the app is where it happened. about: the ts of the message."""
        if channel is not None and not channel.has_app:
            return None
        shared = channel is not None and channel.is_ext_shared
        body = payloads.event(self.clock.name("Ev"), event, shared=shared)
        delivery = self.post.send(EVENTS, body)
        if about:
            self.told.setdefault(about, []).append(delivery)
        return delivery

    def _where(self, channel: Channel, ts: str) -> Payload:
        kind = payloads.TYPES[channel.kind]
        return {"channel": channel.id, "event_ts": ts, "channel_type": kind}

    def _tell_message(self, message: Message) -> None:
        channel = self.channels[message.channel]
        event = payloads.in_thread(self.payload(message), channel)
        user = self.users[message.user]
        if user.team_id != TEAM:
            event |= {"user_team": user.team_id, "source_team": user.team_id}
        if message.is_apps and not self.echoes:
            return
        shared_file: Payload = {"subtype": "file_share"} if message.files else {}
        told = event | shared_file | self._where(channel, message.ts)
        self.tell(told, channel, message.ts)
        if f"<@{BOT_USER}>" in message.text and channel.kind != "im" and not message.is_apps:
            mention = {**event, "type": "app_mention", "channel": channel.id}
            self.tell({**mention, "event_ts": message.ts}, channel, message.ts)

    def _tell_change(self, subtype: str, message: Message, before: Payload, more: Payload) -> None:
        channel = self.channels[message.channel]
        if message.is_apps and not self.echoes:
            return
        ts = self.clock.ts()
        event = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, **more}
        event |= {"previous_message": before, **self._where(channel, ts)}
        self.tell(event, channel, message.ts)

    # --- messages --------------------------------------------------------------------------------

    def say(self, user: User, channel: Channel, text: str, thread: str, files: list[File]) -> str:
        """Somebody writes something: its ts."""
        message = Message(
            channel=channel.id,
            ts=self.clock.ts(),
            user=user.id,
            team_id=user.team_id,
            bot_id=user.bot_id,
            text=text,
            thread_ts=thread,
            blocks=typed(text),
            files=files,
            client_msg_id=str(uuid.uuid4()),
        )
        return self.put(message).ts

    def put(self, message: Message) -> Message:
        """A message appears."""
        message.blocks = numbered(message.blocks)
        message.texts.append(message.shown)
        self.messages[message.ts] = message
        channel = self.channels[message.channel]
        channel.add(message)
        if message.is_apps:
            self.statuses.pop((message.channel, message.root), None)
        self.journal.tell()
        if not message.ephemeral_to:
            self._tell_message(message)
        return message

    def change(self, message: Message, *, by_hand: bool = True, **changed: Any) -> None:
        """A message is different now; not `by_hand`: Slack itself did it, as with a link."""
        before = self.payload(message)
        for name, value in changed.items():
            setattr(message, name, value)
        message.blocks = numbered(message.blocks)
        if by_hand:
            message.edited = self.clock.ts()
        if message.texts[-1] != message.shown:
            message.texts.append(message.shown)
        self.journal.tell()
        if not message.ephemeral_to:
            after = payloads.in_thread(self.payload(message), self.channels[message.channel])
            self._tell_change("message_changed", message, before, {"message": after})

    def remove(self, message: Message) -> None:
        """A message is gone; if there are replies, something is left in its place."""
        before = self.payload(message)
        message.deleted = True
        channel = self.channels[message.channel]
        self.journal.tell()
        if message.ephemeral_to:
            return
        if channel.replies(message.ts):
            left = payloads.in_thread(payloads.tombstone(message), channel)
            self._tell_change("message_changed", message, before, {"message": left})
        else:
            self._tell_change("message_deleted", message, before, {"deleted_ts": message.ts})
