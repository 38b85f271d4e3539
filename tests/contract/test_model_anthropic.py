"""The model's contract on the adapter of Claude, over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pydantic import JsonValue

from agents.anthropic_model import AnthropicModel, connect
from tests.contract.model_contract import ModelContract
from tests.model_server import ModelServer, error, message, model_server, step, text


@dataclass
class ServedLab:
    """The adapter, and the server that it asks."""

    model: AnthropicModel
    server: ModelServer

    def answers(self, value: JsonValue) -> None:
        """A step."""
        self.server.then(step(value))

    def is_cut_off(self) -> None:
        """Half of one."""
        self.server.then(message([text('{"step": {"ki')], stop_reason="max_tokens"))

    def declines(self) -> None:
        """No."""
        self.server.then(message([text("I won't.")], stop_reason="refusal"))

    def is_overloaded(self) -> None:
        """Later."""
        self.server.then(error(529, "overloaded_error"))

    def is_locked(self) -> None:
        """Never."""
        self.server.then(error(401, "authentication_error"))

    def wants_to_wait(self, span: timedelta) -> None:
        """Then."""
        seconds = f"{span.total_seconds():.0f}"
        self.server.then(error(429, "rate_limit_error", headers={"retry-after": seconds}))


@pytest.fixture
async def model_lab() -> AsyncIterator[ServedLab]:
    """A server without a script."""
    async with model_server() as server:
        model = connect("key", server.url)
        yield ServedLab(model, server)
        await model.close()


class TestAnthropic(ModelContract):
    """On the adapter."""
