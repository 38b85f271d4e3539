"""Clicks, submissions and commands: what a person did that the bot has to answer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server import payloads
from tests.discord_server.content import walk
from tests.discord_server.things import Channel, Message, User
from tests.discord_server.wire import EVERYDAY, Intent, Payload
from tests.discord_server.world import World

UPLOAD_LIMIT = 10 * 2**20


@dataclass(eq=False, kw_only=True)
class Interaction:
    """One interaction and what became of it.

    original: the message that `@original` names: the answer, or the one that was clicked.
    followups: what was sent after the answer. refusals: how often an answer was refused.
    """

    id: int
    kind: int
    user: User
    channel: Channel
    data: Payload
    world: World
    message: Message | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    answer: Payload | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    refusals: int = 0
    is_late: bool = False
    is_expired: bool = False

    async def answered(self) -> Payload:
        """Wait for the answer that was taken: its `type`, and `data` if it has some."""
        await self.world.journal.until(lambda: self.answer is not None, lambda: self)
        assert self.answer is not None
        return self.answer

    async def replied(self) -> Message:
        """Wait until the person reads something: the answer, or what fills a deferred one."""
        await self.world.journal.until(lambda: bool(self.replies), lambda: self)
        return self.replies[0]

    async def refused(self, count: int = 1) -> None:
        """Wait until so many answers have been refused."""
        await self.world.journal.until(lambda: self.refusals >= count, lambda: self)

    @property
    def replies(self) -> list[Message]:
        """What the person can read as an answer, oldest first."""
        new = [] if self.original is None or self.original is self.message else [self.original]
        return [reply for reply in (*new, *self.followups) if reply.is_said and not reply.deleted]

    @property
    def choices(self) -> list[Any]:
        """The values that the answer to an autocompletion offers."""
        data = (self.answer or {}).get("data") or {}
        return [choice["value"] for choice in data.get("choices", ())]

    def late(self) -> None:
        """Its 3 seconds are over: it can no longer be answered."""
        self.is_late = True

    def expire(self) -> None:
        """Its 15 minutes are over: nothing can follow its answer."""
        self.is_expired = True

    @property
    def metadata(self) -> Payload:
        """What the messages that answer it say of it."""
        return {
            "id": str(self.id),
            "type": self.kind,
            "user": payloads.user(self.user),
            "authorizing_integration_owners": {},
        }

    def payload(self) -> Payload:
        """What the bot is told of it."""
        guild = self.channel.guild
        told: Payload = {
            "id": str(self.id),
            "application_id": str(self.world.bot.id),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "channel_id": str(self.channel.id),
            "channel": payloads.channel(self.channel),
            "data": self.data,
            "locale": "en-US",
            "app_permissions": str(int(EVERYDAY)),
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 1 if guild is None else 0,
            "attachment_size_limit": UPLOAD_LIMIT,
        }
        if self.message is not None:
            # A message of the bot's own: no intent is needed to see what is in it.
            told["message"] = self.world.payload(self.message)
        if guild is None:
            return {**told, "user": payloads.user(self.user)}
        return {
            **told,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {**payloads.member(self.user, guild), "permissions": str(int(EVERYDAY))},
        }


class Interactions:
    """All interactions, newest last."""

    def __init__(self, world: World) -> None:
        self.all: list[Interaction] = []
        self._world = world

    def begin(
        self, kind: int, user: User, channel: Channel, data: Payload, on: Message | None = None
    ) -> Interaction:
        """Somebody did something: the bot is told."""
        begun = Interaction(
            id=self._world.ids.next(),
            kind=kind,
            user=user,
            channel=channel,
            data=data,
            world=self._world,
            message=on,
        )
        self.all.append(begun)
        self._world.tell("INTERACTION_CREATE", begun.payload(), Intent(0))
        return begun

    def with_token(self, token: str) -> Interaction | None:
        """The interaction of a token."""
        return next((one for one in self.all if one.token == token), None)

    def modal(self, user: User, custom_id: str) -> Interaction:
        """The interaction that was last answered to this person with such a modal."""
        for one in reversed(self.all):
            data = (one.answer or {}).get("data") or {}
            shown = one.answer is not None and one.answer["type"] == 9
            if shown and one.user == user and data["custom_id"] == custom_id:
                return one
        raise LookupError(f"{user.name} sees no modal {custom_id}")


def submission(modal: Payload, values: dict[str, Any]) -> Payload:
    """What is sent when a modal is submitted with these values of its fields."""
    fields = {item["custom_id"] for item in walk(modal["components"]) if "custom_id" in item}
    if unknown := set(values) - fields:
        raise LookupError(f"the modal has no {sorted(unknown)}, only {sorted(fields)}")
    return {
        "custom_id": modal["custom_id"],
        "components": [_filled(component, values) for component in modal["components"]],
    }


def _filled(component: Payload, values: dict[str, Any]) -> Payload:
    kept = ("type", "id", "custom_id")
    filled: Payload = {key: component[key] for key in kept if key in component}
    if "components" in component:
        filled["components"] = [_filled(inner, values) for inner in component["components"]]
    if "component" in component:
        filled["component"] = _filled(component["component"], values)
    if "custom_id" in component:
        value = values.get(component["custom_id"], component.get("value", ""))
        several = isinstance(value, Sequence) and not isinstance(value, str)
        filled["values" if several else "value"] = value
    return filled


def options_of(command: Payload, given: dict[str, Any]) -> list[Payload]:
    """The options of a command as an interaction carries them."""
    options = {option["name"]: option for option in command.get("options", ())}
    if unknown := set(given) - set(options):
        raise LookupError(f"/{command['name']} has no {sorted(unknown)}, only {sorted(options)}")
    return [
        {
            "name": name,
            "type": options[name]["type"],
            "value": str(value.id) if isinstance(value, (User, Channel)) else value,
        }
        for name, value in given.items()
    ]


def resolved_of(given: dict[str, Any], channel: Channel) -> Payload:
    """The users among the values of options, as an interaction explains them."""
    users = [value for value in given.values() if isinstance(value, User)]
    told: Payload = {"users": {str(user.id): payloads.user(user) for user in users}}
    if channel.guild is not None:
        guild = channel.guild
        members = {str(user.id): payloads.member(user, guild, whole=False) for user in users}
        told["members"] = members
    return told if users else {}
