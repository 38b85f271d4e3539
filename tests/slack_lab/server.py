"""The server: HTTP for the Web API and for files, WebSocket for Socket Mode."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.slack_lab.faults import Fault, Faults
from tests.slack_lab.people import Person, Told
from tests.slack_lab.sockets import Delivery, SocketMode
from tests.slack_lab.web_api import WebApi
from tests.slack_lab.world import TEAM, Payload, Room, Said, World


class SlackServer:
    """A workspace with one app in it.

    `patience`: seconds that anything is waited for, and `ack`: that an envelope waits for its ack.
    dead_ends: how many addresses of connections lead nowhere before one does.
    """

    def __init__(self, *, patience: float, ack: float, retries: tuple[float, ...]) -> None:
        self.world = World(patience)
        self.sockets = SocketMode(self.world, ack, retries)
        self.faults = Faults()
        self.api = WebApi(self.world, lambda: self._ws_url)
        self.told = Told(self.world, self._send)
        self.downloads: list[tuple[str, str]] = []
        self.files: dict[str, bytes] = {}
        self.paused = False
        self.dead_ends = 0

    @property
    def api_url(self) -> str:
        """For SLACK_API_URL."""
        return f"{self.world.origin}/api/"

    @property
    def _ws_url(self) -> str:
        self.dead_ends -= 1
        where = "link" if self.dead_ends < 0 else "gone"
        return f"{self.world.origin.replace('http', 'ws')}/{where}"

    def _send(self, kind: str, payload: Payload) -> Delivery:
        if self.faults.down:
            return Delivery(payload=payload, kind=kind, lost=True)
        return self.sockets.send(kind, payload)

    # --- what there is

    def room(
        self,
        name: str,
        *members: Person,
        kind: str = "channel",
        shared: bool = False,
        bot: bool = True,
    ) -> Room:
        """A new room with these people in it."""
        ids = {one.id for one in members}
        room = Room(id=name, kind=kind, name=name.lower(), members=ids, shared=shared, bot=bot)
        self.world.rooms[name] = room
        return room

    def person(self, user: str, *, team: str = TEAM) -> Person:
        """Somebody."""
        return Person(user, self.told, self.api, team)

    def direct(self, person: Person) -> Room:
        """The talk of somebody with the app."""
        return self.world.direct(person.id)

    def file(self, name: str, content: bytes, mimetype: str = "text/plain") -> Payload:
        """A file as it hangs on a message."""
        self.files[name] = content
        url = f"{self.world.origin}/files/{name}"
        return {
            "id": self.world.name("F"),
            "name": name,
            "mimetype": mimetype,
            "size": len(content),
            "url_private": url,
        }

    # --- what the app did

    def sent(self, room: Room, *, thread: str | None = None, only: str = "") -> list[Said]:
        """What it has written, as people see it now."""
        return [
            message
            for message in room.said.values()
            if message.bot and message.only == only and thread in {None, message.thread}
        ]

    async def posted(
        self, room: Room, count: int = 1, *, thread: str | None = None, only: str = ""
    ) -> list[Said]:
        """Wait until it has written so many."""

        def found() -> list[Said]:
            return self.sent(room, thread=thread, only=only)

        await self.world.until(
            lambda: len(found()) >= count, lambda: [message.shown for message in found()]
        )
        return found()

    def calls(self, method: str) -> list[Payload]:
        """The arguments of every call of a method, in order."""
        return [call for name, call in self.world.calls if name == method]

    async def called(self, method: str, count: int = 1) -> list[Payload]:
        """Wait until a method was called so often."""
        await self.world.until(
            lambda: len(self.calls(method)) >= count, lambda: [name for name, _ in self.world.calls]
        )
        return self.calls(method)

    async def form(self, count: int = 1) -> Payload:
        """Wait until so many forms were shown; the last of them."""
        await self.world.until(lambda: len(self.api.forms) >= count, lambda: self.api.forms)
        return self.api.forms[-1]

    async def connected(self, count: int) -> None:
        """Wait until there are so many connections."""
        sockets = self.sockets
        await self.world.until(
            lambda: len(sockets.connections) >= count, lambda: len(sockets.connections)
        )

    async def acked(self, delivery: Delivery) -> Delivery:
        """Wait until it is acked."""
        await self.world.until(lambda: delivery.acked, lambda: delivery)
        return delivery

    # --- HTTP

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of the Web API."""
        method = request.match_info["method"]
        call = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = token or str(call.get("token") or "")
        fault = self.faults.take(method) or Fault()
        if fault.unsent:
            self.world.tell()
            return _cut(request)
        if fault.until is not None:
            await fault.until.wait()
        if fault.error or fault.page or fault.status != 200:
            headers = {"Retry-After": str(fault.after)} if fault.after else {}
            self.world.tell()
            return _in_its_place(fault, headers)
        for about in (call.get("channel"), call.get("ts")):
            if about in self.faults.refusals:
                self.world.tell()
                return _in_its_place(Fault(error=self.faults.refusals[str(about)]), {})
        if self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        answer = self.api.answer(method, token, call)
        self.world.calls.append((method, call))
        self.world.tell()
        if fault.lost:
            return _cut(request)
        return web.json_response(answer, headers={"X-OAuth-Scopes": self.api.scopes})

    async def upload(self, request: web.Request) -> web.Response:
        """The content of a file that is being sent."""
        file = self.world.uploads[request.match_info["file"]]
        if request.content_type.startswith("multipart/"):
            form = await request.post()
            part = next(iter(form.values()))
            content = part.file.read() if isinstance(part, web.FileField) else str(part).encode()
        else:
            content = await request.read()
        file["content"] = content.decode()
        return web.Response(text="OK")

    async def download(self, request: web.Request) -> web.Response:
        """The content of a file that people have sent."""
        name, token = request.match_info["name"], request.headers.get("Authorization", "")
        self.downloads.append((name, token))
        if (fault := self.faults.take(name)) and fault.until is not None:
            await fault.until.wait()
        if token != f"Bearer {self.api.bot_token}":
            return web.Response(status=403)
        return web.Response(body=self.files[name])


async def _arguments(request: web.Request) -> Payload:
    call: Payload = dict(request.query)
    if request.content_type == "application/json":
        return call | (await request.json() or {})
    return call | dict(await request.post())


def _in_its_place(fault: Fault, headers: dict[str, str]) -> web.Response:
    if fault.page:
        return web.Response(
            text=fault.page, status=fault.status, content_type=fault.kind, headers=headers
        )
    body = {"ok": False, "error": fault.error}
    return web.json_response(body, status=fault.status, headers=headers)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def slack_server(
    *, patience: float = 20.0, ack: float = 3.0, retries: tuple[float, ...] = (0.0, 0.1, 0.2)
) -> AsyncIterator[SlackServer]:
    """Serve inside of the block. retries: pauses before an event that was not acked comes again."""
    server = SlackServer(patience=patience, ack=ack, retries=retries)
    app = web.Application(client_max_size=2**26)
    app.router.add_get("/link", server.sockets.serve)
    app.router.add_route("*", "/api/{method}", server.call)
    app.router.add_post("/upload/{file}", server.upload)
    app.router.add_get("/files/{name}", server.download)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.world.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await server.sockets.close()
        await runner.cleanup()
