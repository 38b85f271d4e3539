"""`check` over real servers of our own: what is told of an answer, and of none."""

import asyncio
import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from agents.port import Tool
from agents.tools.network.check import MOST_BYTES, check_tool
from agents.tools.network.way import Way
from agents.tools.redact import Redactor
from tests.network_lab import LOOPBACK, Names, certificate, closed_port, failed, ran, site, way_to

HERE = Way(private=LOOPBACK)


def check(way: Way = HERE, *secrets: str) -> Tool:
    """The tool on this way out."""
    return check_tool(way, Redactor(secrets))


async def hello(_request: web.Request) -> web.StreamResponse:
    """Two hundred, five bytes."""
    return web.Response(text="hello")


async def test_an_answer_is_told() -> None:
    """Status, latency and size of the body; for a model on one line."""
    async with site(hello) as here:
        result = await ran(check(), url=f"{here.url}/health?x=1")
    told = rf"{here.url}/health\?x=1 → 200 OK, \d+ ms, 5 bytes"
    assert re.fullmatch(rf"```\n{told}\n```", result.text)
    assert "\n" not in check().condense(result.text)
    assert here.seen[0].headers["User-Agent"] == "watchkeeper"
    assert "Cookie" not in here.seen[0].headers


@pytest.mark.parametrize(("code", "told"), [(404, "404 Not Found"), (503, "503 Service Unavail")])
async def test_a_bad_status_is_an_answer(code: int, told: str) -> None:
    """The server says so, in words of ours: its own may say anything."""

    async def bad(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, reason="All is well", text="")

    async with site(bad) as here:
        text = (await ran(check(), url=here.url)).text
    assert told in text
    assert "All is well" not in text


async def test_redirects_are_told_one_by_one() -> None:
    """Each address with its status and latency; cookies are not carried along."""

    async def sends_on(request: web.Request) -> web.StreamResponse:
        if request.path == "/c":
            return web.Response(text="here")
        answer = web.Response(
            status=301, headers={"Location": "/b" if request.path == "/" else "c"}
        )
        answer.set_cookie("a", "b")
        return answer

    async with site(sends_on) as here:
        lines = (await ran(check(), url=here.url)).text.splitlines()
    assert [line.split(" → ")[0] for line in lines[1:-1]] == [
        f"{here.url}{path}" for path in ("/", "/b", "/c")
    ]
    assert "301 Moved Permanently" in lines[1]
    assert all("Cookie" not in request.headers for request in here.seen)


async def test_redirects_end() -> None:
    """A circle is followed five times, and then it is said how far it came."""

    async def circle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/again"})

    async with site(circle) as here:
        told = await failed(check(), url=here.url)
    assert told.startswith("it redirects more than 5 times, after:")
    assert len(here.seen) == 6


async def test_a_redirect_without_a_place_is_an_answer() -> None:
    """A server that sends nowhere has answered."""

    async def nowhere(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=302)

    async with site(nowhere) as here:
        assert "302 Found" in (await ran(check(), url=here.url)).text


async def test_no_more_of_a_body_is_read_than_counts() -> None:
    """A body without an end is counted up to a million bytes, and told as more than that."""
    gone = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        finally:
            gone.set()

    async with site(endless) as here:
        text = (await ran(check(), url=here.url)).text
        await asyncio.wait_for(gone.wait(), 10)
    assert f"more than {MOST_BYTES:,} bytes" in text


