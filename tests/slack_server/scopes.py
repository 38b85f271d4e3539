"""Which scopes a call needs."""

from tests.slack_server.things import Channel
from tests.slack_server.wire import Payload, text_of

ALL = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "reactions:write",
        "users:read",
    }
)
"""Those of the manifest, and those for messages to several."""

PREFIXES = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}

_FIXED = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "users.info": "users:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "agents.sessions.setStatus": "chat:write",
    "assistant.threads.setStatus": "assistant:write",
}
_HISTORY = ("conversations.history", "conversations.replies")
_READ = ("conversations.info", "conversations.members")
_LISTS = ("conversations.list", "users.conversations")


def needed(method: str, args: Payload, channel: Channel | None) -> list[str]:
    """All that a call needs; `channel` is the one that it names."""
    if method in _HISTORY and channel is not None:
        return [f"{PREFIXES[channel.kind]}:history"]
    if method in _READ and channel is not None:
        return [f"{PREFIXES[channel.kind]}:read"]
    if method in _LISTS:
        kinds = [TYPES.get(name, "public") for name in types_of(args)]
        return [f"{PREFIXES[kind]}:read" for kind in kinds]
    if method == "conversations.open":
        return ["mpim:write" if "," in text_of(args, "users") else "im:write"]
    return [_FIXED[method]] if method in _FIXED else []


def types_of(args: Payload) -> list[str]:
    """The types of channels that a list is asked for."""
    return [one.strip() for one in (text_of(args, "types") or "public_channel").split(",")]
