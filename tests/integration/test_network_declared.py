"""`[tools.http.NAME]`: a request of config's, over a real server, with its secrets kept."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from aiohttp import web
from pydantic import JsonValue

from agents.port import PlanRefused, Risk, Service, Tool, ToolFailed
from agents.tools.network.declared import HttpSpec, http_tool
from agents.tools.network.way import Way
from agents.tools.redact import Redactor
from tests.network_lab import (
    CALLER,
    LOOPBACK,
    PUBLIC,
    Handler,
    Names,
    closed_port,
    failed,
    ran,
    site,
    way_to,
)
from tests.unit.test_grounding import Catalogue

TOKEN = "tok-0123456789"
CATALOGUE = Catalogue((Service(name="api", environments=("prod",), aliases=("gateway",)),))


def tool(
    url: str,
    *,
    method: str = "GET",
    params: Mapping[str, str | tuple[str, ...]] | None = None,
    body: JsonValue = None,
    show: str = "",
    way: Way | None = None,
    timeout: timedelta = timedelta(seconds=10),
) -> Tool:
    """A tool that sends a secret along."""
    spec = HttpSpec(
        name="ask",
        summary="Ask",
        method=method,
        url=url,
        timeout=timeout,
        headers={"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"},
        secrets={"Authorization": "env:TOKEN"},
        params=params or {},
        body=body,
        show=show,
    )
    return http_tool(spec, CATALOGUE, way or Way(private=LOOPBACK), Redactor([TOKEN]))


def says(value: JsonValue, status: int = 200) -> Handler:
    """A handler that answers with this JSON."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.json_response(value, status=status)

    return handle


async def test_a_request_goes_as_it_is_declared() -> None:
    """Method, path, query and headers as config has them, with the values in their places."""
    async with site(says({"items": [{"id": 7, "by": "bob"}]})) as here:
        asking = tool(
            here.url + "/api/{service}/deploys?by={who}",
            params={"service": "service", "who": "text"},
            show="/items/0",
        )
        result = await ran(asking, service="gateway", who="bob & co/1")
    (request,) = here.seen
    assert request.method == "GET"
    assert request.raw_path == "/api/api/deploys?by=bob%20%26%20co%2F1"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert json.loads(result.output) == {"id": 7, "by": "bob"}
    assert result.text.startswith("200 OK, ")
    assert '"by": "bob"' in result.text
    assert '"by": "bob"' in asking.condense(result.output)
    assert asking.risk is Risk.READ
    assert asking.idempotent


