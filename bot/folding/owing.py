"""What is owed to people: a word on what may not have arrived, said with the next answer."""

from dataclasses import replace

from bot import events as e
from bot.people import native
from bot.shortening import cut
from bot.thread import Owed, Queued, Thread
from channels.port import Address, Author

UNCLEAR = "What I wrote here last may not have arrived:"
BACK = "What I wrote to {room} came back: nothing arrives there."
LONGEST = 1_000
MOST = 5


def unclear(thread: Thread, queued: Queued) -> Thread:
    """It is said again, as a quote: nobody knows whether it was read.

    Not what was for one person alone: the next answer there is for everybody.
    """
    if queued.only:
        return thread
    quoted = "\n".join(f"> {line}".rstrip() for line in cut(queued.text, LONGEST).splitlines())
    return _owing(thread, Owed(address=queued.address, text=f"{UNCLEAR}\n{quoted}"))


def came_back(thread: Thread, address: Address) -> Thread:
    """Nothing more is sent there; the conversation hears of it, if it is held elsewhere."""
    here = place_of(address.channel, address.room)
    if here in thread.undelivered:
        return thread
    thread = replace(thread, undelivered=(*thread.undelivered, here))
    if thread.address is None or place_of(thread.address.channel, thread.address.room) == here:
        return thread
    return _owing(thread, Owed(address=thread.address, text=BACK.format(room=address.room)))


def arrives(thread: Thread, author: Author) -> Thread:
    """Who writes from there can be written to."""
    here = place_of(author.channel, author.id)
    if here not in thread.undelivered:
        return thread
    return replace(thread, undelivered=tuple(one for one in thread.undelivered if one != here))


def said(thread: Thread, event: e.ReplyQueued) -> Thread:
    """What an answer says besides is owed no more."""
    left = tuple(one for one in thread.owed if not due(one, event))
    return thread if left == thread.owed else replace(thread, owed=left)


def due(owed: Owed, event: e.ReplyQueued) -> bool:
    """Whether it is said with that answer."""
    there = (owed.address.channel, owed.address.room)
    return bool(event.answers) and there == (event.address.channel, event.address.room)


def place_of(channel: str, room: str) -> str:
    """The name of a place in `Thread.undelivered`."""
    return f"{channel}:{native(channel, room)}"


def _owing(thread: Thread, owed: Owed) -> Thread:
    return replace(thread, owed=(*thread.owed, owed)[-MOST:])
