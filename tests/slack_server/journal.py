"""What the app sent, in order, and a way to wait for whatever changes."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.slack_server.wire import Payload


@dataclass(eq=False, kw_only=True)
class Call:
    """A call of the Web API, or of a response_url.

    is_performed: whether it had its effect. status: what it was answered with: 0 while it is not,
    or if that was lost.
    """

    method: str
    args: Payload
    token: str
    headers: Mapping[str, str]
    is_performed: bool = False
    status: int = 0
    answer: Payload = field(default_factory=dict)

    @property
    def error(self) -> str:
        """Slack's word for what was wrong with it; "" if nothing was."""
        return str(self.answer.get("error", ""))


class Journal:
    """All calls in the order in which they came."""

    def __init__(self, patience: float) -> None:
        self.calls: list[Call] = []
        self.patience = patience
        self._by_method: defaultdict[str, list[Call]] = defaultdict(list)
        self._next = asyncio.Event()

    def note(self, call: Call) -> None:
        """Keep it, and wake whoever waits."""
        self.calls.append(call)
        self._by_method[call.method].append(call)
        self.tell()

    def of(self, method: str) -> list[Call]:
        """The calls of a method so far."""
        return list(self._by_method[method])

    def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(
        self, ready: Callable[[], object], seen: Callable[[], object] | None = None
    ) -> None:
        """Wait for `ready`; out of patience it raises with what was `seen` instead."""
        try:
            async with asyncio.timeout(self.patience):
                while not ready():
                    await self._next.wait()
        except TimeoutError:
            there = [call.method for call in self.calls[-20:]] if seen is None else seen()
            raise AssertionError(f"waited in vain; there is {there!r}") from None
