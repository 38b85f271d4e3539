"""Calls of Claude as lines of a file, and answers from such a file: middleware of the SDK.

A line is one response: {"request_sha256", "request", "status", "response"}, the bodies as JSON (or
text, where they are none). Headers are not kept, so neither is how long a provider wants to be
left alone. Imports the SDK, as `anthropic_model` does.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import httpx2
from anthropic import AsyncAPIResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from agents import wire

if TYPE_CHECKING:
    from anthropic import APIRequest, AsyncAnthropic, AsyncCallNext

NOWHERE = "http://recorded.invalid/v1/messages"
"""The address of a request that is not sent."""
SHORTEST_KEY = 8
"""A shorter one, as in tests, could stand anywhere by chance."""


class RecordingError(ValueError):
    """The file can not be used: one line that names it, and what to mend."""


class Line(BaseModel):
    """One response, and the request that it answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    request_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    request: JsonValue
    status: Annotated[int, Field(ge=100, le=599)]
    response: JsonValue


class Recorder:
    """Appends a line for each response to a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        """Raises `RecordingError` if the file can not be written."""
        self._path = path
        self._append(b"")

    async def __call__(
        self, request: "APIRequest", call_next: "AsyncCallNext"
    ) -> AsyncAPIResponse[object]:
        """Let the call through and write down its response; where there is none, nothing."""
        response = await call_next(request)
        sent = response.http_request
        line = Line(
            request_sha256=wire.sha256(sent.content),
            request=_value(sent.content),
            status=response.status_code,
            response=_value(_without_key(await response.read(), sent.headers)),
        )
        self._append(_written(line) + b"\n")
        return response

    def _append(self, data: bytes) -> None:
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.fchmod(file, 0o600)  # it may have been there before
                os.write(file, data)
            finally:
                os.close(file)
        except OSError as error:
            raise RecordingError(f"{self._path} cannot be written: {error.strerror}") from None


class Replayer:
    """Answers what was recorded, by the hash of the request, and sends nothing.

    What was recorded more than once is answered in that order, then with the last answer. What was
    not is answered as something that is not there, which no later try will find either.
    """

    def __init__(self, lines: Iterable[Line], label: str) -> None:
        """`label` names the recordings in the reason of a failure."""
        self._label = label
        self._answers: dict[str, list[Line]] = {}
        for line in lines:
            self._answers.setdefault(line.request_sha256, []).append(line)

    async def __call__(
        self, request: "APIRequest", _call_next: "AsyncCallNext"
    ) -> AsyncAPIResponse[object]:
        """The recorded answer."""
        body = wire.dump(request.json).encode()
        status, answer = self._answer(wire.sha256(body))
        sent = httpx2.Request(request.method, NOWHERE, content=body)
        return AsyncAPIResponse(
            raw=httpx2.Response(status, content=answer, request=sent),
            cast_to=object,
            client=cast("AsyncAnthropic", None),  # it would parse: only the raw body is read
            stream=False,
            stream_cls=None,
            options=request.options,
        )

    def _answer(self, sha256: str) -> tuple[int, bytes]:
        known = self._answers.get(sha256)
        if not known:
            words = f"{self._label} has no answer to this request (sha256 {sha256})"
            told = {"type": "error", "error": {"type": "not_recorded", "message": words}}
            return 404, wire.dump(told).encode()
        line = known.pop(0) if len(known) > 1 else known[0]
        if isinstance(line.response, str):
            return line.status, line.response.encode("utf-8", "surrogatepass")
        return line.status, json.dumps(line.response).encode()


def read(path: Path) -> tuple[Line, ...]:
    """The recordings of a file. Raises `RecordingError`."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from None
    return tuple(_line(line, f"{path}: line {number}") for number, line in enumerate(lines, 1))


def _written(line: Line) -> bytes:
    told = line.model_dump()
    try:
        return wire.dump(told).encode()
    except UnicodeEncodeError:  # half a surrogate pair, as broken JSON brings it
        return json.dumps(told).encode()


def _line(data: bytes, where: str) -> Line:
    try:
        return Line.model_validate(json.loads(data))
    except (RecursionError, json.JSONDecodeError, UnicodeDecodeError):
        raise RecordingError(f"{where}: is not JSON") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    raise RecordingError(f"{where}: {key or 'the line'}: {first['msg']}")


def _value(body: bytes) -> JsonValue:
    """The body as JSON; one that is none as text."""
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    return body.decode("utf-8", "replace") if isinstance(value, str) else value


def _without_key(body: bytes, headers: httpx2.Headers) -> bytes:
    """A proxy may repeat the key in what it answers."""
    told = (headers.get("x-api-key"), headers.get("authorization", "").removeprefix("Bearer "))
    for key in told:
        if key and len(key) >= SHORTEST_KEY:
            body = body.replace(key.encode(), b"[key]")
    return body
