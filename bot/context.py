"""What a model sees of a thread: its story, append-only between checkpoints, and what is new. Pure.

Every entry of the story is a block of its own, the same bytes whenever it is told, so that a
request begins with all that earlier requests of the thread held and a provider's cache keeps it.
What changes from step to step stands below the thread.
"""

from datetime import datetime

from agents.model import Block
from bot import condensing
from bot import events as e
from bot.condensing import words_of
from bot.markup import element, escaped, message, opening
from bot.shortening import cut_message, one_line
from bot.thread import Request, Thread, Turn

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONGEST_REQUEST = 200
ROOM_FOR_REQUESTS = 4_000
"""Characters for what open requests show; all of them are always told."""
LONGEST_WORDS = 2_000
LONGEST_FOUND = 400
MOST_FOUND = 10


def words(thread: Thread, turn: Turn, prefetched: tuple[str, ...] = ()) -> tuple[Block, ...]:
    """The thread as an agent reads it that shall deal with `turn`.

    prefetched: what was looked up for it, a line each. All blocks but the last are good ends of a
    cached prefix.
    """
    begin = opening("thread", {"id": thread.id})
    told = [f"{element(entry)}\n" for entry in thread.story]
    first, *later = told or [""]
    tail = "\n".join(["</thread>", *_tail(thread, turn), *_found(prefetched)])
    if not told:
        return (Block(text=f"{begin}\n{tail}"),)
    return (
        Block(text=f"{begin}\n{first}", cached=True),
        *(Block(text=text, cached=True) for text in later),
        Block(text=tail),
    )


def due(thread: Thread) -> bool:
    """Whether the story has grown so long that it shall be condensed before it is told again."""
    return condensing.size(thread.story) > condensing.HIGH


def condensed(thread: Thread) -> e.Condensed:
    """The checkpoint, for a thread whose story is `due`: after it, it no longer is."""
    return e.Condensed(upto=thread.version, entries=condensing.condensed(thread))


# --- below the thread ----------------------------------------------------------------------------


def _tail(thread: Thread, turn: Turn) -> list[str]:
    asked = (
        "Deal with"
        if turn.source == "message"
        else "A call that people were asked about has ended. Go on with"
    )
    trust = "person" if turn.person else "machine" if turn.by and turn.by.bot else "stranger"
    unknown = "" if turn.person else " It is from nobody in the configuration."
    return [
        f"{asked} {_newest(thread, turn, trust)}.{unknown}",
        f"It is {_clock(thread.at or turn.at)} UTC; there is no other clock.",
        *_requests(thread),
    ]


def _newest(thread: Thread, turn: Turn, trust: str) -> str:
    """Which message it is; the words themselves only if the thread does not hold them."""
    by = turn.person or (turn.by.name or turn.by.id if turn.by else "")
    held = words_of(turn, thread.story)
    seq = held[0].seq if held else turn.id
    attributes = {"seq": str(seq), "by": by, "trust": trust}
    if held:
        return opening("newest", attributes, end="/>")
    text = message(cut_message(turn.text, LONGEST_WORDS))
    return f"{opening('newest', attributes)}{text}</newest>"


def _clock(at: datetime) -> str:
    return f"{WEEKDAYS[at.weekday()]} {at:%Y-%m-%d %H:%M:%S}"


def _requests(thread: Thread) -> list[str]:
    if not thread.requests:
        return ["Open requests: none."]
    most = min(LONGEST_REQUEST, ROOM_FOR_REQUESTS // len(thread.requests))
    return ["Open requests:", *(_request(thread, one, most) for one in thread.requests.values())]


def _told(thread: Thread, request: Request) -> str:
    """What an agent does not know it can not tell people from outside."""
    call = thread.calls.get(request.call)
    return call.tool if call is not None and thread.outsiders else request.shown


def _request(thread: Thread, request: Request, most: int) -> str:
    attributes = {"id": request.id, "for": request.call}
    shown = escaped(one_line(_told(thread, request), max(most, 20)))
    return f"{opening(request.kind, attributes)}{shown}</{request.kind}>"


def _found(prefetched: tuple[str, ...]) -> list[str]:
    if not prefetched:
        return []
    lines = [escaped(one_line(line, LONGEST_FOUND)) for line in prefetched[:MOST_FOUND]]
    return ["Looked up for you:", *(f"<found>{line}</found>" for line in lines)]
