"""Telling somebody on their own console what another thread has for them.

A console reads the log of its own conversation and no other, so what it shall show is put there.
"""

from bot import events as e
from bot.store.port import StoreError, ThreadStore
from channels import console
from channels.port import Address, Connected, Deliver, Outbound, SendFailed


class Consoles:
    """The console as a `Channel` to send on; who types there is taken in by the command line."""

    def __init__(self, store: ThreadStore) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """As in addresses."""
        return console.NAME

    async def start(self, deliver: Deliver) -> Connected:  # noqa: ARG002
        """There is nothing to connect."""
        return Connected(name=console.NAME)

    async def check(self) -> Connected:
        """It is always there."""
        return Connected(name=console.NAME)

    async def send(self, message: Outbound) -> str:
        """Put it on the conversation of the OS user, once per key. Raises `SendFailed`."""
        to = message.address
        words = e.ReplyQueued(
            at=self._store.now(), address=to, text=message.text, answers=(), card=message.card
        )
        references = [console.reference(to.room, to.thread)]
        try:
            stored = await self._store.append(
                references, words, dedupe=f"{console.NAME}:{message.key}"
            )
        except StoreError as fault:
            raise SendFailed(str(fault), transient=True) from None
        return f"{stored.thread}:{stored.seq}" if stored else ""

    async def busy(self, address: Address, doing: str) -> None:
        """Whoever reads the log sees it there."""

    async def ready(self) -> bool:
        """There is nothing between it and the store."""
        return True

    async def stop(self) -> None:
        """There is nothing to disconnect."""

    async def close(self) -> None:
        """Nor to let go of."""