async def test_what_writes_says_so() -> None:
    """Other methods than GET and HEAD change something: policy asks, and nothing is repeated."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        asking = tool("https://x.example/", method=method)
        assert asking.risk is Risk.WRITE
        assert not asking.idempotent
    assert tool("https://x.example/", method="HEAD").risk is Risk.READ


async def test_a_body_is_json_with_the_values_in_it() -> None:
    """A value can not become anything else than the text or the number that it is."""
    params: Mapping[str, str] = {"what": "text", "n": "integer", "now": "boolean"}
    body: JsonValue = {"text": "deploy {what}", "n": "{n}", "now": "{now}", "tags": ["{what}"]}
    async with site(says({"ok": True})) as here:
        asking = tool(here.url, method="POST", params=params, body=body)
        await ran(asking, what='a", "admin": true', n=3, now=True)
    assert json.loads(here.bodies[0]) == {
        "text": 'deploy a", "admin": true',
        "n": 3,
        "now": True,
        "tags": ['a", "admin": true'],
    }
    assert here.seen[0].headers["Content-Type"] == "application/json"


async def test_what_is_shown_is_what_is_sent() -> None:
    """The line for people holds method, address and body; the digest all but the secret itself."""
    params: Mapping[str, str] = {"what": "text"}
    asking = tool("https://x.example/{what}", method="POST", params=params, body={"text": "{what}"})
    plan = await asking.plan(asking.params.model_validate({"what": "a b"}))
    assert plan.line == 'ask what="a b" → POST https://x.example/a%20b {"text": "a b"}'
    assert TOKEN not in json.dumps([plan.line, dict(plan.facts)])
    assert plan.facts["secrets"] == {"Authorization": "env:TOKEN"}
    other = tool("https://x.example/{what}", method="PUT", params=params, body={"text": "{what}"})
    changed = await other.plan(other.params.model_validate({"what": "a b"}))
    assert changed.digest != plan.digest


async def test_a_secret_is_never_shown() -> None:
    """An echo of the headers, and an error that repeats them, are redacted; so is a value."""

    async def echo(request: web.Request) -> web.StreamResponse:
        status = 500 if request.path == "/bad" else 200
        return web.json_response({"sent": dict(request.headers)}, status=status)

    async with site(echo) as here:
        result = await ran(tool(here.url))
        told = await failed(tool(f"{here.url}/bad"))
    for text in (result.text, result.output, told):
        assert TOKEN not in text
        assert "Bearer [redacted]" in text
    asking = tool("https://x.example/{what}", params={"what": "text"})
    with pytest.raises(PlanRefused, match="secret"):
        await asking.plan(asking.params.model_validate({"what": TOKEN}))


@pytest.mark.parametrize("place", ["/elsewhere", "https://evil.example/", "//evil.example/"])
async def test_a_secret_goes_nowhere_else(place: str) -> None:
    """No redirect is followed: it is a failure, and nobody else hears the headers."""

    async def sends_on(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": place})

    names = Names(ci_example=[PUBLIC], evil_example=[PUBLIC])
    async with site(sends_on) as here:
        way, wires = way_to(here.port, names)
        told = await failed(tool("http://ci.example/", way=way))
    assert told.startswith("answered 307 Temporary Redirect")
    assert "redirects are not followed" in told
    assert len(here.seen) == 1
    assert names.asked == ["ci.example"]
    assert wires.meant == [PUBLIC]


async def test_its_host_is_looked_at_too() -> None:
    """Config may name an inner host, and has to allow its network as well."""
    names = Names(ci_example=["10.0.0.7"])
    way, wires = way_to(1, names)
    told = await failed(tool("http://ci.example/", way=way))
    assert told.startswith("ci.example resolves to 10.0.0.7, which is private")
    asking = tool("http://127.0.0.1/", way=way)
    with pytest.raises(PlanRefused, match="loopback"):
        await ran(asking)
    assert wires.meant == []


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        ("", '{\n  "a": [\n    1,\n    "x"\n  ]\n}'),
        ("/a", '[\n  1,\n  "x"\n]'),
        ("/a/0", "1"),
        ("/a/1", "x"),
    ],
)
async def test_the_part_to_show(show: str, shown: str) -> None:
    """A JSON pointer picks it; a text is shown as it is."""
    async with site(says({"a": [1, "x"]})) as here:
        assert (await ran(tool(here.url, show=show))).output == shown


async def test_a_part_that_is_not_there() -> None:
    """It is said which part of the way is missing, and what is no JSON has no parts."""

    async def plain(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="all is well\n")

    async with site(says({"a": 1})) as here:
        told = await failed(tool(here.url, show="/b/c"))
    assert told.endswith("but there is no 'b' on the way /b/c")
    async with site(plain) as here:
        assert "but what it says is no JSON" in await failed(tool(here.url, show="/b"))
        assert (await ran(tool(here.url))).output == "all is well\n"


async def test_a_failure_keeps_what_was_said() -> None:
    """A status that is no success fails, with the status, and the answer in full behind it."""
    async with site(says({"error": "no such service"}, 422)) as here:
        asking = tool(here.url)
        with pytest.raises(ToolFailed, match=r"answered 422 ") as fault:
            await asking.run(asking.params(), CALLER)
    assert "no such service" in fault.value.text
    assert "no such service" in fault.value.output


async def test_nests_and_floods_do_no_harm() -> None:
    """JSON that is too deep or too long to be read is told as text, or as the failure."""

    async def deep(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="[" * 200_000)

    async def long(_request: web.Request) -> web.StreamResponse:
        return web.Response(text='{"a": "' + "x" * 2_000_000 + '"}')

    async with site(deep) as here:
        assert (await ran(tool(here.url))).output.startswith("[[[")
    async with site(long) as here:
        assert len((await ran(tool(here.url))).output) < 300_000
        assert "but what it says is too long" in await failed(tool(here.url, show="/a"))


async def test_a_write_without_an_answer_is_in_doubt() -> None:
    """What was sent and not answered may have been done: the failure says so; a read's does not."""
    held = asyncio.Event()

    async def silent(_request: web.Request) -> web.StreamResponse:
        await held.wait()
        return web.Response()

    async with site(silent) as here:
        short = timedelta(seconds=0.2)
        wrote = await failed(tool(here.url, method="POST", timeout=short))
        read = await failed(tool(here.url, timeout=short))
        held.set()
    assert wrote == "no answer within 0.2 s: whether POST was carried out is not known"
    assert read == "no answer within 0.2 s"
    with closed_port() as port:
        told = await failed(tool(f"http://127.0.0.1:{port}/", method="POST"))
    assert told == f"127.0.0.1:{port} refuses the connection"


async def test_a_write_that_is_called_off_says_that_it_is_in_doubt() -> None:
    """Cancelled while it is under way: the outcome can still be recorded, and tells what is not."""
    came, held = asyncio.Event(), asyncio.Event()

    async def waits(_request: web.Request) -> web.StreamResponse:
        came.set()
        await held.wait()
        return web.Response()

    async with site(waits) as here:
        task = asyncio.create_task(ran(tool(here.url, method="POST")))
        await came.wait()
        task.cancel()
        with pytest.raises(ToolFailed, match="whether POST was carried out") as fault:
            await task
        held.set()
    assert fault.value.reason == "cancelled"
    assert task.cancelling() == 0


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"url": "https://{x}.example/", "params": {"x": "text"}}, "no {param} in the host"),
        ({"url": "https://x.example/", "body": {"a": 1}}, "body: GET has none"),
        ({"url": "https://x.example/", "show": "a"}, "show: must be"),
        ({"url": "https://x.example/", "show": "/a", "method": "HEAD"}, "nothing to show"),
        ({"url": "https://x.example/", "params": {"x": "text"}}, "param x is used neither"),
    ],
)
def test_what_makes_no_sense_is_refused(spec: dict[str, object], told: str) -> None:
    """One line that names the tool and what to mend."""
    with pytest.raises(ValueError, match=f"http tool ask: .*{told}"):
        tool(**spec)  # type: ignore[arg-type]
