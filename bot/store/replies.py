"""What scripts and commands reply, taken apart."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

from bot.codec import Unreadable, decode, from_ms
from bot.events import Event
from bot.store.client import Reply
from bot.store.port import Claim, NewerEvent


def number(reply: Reply) -> int:
    """An integer reply."""
    return cast("int", reply)


def text(reply: Reply) -> str:
    """A string reply."""
    return cast("bytes", reply).decode()


def items(reply: Reply) -> list[Reply]:
    """An array reply."""
    return cast("list[Reply]", reply)


def raw(reply: Reply) -> Iterator[tuple[int, bytes]]:
    """Where each event of stream entries stands, and its bytes as they are stored."""
    for name, fields in cast("list[tuple[bytes, list[bytes]]]", reply):
        yield int(name.partition(b"-")[0]), fields[1]


def entries(reply: Reply) -> Iterator[Event]:
    """Events of stream entries. Raises `NewerEvent` at the first one that can not be read."""
    for seq, data in raw(reply):
        try:
            yield decode(seq, data)
        except Unreadable as error:
            raise NewerEvent(seq, error.kind) from error


def last_seq(reply: Reply) -> int:
    """Where the last of some stream entries stands."""
    (name, _) = cast("list[tuple[bytes, list[bytes]]]", reply)[-1]
    return int(name.partition(b"-")[0])


def pairs(reply: Reply) -> Iterator[tuple[bytes, bytes]]:
    """A flat array of names and values."""
    flat = cast("list[bytes]", reply)
    return zip(flat[::2], flat[1::2], strict=True)


def timers(reply: Reply) -> Mapping[str, datetime]:
    """Timers by when they are due."""
    return {name.decode(): from_ms(int(float(due))) for name, due in pairs(reply)}


def claims(taken: Reply, stamp: Reply) -> tuple[Claim, ...]:
    """Threads that were handed out."""
    until = number(stamp)
    return tuple(Claim(thread=text(thread), stamp=until) for thread in items(taken))
