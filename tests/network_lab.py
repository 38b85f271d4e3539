"""Servers of our own for the network tools: HTTP, TLS with any certificate, DNS over UDP."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.port import Caller, Result, Tool, ToolFailed
from agents.tools.network.addresses import Network
from agents.tools.network.way import AddrInfo, Way

NOW = datetime.now(UTC)
CALLER = Caller(thread="abcdefgh2345", key="k", person="alice", audience=(), now=NOW)
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"),)
PUBLIC = "93.184.216.34"
"""An address of the internet, to which no test really connects."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def ran(tool: Tool, **args: object) -> Result:
    """The tool's answer, planned and run as the bot does it."""
    params = tool.params.model_validate(args)
    await tool.plan(params)
    return await tool.run(params, CALLER)


async def failed(tool: Tool, **args: object) -> str:
    """Why the tool failed."""
    try:
        result = await ran(tool, **args)
    except ToolFailed as fault:
        return fault.text
    raise AssertionError(f"it answered {result.text}")


# --- HTTP ----------------------------------------------------------------------------------------


@dataclass
class Site:
    """A server, and the requests that came to it."""

    port: int = 0
    seen: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is, by its number."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def site(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """Serves every path of a port of this machine."""
    here = Site()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        here.seen.append(request)
        here.bodies.append(await request.read())
        assert isinstance(request, web.Request)
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    here.port = int(listening.getsockname()[1])
    await web.SockSite(runner, listening, ssl_context=tls).start()
    try:
        yield here
    finally:
        await runner.cleanup()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and nobody else gets."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


# --- the way there -------------------------------------------------------------------------------


class Names:
    """A resolver: each name's answers one after the other, the last one for ever."""

    def __init__(self, **names: Sequence[str | Sequence[str]]) -> None:
        self._answers = {
            name.replace("_", "."): [[one] if isinstance(one, str) else [*one] for one in answers]
            for name, answers in names.items()
        }
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        """The next answer for the name."""
        self.asked.append(host)
        answers = self._answers.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Detour(socket.socket):
    """A socket that goes to a server of ours instead of where it is sent."""

    port = 0

    def connect(self, address: object) -> None:
        """To ours."""
        del address
        super().connect(("127.0.0.1", self.port))


class Wires:
    """Makes sockets that all lead to one port of ours, and knows where they were meant to go."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.meant: list[str] = []

    def __call__(self, info: AddrInfo) -> socket.socket:
        """A socket that goes astray."""
        self.meant.append(str(info[4][0]))
        sock = Detour(socket.AF_INET, socket.SOCK_STREAM)
        sock.port = self._port
        return sock


def way_to(port: int, names: Names, *, private: tuple[Network, ...] = ()) -> tuple[Way, Wires]:
    """A way out on which every connection that is allowed comes to this port."""
    wires = Wires(port)
    return Way(private=private, lookup=names, make=wires), wires


# --- TLS -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in a file."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path

    def server(self) -> ssl.SSLContext:
        """What a server shows it with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context

    def trusting(self) -> ssl.SSLContext:
        """What trusts it, and nothing else."""
        return ssl.create_default_context(cafile=str(self.path))


def certificate(
    folder: Path,
    *names: str,
    issuer: Pair | None = None,
    begins: timedelta = timedelta(days=-10),
    ends: timedelta = timedelta(days=90),
    common_name: str = "",
) -> Pair:
    """A certificate for these names; its own issuer, if there is no other."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name or names[0])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + begins)
        .not_valid_after(NOW + ends)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    signer = issuer.key if issuer else key
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
    )
    made = builder.sign(signer, hashes.SHA256())
    path = folder / f"{made.serial_number}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return Pair(made, key, path)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


# --- DNS -----------------------------------------------------------------------------------------


@dataclass
class Zone(asyncio.DatagramProtocol):
    """A nameserver. records: as "example.com. 300 IN A 1.2.3.4". refused: what it fails at."""

    records: tuple[str, ...]
    refused: frozenset[str] = frozenset()
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Listens."""
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers."""
        query = dns.message.from_wire(data)
        assert self.transport is not None
        if not self.silent:
            self.transport.sendto(self._answer(query).to_wire(), addr)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        (question,) = query.question
        name, kind = str(question.name), question.rdtype
        self.asked.append(f"{name} {kind.name}")
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if kind.name in self.refused:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        sets = [dns.rrset.from_text(*self._split(line)) for line in self.records]
        at, known = name, False
        while True:
            own = [one for one in sets if str(one.name) == at]
            known = known or bool(own)
            answer.answer += [one for one in own if one.rdtype.name in {kind.name, "CNAME"}]
            onward = [str(one[0].target) for one in own if one.rdtype.name == "CNAME"]
            if not onward:
                break
            at = onward[0]
        if not known:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    @staticmethod
    def _split(line: str) -> tuple[str, int, str, str, str]:
        name, ttl, of, kind, value = line.split(maxsplit=4)
        return name, int(ttl), of, kind, value


@asynccontextmanager
async def nameserver(zone: Zone) -> AsyncIterator[Callable[[], dns.asyncresolver.Resolver]]:
    """Serves the zone; gives what makes resolvers that ask it."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: zone, local_addr=("127.0.0.1", 0))
    port = int(transport.get_extra_info("sockname")[1])

    def resolver() -> dns.asyncresolver.Resolver:
        made = dns.asyncresolver.Resolver(configure=False)
        made.nameservers = ["127.0.0.1"]
        made.port = port
        return made

    try:
        yield resolver
    finally:
        transport.close()
