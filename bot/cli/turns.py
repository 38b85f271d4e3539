"""Following one input on its thread: what is said to a console until its turn has ended."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from bot import events as e
from bot.store.port import Appended, ThreadStore
from channels.port import Address

Word = e.ReplyQueued | e.NoticeQueued
"""Something said to people."""


async def turn(store: ThreadStore, appended: Appended) -> AsyncIterator[e.Event]:
    """Every event from the input to the end of its turn, waiting for those that are to come.

    An input that begins no turn (a notice to a stranger) is itself the last. A thread that is
    set aside ends the turn after what is said then.
    """
    after = appended.seq - 1
    async with following(store, appended.thread, after=after) as events:
        async for event in events:
            yield event
            if _ends(event, appended.seq):
                return
            if isinstance(event, e.DeadLettered):
                after = event.seq
                break
    for last in await store.events(appended.thread, after=after):
        yield last
        if _ends(last, appended.seq):
            return


@asynccontextmanager
async def following(
    store: ThreadStore, thread: str, *, after: int
) -> AsyncIterator[AsyncIterator[e.Event]]:
    """The events of a thread as they come; leaving the block ends it at once."""
    events = store.follow(thread, after=after)
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def said_to(address: Address, event: e.Event) -> Word | None:
    """The event as words for whoever is at `address`, or None."""
    if isinstance(event, e.ReplyQueued | e.NoticeQueued) and event.address == address:
        return event
    return None


def _ends(event: e.Event, seq: int) -> bool:
    if event.seq == seq:
        return not isinstance(event, e.MessageReceived)
    return isinstance(event, e.TurnEnded) and event.turn == seq
