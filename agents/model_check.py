"""Whether the models that are configured can be asked: what their provider says of them.

It imports the SDK, which takes a second: import it only where there is a key.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import anthropic
import httpx2
from pydantic import BaseModel, ValidationError

from agents.model import Effort

PATIENCE = 10.0
"""Seconds for the answer about one model."""

_NO_API = "what is at ANTHROPIC_BASE_URL tells of no models: mend it"


class Unknowable(Exception):
    """Nothing can be learnt of any model: one line that says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a model. `fault`: why it can not be used ("" if it can).

    deprecated: it will go, on the day `retires` if one is planned.
    """

    model: str
    fault: str = ""
    deprecated: bool = False
    retires: date | None = None


async def look(
    key: str,
    base_url: str | None,
    wanted: Mapping[str, Collection[Effort]],
    *,
    patience: float = PATIENCE,
) -> tuple[Seen, ...]:
    """What is known of each model that is `wanted`, with the efforts that it is to be asked for.

    Nothing is paid for it. Raises `Unknowable`.
    """
    client = anthropic.AsyncAnthropic(
        api_key=key,
        base_url=base_url,
        max_retries=0,
        timeout=patience,
        open_telemetry=False,
    )
    async with client:
        return tuple([await _look(client, name, wanted[name], patience) for name in wanted])


async def _look(
    client: anthropic.AsyncAnthropic, model: str, efforts: Collection[Effort], patience: float
) -> Seen:
    try:
        # The SDK's time-out is for each read. Raw, because it takes a page of HTML for text.
        async with asyncio.timeout(patience):
            raw = await client.models.with_raw_response.retrieve(model)
    except anthropic.NotFoundError as error:
        if error.type != "not_found_error":  # the whole address is not known, not the model
            raise Unknowable(_NO_API) from None
        return Seen(model=model, fault="is not known")
    except anthropic.APIStatusError as error:
        raise Unknowable(_refused(error)) from None
    except (TimeoutError, anthropic.APITimeoutError):
        raise Unknowable(f"no answer about {model} in {patience:g} s") from None
    except (anthropic.AnthropicError, httpx2.HTTPError) as error:
        why = type(error.__cause__ or error).__name__
        told = f"can not be reached ({why}): is the network up, and ANTHROPIC_BASE_URL right?"
        raise Unknowable(told) from None
    return _read(model, efforts, raw.http_response.content)


def _refused(error: anthropic.APIStatusError) -> str:
    """The words of whoever refuses are not repeated: they may hold the key."""
    match error.status_code:
        case 401:
            return "ANTHROPIC_API_KEY is not accepted: mend it"
        case 403:
            return "ANTHROPIC_API_KEY is known, and may not ask for models: mend its rights"
        case status:
            return f"asking for models is answered with {status}: try again, or mend the account"


# --- what it answers -----------------------------------------------------------------------------


class _Support(BaseModel):
    supported: bool


class _Efforts(BaseModel):
    supported: bool
    low: _Support | None = None
    medium: _Support | None = None
    high: _Support | None = None

    def takes(self, effort: Effort) -> bool:
        level: _Support | None = getattr(self, effort)
        return self.supported and (level is None or level.supported)


class _Capabilities(BaseModel):
    effort: _Efforts | None = None


class _Info(BaseModel):
    type: Literal["model"]
    lifecycle: str = "active"
    retires_at: datetime | None = None
    capabilities: _Capabilities | None = None


def _read(model: str, efforts: Collection[Effort], body: bytes) -> Seen:
    try:
        info = _Info.model_validate_json(body)
    except ValidationError:
        raise Unknowable(_NO_API) from None
    if info.lifecycle == "retired":
        return Seen(model=model, fault="is retired")
    known = info.capabilities.effort if info.capabilities else None
    for effort in sorted(efforts):
        if known is not None and not known.takes(effort):
            return Seen(model=model, fault=f'does not take the effort "{effort}" of its prompt')
    return Seen(
        model=model,
        deprecated=info.lifecycle == "deprecated",
        retires=info.retires_at.date() if info.retires_at else None,
    )
