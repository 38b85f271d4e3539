"""One request over HTTP, and what came of it: no redirect is followed, nothing is kept."""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from agents.tools.network.target import Target
from agents.tools.network.way import NoSuchHost, NotAllowed, Way

CONNECT_TIME = 10.0
"""Seconds that one connection may take."""

_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. limit: bytes of the body that are read. seconds: how long all may take."""

    method: str
    target: Target
    limit: int
    seconds: float
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was answered, after `seconds`. whole: whether `body` is all of it."""

    status: int
    location: str
    body: bytes
    whole: bool
    seconds: float


class NoReply(Exception):
    """There is no answer: the text says why. sent: the request may have arrived all the same."""

    def __init__(self, text: str, *, sent: bool = False) -> None:
        super().__init__(text)
        self.sent = sent


class _Resolver(AbstractResolver):
    """Resolves by the way out, which looks at the addresses."""

    def __init__(self, way: Way) -> None:
        self._way = way

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address, for a connection that is made now."""
        del family
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._way.addresses(host)
        ]

    async def close(self) -> None:
        """There is nothing to close."""


async def fetch(way: Way, request: Request) -> Reply:
    """Ask once. Raises `NoReply`, and nothing else but for being cancelled."""
    try:
        way.look_at_host(request.target.place.host)
        async with asyncio.timeout(request.seconds), _session(way) as session:
            return await _asked(session, request)
    except aiohttp.ConnectionTimeoutError:
        where = request.target.place.told(0)
        raise NoReply(f"{where} takes no connection within {CONNECT_TIME:g} s") from None
    except TimeoutError:
        raise NoReply(f"no answer within {request.seconds:g} s", sent=True) from None
    except (OSError, ValueError, aiohttp.ClientError) as fault:
        raise _told(fault, request) from fault


def _session(way: Way) -> aiohttp.ClientSession:
    """A session for one request: no cookies, no proxy, no connection that is used again."""
    connector = aiohttp.TCPConnector(
        resolver=_Resolver(way),
        socket_factory=way.socket,
        use_dns_cache=False,
        force_close=True,
        ssl=way.trust or True,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIME),
        headers={"User-Agent": "watchkeeper", "Accept-Encoding": "identity"},
        max_line_size=8_190,
        max_field_size=8_190,
        max_headers=128,
    )


async def _asked(session: aiohttp.ClientSession, request: Request) -> Reply:
    begun = time.monotonic()
    url = URL(request.target.url, encoded=True)
    if (url.raw_host, url.port) != (request.target.place.host, request.target.place.port):
        raise ValueError("the address reads in two ways")
    async with session.request(
        request.method, url, headers=request.headers, data=request.body, allow_redirects=False
    ) as response:
        seconds = time.monotonic() - begun
        body, whole = await _body(response, request.limit)
        location = response.headers.get("Location", "")
        return Reply(
            status=response.status, location=location, body=body, whole=whole, seconds=seconds
        )


async def _body(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes, and whether that is all; nothing more is read."""
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > limit:
            return bytes(read[:limit]), False
    return bytes(read), True


def _told(fault: Exception, request: Request) -> NoReply:
    """What went wrong, in words that hold nothing of the other side's."""
    where = request.target.place.told(0)
    match fault:
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(fault.certificate_error, "verify_message", "") or "it can not be checked"
            return NoReply(f"the certificate of {where} is not trusted: {why}")
        case aiohttp.ClientConnectorError():
            return _unreached(fault.os_error, where)
        case aiohttp.ClientError() if not isinstance(fault, aiohttp.InvalidURL):
            return NoReply(f"{where} {_broke(fault)}", sent=True)
        case OSError():
            return _unreached(fault, where)
        case _:
            return NoReply(f"{where} can not be asked for {request.target.rest[:80]}")


def _broke(fault: aiohttp.ClientError) -> str:
    """What went wrong once there was a connection."""
    match fault:
        case aiohttp.ClientPayloadError():
            return "broke its answer off"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "closed the connection without an answer"
        case _:
            return "answers, but not with HTTP that can be read"


def _unreached(fault: BaseException, where: str) -> NoReply:
    match fault:
        case NotAllowed() | NoSuchHost():
            return NoReply(str(fault))
        case ssl.SSLError():
            return NoReply(f"{where} does not speak TLS as it should: {fault.reason or 'it broke'}")
        case ConnectionRefusedError():
            return NoReply(f"{where} refuses the connection")
        case _:
            return NoReply(f"{where} can not be reached: {_reason(fault)}")


def _reason(fault: BaseException) -> str:
    known = isinstance(fault, OSError) and fault.strerror
    return str(known or type(fault).__name__).lower()
