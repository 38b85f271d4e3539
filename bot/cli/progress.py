"""What is under way on a thread, as one line, from its events. Pure."""

from bot import events as e


class Progress:
    """Sees a thread's events, from wherever it began to look."""

    def __init__(self) -> None:
        self._turns: set[int] = set()
        self._shown: dict[str, str] = {}
        self._running: dict[str, str] = {}

    def saw(self, event: e.Event) -> None:
        """Take one event into account."""
        match event:
            case e.MessageReceived():
                self._turns.add(event.seq)
            case e.TurnEnded():
                self._turns.discard(event.turn)
            case e.ToolRequested():
                self._shown[event.call_id] = event.shown
            case e.ToolStarted():
                self._running[event.call_id] = self._shown.pop(event.call_id, event.call_id)
            case e.ToolReturned() | e.ToolFailed() | e.ToolUncertain():
                self._running.pop(event.call_id, None)
            case e.DeadLettered():
                self._turns.clear()
                self._running.clear()
            case _:
                pass

    @property
    def line(self) -> str:
        """What people may be told is going on; "" when nothing is."""
        if self._running:
            return f"running {', '.join(self._running.values())}…"
        return "working…" if self._turns else ""
