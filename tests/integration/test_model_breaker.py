"""The breaker around Claude: a provider in trouble is left alone, and found again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from agents.anthropic_model import AnthropicModel, connect
from agents.breaker import REST
from agents.model import Answered, Deferred, Failed
from tests.fake_model import call
from tests.model_server import ModelServer, Reply, error, message, model_server, step, text

WELL = step({"kind": "pass"})
ILL = error(529, "overloaded_error")
CUT_OFF = message([text("{")], stop_reason="max_tokens")


@dataclass
class Ward:
    """The model, its server, and its clock."""

    model: AnthropicModel
    server: ModelServer
    now: list[float]

    async def fail(self, times: int) -> None:
        """So many calls meet an overload."""
        self.server.then(*[ILL] * times)
        for _ in range(times):
            assert isinstance(await self.model.ask(call()), Failed)

    async def meet(self, reply: Reply) -> None:
        """One call meets this."""
        self.server.then(reply)
        await self.model.ask(call())

    async def rests(self) -> bool:
        """Whether a call is turned away without a request."""
        before = len(self.server.requests)
        self.server.then(WELL)
        got = await self.model.ask(call())
        if isinstance(got, Deferred):
            self.server.script.clear()
            assert len(self.server.requests) == before
        return isinstance(got, Deferred)


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    """A model whose clock stands still."""
    now = [1_000.0]
    async with model_server() as server:
        model = connect("key", server.url, clock=lambda: now[0])
        yield Ward(model, server, now)
        await model.close()


async def test_07_five_failures_spare_the_provider(ward: Ward) -> None:
    """The sixth call is deferred for the rest of the rest, and nothing is sent."""
    await ward.fail(5)
    ward.now[0] += 10.0
    got = await ward.model.ask(call())
    assert isinstance(got, Deferred)
    assert got.after == timedelta(seconds=REST - 10.0)
    assert len(ward.server.requests) == 5


async def test_07_one_probe_goes_and_the_others_wait_for_it(ward: Ward) -> None:
    """After the rest a single request is under way, however many calls come; then all may go."""
    await ward.fail(5)
    ward.now[0] += REST
    gate = asyncio.Event()
    ward.server.then(replace(WELL, until=gate))
    probe = asyncio.create_task(ward.model.ask(call()))
    await ward.server.received(6)
    others = [await ward.model.ask(call()) for _ in range(3)]
    assert all(isinstance(other, Deferred) for other in others)
    gate.set()
    assert isinstance(await probe, Answered)
    assert not await ward.rests()


async def test_07_a_probe_that_fails_starts_another_rest(ward: Ward) -> None:
    """One failure is enough then."""
    await ward.fail(5)
    ward.now[0] += REST
    await ward.fail(1)
    assert await ward.rests()


@pytest.mark.parametrize(
    "reply",
    [
        WELL,
        CUT_OFF,
        error(401, "authentication_error"),
        error(429, "rate_limit_error", headers={"retry-after": "1"}),
    ],
    ids=["answer", "cut off", "bad key", "rate limit"],
)
async def test_07_whoever_answers_is_not_in_trouble(ward: Ward, reply: Reply) -> None:
    """A bad answer, a bad key or a limit with its time say that the provider is there."""
    await ward.fail(4)
    await ward.meet(reply)
    await ward.fail(4)
    assert not await ward.rests()
