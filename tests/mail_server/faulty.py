"""An IMAP server written by hand, for what Dovecot does not do: it hangs, it lies, it goes away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[["Talk", str], Awaitable[None]]


@dataclass
class Talk:
    """One connection. tag: of the command that is answered."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    tag: str = ""

    async def say(self, *lines: str) -> None:
        """Lines as they go out, whatever they are."""
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

    async def ok(self, *lines: str) -> None:
        """An answer that ends well."""
        await self.say(*lines, f"{self.tag} OK done")


@dataclass
class Faulty:
    """answers: a command's word -> what is done instead. said: all commands that came."""

    port: int = 0
    capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=XOAUTH2"
    answers: dict[str, Answer] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends."""
        self.open.append(writer)
        talk = Talk(reader, writer)
        await talk.say(f"* OK [CAPABILITY {self.capabilities}] ready")
        try:
            while line := (await reader.readline()).decode().rstrip("\r\n"):
                talk.tag, _, command = line.partition(" ")
                self.said.append(command)
                words = command.upper().split()
                name = words[1] if words[0] == "UID" else words[0]
                await (self.answers.get(name) or _usual(self, name))(talk, command)
        except (ConnectionError, IndexError):
            pass
        finally:
            writer.close()

    def vanish(self) -> None:
        """Every connection is cut."""
        for writer in self.open:
            writer.transport.abort()


def _usual(server: Faulty, name: str) -> Answer:
    async def answer(talk: Talk, _command: str) -> None:
        lines = {
            "CAPABILITY": (f"* CAPABILITY {server.capabilities}",),
            "SELECT": ("* 0 EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 1] ok"),
            "SEARCH": ("* SEARCH",),
            "LOGOUT": ("* BYE",),
        }
        if name == "IDLE":
            await talk.say("+ idling")
            await talk.reader.readline()
        await talk.ok(*lines.get(name, ()))

    return answer


@asynccontextmanager
async def faulty() -> AsyncIterator[Faulty]:
    """A running one."""
    one = Faulty()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = int(server.sockets[0].getsockname()[1])
    try:
        yield one
    finally:
        server.close()
        one.vanish()
