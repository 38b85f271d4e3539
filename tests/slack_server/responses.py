"""The addresses that an interaction or a command can be answered at: response_url."""

import secrets
from dataclasses import dataclass

from tests.slack_server.chat import written
from tests.slack_server.things import Channel, Message, User
from tests.slack_server.wire import Payload, Refused, flag, text_of
from tests.slack_server.world import World

USES = 5


@dataclass(eq=False)
class _Address:
    channel: Channel
    user: User
    message: Message | None
    uses: int = 0


class Responses:
    """Each address takes five answers in half an hour."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[str, _Address] = {}

    def url(self, channel: Channel, user: User, message: Message | None = None) -> str:
        """A new address. message: what the person clicked in."""
        name = secrets.token_urlsafe(16)
        self._open[name] = _Address(channel, user, message)
        return f"{self._world.origin}/response/{name}"

    def expire(self) -> None:
        """Half an hour passes."""
        self._open.clear()

    def answer(self, name: str, args: Payload) -> Payload:
        """What becomes of what was sent there."""
        address = self._open.get(name)
        if address is None:
            return {"ok": False, "error": "expired_url"}
        address.uses += 1
        if address.uses > USES:
            return {"ok": False, "error": "used_url"}
        try:
            self.perform(address.channel, address.user, args, address.message)
        except Refused as refused:
            return refused.answer
        return {"ok": True}

    def perform(
        self, channel: Channel, user: User, args: Payload, message: Message | None = None
    ) -> None:
        """Say it in the channel or to the person alone, or in the place of the message."""
        if message is not None and flag(args, "delete_original"):
            return self._world.remove(message)
        told = written(self._world, channel, args)
        if message is not None and flag(args, "replace_original"):
            return self._world.change(message, text=told.text, blocks=told.blocks)
        if text_of(args, "response_type") != "in_channel":
            told.ephemeral_to = user.id
        self._world.put(told)
        return None
