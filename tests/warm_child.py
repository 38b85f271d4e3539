"""Commands that begin with everything imported (see `tests.warm`), as asyncio has processes."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO

from tests import warm


class Child:
    """One that runs: what tests use of `asyncio.subprocess.Process`. Made by `begin`."""

    def __init__(self, process: BaseProcess, stdout: asyncio.StreamReader) -> None:
        self._process = process
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(process.sentinel, self._ended)
        self.stdout = stdout
        self.returncode: int | None = None

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    async def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        await self._over.wait()
        assert self.returncode is not None
        return self.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it prints, once it has ended; nothing of stderr."""
        out = await self.stdout.read()
        await self.wait()
        return out, b""

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """As systemd and container engines end it."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        """If it still runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):  # it has ended, and nobody has looked yet
                os.kill(self.pid, number)

    def _ended(self) -> None:
        self._loop.remove_reader(self._process.sentinel)
        self._process.join()
        self.returncode = self._process.exitcode
        self._over.set()


async def begin(
    arguments: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    errors: IO[bytes] | None = None,
    given: bytes = b"",
) -> Child:
    """Start a command. errors: where its stderr goes, with stdout if nowhere. given: its stdin."""
    printed, out = os.pipe()
    typed, into = os.pipe()
    os.write(into, given)  # it has to fit into a pipe
    os.close(into)
    try:
        streams = (typed, out, errors.fileno() if errors else out)
        process = warm.start(arguments, streams, folder=folder, env=env)
    finally:
        os.close(typed)
        os.close(out)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(printed, "rb")
    )
    return Child(process, reader)
