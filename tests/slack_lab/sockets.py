"""Socket Mode: envelopes to one connection at a time, again until they are acked."""

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.slack_lab.world import APP, Payload, World


@dataclass(eq=False)
class Connection:
    """One socket of the app's. `deaf`: it is open, and what it is given is never delivered."""

    socket: web.WebSocketResponse
    request: web.Request
    deaf: bool = False


@dataclass(eq=False, kw_only=True)
class Delivery:
    """An envelope on its way: how often it was sent, and what it was acked with."""

    payload: Payload
    kind: str
    tries: int = 0
    acked: bool = False
    answer: Payload | None = None
    lost: bool = False


@dataclass(eq=False)
class SocketMode:
    """The connections. retries: seconds after which what is not acked is sent again."""

    world: World
    patience: float = 3.0
    retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    connections: list[Connection] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    opened: int = 0
    _waiting: dict[str, Delivery] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: int = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, for as long as it lasts."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.connections.append(connection)
        self.opened += 1
        info = {"connection_info": {"app_id": APP}, "num_connections": len(self.connections)}
        await socket.send_json({"type": "hello", **info})
        self.world.tell()
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    self._acked(json.loads(frame.data))
        finally:
            self.connections.remove(connection)
            self.world.tell()
        return socket

    def send(self, kind: str, payload: Payload) -> Delivery:
        """Put it on its way. Events are sent again if they are not acked; the rest is not."""
        delivery = Delivery(payload=payload, kind=kind)
        self.deliveries.append(delivery)
        task = asyncio.create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return delivery

    async def close(self) -> None:
        """Nothing is sent any more."""
        for task in (*self._tasks,):
            task.cancel()
        await self.drop()

    async def drop(self) -> None:
        """Every connection is cut, without a word."""
        for connection in (*self.connections,):
            if connection.request.transport is not None:
                connection.request.transport.abort()

    async def disconnect(self, reason: str, *, close: bool = True) -> None:
        """Tell every connection that it ends, and end it."""
        for connection in (*self.connections,):
            await connection.socket.send_json({"type": "disconnect", "reason": reason})
            if close:
                await connection.socket.close()

    async def _deliver(self, delivery: Delivery) -> None:
        pauses = self.retries if delivery.kind == "events_api" else ()
        for number, pause in enumerate((None, *pauses)):
            if pause is not None:
                await asyncio.sleep(pause)
            if await self._try(delivery, number):
                return
        delivery.lost = True
        self.world.tell()

    async def _try(self, delivery: Delivery, number: int) -> bool:
        if not self.connections:
            return False
        self._turn += 1
        connection = self.connections[self._turn % len(self.connections)]
        delivery.tries += 1
        if connection.deaf:
            delivery.lost = True
            return True
        envelope = secrets.token_hex(8)
        self._waiting[envelope] = delivery
        told: Payload = {
            "envelope_id": envelope,
            "type": delivery.kind,
            "payload": delivery.payload,
        }
        told |= {"accepts_response_payload": delivery.kind != "events_api"}
        if number:
            told |= {"retry_attempt": number - 1, "retry_reason": "timeout"}
        try:
            await connection.socket.send_json(told)
        except (ConnectionError, RuntimeError):
            return False
        return await self._is_acked(delivery)

    async def _is_acked(self, delivery: Delivery) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        while not delivery.acked and loop.time() < until:
            change = self.world.changes()
            try:
                async with asyncio.timeout_at(until):
                    await change.wait()
            except TimeoutError:
                break
        return delivery.acked

    def _acked(self, told: Payload) -> None:
        delivery = self._waiting.pop(str(told.get("envelope_id")), None)
        if delivery is not None:
            delivery.acked = True
            delivery.answer = told.get("payload")
            self.world.tell()
