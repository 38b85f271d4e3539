"""The console on a pipe: one message a line, the next after the turn of the last has ended."""

import asyncio
import sys
from collections.abc import AsyncIterator

from bot.cli.job import DONE, USAGE
from bot.cli.lines import Line, lines
from bot.cli.output import warn
from bot.cli.talk import Talk
from bot.intake import MOST_BYTES, Refused


async def converse(talk: Talk, *, input_name: str = "") -> int:
    """Take stdin in line by line and print the answers; 2 if a line could not be taken."""
    code = DONE
    shown: dict[str, int] = {}
    async for line in _stdin():
        if fault := await _exchange(talk, line, input_name, shown):
            warn(f"line {line.number}: {fault}")
            code = USAGE
    own = shown.get(await talk.own_thread() or "", 0)
    if own > (await talk.seen() or 0):
        await talk.set_seen(own)
    return code


async def _exchange(talk: Talk, line: Line, input_name: str, shown: dict[str, int]) -> str:
    """One line and its answers; why it could not be taken, or "".

    shown: thread -> the last event of it that was printed, kept up to date.
    """
    if line.fault or not line.text.strip():
        return line.fault
    try:
        appended = await talk.say(line.text, input_name=input_name, number=line.number)
    except Refused as refused:
        return str(refused)
    if appended is not None:
        async for word in talk.answers(appended):
            await asyncio.to_thread(_write, talk.text(word))
            shown[appended.thread] = word.seq
    return ""


def _write(text: str) -> None:
    """In a thread of its own: a reader that is slow must not keep the worker from its lease."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def _stdin() -> AsyncIterator[Line]:
    if sys.stdin is None:  # closed by whoever started us
        return
    async for line in lines(sys.stdin.fileno(), most=MOST_BYTES):
        yield line
