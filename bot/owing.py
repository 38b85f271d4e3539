"""Answers with what else is owed to whoever reads them. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from bot import events as e
from bot.effects import Effect, Record
from bot.folding.owing import due
from bot.thread import Owed, Thread


def owning_up(thread: Thread, effect: Effect) -> Effect:
    """The effect, with what may not have arrived told above the first answer that goes there."""
    if not isinstance(effect, Record) or not thread.owed:
        return effect
    return Record(events=tuple(_told(effect.events, [*thread.owed])))


def _told(events: tuple[e.Event, ...], owed: list[Owed]) -> Iterator[e.Event]:
    for event in events:
        if not isinstance(event, e.ReplyQueued):
            yield event
            continue
        now = [one for one in owed if due(one, event)]
        owed = [one for one in owed if one not in now]
        yield replace(event, text="\n\n".join([*(one.text for one in now), event.text]))