async def test_what_is_packed_is_not_unpacked() -> None:
    """A body that would grow is counted as it comes: there is nothing to burst."""
    packed = gzip.compress(b"\0" * 10_000_000)

    async def bomb(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with site(bomb) as here:
        assert f"{len(packed):,} bytes" in (await ran(check(), url=here.url)).text
    assert here.seen[0].headers["Accept-Encoding"] == "identity"


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at is what is connected to, whatever the environment says."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with site(hello) as here:
        assert "200 OK" in (await ran(check(), url=here.url)).text


async def test_a_secret_is_not_shown() -> None:
    """A server that sends back a secret of the bot's, in an address, shows it to nobody."""

    async def leaks(request: web.Request) -> web.StreamResponse:
        place = "/end" if "s3cret-token" in request.query_string else "/?t=s3cret-token"
        status = 200 if request.path == "/end" else 302
        return web.Response(status=status, headers={"Location": place})

    async with site(leaks) as here:
        text = (await ran(check(HERE, "s3cret-token"), url=here.url)).text
    assert "s3cret" not in text
    assert "[redacted]" in text


async def talks(words: bytes) -> asyncio.Server:
    """A server that says just this to everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(words)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not with HTTP that can be read"),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
            "not with HTTP that can be read",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "broke its answer off"),
    ],
)
async def test_what_is_no_answer_is_said(words: bytes, told: str) -> None:
    """Whatever a server says instead of an answer, the failure names the host and what is wrong."""
    server = await talks(words)
    port = server.sockets[0].getsockname()[1]
    async with server:
        text = await failed(check(), url=f"http://127.0.0.1:{port}/")
    assert text == f"127.0.0.1:{port} {told}" or text.endswith(told)
    assert "Traceback" not in text
    assert "aaaa" not in text


async def test_nobody_listens() -> None:
    """A refused connection, and a name that there is not, are said in a line."""
    with closed_port() as port:
        told = await failed(check(), url=f"http://127.0.0.1:{port}/")
    assert told == f"127.0.0.1:{port} refuses the connection"
    way, _ = way_to(1, Names())
    assert (
        await failed(check(way), url="http://nobody.example/") == "nobody.example does not resolve"
    )


async def test_a_silent_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while it is said that there is no answer."""
    monkeypatch.setattr("agents.tools.network.check.WHOLE_TIME", 0.2)
    held = asyncio.Event()

    async def silent(_request: web.Request) -> web.StreamResponse:
        await held.wait()
        return web.Response()

    async with site(silent) as here:
        assert await failed(check(), url=here.url) == "no answer within 0.2 s"
        held.set()


async def test_it_can_be_cancelled() -> None:
    """Cancelled while it waits, it lets go of its connection."""
    came, gone = asyncio.Event(), asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        came.set()
        await reader.read()
        gone.set()
        writer.close()

    async with await asyncio.start_server(waits, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        task = asyncio.create_task(ran(check(), url=f"http://127.0.0.1:{port}/"))
        await came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(gone.wait(), 10)


async def test_the_certificate_is_told(tmp_path: Path) -> None:
    """Over TLS, until when the certificate is valid is told as well."""
    pair = certificate(tmp_path, "shop.example", ends=timedelta(days=9, hours=1))
    names = Names(shop_example=["93.184.216.34"])
    async with site(hello, pair.server()) as here:
        plain, _ = way_to(here.port, names)
        way = Way(lookup=plain.lookup, make=plain.make, trust=pair.trusting())
        text = (await ran(check(way), url="https://shop.example/")).text
    assert "https://shop.example/ → 200 OK" in text
    assert "(9 days left, SOON), trusted" in text


async def test_a_certificate_that_is_not_trusted_is_the_failure(tmp_path: Path) -> None:
    """A client would go no further, and no more does `check`: it says why."""
    pair = certificate(tmp_path, "shop.example", ends=timedelta(days=-1))
    async with site(hello, pair.server()) as here:
        way, _ = way_to(here.port, Names(shop_example=["93.184.216.34"]))
        told = await failed(check(way), url="https://shop.example/")
        trusting = Way(lookup=way.lookup, make=way.make, trust=pair.trusting())
        expired = await failed(check(trusting), url="https://shop.example/")
    assert told.startswith("the certificate of shop.example:443 is not trusted: self")
    assert expired.endswith("is not trusted: certificate has expired")
    assert here.seen == []


async def test_https_to_a_server_without_tls() -> None:
    """It is said that TLS is what went wrong."""
    async with site(hello) as here:
        told = await failed(check(), url=f"https://127.0.0.1:{here.port}/")
    assert "does not speak TLS as it should" in told
