"""Claude, connected when first asked: the SDK takes a second to import, and commands need none."""

import asyncio
from typing import TYPE_CHECKING

from agents.model import ModelCall, Outcome

if TYPE_CHECKING:
    from agents.anthropic_model import AnthropicModel


class Claude:
    """A `Model`; one a process, which all its threads share."""

    def __init__(self, key: str, base_url: str | None = None) -> None:
        self._key = key
        self._base_url = base_url
        self._model: AnthropicModel | None = None
        self._connecting = asyncio.Lock()

    async def ask(self, call: ModelCall) -> Outcome:
        """See `Model`. Raises `ValueError` for a key or an address that can not be one."""
        async with self._connecting:
            if self._model is None:
                self._model = await asyncio.to_thread(self._connect)
        return await self._model.ask(call)

    async def close(self) -> None:
        """Disconnect, if it ever was connected."""
        if self._model is not None:
            await self._model.close()

    def _connect(self) -> "AnthropicModel":
        from agents.anthropic_model import connect  # noqa: PLC0415 - see above

        return connect(self._key, self._base_url)
