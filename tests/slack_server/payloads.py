"""Things as they stand on the wire, in answers and in events."""

import time

from tests.slack_server.things import Channel, File, Form, Message, User
from tests.slack_server.wire import APP, BOT, BOT_USER, TEAM, Payload

TYPES = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
"""What an event calls a kind of channel."""


def message(told: Message, origin: str, *, metadata: bool = False) -> Payload:
    """A message as it stands in a history. metadata: with what the app keeps on it."""
    payload: Payload = {"type": "message"}
    payload |= {"user": told.user, "text": told.text, "ts": told.ts, "team": told.team_id}
    payload |= {"client_msg_id": told.client_msg_id} if told.client_msg_id else {}
    if told.bot_id:
        payload |= {"bot_id": told.bot_id, **_app(told.bot_id)}
    payload |= {"thread_ts": told.thread_ts} if told.thread_ts else {}
    payload |= {"blocks": told.blocks} if told.blocks else {}
    payload |= {"attachments": told.attachments} if told.attachments else {}
    payload |= {"metadata": told.metadata} if metadata and told.metadata else {}
    payload |= {"edited": {"user": told.user, "ts": told.edited}} if told.edited else {}
    if told.files:
        payload |= {"files": [file(one, origin) for one in told.files], "upload": False}
    return payload


def in_thread(payload: Payload, channel: Channel) -> Payload:
    """The same, with what Slack says of its thread."""
    replies = channel.replies(payload["ts"])
    if "thread_ts" in payload:
        root = channel.messages.get(payload["thread_ts"])
        return payload if root is None else {**payload, "parent_user_id": root.user}
    if not replies:
        return payload
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        **payload,
        "thread_ts": payload["ts"],
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def tombstone(told: Message) -> Payload:
    """What is left of a message that is deleted while there are replies to it."""
    return {
        "type": "message",
        "subtype": "tombstone",
        "user": "USLACKBOT",
        "text": "This message was deleted.",
        "hidden": True,
        "ts": told.ts,
    }


def _app(bot: str) -> Payload:
    app = APP if bot == BOT else f"A{bot[1:]}"
    profile = {"id": bot, "app_id": app, "deleted": False, "team_id": TEAM}
    return {"app_id": app, "bot_profile": profile}


def channel(told: Channel) -> Payload:
    """A channel as `conversations.info` has it."""
    common: Payload = {
        "id": told.id,
        "created": 1_700_000_000,
        "is_im": told.kind == "im",
        "is_archived": told.is_archived,
        "is_org_shared": False,
        "is_ext_shared": told.is_ext_shared,
    }
    if told.kind == "im":
        other = next(one for one in told.members if one != BOT_USER)
        return {**common, "user": other, "is_open": True}
    return {
        **common,
        "name": told.name,
        "name_normalized": told.name,
        "is_channel": told.kind == "public",
        "is_group": told.kind == "private",
        "is_mpim": told.kind == "mpim",
        "is_private": told.kind != "public",
        "is_member": told.has_app,
        "is_shared": told.is_ext_shared,
        "is_general": False,
        "context_team_id": TEAM,
        "num_members": len(told.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def user(told: User) -> Payload:
    """A user as `users.info` has them."""
    return {
        "id": told.id,
        "team_id": told.team_id,
        "name": told.name,
        "real_name": told.name.title(),
        "deleted": False,
        "tz": "Etc/UTC",
        "is_bot": told.is_bot,
        "is_app_user": False,
        "is_stranger": told.team_id != TEAM,
        "profile": {"display_name": told.name, "real_name": told.name.title(), "team": TEAM},
    }


def file(told: File, origin: str) -> Payload:
    """A file as it hangs on a message."""
    url = f"{origin}/files/{told.id}/{told.name}"
    return {
        "id": told.id,
        "name": told.name,
        "title": told.title,
        "mimetype": told.mimetype,
        "filetype": told.name.rpartition(".")[2],
        "mode": "hosted",
        "user": told.user,
        "size": len(told.data),
        "is_external": False,
        "url_private": url,
        "url_private_download": f"{url}?download=1",
    }


def form(told: Form) -> Payload:
    """A form as answers and submissions have it."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
        **told.view,
        "id": told.id,
        "team_id": TEAM,
        "app_installed_team_id": TEAM,
        "state": {"values": {}},
        "hash": f"{int(time.time())}.{told.id}",
        "root_view_id": told.id,
        "previous_view_id": None,
        "app_id": APP,
        "bot_id": BOT,
        "external_id": "",
    }


def event(name: str, told: Payload, *, shared: bool) -> Payload:
    """An event in what it comes in."""
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "verification",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": told,
        "type": "event_callback",
        "event_id": name,
        "event_time": int(time.time()),
        "authorizations": [authorization],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{name}",
    }
