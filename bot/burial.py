"""Setting a thread aside: its people are told, it is kept and listed, and it can be retried.

Nothing is folded here, for that may be what went wrong: the log's last message says where to.
"""

from bot import events as e
from bot import sentences
from bot.performer import Performer
from bot.planning import stamp
from bot.rules import Rules
from bot.store.port import Batch, Conflict, NewerEvent, Opened, ThreadStore
from bot.thread import Queued
from channels.port import Address


async def bury(store: ThreadStore, performer: Performer, rules: Rules, opened: Opened) -> None:
    """Record `dead_lettered` and the apology, deliver it, and put the thread aside."""
    address = await _last_address(store, opened)
    version = opened.version
    while True:
        drafts = await _farewell(performer, rules, opened, address, version)
        events = stamp(drafts, version, store.now())
        batch = Batch(id=f"{opened.fence}.dead{version}", expect=version, events=events)
        answer = await store.set_aside(opened.thread, opened.fence, batch, opened.dead)
        if not isinstance(answer, Conflict):
            return
        version += len(answer.events)


async def _farewell(
    performer: Performer, rules: Rules, opened: Opened, address: Address | None, version: int
) -> tuple[e.Event, ...]:
    """What is recorded; the apology is sent before, under a key that does not change."""
    dead = e.DeadLettered(reason=opened.dead, attempts=opened.attempts)
    if address is None:
        return (dead,)
    queued = e.ReplyQueued(address=address, text=sentences.SORRY, answers=())
    if address.channel in rules.at_once:
        return (dead, queued, e.ReplyDelivered(reply=version + 2))
    word = Queued(id=version + 2, address=address, text=sentences.SORRY)
    return (dead, queued, await performer.deliver(opened.thread, word))


async def _last_address(store: ThreadStore, opened: Opened) -> Address | None:
    """Where the last message came from, as far as this version can read the log."""
    readable = opened.events
    if not any(isinstance(event, e.MessageReceived) for event in readable):
        try:
            readable = await store.events(opened.thread)
        except NewerEvent:
            return None
    messages = [event for event in readable if isinstance(event, e.MessageReceived)]
    return (messages[-1].via or messages[-1].address) if messages else None
