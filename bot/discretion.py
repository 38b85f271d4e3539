"""What a room with people from outside may read of a request: its id and its tool. Pure.

What exactly would run (resolved, with its digest) is told in private to those who may decide.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot import events as e
from bot.effects import Effect, Record
from bot.thread import Call, Thread
from channels.port import Address, Card


def room_of(address: Address) -> str:
    """The name of a room in `Thread.outsiders`."""
    return f"{address.channel}:{address.room}"


def is_open(thread: Thread, address: Address) -> bool:
    """Whether people from outside of the team read what is said there."""
    return room_of(address) in thread.outsiders


def discreet(thread: Thread, effect: Effect) -> Effect:
    """The effect with everything that goes to such a room told by its tool alone."""
    if not isinstance(effect, Record) or not thread.outsiders:
        return effect
    planned = (event for event in effect.events if isinstance(event, e.ToolRequested))
    hidden = _by_length({**_forms(thread.calls.values()), **_forms(planned)})
    return Record(events=tuple(_told(thread, event, hidden) for event in effect.events))


def _told(thread: Thread, event: e.Event, hidden: dict[str, str]) -> e.Event:
    if not isinstance(event, e.ReplyQueued | e.NoticeQueued) or not is_open(thread, event.address):
        return event
    text = _veiled(event.text, hidden)
    if isinstance(event, e.NoticeQueued) or event.card is None:
        return replace(event, text=text)
    return replace(event, text=text, card=_bare(event.card, hidden))


def _bare(card: Card, hidden: dict[str, str]) -> Card:
    """Neither what runs nor who may decide on it."""
    lines = tuple(_veiled(line, hidden) for line in card.lines[:1])
    beside = tuple(replace(one, shown=_veiled(one.shown, hidden)) for one in card.beside)
    return replace(card, lines=lines, args="", beside=beside)


def _veiled(text: str, hidden: dict[str, str]) -> str:
    for shown, tool in hidden.items():
        text = text.replace(shown, tool)
    return text


def _forms(calls: Iterable[Call | e.ToolRequested]) -> dict[str, str]:
    """Every way in which code writes a call, and what stands for it."""
    return {form: call.tool for call in calls for form in _ways(call.shown) if form != call.tool}


def _ways(shown: str) -> Iterator[str]:
    whole, called = shown, shown.partition(" → ")[0]
    for form in (whole, called):
        yield form
        yield " ".join(form.split())


def _by_length(forms: dict[str, str]) -> dict[str, str]:
    """The longest first: one may be the beginning of another."""
    return dict(sorted(forms.items(), key=lambda form: -len(form[0])))
