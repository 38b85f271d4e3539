"""An IMAP server written by hand, for what Dovecot does not do: it hangs, it lies, it goes away."""

import asyncio
import re
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
class Box:
    """An inbox that holds mails by UID, for `Faulty.holds`. moved: where each has gone to."""

    mails: dict[int, bytes]
    moved: dict[int, str] = field(default_factory=dict)

    async def search(self, talk: Talk, command: str) -> None:
        """Those from a UID on; all for any other criterion."""
        from_uid = re.search(r"SEARCH UID (\d+):\*", command)
        first = int(from_uid[1]) if from_uid else 1
        await talk.ok(" ".join(["* SEARCH", *(str(uid) for uid in self.mails if uid >= first)]))

    async def fetch(self, talk: Talk, command: str) -> None:
        """Its size, or itself."""
        uid = int(command.split()[2])
        mail = self.mails.get(uid)
        if mail is None:
            await talk.ok()
        elif "SIZE" in command:
            await talk.ok(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)})")
        else:
            await talk.ok(f"* 1 FETCH (UID {uid} BODY[] {{{len(mail)}}}", f"{mail.decode()})")

    async def move(self, talk: Talk, command: str) -> None:
        """It is not here any more."""
        words = command.split(maxsplit=3)
        self.mails.pop(int(words[2]), None)
        self.moved[int(words[2])] = words[3].strip('"')
        await talk.ok()


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

    def holds(self, *mails: bytes) -> Box:
        """From now on it answers for these, numbered from 1."""
        box = Box({uid: mail.replace(b"\n", b"\r\n") for uid, mail in enumerate(mails, 1)})
        self.answers |= {"SEARCH": box.search, "FETCH": box.fetch, "MOVE": box.move}
        return box

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
