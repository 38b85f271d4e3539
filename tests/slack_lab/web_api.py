"""The Web API: each method as a function of the call's arguments, with Slack's own errors."""

import json
import secrets
from collections.abc import Callable
from typing import Any

from tests.slack_lab.world import APP, BOT, BOT_USER, TEAM, Payload, Room, Said, World

ALL_SCOPES = (
    "app_mentions:read,assistant:write,channels:history,channels:read,chat:write,commands,"
    "files:read,files:write,groups:history,groups:read,im:history,im:read,im:write,mpim:history,"
    "mpim:read"
)


class Refused(Exception):
    """The method is answered with this error."""

    def __init__(self, error: str, **more: str) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class WebApi:
    """Answers calls. `lacking`: methods that this app does not have; most: messages of a page.

    tells_metadata: whether the app is told what metadata a message has.
    """

    def __init__(self, world: World, url: Callable[[], str]) -> None:
        self._world = world
        self._url = url
        self.bot_token, self.app_token = "xoxb-test", "xapp-test"
        self.scopes = ALL_SCOPES
        self.lacking: set[str] = set()
        self.most = 1000
        self.tells_metadata = True
        self.triggers: set[str] = set()
        self.forms: list[Payload] = []
        self._methods: dict[str, Callable[[Payload], Payload]] = {
            "auth.test": self._auth_test,
            "apps.connections.open": lambda _: {"url": self._url()},
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._whisper,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": lambda call: {"channel": self._room(call).payload()},
            "conversations.open": self._open,
            "users.conversations": self._mine,
            "views.open": self._form,
            "agents.sessions.setStatus": lambda _: {},
            "assistant.threads.setStatus": lambda _: {},
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete,
        }

    def answer(self, method: str, token: str, call: Payload) -> Payload:
        """The body of the response."""
        try:
            self._check(method, token)
            if method in self.lacking or method not in self._methods:
                raise Refused("unknown_method")
            return {"ok": True, **self._methods[method](call)}
        except Refused as refused:
            return refused.answer

    def _check(self, method: str, token: str) -> None:
        wanted = self.app_token if method == "apps.connections.open" else self.bot_token
        if not token:
            raise Refused("not_authed")
        if token != wanted:
            known = token in {self.app_token, self.bot_token}
            raise Refused("not_allowed_token_type" if known else "invalid_auth")

    def _auth_test(self, _call: Payload) -> Payload:
        return {
            "url": "https://lab.example/",
            "team": "Lab",
            "user": "watchkeeper",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
        }

    def _room(self, call: Payload, *, joined: bool = False) -> Room:
        room = self._world.rooms.get(str(call.get("channel")))
        if room is None:
            raise Refused("channel_not_found")
        if joined and not room.bot:
            raise Refused("not_in_channel")
        return room

    # --- messages

    def _post(self, call: Payload) -> Payload:
        room = self._room(call, joined=True)
        message = self._message(call, room)
        self._world.say(message)
        return {"channel": room.id, "ts": message.ts, "message": message.payload()}

    def _whisper(self, call: Payload) -> Payload:
        room = self._room(call, joined=True)
        if str(call.get("user")) not in room.members:
            raise Refused("user_not_in_channel")
        message = self._message(call, room)
        message.only = str(call["user"])
        self._world.say(message)
        return {"message_ts": message.ts}

    def _update(self, call: Payload) -> Payload:
        message = self._room(call).said.get(str(call.get("ts")))
        if message is None:
            raise Refused("message_not_found")
        if not message.bot or message.only:
            raise Refused("cant_update_message")
        new = self._message(call, self._room(call))
        message.text, message.blocks, message.metadata = new.text, new.blocks, new.metadata
        message.edited = self._world.ts()
        self._world.tell()
        return {"channel": message.room, "ts": message.ts, "text": message.text}

    def _message(self, call: Payload, room: Room) -> Said:
        text, blocks = str(call.get("text") or ""), _parsed(call.get("blocks")) or []
        _check_blocks(blocks)
        if len(text) > 40_000:
            raise Refused("msg_too_long")
        if not text and not blocks:
            raise Refused("no_text")
        thread = str(call.get("thread_ts") or "")
        return Said(
            room=room.id,
            ts=self._world.ts(),
            user=BOT_USER,
            text=text,
            thread=thread,
            bot=True,
            blocks=blocks,
            metadata=_parsed(call.get("metadata")),
            unfurls=str(call.get("unfurl_links", True)).lower() not in {"false", "0"},
        )

    # --- histories

    def _history(self, call: Payload) -> Payload:
        room = self._room(call, joined=True)
        roots = [m for m in room.said.values() if not m.only and m.thread in {"", m.ts}]
        told = [self._root(m, room, call) for m in roots if m.ts > str(call.get("oldest") or "0")]
        return self._page(call, told[::-1])

    def _root(self, message: Said, room: Room, call: Payload) -> Payload:
        told = message.payload(metadata=self._with_metadata(call))
        replies = [m for m in room.said.values() if m.thread == message.ts != m.ts and not m.only]
        if replies:
            latest = replies[-1].ts
            told |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": latest}
        return told

    def _replies(self, call: Payload) -> Payload:
        room, root = self._room(call, joined=True), str(call.get("ts"))
        if root not in room.said:
            raise Refused("thread_not_found")
        metadata, oldest = self._with_metadata(call), str(call.get("oldest") or "0")
        inside = (m for m in room.said.values() if root in {m.ts, m.thread} and not m.only)
        told = [m.payload(metadata=metadata) for m in inside if m.ts == root or m.ts > oldest]
        return self._page(call, told)

    def _with_metadata(self, call: Payload) -> bool:
        return self.tells_metadata and _flag(call, "include_all_metadata")

    def _page(self, call: Payload, told: list[Payload]) -> Payload:
        begin = int(call.get("cursor") or 0)
        limit = min(int(call.get("limit") or 100), self.most)
        more = begin + limit < len(told)
        cursor = {"next_cursor": str(begin + limit) if more else ""}
        page = told[begin : begin + limit]
        return {"messages": page, "has_more": more, "response_metadata": cursor}

    # --- rooms, forms and files

    def _open(self, call: Payload) -> Payload:
        return {"channel": {"id": self._world.direct(str(call.get("users"))).id}}

    def _mine(self, call: Payload) -> Payload:
        kinds = {
            "public_channel": "channel",
            "private_channel": "group",
            "mpim": "mpim",
            "im": "im",
        }
        wanted = {kinds[one] for one in str(call.get("types") or "public_channel").split(",")}
        rooms = [r for r in self._world.rooms.values() if r.bot and r.kind in wanted]
        return {"channels": [room.payload() for room in rooms]}

    def _form(self, call: Payload) -> Payload:
        trigger = str(call.get("trigger_id"))
        if trigger not in self.triggers:
            raise Refused("expired_trigger_id")
        self.triggers.discard(trigger)
        view = (_parsed(call.get("view")) or {}) | {"id": self._world.name("V")}
        self.forms.append(view)
        self._world.tell()
        return {"view": view}

    def _upload_url(self, call: Payload) -> Payload:
        file = self._world.name("F")
        self._world.uploads[file] = {"id": file, "name": str(call.get("filename")), "content": ""}
        return {"file_id": file, "upload_url": f"{self._world.origin}/upload/{file}"}

    def _complete(self, call: Payload) -> Payload:
        room = self._room({"channel": call.get("channel_id")}, joined=True)
        ids = [str(one.get("id")) for one in _parsed(call.get("files")) or []]
        files = [self._world.uploads[one] for one in ids]
        self._world.say(
            Said(
                room=room.id,
                ts=self._world.ts(),
                user=BOT_USER,
                bot=True,
                text=str(call.get("initial_comment") or ""),
                thread=str(call.get("thread_ts") or ""),
                files=files,
            )
        )
        return {"files": files}

    def trigger(self) -> str:
        """An id with which one form may be shown."""
        trigger = f"{APP}.{secrets.token_hex(6)}"
        self.triggers.add(trigger)
        return trigger


def _parsed(value: Any) -> Any:
    """What may come as JSON within a form, too."""
    return json.loads(value) if isinstance(value, str) else value


def _flag(call: Payload, name: str) -> bool:
    return str(call.get(name, "")).lower() in {"true", "1"}


def _check_blocks(blocks: object) -> None:
    if not isinstance(blocks, list) or len(blocks) > 50:
        raise Refused("invalid_blocks")
    if sum(len(block["text"]) for block in blocks if block.get("type") == "markdown") > 12_000:
        raise Refused("msg_too_long")
    for block in blocks:
        match block:
            case {"type": "section", "text": {"text": text}} if not 0 < len(text) <= 3_000:
                raise Refused("invalid_blocks")
            case {"type": "actions", "elements": list(buttons)} if not 0 < len(buttons) <= 25:
                raise Refused("invalid_blocks")
