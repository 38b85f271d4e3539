"""What was under way or asked on a thread at one event, by its log, and waiting for its end."""

from bot import events as e
from bot.cli.turns import following
from bot.lifecycle import IllegalEvent, Phase
from bot.reducer import evolve
from bot.store.port import Appended, ThreadStore
from bot.thread import Thread


class Watch:
    """Sees a thread's events from the first one on; `left` is what has not ended since `at`."""

    def __init__(self, at: Appended) -> None:
        self._at = at.seq
        self._state = Thread(id=at.thread)
        self.left: frozenset[str] | None = None  # not known before that event

    def saw(self, event: e.Event) -> None:
        """Take the next event into account. Raises `IllegalEvent`."""
        self._state = evolve(self._state, event)
        if event.seq == self._at:
            self.left = _open(self._state)
        elif self.left is not None:
            set_aside = isinstance(event, e.DeadLettered)
            self.left = frozenset() if set_aside else self.left & _open(self._state)


async def rests(store: ThreadStore, at: Appended) -> bool:
    """Whether all of it has ended by now, or nobody can tell: the log can not be folded."""
    watch = Watch(at)
    try:
        for event in await store.events(at.thread):
            watch.saw(event)
    except IllegalEvent:
        return True
    return not watch.left


async def rest(store: ThreadStore, at: Appended) -> None:
    """Returns once all of it has ended, or the thread is set aside."""
    watch = Watch(at)
    async with following(store, at.thread, after=0) as events:
        async for event in events:
            watch.saw(event)
            if watch.left is not None and not watch.left:
                return


def _open(thread: Thread) -> frozenset[str]:
    running = (call.id for call in thread.calls.values() if call.phase is Phase.RUNNING)
    return frozenset((*running, *thread.requests, *(str(turn.id) for turn in thread.turns)))
