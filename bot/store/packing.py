"""A batch as the arguments that the commit script reads off one after the other."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.codec import to_ms
from bot.store.client import Word
from bot.store.port import Batch

_NOT_BEFORE = timedelta(microseconds=999)  # a timer is rounded up: it never fires early


def timer_words(timers: Mapping[str, datetime]) -> list[Word]:
    """id, due (ms), id, due..."""
    return [word for name, due in timers.items() for word in (name, to_ms(due + _NOT_BEFORE))]


def since(at: datetime | None) -> Word:
    """A time in ms, "" for none."""
    return "" if at is None else to_ms(at)


def batch_words(batch: Batch, events: Sequence[bytes], chain: Sequence[Word]) -> list[Word]:
    """Snapshot, summary, whether requests are open, whether it got anywhere, what is unanswered.

    Then the lists, each after its length. events: the batch's, as they will be stored. chain: the
    audit's part, which ends in a list as well.
    """
    snapshot = batch.snapshot
    words: list[Word] = [
        snapshot.version if snapshot else 0,
        snapshot.data if snapshot else b"",
        0 if batch.about is None else 1,
        batch.about or b"",
        int(batch.waiting),
        int(batch.progress),
        since(batch.unanswered),
        *chain,
        len(events),
        *events,
    ]
    words += [len(batch.timers_set), *timer_words(batch.timers_set)]
    words += [len(batch.timers_cleared), *batch.timers_cleared]
    return words
