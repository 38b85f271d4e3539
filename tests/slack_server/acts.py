"""What people's acts are on the wire, and what becomes of the answers."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.slack_server.blocks import typed, walk
from tests.slack_server.delivery import Delivery
from tests.slack_server.responses import Responses
from tests.slack_server.things import Channel, Message, User
from tests.slack_server.uploads import Uploads
from tests.slack_server.views import Views, submission
from tests.slack_server.wire import APP, BOT_USER, COMMANDS, INTERACTIVE, TEAM, Payload
from tests.slack_server.world import World


@dataclass(eq=False)
class Acts:
    """Everything that others than the app do."""

    world: World
    views: Views
    uploads: Uploads
    responses: Responses
    _waiting: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def bot(self) -> str:
        """What people write to mention the app."""
        return f"<@{BOT_USER}>"

    # --- talking ---------------------------------------------------------------------------------

    def say(
        self, user: User, channel: str, text: str, thread: str, files: Mapping[str, bytes]
    ) -> str:
        """Somebody writes something: its ts."""
        where = self._seen(user, channel)
        if thread and thread not in where.messages:
            raise LookupError(f"there is no {thread} in {channel}")
        sent = [self.uploads.add(user, name, data) for name, data in files.items()]
        return self.world.say(user, where, text, thread, sent)

    def join(self, user: User, channel: str) -> None:
        """Somebody comes into a channel."""
        self.world.join(self.world.channels[channel], user)

    def edit(self, user: User, channel: str, ts: str, text: str) -> None:
        """Somebody writes something of theirs anew."""
        message = self._own(user, channel, ts)
        self.world.change(message, text=text, blocks=typed(text))

    def delete(self, user: User, channel: str, ts: str) -> None:
        """Somebody takes something of theirs back."""
        self.world.remove(self._own(user, channel, ts))

    def stop(self, user: User, channel: str, thread: str) -> Delivery | None:
        """Somebody uses the Stop button of a session."""
        event = {
            "type": "agent_session_stopped",
            "channel": channel,
            "thread_ts": thread,
            "user": user.id,
            "streaming_message_ts": [],
            "event_ts": self.world.clock.ts(),
        }
        return self.world.tell(event, self._seen(user, channel))

    # --- using what the app offers ---------------------------------------------------------------

    def click(self, user: User, ts: str, action_id: str, value: str | None) -> Delivery:
        """Somebody clicks something that they see."""
        message = self.world.messages[ts]
        if message.deleted or message.ephemeral_to not in ("", user.id):
            raise LookupError(f"{user.name} does not see {ts}")
        for block in message.blocks:
            for item in walk(block):
                if item.get("action_id") == action_id:
                    return self._act(user, message, _action(block, item, value))
        raise LookupError(f"there is no {action_id} to click, only {message.actions}")

    def press(self, user: User, message: Message, action_id: str, value: str) -> Delivery:
        """Somebody clicks a button that was there."""
        button = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
        return self._act(user, message, {**button, "text": {"type": "plain_text", "text": "?"}})

    def submit(self, user: User, values: Mapping[str, Any]) -> Delivery:
        """Somebody sends the form that they see."""
        form = self.views.shown_to(user)
        if form is None:
            raise LookupError(f"{user.name} sees no form")
        payload = self._interaction(user, "view_submission")
        payload |= {"view": submission(form, values), "response_urls": []}
        payload |= {"trigger_id": self.views.trigger(user)}
        delivery = self.world.post.send(INTERACTIVE, payload)
        self._then(delivery, lambda answer: self.views.answered(form, answer))
        return delivery

    def command(self, user: User, command: str, text: str, channel: str) -> Delivery:
        """Somebody gives a slash command."""
        where = self._seen(user, channel)
        payload = {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "ops",
            "channel_id": where.id,
            "channel_name": "directmessage" if where.kind == "im" else where.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self.responses.url(where, user),
            "trigger_id": self.views.trigger(user),
        }
        delivery = self.world.post.send(COMMANDS, payload)
        self._then(delivery, lambda answer: self._answered(where, user, answer))
        return delivery

    def shortcut(self, user: User, callback_id: str, channel: str, ts: str) -> Delivery:
        """Somebody uses a shortcut on a message."""
        where = self._seen(user, channel)
        message = where.messages[ts]
        payload = self._interaction(user, "message_action") | {
            "callback_id": callback_id,
            "action_ts": self.world.clock.ts(),
            "message_ts": ts,
            "channel": {"id": where.id, "name": where.name},
            "message": self.world.payload(message),
            "response_url": self.responses.url(where, user),
            "trigger_id": self.views.trigger(user),
        }
        return self.world.post.send(INTERACTIVE, payload)

    def _act(self, user: User, message: Message, action: Payload) -> Delivery:
        channel = self.world.channels[message.channel]
        container: Payload = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.ephemeral_to),
        }
        container |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
        payload = self._interaction(user, "block_actions") | {
            "container": container,
            "trigger_id": self.views.trigger(user),
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "state": {"values": {}},
            "response_url": self.responses.url(channel, user, message),
            "actions": [{**action, "action_ts": self.world.clock.ts()}],
        }
        if not message.ephemeral_to:
            payload["message"] = self.world.payload(message)
        return self.world.post.send(INTERACTIVE, payload)

    def _interaction(self, user: User, kind: str) -> Payload:
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": "ops"},
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team_id,
            },
            "api_app_id": APP,
            "token": "verification",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    # --- what becomes of the answers -------------------------------------------------------------

    def _then(self, delivery: Delivery, follow: Callable[[Payload], None]) -> None:
        async def wait() -> None:
            await delivery.done.wait()
            follow(delivery.answer)

        task = asyncio.create_task(wait())
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    def _answered(self, channel: Channel, user: User, answer: Payload) -> None:
        if answer.get("text") or answer.get("blocks"):
            self.responses.perform(channel, user, answer)

    async def close(self) -> None:
        """No answer is waited for any more."""
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)

    def _seen(self, user: User, channel: str) -> Channel:
        found = self.world.channels[channel]
        if user.id not in found.members:
            raise LookupError(f"{user.name} is not in {channel}")
        return found

    def _own(self, user: User, channel: str, ts: str) -> Message:
        message = self._seen(user, channel).messages[ts]
        if message.user != user.id or message.deleted:
            raise LookupError(f"{ts} is not {user.name}'s")
        return message


def _action(block: Payload, item: Payload, value: str | None) -> Payload:
    kept = ("type", "action_id", "text", "value", "style")
    action = {key: item[key] for key in kept if key in item} | {"block_id": block["block_id"]}
    if "options" in item:
        chosen = [one for one in item["options"] if one["value"] == value]
        if not chosen:
            raise LookupError(f"there is no {value!r} to choose")
        return {**action, "selected_option": chosen[0]}
    return action if value is None else {**action, "value": value}
