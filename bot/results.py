"""What earlier calls on a thread gave, from its log."""

from bot import events as e
from bot.store.port import ThreadStore


class Results:
    """The `Outputs` of the tools."""

    def __init__(self, store: ThreadStore) -> None:
        self._store = store

    async def output(self, thread: str, ref: str) -> str | None:
        """All that the call gave: what was captured of it, or else what people were told."""
        for event in reversed(await self._store.events(thread)):
            if isinstance(event, e.ToolReturned | e.ToolFailed) and event.call_id == ref:
                return event.output or event.text
        return None
