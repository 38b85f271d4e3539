"""The gateway: connections, sessions that outlive them, and what is told to them."""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord_server.journal import Dispatch, Frame, Journal
from tests.discord_server.wire import PRIVILEGED, Intent, Payload

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
MEMBERS, INVALID, HELLO, ACK = 8, 9, 10, 11

Told = Callable[[Intent], Payload | None]
"""What those with these intents are told of an event; None: nothing."""


@dataclass(eq=False)
class Connection:
    """A socket, with what is still to be written to it: a text, or a code to close with."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    session: "Session | None" = None
    is_deaf: bool = False
    is_closing: bool = False
    _outgoing: asyncio.Queue[str | int] = field(default_factory=asyncio.Queue)

    def send(self, op: int, data: Any, *, seq: int | None = None, event: str | None = None) -> None:
        """Write a frame after those before it; a deaf connection does not."""
        self.write(json.dumps({"op": op, "d": data, "s": seq, "t": event}))

    def write(self, text: str) -> None:
        """Write a text as it is."""
        if not self.is_deaf:
            self._outgoing.put_nowait(text)

    def close(self, code: int) -> None:
        """Close it after what was written before."""
        self.is_closing = True
        self._outgoing.put_nowait(code)

    def abort(self) -> None:
        """Cut it without a word."""
        self.transport.abort()

    async def pump(self) -> None:
        """Write what is to be written until it is closed."""
        while True:
            match await self._outgoing.get():
                case int(code):
                    await self.socket.close(code=code)
                    return
                case text:
                    try:
                        await self.socket.send_str(text)
                    except ConnectionError:
                        return


@dataclass(eq=False)
class Session:
    """What one identification is told, from first to last. A session outlives its connection."""

    id: str
    intents: Intent
    connection: Connection | None
    events: list[tuple[str, Any]] = field(default_factory=list)
    is_resumable: bool = True

    def tell(self, event: str, data: Any) -> None:
        """The next event: written now, or kept until the session is resumed."""
        self.events.append((event, data))
        if self.connection is not None:
            self.connection.send(DISPATCH, data, seq=len(self.events), event=event)

    def replay(self, after: int) -> None:
        """Write again what came after that event."""
        assert self.connection is not None
        for seq, (event, data) in enumerate(self.events[after:], after + 1):
            self.connection.send(DISPATCH, data, seq=seq, event=event)


class Gateway:
    """All connections of the bot's clients.

    door: nobody is said hello to while it is not set. acks: whether heartbeats are answered.
    refusals: the codes that the next identifications are closed with. allowed: the privileged
    intents that the portal allows.
    """

    def __init__(self, journal: Journal, *, allowed: Intent, interval: float) -> None:
        self.door = asyncio.Event()
        self.door.set()
        self.acks = True
        self.refusals: list[int] = []
        self.allowed = allowed
        self.interval = interval
        self.identified: list[Payload] = []
        self.resumed: list[Payload] = []
        self.token = ""
        self.greet: Callable[[Session], None] = lambda session: None
        self.members: Callable[[Payload], Payload] = lambda asked: asked
        self.connections: list[Connection] = []
        self._journal = journal
        self._sessions: dict[str, Session] = {}

    def tell(self, event: str, told: Told) -> None:
        """An event for every session, as each may see it."""
        whole = told(~Intent(0))
        self._journal.note(Dispatch(event=event, data=whole))
        for session in self._sessions.values():
            seen = told(session.intents)
            if seen is not None:
                session.tell(event, seen)

    def forget(self) -> None:
        """No session of now can be resumed; what it misses is lost."""
        for session in [*self._sessions.values()]:
            session.is_resumable = False
            if session.connection is None:
                del self._sessions[session.id]

    def invalidate(self, *, resumable: bool) -> None:
        """Tell all connections that their session is invalid."""
        if not resumable:
            self._sessions.clear()
        for connection in self.connections:
            connection.send(INVALID, resumable)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk to one client until it is gone."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        assert request.transport is not None
        connection = Connection(socket, request.transport)
        self.connections.append(connection)
        self._journal.tell()
        writing = asyncio.create_task(connection.pump())
        try:
            await self.door.wait()
            connection.send(HELLO, {"heartbeat_interval": int(self.interval * 1000)})
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                self._receive(connection, json.loads(message.data))
        finally:
            if not connection.is_closing:
                writing.cancel()
            self._leave(connection)
            await asyncio.gather(writing, return_exceptions=True)
        return socket

    def _leave(self, connection: Connection) -> None:
        self.connections.remove(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            ended = connection.socket.close_code in (1000, 1001) and not connection.is_closing
            if ended or not session.is_resumable:
                self._sessions.pop(session.id, None)
        self._journal.tell()

    def _receive(self, connection: Connection, frame: Payload) -> None:
        op, data = frame["op"], frame["d"]
        match op:
            case 1:
                if self.acks:
                    connection.send(ACK, None)
            case 2:
                self._identify(connection, data)
            case 6:
                self._resume(connection, data)
            case _ if connection.session is None:
                connection.close(4003)
            case 8:
                connection.session.tell("GUILD_MEMBERS_CHUNK", self.members(data))
            case _:
                pass
        self._journal.note(Frame(op=op, data=data))

    def _identify(self, connection: Connection, data: Payload) -> None:
        intents = Intent(data["intents"])
        if self.refusals:
            connection.close(self.refusals.pop(0))
        elif data["token"] != self.token:
            connection.close(4004)
        elif connection.session is not None:
            connection.close(4005)
        elif intents & PRIVILEGED & ~self.allowed:
            connection.close(4014)
        else:
            session = Session(secrets.token_hex(16), intents, connection)
            connection.session = self._sessions[session.id] = session
            self.identified.append(data)
            self.greet(session)

    def _resume(self, connection: Connection, data: Payload) -> None:
        session = self._sessions.get(data["session_id"])
        if data["token"] != self.token:
            connection.close(4004)
        elif (
            session is None
            or not session.is_resumable
            or not 0 <= (data["seq"] or 0) <= len(session.events)
        ):
            connection.send(INVALID, False)
        else:
            if session.connection is not None:
                session.connection.close(4000)
            session.connection, connection.session = connection, session
            session.replay(data["seq"] or 0)
            session.tell("RESUMED", {})
            self.resumed.append(data)
