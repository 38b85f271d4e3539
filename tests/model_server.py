"""A Messages API on the loopback that answers by a script, over real HTTP/1.1.

It keeps what it was sent, byte for byte. Each request takes the next entry of the script: a reply,
or a function that makes one of the request.
"""

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from pydantic import JsonValue

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html; charset=utf-8"}


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, JsonValue]:
        """The body, read."""
        read: dict[str, JsonValue] = json.loads(self.body)
        return read


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One response.

    delay: seconds before it. until: it is held back until this is set. drip: seconds between the
    bytes of its body. drop: the connection is cut before the first byte, or in mid-body.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    body: bytes = b""
    delay: float = 0.0
    until: asyncio.Event | None = None
    drip: float = 0.0
    drop: Literal["", "before", "midway"] = ""


Scripted = Reply | Callable[[Received], Reply]


# --- replies -------------------------------------------------------------------------------------


def message(
    content: list[JsonValue],
    *,
    stop_reason: str | None = "end_turn",
    model: str = "claude-haiku-5-5",
    usage: Mapping[str, int] | None = None,
    **more: JsonValue,
) -> Reply:
    """A message with these blocks of content, as the API words it."""
    counted: dict[str, JsonValue] = {
        "input_tokens": 100,
        "output_tokens": 20,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        **(usage or {}),
    }
    whole: dict[str, JsonValue] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": counted,
        **more,
    }
    return Reply(body=json.dumps(whole).encode())


def text(words: str, **more: JsonValue) -> JsonValue:
    """A block of text."""
    return {"type": "text", "text": words, **more}


def use(tool: str, given: JsonValue) -> JsonValue:
    """A block that calls a tool."""
    return {"type": "tool_use", "id": "toolu_1", "name": tool, "input": given}


def step(value: JsonValue) -> Reply:
    """A whole answer: this step."""
    return message([text(json.dumps({"step": value}))])


def info(**told: JsonValue) -> Reply:
    """What `models.retrieve` answers of a model, but for what is `told`."""
    whole: dict[str, JsonValue] = {
        "type": "model",
        "id": "claude-haiku-5-5",
        "display_name": "Haiku",
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "retires_at": None,
        "capabilities": None,
        **told,
    }
    return Reply(body=json.dumps(whole).encode())


def error(
    status: int,
    kind: str,
    words: str = "no",
    *,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """An error, as the API words it. `code`: the stable name of its cause."""
    told: dict[str, JsonValue] = {"type": kind, "message": words}
    if code is not None:
        told["details"] = {"error_code": code}
    body = {"type": "error", "error": told, "request_id": "req_1"}
    return Reply(status=status, headers={**JSON, **(headers or {})}, body=json.dumps(body).encode())


# --- the server ----------------------------------------------------------------------------------


@dataclass
class ModelServer:
    """A server at `url`; past the end of its script it answers 400."""

    script: deque[Scripted] = field(default_factory=deque)
    requests: list[Received] = field(default_factory=list)
    url: str = ""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _talks: set[asyncio.Task[None]] = field(default_factory=set)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def then(self, *replies: Scripted) -> None:
        """More of the script."""
        self.script.extend(replies)

    async def received(self, count: int) -> None:
        """Wait until so many requests have come in, all told."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.requests) >= count)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            await self._talk(reader, writer)
        writer.close()

    async def close(self) -> None:
        """Cut every connection."""
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await _receive(reader)
            async with self._news:
                self.requests.append(request)
                self._news.notify_all()
            found = self.script.popleft() if self.script else error(400, "end_of_script")
            reply = found if isinstance(found, Reply) else found(request)
            await asyncio.sleep(reply.delay)
            if reply.until is not None:
                await reply.until.wait()
            if not await _send(writer, reply, f"req_{next(self._ids)}"):
                return


async def _receive(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    named = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in named}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(path=first.split()[1], headers=headers, body=body)


async def _send(writer: asyncio.StreamWriter, reply: Reply, request_id: str) -> bool:
    """Whether the connection goes on."""
    if reply.drop == "before":
        return False
    headers = {
        "content-length": str(len(reply.body)),
        "request-id": request_id,
        **reply.headers,
    }
    phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Overloaded"
    head = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write("\r\n".join([*head, "", ""]).encode("latin-1"))
    cut = len(reply.body) // 2 if reply.drop == "midway" else len(reply.body)
    size = 1 if reply.drip else max(cut, 1)
    for start in range(0, cut, size):
        writer.write(reply.body[start : min(start + size, cut)])
        await writer.drain()
        await asyncio.sleep(reply.drip)
    await writer.drain()
    return not reply.drop


@asynccontextmanager
async def model_server(*script: Scripted) -> AsyncIterator[ModelServer]:
    """A server until the end of the block."""
    server = ModelServer(script=deque(script))
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0, limit=2**24)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        await server.close()
