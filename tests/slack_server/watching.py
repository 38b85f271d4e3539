"""What can be seen of the workspace and of what the app did, and waited for."""

from collections.abc import Callable

from tests.slack_server.delivery import Delivery
from tests.slack_server.journal import Call
from tests.slack_server.people import Person
from tests.slack_server.things import Form, Message
from tests.slack_server.world import World


class Watching:
    """Looks at a workspace. Each wait ends with the change that it is for, or fails the test."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.journal = world.journal

    # --- what is there now -----------------------------------------------------------------------

    def visible(self, channel: str, thread: str = "", *, to: Person | None = None) -> list[Message]:
        """What people see in a channel, or in a thread of it, oldest first.

        to: somebody who sees what is for them alone, too.
        """
        where = self.world.channels[channel]
        there = where.thread(thread) if thread else where.messages.values()
        whispers = [
            message
            for message in where.whispers
            if to is not None and message.ephemeral_to == to.id and thread in ("", message.root)
        ]
        seen = [message for message in (*there, *whispers) if not message.deleted]
        return sorted(seen, key=lambda message: message.ts) if whispers else seen

    def sent(self, channel: str, thread: str = "") -> list[Message]:
        """What the app wrote there for all, as it is now."""
        return [one for one in self.visible(channel, thread) if one.is_apps]

    def whispers(self, person: Person, channel: str) -> list[Message]:
        """What the app wrote there for one person alone, as it is now."""
        seen = self.visible(channel, to=person)
        return [message for message in seen if message.ephemeral_to == person.id]

    def calls(self, method: str = "") -> list[Call]:
        """What the app called, oldest first; only this method."""
        return self.journal.of(method) if method else list(self.journal.calls)

    def told(self, ts: str) -> list[Delivery]:
        """What the app was sent about a message, oldest first."""
        return self.world.told.get(ts, [])

    # --- waiting ---------------------------------------------------------------------------------

    async def until(
        self, ready: Callable[[], object], seen: Callable[[], object] | None = None
    ) -> None:
        """Wait for `ready`; out of patience it raises with what was `seen` instead."""
        await self.journal.until(ready, seen)

    async def acked(self, ts: str) -> None:
        """Wait until everything that the app was sent about a message is acked."""
        await self.until(
            lambda: all(delivery.is_acked for delivery in self.told(ts)), lambda: self.told(ts)
        )

    async def posted(self, channel: str, thread: str = "", count: int = 1) -> list[Message]:
        """Wait until the app has so many messages there for all."""
        await self.until(
            lambda: len(self.sent(channel, thread)) >= count,
            lambda: [message.shown for message in self.sent(channel, thread)],
        )
        return self.sent(channel, thread)

    async def whispered(self, person: Person, channel: str, count: int = 1) -> list[Message]:
        """Wait until the app has so many messages there for one person alone."""
        await self.until(
            lambda: len(self.whispers(person, channel)) >= count,
            lambda: [message.shown for message in self.whispers(person, channel)],
        )
        return self.whispers(person, channel)

    async def offered(self, action_id: str, channel: str, thread: str = "") -> Message:
        """Wait until there is something to be clicked; the newest message that has it."""

        def found() -> list[Message]:
            return [one for one in self.sent(channel, thread) if action_id in one.actions]

        await self.until(found, lambda: [one.shown for one in self.sent(channel, thread)])
        return found()[-1]

    async def shows(self, message: Message, text: str) -> None:
        """Wait until a message says this, among other things."""
        await self.until(lambda: text in message.shown, lambda: message.texts)

    async def called(self, method: str, count: int = 1) -> list[Call]:
        """Wait until a method was called so often, answered or not."""
        await self.until(lambda: len(self.calls(method)) >= count)
        return self.calls(method)

    async def form(self, person: Person) -> Form:
        """Wait until somebody sees a form."""
        await self.until(lambda: person.form)
        assert person.form is not None
        return person.form
