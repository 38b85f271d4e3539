"""Claude, over the Messages API.

The only module that imports the SDK, which takes a second and much memory: import it only where
there is a key.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import anthropic
import httpx2

from agents import answer, breaker, refusal, wire
from agents.breaker import Breaker
from agents.model import Deferred, Failed, ModelCall, Outcome

if TYPE_CHECKING:
    from anthropic import AsyncMiddlewareCallable
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

log = logging.getLogger(__name__)

CONNECT = 5.0
PATIENCE = 45.0


class AnthropicModel:
    """Asks Claude, once a call; a process has one, which all its threads share.

    Whoever it finds resting after failures in a row gets `Deferred`. Make it with `connect`.
    """

    def __init__(
        self, client: anthropic.AsyncAnthropic, *, patience: float, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._patience = patience
        self._clock = clock
        self._breaker = Breaker()
        self._ways: dict[str, wire.Way] = {}  # what a model was found not to take as "format"

    async def ask(self, call: ModelCall) -> Outcome:
        """One attempt, over within a minute. Raises nothing of the provider's."""
        going = breaker.admit(self._breaker, self._clock())
        if isinstance(going, breaker.Resting):
            reason = "the model failed too often and is left alone for a while"
            return Deferred(reason=reason, after=timedelta(seconds=going.wait), resting=True)
        self._breaker = going.breaker
        outcome = self._without_key(await self._in_time(call))
        self._count(outcome, going.ticket)
        return outcome

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()

    def _count(self, outcome: Outcome, ticket: int) -> None:
        if isinstance(outcome, Failed) and outcome.passing:
            self._breaker = breaker.failed(self._breaker, ticket, self._clock())
        else:
            self._breaker = breaker.succeeded(self._breaker, ticket)

    async def _in_time(self, call: ModelCall) -> Outcome:
        try:
            # The SDK's time-out is for each read: an answer that drips would never end.
            async with asyncio.timeout(self._patience):
                return await self._fitting(call)
        except (TimeoutError, anthropic.APITimeoutError):
            return Failed(reason="the model did not answer in time", passing=True, charged=True)
        except (anthropic.AnthropicError, httpx2.HTTPError) as error:
            cause = error.__cause__ or error
            reason = f"the model can not be reached ({type(cause).__name__})"
            charged = not isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout)
            return Failed(reason=reason, passing=True, charged=charged)

    async def _fitting(self, call: ModelCall) -> Outcome:
        """Ask in the best way that the model takes; a refusal of the way costs nothing."""
        while True:
            way = self._ways.get(call.model, "format")
            try:
                return await self._send(call, way)
            except anthropic.APIStatusError as error:
                status, response = error.status_code, error.response
                worse = wire.NEXT.get(way) if refusal.unfit(status, response.content) else None
                if worse is None:
                    return refusal.outcome(
                        status, response.headers, response.content, datetime.now(UTC)
                    )
                log.warning("%s takes no step by way of %s: trying %s", call.model, way, worse)
                self._ways[call.model] = worse

    async def _send(self, call: ModelCall, way: wire.Way) -> Outcome:
        # Raw, because the SDK makes a message of anything, and takes a page of HTML for text.
        params = cast("MessageCreateParamsNonStreaming", wire.request(call, way).params)
        raw = await self._client.messages.with_raw_response.create(**params)
        sent = wire.sha256(raw.http_request.content)
        return answer.read(raw.http_response.content, call, way, sent)

    def _without_key(self, outcome: Outcome) -> Outcome:
        """A proxy's words on a bad key may hold it; reasons are shown to people."""
        key = self._client.api_key
        if key and isinstance(outcome, Failed | Deferred):
            return replace(outcome, reason=outcome.reason.replace(key, "[key]"))
        return outcome


def connect(
    key: str,
    base_url: str | None = None,
    *,
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    middleware: "Sequence[AsyncMiddlewareCallable]" = (),
) -> AnthropicModel:
    """Claude with this key, at the SDK's own address if none is given. Nothing is sent yet.

    patience: seconds for the whole of a call. clock: of the circuit breaker, in seconds.
    middleware: of the SDK, around every request (`agents.recording`).
    Raises `ValueError` for a key or an address that can not be one.
    """
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("ANTHROPIC_API_KEY has to be printable characters without a space")
    if base_url is not None and not _is_address(base_url):
        raise ValueError("ANTHROPIC_BASE_URL has to be like https://api.example.com")
    # On debug these log whole requests and addresses: what people said stays out of every log.
    for name in ("anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    client = anthropic.AsyncAnthropic(
        api_key=key,
        base_url=base_url,
        max_retries=0,
        timeout=httpx2.Timeout(patience, connect=CONNECT),
        middleware=middleware,
        open_telemetry={"propagation": False, "traces": {"content_mode": "metadata_only"}},
    )
    return AnthropicModel(client, patience=patience, clock=clock)


def _is_address(text: str) -> bool:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in {"http", "https"} and bool(url.host)
