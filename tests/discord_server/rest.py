"""The REST API's way with a request: kept, checked, broken as scripted, answered."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.discord_server.faults import VIA, Fault, Faults
from tests.discord_server.journal import Call, File, Journal
from tests.discord_server.routes import DOWNLOAD, WITHOUT_TOKEN
from tests.discord_server.wire import NOT_FOUND, UNAUTHORIZED, Payload, Refused, invalid

PREFIX = "/api/v10"

Handler = Callable[[Call], Any]
"""Has a request's effect and returns the answer: JSON, a file's bytes, or None for no content."""

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(eq=False)
class Rest:
    """Serves the handlers, by the names of their routes, to whoever knows the bot's token."""

    handlers: Mapping[str, Handler]
    journal: Journal
    faults: Faults
    token: str

    def add_to(self, app: web.Application) -> None:
        """Serve them on this application, and 404 for whatever else is asked for."""
        for route, handler in self.handlers.items():
            method, path = route.split()
            prefix = "" if route == DOWNLOAD else PREFIX
            app.router.add_route(method, prefix + path, self._served(route, handler))
        app.router.add_route("*", "/{path:.*}", self._served("", _unknown))

    def _served(self, route: str, handler: Handler) -> Serve:
        async def serve(request: web.Request) -> web.StreamResponse:
            name = route or f"{request.method} {request.path.removeprefix(PREFIX)}"
            call = await _read(name, request)
            self.journal.note(call)
            fault = self._unauthorized(call) or self.faults.take(call) or Fault()
            if self.faults.delay:
                await asyncio.sleep(self.faults.delay)
            if fault.until is not None and not fault.after:
                await fault.until.wait()
            if fault.lost == "request":
                return _cut(request)
            status, answer = _effect(handler, call, fault)
            if fault.until is not None and fault.after:
                await fault.until.wait()
            if fault.lost == "response":
                return _cut(request)
            call.status = status
            self.journal.tell()
            return self._response(call, answer)

        return serve

    def _unauthorized(self, call: Call) -> Fault | None:
        known = call.headers.get("authorization") == f"Bot {self.token}"
        if known or call.route in WITHOUT_TOKEN:
            return None
        status, code, message = UNAUTHORIZED
        return Fault(status=status, body={"message": message, "code": code})

    def _response(self, call: Call, answer: Any) -> web.Response:
        headers = {**VIA, **self.faults.headers(call)}
        if isinstance(answer, bytes):
            return web.Response(body=answer, headers=headers)
        if answer is None:
            return web.Response(status=call.status, headers=headers)
        if call.status == 429:
            headers |= {
                "Retry-After": str(answer["retry_after"]),
                "X-RateLimit-Scope": "global" if answer["global"] else "user",
                **({"X-RateLimit-Global": "true"} if answer["global"] else {}),
            }
        # discord.py compares the whole value: with a charset it would see text.
        headers["Content-Type"] = "application/json"
        return web.Response(body=json.dumps(answer).encode(), status=call.status, headers=headers)


def _effect(handler: Handler, call: Call, fault: Fault) -> tuple[int, Any]:
    if fault.status:
        return fault.status, fault.body
    try:
        answer = handler(call)
    except Refused as refused:
        return refused.status, refused.payload
    return 204 if answer is None else 200, answer


def _unknown(call: Call) -> Any:
    raise Refused(*NOT_FOUND)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _read(route: str, request: web.Request) -> Call:
    body: Any = {}
    files: list[File] = []
    if request.content_type == "multipart/form-data":
        form = await request.post()
        for value in form.values():
            if isinstance(value, web.FileField):
                files.append(File(value.filename, value.file.read(), value.content_type))
        body = json.loads(str(form.get("payload_json", "{}")))
    elif request.can_read_body:
        body = json.loads(await request.read())
    return Call(
        route=route,
        path=request.path,
        params=dict(request.match_info),
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        files=files,
    )


# --- what handlers share -------------------------------------------------------------------------


def body(call: Call) -> Payload:
    """The body, which has to be an object."""
    if not isinstance(call.body, dict):
        raise invalid("_", "Only dictionaries may be used in a DictType")
    return call.body
