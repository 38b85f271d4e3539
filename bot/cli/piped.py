"""The console on a pipe: one message a line, the next after the turn of the last has ended."""

import asyncio
import sys
from collections.abc import AsyncIterator

from agents.decisions import singly
from bot.cli.job import DONE, USAGE
from bot.cli.lines import Line, lines
from bot.cli.output import flush, warn
from bot.cli.output import line as print_line
from bot.cli.talk import Talk
from bot.cli.turns import Word
from bot.intake import MOST_BYTES, Refused
from bot.store.port import Appended


class Pipe:
    """Lines in on stdin, answers out on stdout."""

    def __init__(self, talk: Talk, input_name: str = "") -> None:
        self._talk = talk
        self._input = input_name
        self._printed: dict[str, int] = {}  # thread -> the last event of it that was printed
        self._asked: Appended | None = None  # whose turn has not ended

    async def converse(self) -> int:
        """Take stdin in line by line and print the answers; 2 if a line could not be taken."""
        code = DONE
        await self._talk.begin()
        try:
            async for line in _stdin():
                if fault := await self._exchange(line):
                    warn(f"line {line.number}: {fault}")
                    code = USAGE
        finally:
            await self._remember()
        return code

    async def finish(self) -> None:
        """Called off in the middle of a turn, and the worker has ended: print what it answered."""
        if self._asked is None:
            return
        after = self._printed.get(self._asked.thread, self._asked.seq)
        for word in await self._talk.said(self._asked.thread, after=after):
            await self._print(self._asked.thread, word)
        await self._remember()

    async def _exchange(self, line: Line) -> str:
        """One line and its answers; why it could not be taken, or ""."""
        if line.fault or not line.text.strip():
            return line.fault
        for text in singly(line.text):
            try:
                appended = await self._talk.say(text, input_name=self._input, number=line.number)
            except Refused as refused:
                return str(refused)
            if appended is not None:
                self._asked = appended
                async for word in self._talk.answers(appended):
                    await self._print(appended.thread, word)
                self._asked = None
        return ""

    async def _print(self, thread: str, word: Word) -> None:
        """In a thread of its own: a slow reader must not keep the worker from its lease."""
        before = self._printed.get(thread, 0)
        self._printed[thread] = word.seq  # called off from here on, it is printed nevertheless
        try:
            await asyncio.to_thread(_write, self._talk.text(word))
        except Exception:
            self._printed[thread] = before
            raise

    async def _remember(self) -> None:
        """The next console goes on after what was printed here."""
        own = self._printed.get(await self._talk.own_thread() or "", 0)
        if own > (await self._talk.seen() or 0):
            await self._talk.set_seen(own)


def _write(text: str) -> None:
    print_line(text)
    flush()


async def _stdin() -> AsyncIterator[Line]:
    if sys.stdin is None:  # closed by whoever started us
        return
    async for line in lines(sys.stdin.fileno(), most=MOST_BYTES):
        yield line
