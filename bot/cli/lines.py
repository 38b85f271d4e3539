"""Lines from a pipe or a file, one at a time, without a thread; bad ones are told, not raised."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Line `number` (from 1), without its end. `fault` says why it can not be taken ("" if not)."""

    number: int
    text: str = ""
    fault: str = ""


class Splitter:
    """Cuts chunks of bytes into lines. Holds at most `most` bytes of a line."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._number = 0
        self._held = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in this chunk."""
        *ended, rest = (self._held + chunk).split(b"\n")
        for raw in ended:
            yield self._line(raw)
            self._skipping = False
        self._skipping = self._skipping or len(rest) > self._most
        self._held = b"" if self._skipping else rest

    def end(self) -> Iterator[Line]:
        """The last line, if the input does not end with a newline."""
        if self._held or self._skipping:
            yield self._line(self._held)
        self._held, self._skipping = b"", False

    def _line(self, raw: bytes) -> Line:
        self._number += 1
        raw = raw.removesuffix(b"\r")
        if self._number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if self._skipping or len(raw) > self._most:
            fault = f"is longer than {self._most} bytes, shorten it"
            return Line(number=self._number, fault=fault)
        try:
            return Line(number=self._number, text=raw.decode())
        except UnicodeDecodeError as error:
            fault = f"is not UTF-8 at byte {error.start + 1}, save it as UTF-8"
            return Line(number=self._number, fault=fault)


async def lines(descriptor: int, *, most: int) -> AsyncIterator[Line]:
    """Every line of a file descriptor until its end; `most` is the longest line in bytes."""
    splitter = Splitter(most)
    while chunk := await _chunk(descriptor):
        for line in splitter.feed(chunk):
            yield line
    for line in splitter.end():
        yield line


async def _chunk(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # a regular file: always readable, and never waits
        return os.read(descriptor, CHUNK)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, CHUNK)
