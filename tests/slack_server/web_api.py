"""The Web API's way with a call: kept, checked, broken as scripted, answered."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from tests.slack_server import scopes
from tests.slack_server.faults import Faults
from tests.slack_server.journal import Call
from tests.slack_server.wire import APP_TOKEN, BOT_TOKEN, Payload, Refused, text_of
from tests.slack_server.world import World

Method = Callable[[Payload], Payload]
"""Has a call's effect, by its arguments, and returns what is answered besides `ok`."""


class WebApi:
    """Serves the methods. scopes: what the bot's token may do. lacking: methods that are off."""

    def __init__(self, world: World, faults: Faults, methods: Mapping[str, Method]) -> None:
        self.bot_token, self.app_token = BOT_TOKEN, APP_TOKEN
        self.scopes = set(scopes.ALL)
        self.lacking: dict[str, str] = {}
        self._world = world
        self._faults = faults
        self._methods = methods

    def has(self, method: str) -> bool:
        """Whether it can be called, at its own address or at a response_url."""
        return method in self._methods or method == "response_url"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        call = await _read(request.match_info["method"], request)
        return await self.attend(request, call, self._answer)

    async def attend(
        self, request: web.Request, call: Call, answer: Callable[[Call], Payload]
    ) -> web.StreamResponse:
        """Keep a call, let happen to it what is scripted, and answer it."""
        fault = self._faults.take(call.method, text_of(call.args, "channel"))
        self._world.journal.note(call)
        await fault.hold(after=False)
        if fault.lost == "request":
            return cut(request)
        if fault.status:
            call.status, call.answer = fault.status, {"ok": False, "error": fault.error}
        else:
            call.status, call.answer = 200, answer(call)
            call.is_performed = not call.error
        self._world.journal.tell()
        await fault.hold(after=True)
        if fault.lost == "response" or self._faults.is_down:
            call.status = 0
            return cut(request)
        headers = self._headers(call)
        if fault.retry_after:
            headers["Retry-After"] = str(fault.retry_after)
        return web.json_response(call.answer, status=call.status, headers=headers)

    def _answer(self, call: Call) -> Payload:
        try:
            method = self._method(call)
            return {"ok": True, **method(call.args)}
        except Refused as refused:
            return refused.answer

    def _method(self, call: Call) -> Method:
        """The method, if whoever calls may."""
        if call.method not in self._methods:
            raise Refused("unknown_method", req_method=call.method)
        wants_app = call.method == "apps.connections.open"
        wanted = self.app_token if wants_app else self.bot_token
        if not call.token:
            raise Refused("not_authed")
        if call.token != wanted:
            known = call.token in (self.app_token, self.bot_token)
            raise Refused("not_allowed_token_type" if known else "invalid_auth")
        for scope in self._needed(call):
            if scope not in self.scopes:
                raise self._missing(scope)
        if error := self.lacking.get(call.method):
            raise self._missing("assistant:write") if error == "missing_scope" else Refused(error)
        return self._methods[call.method]

    def _needed(self, call: Call) -> list[str]:
        name = text_of(call.args, "channel")
        return scopes.needed(call.method, call.args, self._world.channels.get(name))

    def _missing(self, scope: str) -> Refused:
        return Refused("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def _headers(self, call: Call) -> dict[str, str]:
        if call.token != self.bot_token:
            return {}
        return {
            "X-OAuth-Scopes": ",".join(sorted(self.scopes)),
            "X-Accepted-OAuth-Scopes": ",".join(self._needed(call)),
        }


async def _read(method: str, request: web.Request) -> Call:
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json() if request.can_read_body else {}
        args |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        args |= dict(await request.post())
    token = str(args.pop("token", "")) or bearer(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(method=method, args=args, token=token, headers=headers)


def bearer(request: web.Request) -> str:
    """The token that a request carries in its header."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def cut(request: web.Request) -> web.Response:
    """End the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
