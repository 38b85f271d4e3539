"""What a command hands back to the door: work to be run, and how it may fail."""

from collections.abc import Coroutine

Job = Coroutine[object, object, int]
"""Run by the door; its result is the exit code."""

DONE = 0
NOT_SO = 1
USAGE = 2
INTERRUPTED = 130


class Fault(Exception):
    """The command can not do it: one line for people, and the exit code."""

    def __init__(self, text: str, code: int = NOT_SO) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
