"""Nothing leads the network tools into inner networks: no redirect, no name, no spelling."""

import ipaddress
import socket
from pathlib import Path

import pytest
from aiohttp import web

from agents.port import PlanRefused
from agents.tools.network import fetching
from agents.tools.network.cert import cert_tool
from agents.tools.network.check import check_tool
from agents.tools.network.target import read_url
from agents.tools.network.way import NotAllowed, Way, info_of
from agents.tools.redact import Redactor
from tests.network_lab import (
    LOOPBACK,
    PUBLIC,
    Handler,
    Names,
    certificate,
    failed,
    ran,
    site,
    way_to,
)

METADATA = "169.254.169.254"
SECRET = "the keys of the kingdom"


async def secret(_request: web.Request) -> web.StreamResponse:
    """What must not be read."""
    return web.Response(text=SECRET)


def sends_to(place: str) -> Handler:
    """A handler that redirects there."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": place})

    return handle


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (f"http://{METADATA}/latest/meta-data/", f"{METADATA} is link-local"),
        ("http://127.0.0.1:6379/", "127.0.0.1 is loopback"),
        ("http://[::1]/", "::1 is loopback"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1 is loopback"),
        ("http://[::ffff:a9fe:a9fe]/", "::ffff:a9fe:a9fe is link-local"),
        ("http://[64:ff9b::169.254.169.254]/", "64:ff9b::a9fe:a9fe is link-local"),
        ("http://[fd00:ec2::254]/", "fd00:ec2::254 is private"),
        ("http://0.0.0.0/", "0.0.0.0 is unspecified"),
        ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1 is loopback"),
        ("//10.0.0.7/", "10.0.0.7 is private"),
        ("http://2130706433/", "it redirects to what can not be asked"),
        ("http://0x7f.1/", "it redirects to what can not be asked"),
        ("http://0177.0.0.1/", "it redirects to what can not be asked"),
        ("http://127.1/", "it redirects to what can not be asked"),
        ("http://localhost/", "localhost resolves to 127.0.0.1, which is loopback"),
        ("http://LOCALHOST./", "localhost resolves to 127.0.0.1, which is loopback"),
        ("http://inner.example/", "inner.example resolves to 10.0.0.7, which is private"),
        ("http://six.example/", "six.example resolves to ::1, which is loopback"),
        ("http://example.com@127.0.0.1/", "it redirects to what can not be asked"),
        ("http://127.0.0.1\\@example.com/", "it redirects to what can not be asked"),
        ("file:///etc/passwd", "it redirects to what can not be asked"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "it redirects to what can not be asked"),
    ],
)
async def test_a_redirect_into_an_inner_network_is_refused(place: str, told: str) -> None:
    """However the place is written, and whatever its name resolves to, nothing connects to it."""
    names = Names(
        site_example=[PUBLIC],
        localhost=["127.0.0.1"],
        inner_example=["10.0.0.7"],
        six_example=["::1"],
    )
    async with site(sends_to(place)) as here:
        way, wires = way_to(here.port, names)
        text = await failed(check_tool(way, Redactor([])), url="http://site.example/")
    assert text.startswith(told)
    assert "http://site.example/ → 302 Found" in text
    assert wires.meant == [PUBLIC]


@pytest.mark.parametrize("address", [METADATA, "127.0.0.1", "::1", "::ffff:10.0.0.7", "fe80::1%2"])
async def test_a_name_that_resolves_into_an_inner_network_is_refused(address: str) -> None:
    """After the name is resolved, before anything connects; `cert` as well as `check`."""
    way, wires = way_to(1, Names(evil_example=[address]))
    for tool, args in (
        (check_tool(way, Redactor([])), {"url": "http://evil.example/"}),
        (check_tool(way, Redactor([])), {"url": "https://evil.example/"}),
        (cert_tool(way, Redactor([])), {"host": "evil.example"}),
    ):
        text = await failed(tool, **args)
        assert text.startswith(f"evil.example resolves to {address}, which is ")
        assert text.endswith("`[tools] private` allows networks")
    assert wires.meant == []


async def test_one_inner_address_among_others_refuses_all() -> None:
    """A name with a good address and a bad one is not tried until the bad one is found."""
    way, wires = way_to(1, Names(evil_example=[[PUBLIC, "127.0.0.1"]]))
    text = await failed(check_tool(way, Redactor([])), url="http://evil.example/")
    assert text.startswith("evil.example resolves to 127.0.0.1")
    assert wires.meant == []


async def test_a_name_is_resolved_once_for_a_connection() -> None:
    """What was looked at is what is connected to: another answer a moment later comes too late."""
    names = Names(evil_example=[PUBLIC, "127.0.0.1"])
    async with site(secret) as here:
        way, wires = way_to(here.port, names)
        await ran(check_tool(way, Redactor([])), url="http://evil.example/")
    assert wires.meant == [PUBLIC]
    assert names.asked == ["evil.example"]


async def test_a_name_that_resolves_anew_is_looked_at_anew() -> None:
    """Rebinding: a redirect to the same name, which is an inner address by now, is refused."""
    names = Names(evil_example=[PUBLIC, METADATA])
    async with site(sends_to("/again")) as here:
        way, wires = way_to(here.port, names)
        text = await failed(check_tool(way, Redactor([])), url="http://evil.example/")
    assert text.startswith(f"evil.example resolves to {METADATA}, which is link-local")
    assert wires.meant == [PUBLIC]
    assert len(here.seen) == 1


async def test_cert_connects_to_what_was_looked_at(tmp_path: Path) -> None:
    """Rebinding between the two handshakes of `cert`: the name is resolved once for both."""
    pair = certificate(tmp_path, "evil.example")
    names = Names(evil_example=[PUBLIC, "127.0.0.1"])
    async with site(secret, pair.server()) as here:
        way, wires = way_to(here.port, names)
        await ran(cert_tool(way, Redactor([])), host="evil.example")
    assert wires.meant == [PUBLIC, PUBLIC]
    assert names.asked == ["evil.example"]


async def test_a_resolver_that_lies_to_the_client_is_caught_as_it_connects() -> None:
    """As the socket is made its address is looked at once more, whoever chose it."""
    for address in ("127.0.0.1", METADATA, "::1", "::ffff:127.0.0.1"):
        with pytest.raises(NotAllowed, match=r"is (loopback|link-local)"):
            Way().socket(info_of(address, 80))


async def test_aiohttp_asks_for_its_sockets() -> None:
    """Its connections are made of sockets of ours: a number in a URL is resolved by nobody."""
    async with site(secret) as here:
        request = fetching.Request(method="GET", target=read_url(here.url), limit=10, seconds=5)
        with pytest.raises(fetching.NoReply, match=r"127\.0\.0\.1 is loopback"):
            await fetching.fetch(Way(), request)
        assert here.seen == []
        reply = await fetching.fetch(Way(private=LOOPBACK), request)
    assert reply.body == SECRET.encode()[:10]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://[::1]:8080/", f"http://{METADATA}/", "http://[::ffff:7f00:1]/"],
)
async def test_an_inner_address_is_refused_as_it_is_asked_for(url: str) -> None:
    """Nobody has to wait for a connection to hear that there will be none."""
    tool = check_tool(Way(), Redactor([]))
    with pytest.raises(PlanRefused, match=r"`\[tools\] private` allows networks"):
        await tool.plan(tool.params.model_validate({"url": url}))


async def test_networks_of_config_are_reached_and_no_others() -> None:
    """`private` opens what it names: the metadata of the machine stays shut."""
    names = Names(inner_example=["10.0.0.7"], meta_example=[METADATA], home_example=["127.0.0.1"])
    async with site(secret) as here:
        way, wires = way_to(here.port, names, private=(ipaddress.ip_network("10.0.0.0/8"),))
        tool = check_tool(way, Redactor([]))
        assert "200 OK" in (await ran(tool, url="http://inner.example/")).text
        for name in ("meta", "home"):
            assert "which is" in await failed(tool, url=f"http://{name}.example/")
    assert wires.meant == ["10.0.0.7"]


async def test_the_system_resolves_localhost_to_what_is_refused() -> None:
    """With the machine's own resolver: /etc/hosts leads to nowhere that is inside."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = await failed(check_tool(Way(), Redactor([])), url=f"http://localhost:{port}/")
        assert text.startswith("localhost resolves to ")
        assert "which is loopback" in text
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
