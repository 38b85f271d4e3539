"""What the provider says of the models that are configured, over real HTTP with the real SDK."""

import asyncio
import socket
from datetime import date

import pytest
from pydantic import JsonValue

from agents.model_check import Seen, Unknowable, look
from tests.model_server import HTML, Reply, Scripted, error, info, model_server

HAIKU, SONNET = "claude-haiku-5-5", "claude-sonnet-5-5"


def effort(*levels: str) -> JsonValue:
    """The capabilities of a model that takes these efforts."""
    told: dict[str, JsonValue] = {
        level: {"supported": level in levels} for level in ("low", "medium", "high", "max")
    }
    return {"effort": {"supported": bool(levels), **told}, "batch": {"supported": True}}


async def seen(reply: Scripted, *efforts: str) -> Seen:
    """What is made of this answer."""
    async with model_server(reply) as server:
        (one,) = await look("sk-1", server.url, {HAIKU: efforts})  # type: ignore[dict-item]
    (asked,) = server.requests
    assert asked.path == f"/v1/models/{HAIKU}"
    assert asked.body == b""
    return one


async def fault(*script: Scripted, key: str = "sk-1") -> str:
    """Why nothing can be learnt, after one request."""
    async with model_server(*script) as server:
        with pytest.raises(Unknowable) as caught:
            await look(key, server.url, {HAIKU: (), SONNET: ()}, patience=0.5)
    assert len(server.requests) == 1
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_model_that_serves() -> None:
    """Nothing is wrong, and nothing is about to be."""
    assert await seen(info(), "low") == Seen(model=HAIKU)
    assert await seen(info(capabilities=effort("low", "high")), "low", "high") == Seen(model=HAIKU)


async def test_a_model_that_will_go() -> None:
    """The day is told where one is planned; being late is not being gone."""
    one = await seen(info(lifecycle="deprecated", retires_at="2020-11-30T00:00:00Z"))
    assert one == Seen(model=HAIKU, deprecated=True, retires=date(2020, 11, 30))
    assert await seen(info(lifecycle="deprecated")) == Seen(model=HAIKU, deprecated=True)


async def test_a_model_that_can_not_be_used() -> None:
    """Retired, never heard of, or not what the prompt wants: each is said of the model."""
    assert (await seen(info(lifecycle="retired"))).fault == "is retired"
    assert (await seen(error(404, "not_found_error"))).fault == "is not known"
    for told in (effort(), effort("high")):
        one = await seen(info(capabilities=told), "low")
        assert one.fault == 'does not take the effort "low" of its prompt'
        assert (await seen(info(capabilities=told))).fault == ""


async def test_a_key_that_is_not_accepted() -> None:
    """One line, after one request, without the words of who refuses: they may hold the key."""
    words = "invalid x-api-key sk-hunter2"
    told = await fault(error(401, "authentication_error", words), key="sk-hunter2")
    assert told == "ANTHROPIC_API_KEY is not accepted: mend it"
    told = await fault(error(403, "permission_error", words), key="sk-hunter2")
    assert told == "ANTHROPIC_API_KEY is known, and may not ask for models: mend its rights"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(headers=HTML, body=b"<html>welcome</html>"),
        Reply(body=b"{}"),
        Reply(body=b'{"type": "mod'),
        Reply(status=404, headers=HTML, body=b"<html>no such page</html>"),
    ],
)
async def test_an_address_where_something_else_is(reply: Reply) -> None:
    """A page of HTML is not a model that serves, nor a model that is not known."""
    assert await fault(reply) == "what is at ANTHROPIC_BASE_URL tells of no models: mend it"


async def test_an_address_where_nothing_answers() -> None:
    """Refused, cut off, silent, overloaded: told in a moment, and nothing is tried again."""
    assert await fault(error(529, "overloaded_error")) == (
        "asking for models is answered with 529: try again, or mend the account"
    )
    assert (await fault(Reply(drop="before"))).startswith("can not be reached (")
    assert await fault(Reply(until=asyncio.Event())) == f"no answer about {HAIKU} in 0.5 s"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(Unknowable, match=r"^can not be reached \(ConnectError\): is the"):
            await look("sk-1", f"http://127.0.0.1:{bound.getsockname()[1]}", {HAIKU: ()})
