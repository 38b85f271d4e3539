"""Routes of channels: messages, history, threads, reactions, files."""

from typing import Any

from tests.discord_server import payloads, routes
from tests.discord_server.content import check
from tests.discord_server.journal import Call, File
from tests.discord_server.rest import Handler, body
from tests.discord_server.things import Attachment, Channel, Message
from tests.discord_server.wire import (
    NOT_FOUND,
    NOT_ITS_AUTHOR,
    THREAD_LOCKED,
    TOO_LARGE,
    UNKNOWN_MESSAGE,
    Flag,
    Kind,
    Payload,
    Refused,
    invalid,
)
from tests.discord_server.world import World

UPLOAD = 10 * 2**20
"""The most bytes that a file may have."""

SETTABLE = Flag.COMPONENTS_V2 | Flag.EPHEMERAL | 1 << 2 | 1 << 12
"""Flags that a bot may send: these, and those that suppress embeds and notifications."""


class ChannelRoutes:
    """What the bot does in channels."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handlers(self) -> dict[str, Handler]:
        """The handlers, by route."""
        return {
            routes.CHANNEL: lambda call: payloads.channel(self._channel(call)),
            routes.EDIT_CHANNEL: self._edit_channel,
            routes.TYPING: self._nothing,
            routes.JOIN_THREAD: self._nothing,
            routes.LEAVE_THREAD: self._nothing,
            routes.HISTORY: self._history,
            routes.POST_MESSAGE: self._post,
            routes.GET_MESSAGE: lambda call: self._world.visible(self._message(call)),
            routes.EDIT_MESSAGE: self._edit,
            routes.DELETE_MESSAGE: lambda call: self._world.remove(self._message(call)),
            routes.REACT: lambda call: self._react(call, added=True),
            routes.UNREACT: lambda call: self._react(call, added=False),
            routes.THREAD_ON_MESSAGE: lambda call: self._thread(call, self._message(call)),
            routes.THREAD: lambda call: self._thread(call, None),
            routes.DOWNLOAD: self._download,
        }

    def _channel(self, call: Call) -> Channel:
        return self._world.channel(call.number("channel"))

    def _message(self, call: Call) -> Message:
        return self._world.message(self._channel(call).id, call.number("message"))

    def _nothing(self, call: Call) -> None:
        self._channel(call)

    def _edit_channel(self, call: Call) -> Payload:
        channel = self._channel(call)
        channel.name = body(call).get("name", channel.name)
        channel.locked = body(call).get("locked", channel.locked)
        if channel.kind == Kind.THREAD:
            self._world.archive(channel, archived=body(call).get("archived", channel.archived))
        return payloads.channel(channel)

    # --- messages --------------------------------------------------------------------------------

    def _history(self, call: Call) -> list[Payload]:
        """`after` gives the oldest ones that came after it; all is ordered newest first."""
        there = sorted(self._channel(call).messages)
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "int value should be between 1 and 100.")
        if "after" in call.query:
            found = [number for number in there if number > int(call.query["after"])][:limit]
        elif "around" in call.query:
            middle = int(call.query["around"])
            nearest = sorted(there, key=lambda number: abs(number - middle))
            found = sorted(nearest[:limit])
        else:
            before = int(call.query.get("before", 2**64))
            found = [number for number in there if number < before][-limit:]
        messages = (self._world.messages[number] for number in reversed(found))
        return [self._world.visible(message) for message in messages]

    def _post(self, call: Call) -> Payload:
        world, sent, channel = self._world, body(call), self._channel(call)
        if channel.locked:
            raise Refused(*THREAD_LOCKED)
        check(sent, call.files)
        nonce = sent.get("nonce")
        if nonce is not None and sent.get("enforce_nonce") and str(nonce) in world.nonces:
            return world.payload(world.nonces[str(nonce)])
        message = written(world, channel, sent, call.files)
        if nonce is not None:
            message.nonce = str(nonce)
            world.nonces[message.nonce] = message
        return world.payload(world.post(message))

    def _edit(self, call: Call) -> Payload:
        message = self._message(call)
        if message.author != self._world.bot:
            raise Refused(*NOT_ITS_AUTHOR)
        rewrite(self._world, message, body(call), call.files)
        return self._world.payload(message)

    def _react(self, call: Call, *, added: bool) -> None:
        emoji = call.params["emoji"]
        self._world.react(self._message(call), self._world.bot, emoji, added=added)

    # --- threads and files -----------------------------------------------------------------------

    def _thread(self, call: Call, on: Message | None) -> Payload:
        name = body(call).get("name", "")
        if not 1 <= len(name) <= 100:
            raise invalid("name", "Must be between 1 and 100 in length.")
        thread = self._world.open_thread(self._world.bot, name, self._channel(call), on)
        return payloads.channel(thread)

    def _download(self, call: Call) -> bytes:
        for message in self._world.messages.values():
            for attachment in message.attachments:
                if attachment.id == call.number("attachment") and not message.deleted:
                    return attachment.data
        raise Refused(*NOT_FOUND)


# --- what a body makes of a message --------------------------------------------------------------


def written(
    world: World, channel: Channel, sent: Payload, files: list[File], **more: Any
) -> Message:
    """The bot's message that a body asks for, kept nowhere yet."""
    reference = _referred(world, sent.get("message_reference"))
    message = Message(
        id=world.ids.next(),
        channel=channel,
        author=world.bot,
        content=sent.get("content") or "",
        kind=Kind.PLAIN if reference is None else Kind.REPLY,
        embeds=sent.get("embeds") or [],
        components=sent.get("components") or [],
        attachments=_attached(world, sent, files),
        flags=int(sent.get("flags") or 0) & SETTABLE,
        allowed_mentions=sent.get("allowed_mentions"),
        reference=reference,
    )
    for name, value in more.items():
        setattr(message, name, value)
    return message


def rewrite(world: World, message: Message, sent: Payload, files: list[File]) -> None:
    """Make of a message what a body says of it; what that leaves out stays."""
    kept = {str(item["id"]) for item in sent.get("attachments") or ()}
    attachments = message.attachments
    if "attachments" in sent:
        attachments = [one for one in attachments if str(one.id) in kept]
    attachments = [*attachments, *_attached(world, sent, files)]
    flags = message.flags & ~Flag.LOADING | int(sent.get("flags") or 0) & SETTABLE
    now: Payload = {
        "content": sent.get("content", message.content) or "",
        "embeds": sent.get("embeds", message.embeds) or [],
        "components": sent.get("components", message.components) or [],
    }
    check({**now, "flags": flags}, attachments)
    allowed = sent.get("allowed_mentions", message.allowed_mentions)
    world.change(message, **now, attachments=attachments, flags=flags, allowed_mentions=allowed)


def _attached(world: World, sent: Payload, files: list[File]) -> list[Attachment]:
    if any(len(file.data) > UPLOAD for file in files):
        raise Refused(*TOO_LARGE)
    return world.attach(files, sent.get("attachments") or ())


def _referred(world: World, reference: Payload | None) -> Message | None:
    if reference is None:
        return None
    found = world.messages.get(int(reference["message_id"]))
    if found is not None and not found.deleted:
        return found
    if reference.get("fail_if_not_exists", True):
        raise invalid("message_reference", UNKNOWN_MESSAGE[2])
    return None
