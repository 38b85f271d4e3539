"""What people do in Slack, and what the app is told of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.slack_lab.sockets import Delivery
from tests.slack_lab.web_api import WebApi
from tests.slack_lab.world import APP, BOT_USER, TEAM, Payload, Room, Said, World

Send = Callable[[str, Payload], Delivery]
"""Puts a payload of a kind on its way to the app."""


@dataclass(eq=False)
class Told:
    """How the app is told: over whatever it has chosen."""

    world: World
    send: Send

    def event(self, event: Payload, room: Room | None = None) -> Delivery:
        """Something has happened."""
        body = {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": APP,
            "event_id": self.world.name("Ev"),
            "event_time": 0,
            "is_ext_shared_channel": bool(room and room.shared),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
            "event": event,
        }
        return self.send("events_api", body)


@dataclass(eq=False)
class Person:
    """Somebody with a keyboard."""

    id: str
    told: Told
    api: WebApi
    team: str = TEAM

    @property
    def _world(self) -> World:
        return self.told.world

    def says(
        self, room: Room, text: str, *, thread: str = "", files: list[Payload] | None = None
    ) -> Said:
        """Write in a room; whoever is mentioned is told so in an event of its own."""
        message = self._world.say(
            Said(
                room=room.id,
                ts=self._world.ts(),
                user=self.id,
                team=self.team,
                text=text,
                thread=thread,
                files=files or [],
            )
        )
        where = {"channel": room.id, "event_ts": message.ts}
        event = message.payload() | where | {"channel_type": room.kind}
        event |= {"subtype": "file_share"} if files else {}
        self.told.event(event, room)
        if f"<@{BOT_USER}>" in text and room.kind != "im":
            self.told.event(message.payload() | where | {"type": "app_mention"}, room)
        return message

    def edits(self, message: Said, text: str) -> Delivery:
        """Write it anew."""
        before = message.payload()
        message.text, message.edited = text, self._world.ts()
        return self._changed(message, "message_changed", before, {"message": message.payload()})

    def deletes(self, message: Said) -> Delivery:
        """Take it back."""
        room = self._world.rooms[message.room]
        room.said.pop(message.ts)
        more = {"deleted_ts": message.ts}
        return self._changed(message, "message_deleted", message.payload(), more)

    def _changed(self, message: Said, subtype: str, before: Payload, more: Payload) -> Delivery:
        room = self._world.rooms[message.room]
        event: Payload = {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": room.id,
            "channel_type": room.kind,
            "ts": self._world.ts(),
            "event_ts": self._world.ts(),
            "previous_message": before,
        }
        return self.told.event(event | more, room)

    def clicks(self, message: Said, action: str) -> Delivery:
        """Press a button that the message has."""
        for block in message.blocks:
            for button in block.get("elements") or []:
                if isinstance(button, dict) and button.get("action_id") == action:
                    return self.presses(message, action, str(button.get("value")))
        raise AssertionError(f"there is no button {action}: {message.blocks}")

    def presses(self, message: Said, action: str, value: str) -> Delivery:
        """Press a button, whether or not it is still there."""
        payload = self._interaction("block_actions") | {
            "channel": {"id": message.room, "name": "x"},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.room},
            "message": message.payload(),
            "actions": [
                {
                    "type": "button",
                    "action_id": action,
                    "block_id": "b",
                    "value": value,
                    "action_ts": self._world.ts(),
                }
            ],
        }
        return self.told.send("interactive", payload)

    def submits(self, view: Payload, typed: str) -> Delivery:
        """Fill a form in, and send it."""
        block = view["blocks"][0]
        field = {"type": "plain_text_input", "value": typed}
        values = {block["block_id"]: {block["element"]["action_id"]: field}}
        payload = self._interaction("view_submission")
        return self.told.send(
            "interactive", payload | {"view": view | {"state": {"values": values}}}
        )

    def commands(self, room: Room, text: str) -> Delivery:
        """`/watchkeeper TEXT`."""
        payload = {
            "command": "/watchkeeper",
            "text": text,
            "team_id": TEAM,
            "user_id": self.id,
            "channel_id": room.id,
            "trigger_id": self.api.trigger(),
            "response_url": f"{self._world.origin}/respond",
        }
        return self.told.send("slash_commands", payload)

    def asks_about(self, message: Said) -> Delivery:
        """The shortcut on a message."""
        payload = self._interaction("message_action") | {
            "callback_id": "ask",
            "channel": {"id": message.room, "name": "x"},
            "message": message.payload(),
        }
        return self.told.send("interactive", payload)

    def stops(self, room: Room, thread: str) -> Delivery:
        """The Stop button of a session."""
        event = {
            "type": "agent_session_stopped",
            "channel": room.id,
            "thread_ts": thread,
            "user": self.id,
            "event_ts": self._world.ts(),
        }
        return self.told.event(event, room)

    def _interaction(self, kind: str) -> Payload:
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": "lab"},
            "user": {"id": self.id, "team_id": self.team, "username": self.id.lower()},
            "api_app_id": APP,
            "trigger_id": self.api.trigger(),
            "response_url": f"{self._world.origin}/respond",
        }
