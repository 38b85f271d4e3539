"""The methods that write: chat.*"""

from typing import Any

from tests.slack_server.limits import MARKDOWN, check_message
from tests.slack_server.things import Channel, Message
from tests.slack_server.web_api import Method
from tests.slack_server.wire import BOT, BOT_USER, Payload, Refused, flag, parsed, text_of
from tests.slack_server.world import World


class ChatMethods:
    """What the app says, and what it makes of it afterwards."""

    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> dict[str, Method]:
        """The methods, by name."""
        return {
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._whisper,
            "chat.update": self._update,
            "chat.delete": self._delete,
        }

    def _post(self, args: Payload) -> Payload:
        channel = self._named(args)
        if channel.is_archived:
            raise Refused("is_archived")
        message = written(self._world, channel, args)
        self._world.put(message)
        told = self._world.payload(message, metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": told}

    def _whisper(self, args: Payload) -> Payload:
        channel = self._world.joined(text_of(args, "channel"))
        user = text_of(args, "user")
        if user not in channel.members:
            raise Refused("user_not_in_channel")
        message = written(self._world, channel, args)
        message.ephemeral_to = user
        return {"message_ts": self._world.put(message).ts}

    def _update(self, args: Payload) -> Payload:
        message = self._own(args, "cant_update_message")
        channel = self._world.channels[message.channel]
        new = written(self._world, channel, {**args, "thread_ts": message.thread_ts})
        changed: Payload = {"text": new.text, "blocks": new.blocks}
        if "text" in args and "blocks" not in args and "markdown_text" not in args:
            changed["blocks"] = []
        if "attachments" in args:
            changed["attachments"] = new.attachments
        if "metadata" in args:
            changed["metadata"] = new.metadata
        self._world.change(message, **changed)
        told = self._world.payload(message, metadata=True)
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}

    def _delete(self, args: Payload) -> Payload:
        message = self._own(args, "cant_delete_message")
        self._world.remove(message)
        return {"channel": message.channel, "ts": message.ts}

    def _named(self, args: Payload) -> Channel:
        """Where to: a channel, or the direct messages with the user that is named instead."""
        name = text_of(args, "channel")
        if name in self._world.users:
            return self._world.direct(self._world.users[name])
        return self._world.joined(name)

    def _own(self, args: Payload, error: str) -> Message:
        channel = self._world.joined(text_of(args, "channel"))
        message = channel.messages.get(text_of(args, "ts"))
        if message is None or message.deleted:
            raise Refused("message_not_found")
        if not message.is_apps:
            raise Refused(error)
        return message


def written(world: World, channel: Channel, args: Payload) -> Message:
    """The app's message that arguments ask for, kept nowhere yet."""
    text, blocks = text_of(args, "text"), parsed(args, "blocks") or []
    metadata: Any = parsed(args, "metadata")
    markdown = text_of(args, "markdown_text")
    if markdown and (text or blocks):
        raise Refused("markdown_text_conflict")
    if len(markdown) > MARKDOWN:
        raise Refused("msg_too_long")
    check_message(text, blocks, metadata)
    if markdown:
        blocks = [{"type": "markdown", "text": markdown}]
    attachments = parsed(args, "attachments") or []
    if not text and not blocks and not attachments:
        raise Refused("no_text")
    thread = text_of(args, "thread_ts")
    if thread and thread not in channel.messages:
        raise Refused("thread_not_found")
    return Message(
        channel=channel.id,
        ts=world.clock.ts(),
        user=BOT_USER,
        bot_id=BOT,
        text=text or markdown,
        thread_ts=channel.messages[thread].root if thread else "",
        blocks=blocks,
        metadata=metadata,
        attachments=attachments,
        unfurl_links=flag(args, "unfurl_links", default=True),
        unfurl_media=flag(args, "unfurl_media", default=True),
        link_names=flag(args, "link_names"),
    )
