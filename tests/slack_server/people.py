"""People, and everything that they do in Slack."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.slack_server.acts import Acts
from tests.slack_server.delivery import Delivery
from tests.slack_server.things import Form, Message, User


@dataclass(eq=False)
class Person:
    """Somebody with a keyboard. What they do has happened when the call returns."""

    user: User
    acts: Acts

    @property
    def id(self) -> str:
        """Their user id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """What others write to mention them."""
        return f"<@{self.user.id}>"

    @property
    def dm(self) -> str:
        """The id of their direct messages with the app."""
        return self.acts.world.direct(self.user).id

    @property
    def form(self) -> Form | None:
        """The form that they see."""
        return self.acts.views.shown_to(self.user)

    # --- talking ---------------------------------------------------------------------------------

    async def says(
        self, channel: str, text: str, *, thread: str = "", files: Mapping[str, bytes] | None = None
    ) -> str:
        """Write something, with files by name: its ts."""
        return self.acts.say(self.user, channel, text, thread, files or {})

    async def mentions(self, channel: str, text: str, *, thread: str = "") -> str:
        """Write something to the app by its name: its ts."""
        return await self.says(channel, f"{self.acts.bot} {text}", thread=thread)

    async def edits(self, channel: str, ts: str, text: str) -> None:
        """Write it anew."""
        self.acts.edit(self.user, channel, ts, text)

    async def deletes(self, channel: str, ts: str) -> None:
        """Take it back."""
        self.acts.delete(self.user, channel, ts)

    async def joins(self, channel: str) -> None:
        """Come into a channel."""
        self.acts.join(self.user, channel)

    # --- using what the app offers ---------------------------------------------------------------

    async def clicks(self, message_ts: str, action_id: str, value: str | None = None) -> Delivery:
        """Click a button of a message, or choose a value of a select."""
        return self.acts.click(self.user, message_ts, action_id, value)

    async def presses(self, message: Message, action_id: str, value: str) -> Delivery:
        """Click a button that may not be there any more: it was, when they looked."""
        return self.acts.press(self.user, message, action_id, value)

    async def submits(self, values: Mapping[str, Any]) -> Delivery:
        """Send the form that they see, with these values by the ids of blocks or of actions."""
        return self.acts.submit(self.user, values)

    async def commands(self, command: str, text: str, channel: str) -> Delivery:
        """Give a slash command."""
        return self.acts.command(self.user, command, text, channel)

    async def shortcut(self, callback_id: str, channel: str, ts: str) -> Delivery:
        """Use a shortcut on a message."""
        return self.acts.shortcut(self.user, callback_id, channel, ts)

    async def stops(self, channel: str, thread: str) -> Delivery | None:
        """Use the Stop button of a session."""
        return self.acts.stop(self.user, channel, thread)
