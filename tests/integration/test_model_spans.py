"""What the SDK tells tracers of its own accord."""

from collections.abc import Mapping

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, NoOpTracer, NoOpTracerProvider, Span, Tracer

from agents.anthropic_model import connect
from tests.fake_model import call
from tests.model_server import model_server, step
from tests.steps import reply

KEY = "sk-ant-not-a-real-key-4711"


class Noted(NonRecordingSpan):
    """A span that keeps all it is told."""

    def __init__(self, told: list[str]) -> None:
        super().__init__(trace.INVALID_SPAN_CONTEXT)
        self.told = told

    def is_recording(self) -> bool:
        """Whatever is expensive to tell is told."""
        return True

    def set_attribute(self, key: str, value: object) -> None:
        """One fact."""
        self.told.append(f"{key}={value}")

    def set_attributes(self, attributes: Mapping[str, object]) -> None:
        """Some facts."""
        self.told += [f"{key}={value}" for key, value in attributes.items()]

    def add_event(self, name: str, *args: object, **more: object) -> None:
        """Something happened."""
        self.told.append(f"{name} {args} {more}")


class Notes(NoOpTracer):
    """Makes such spans."""

    def __init__(self, told: list[str]) -> None:
        self.told = told

    def start_span(self, name: str, *args: object, **more: object) -> Span:
        """One of them."""
        self.told.append(f"{name} {args} {more}")
        return Noted(self.told)


class Notebook(NoOpTracerProvider):
    """Where tracers come from."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def get_tracer(self, *_args: object, **_more: object) -> Tracer:
        """One that keeps all it is told."""
        return Notes(self.told)


async def test_spans_hold_no_words_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A span a call with model and tokens, nothing that anybody said, and nothing is sent on."""
    notebook = Notebook()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: notebook)
    async with model_server(step(reply("Zanzibar is well."))) as server:
        model = connect(KEY, server.url)
        await model.ask(call("how is zanzibar?", system="You are a poet."))
        await model.close()
    told = "\n".join(notebook.told)
    assert "claude-haiku-5-5" in told
    for secret in (KEY, "zanzibar", "Zanzibar", "poet"):
        assert secret not in told
    assert "traceparent" not in server.requests[0].headers
