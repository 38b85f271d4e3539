"""Socket Mode: connections, and envelopes to one of them at a time."""

import asyncio
import json
import uuid
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from tests.slack_server.delivery import Delivery, Fate
from tests.slack_server.journal import Journal
from tests.slack_server.wire import APP, EVENTS, Payload


@dataclass(eq=False)
class Connection:
    """One socket of the app's. is_deaf: it is open, and what it is given is lost."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    is_deaf: bool = False
    taken: int = 0

    def abort(self) -> None:
        """Cut it without a word."""
        if self.request.transport is not None:
            self.request.transport.abort()


class Sockets:
    """The app's connections, and those that there were. ack: seconds that an ack may take."""

    def __init__(self, journal: Journal, ack: float) -> None:
        self.ack = ack
        self.connections: list[Connection] = []
        self.opened = 0
        self.tickets: set[str] = set()
        self._journal = journal
        self._waiting: dict[str, Delivery] = {}
        self._turn = 0

    def ticket(self) -> str:
        """What a connection has to be opened with, once."""
        ticket = str(uuid.uuid4())
        self.tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Talk to one connection until it is gone."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=404)
        self.tickets.remove(ticket)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self.opened += 1
        connection = Connection(self.opened, socket, request)
        self.connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._journal.tell()
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._take(json.loads(frame.data))
        except ConnectionError:
            pass
        finally:
            self.connections.remove(connection)
            self._journal.tell()
        return socket

    async def carry(self, delivery: Delivery) -> Fate:
        """Write it to the connection whose turn it is, and wait for the ack."""
        connection = self._next()
        if connection is None:
            return "timeout"
        connection.taken += 1
        if connection.is_deaf:
            return "lost"
        envelope = self._envelope(delivery)
        self._waiting[envelope["envelope_id"]] = delivery
        try:
            await connection.socket.send_json(envelope)
            self._journal.tell()
            async with asyncio.timeout(self.ack):
                await delivery.done.wait()
        except (ConnectionError, RuntimeError, TimeoutError):
            return "acked" if delivery.is_acked else "timeout"
        self._waiting.pop(envelope["envelope_id"], None)
        return "acked"

    async def disconnect(self, reason: str, *, close: bool, only: Connection | None = None) -> None:
        """Tell connections that they end, and end them."""
        told = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-test"}}
        for connection in self.connections[:] if only is None else [only]:
            try:
                await connection.socket.send_json(told)
                if close:
                    await connection.socket.close()
            except (ConnectionError, RuntimeError):
                continue

    async def write(self, text: str) -> None:
        """Write a text to all connections that need not be an envelope."""
        for connection in self.connections[:]:
            await connection.socket.send_str(text)

    def abort(self) -> None:
        """Cut all connections without a word."""
        for connection in self.connections[:]:
            connection.abort()

    def _hello(self) -> Payload:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "applink-test",
                "build_number": 1,
                "approximate_connection_time": 18_060,
            },
            "connection_info": {"app_id": APP},
        }

    def _next(self) -> Connection | None:
        live = [one for one in self.connections if not one.socket.closed]
        if not live:
            return None
        self._turn += 1
        return live[self._turn % len(live)]

    def _envelope(self, delivery: Delivery) -> Payload:
        number, reason = delivery.retry
        again = bool(delivery.envelopes) and number == 0
        name = delivery.envelopes[0] if again else str(uuid.uuid4())
        delivery.envelopes.append(name)
        envelope: Payload = {
            "envelope_id": name,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != EVENTS,
        }
        if delivery.kind == EVENTS:
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        return envelope

    def _take(self, told: Payload) -> None:
        delivery = self._waiting.get(str(told.get("envelope_id")))
        if delivery is not None:
            delivery.ack(told.get("payload") or {})
