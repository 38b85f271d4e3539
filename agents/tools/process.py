"""Runs a program for as long as somebody waits for it: never through a shell, never in our group.

The program starts with an empty environment, in "/". A guard process (see `guard`) ends its whole
process group as soon as a pipe of ours closes: because the program ended, took too long or was
called off, or because this very process was killed.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Literal

_GUARD = str(Path(__file__).with_name("guard.py"))
_CHUNK = 65_536
# How long output is read after the end: a process that left the group may hold the pipe for ever.
_LAST_WORDS = 0.25
# The guard gives the group 0.3 s to end by itself.
_GUARD_ENDS = 5.0


Ending = int | Literal["timeout", "cancelled"]
"""How a program ended: its exit code (128 + n for signal n), or why it was ended.

Negative if the guard was killed: then nobody knows what became of the program.
"""


async def run_program(
    argv: Sequence[str], *, stdin: str | None, timeout: timedelta, take: Callable[[bytes], None]
) -> Ending:
    """Run it to its end, which is the time-out or the task's being cancelled at the latest.

    `take` is given its output as it comes, stdout and stderr in one. When this returns, the
    program's process group is dead. It always returns: every cancellation until then is taken back
    (`Task.uncancel`), for the caller to say what came of it.
    """
    with _Pipe() as lifeline, _Pipe() as output, _source(stdin) as source:
        guard = _start(argv, lifeline, output, source)
        ending = _watched(guard)
        reading = asyncio.create_task(_read(output, take))
        try:
            return await _ending(ending, timeout)
        finally:
            lifeline.close_write()
            await _ended(guard, ending)
            await _read_out(reading)


def _start(
    argv: Sequence[str], lifeline: "_Pipe", output: "_Pipe", source: int
) -> subprocess.Popen[bytes]:
    """The guard. Not by asyncio, which would kill it, but not the group, if cancelled half-way."""
    # No shell reads the words, and each of them was checked.
    guard = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", _GUARD, str(lifeline.read), "--", *argv],
        stdin=source,
        stdout=output.write,
        stderr=output.write,
        pass_fds=(lifeline.read,),
        start_new_session=True,
        cwd="/",
        env={},
    )
    lifeline.close_read()
    output.close_write()
    return guard


def _watched(guard: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """Its exit code, once it has one."""
    loop = asyncio.get_running_loop()
    ending: asyncio.Future[int] = loop.create_future()

    def tell(code: int) -> None:
        if not ending.done():
            ending.set_result(code)

    def watch() -> None:
        code = guard.wait()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, code)

    threading.Thread(target=watch, name="guard", daemon=True).start()
    return ending


async def _ending(ending: asyncio.Future[int], timeout: timedelta) -> Ending:
    """How it has ended by itself, or why it must be ended now."""
    why: Ending = "cancelled"
    with _outlasted():
        await asyncio.wait({ending}, timeout=timeout.total_seconds())
        why = "timeout"
    return ending.result() if ending.done() else why


async def _ended(guard: subprocess.Popen[bytes], ending: asyncio.Future[int]) -> None:
    """Wait for the guard, which has ended the group by then."""
    await _awaited(ending, _GUARD_ENDS)
    if not ending.done():
        guard.kill()
        await _awaited(ending, _GUARD_ENDS)


async def _awaited(future: asyncio.Future[int] | asyncio.Task[None], seconds: float) -> None:
    """Wait for it that long at most, however often we are cancelled meanwhile."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not future.done() and (left := deadline - loop.time()) > 0:
        with _outlasted():
            await asyncio.wait({future}, timeout=left)


@contextmanager
def _outlasted() -> Iterator[None]:
    """A cancellation ends the block, and nothing more: it is taken back."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    except asyncio.CancelledError:
        while task and task.cancelling() > before:
            task.uncancel()


async def _read(output: "_Pipe", take: Callable[[bytes], None]) -> None:
    """Hand on everything until the last writer is gone."""
    reader = asyncio.StreamReader(limit=_CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    file = os.fdopen(output.detach_read(), "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: protocol, file)
    try:
        while chunk := await reader.read(_CHUNK):
            take(chunk)
    finally:
        transport.close()


async def _read_out(reading: asyncio.Task[None]) -> None:
    """Give the reader a moment for what is still in the pipe."""
    await _awaited(reading, _LAST_WORDS)
    if not reading.done():
        reading.cancel()
        await _awaited(reading, _LAST_WORDS)
    if reading.done() and not reading.cancelled():
        reading.result()


@contextmanager
def _source(text: str | None) -> Iterator[int]:
    """What the program reads: a file without a name, or nothing."""
    if text is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        yield file.fileno()


class _Pipe:
    """A pipe whose ends are closed when the block ends, if nobody did before."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        self._open = {self.read, self.write}

    def __enter__(self) -> "_Pipe":
        return self

    def __exit__(self, *_: object) -> None:
        self.close_read()
        self.close_write()

    def close_read(self) -> None:
        self._close(self.read)

    def close_write(self) -> None:
        self._close(self.write)

    def detach_read(self) -> int:
        """The read end, for somebody else to close."""
        self._open.discard(self.read)
        return self.read

    def _close(self, end: int) -> None:
        if end in self._open:
            self._open.discard(end)
            os.close(end)
