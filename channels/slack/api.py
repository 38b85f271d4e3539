"""Slack's Web API: what goes wrong with a call, and what that means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from channels.port import SendFailed

TIMEOUT = 15
"""Seconds for one call: less than a worker waits for a channel."""

_UNREADABLE = "no answer that could be read"
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
LONGEST = 3600.0
"""Seconds of a pause that are believed."""

_LATER = frozenset(
    {
        _UNREADABLE,
        *("ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"),
        *("request_timeout", "message_limit_exceeded", "team_added_to_org"),
        # Whoever runs the bot can mend these, and nothing that waits is lost meanwhile.
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
    }
)
_HINTS = {
    "not_in_channel": "I am not in that channel: /invite me",
    "channel_not_found": "there is no such channel, or I am not in it: /invite me",
    "is_archived": "the channel is archived",
}
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError, SlackRequestError)
"""Errors of a call that may have been performed, or not."""


class _Client(AsyncWebClient):
    """One whose calls fail in one way when what is answered is no answer of Slack's."""

    async def _send(  # type: ignore[no-untyped-def]
        self, http_verb: str, api_url: str, req_args: dict[str, object]
    ):
        """Raises `SlackRequestError` for a body that the library trips over."""
        try:
            return await super()._send(http_verb=http_verb, api_url=api_url, req_args=req_args)
        except (AttributeError, LookupError, TypeError, ValueError) as fault:
            raise SlackRequestError(_UNREADABLE) from fault


def client(token: str | None, url: str | None) -> AsyncWebClient:
    """A client that never sends anything twice by itself: what is retried is for us to say."""
    base = url or AsyncWebClient.BASE_URL
    return _Client(
        token=token,
        base_url=base if base.endswith("/") else f"{base}/",
        timeout=TIMEOUT,
        retry_handlers=[],
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: `headers` in lower case, `told` empty if it can not be read."""

    status: int
    headers: Mapping[str, str]
    told: Mapping[str, object]


def _answer(fault: SlackApiError) -> _Answer:
    """Of a call that failed. A proxy's page is an answer, too, though none of Slack's."""
    response: object = fault.response
    status: int = 0
    headers: Mapping[str, str] = {}
    told = response
    if isinstance(response, AsyncSlackResponse):
        status, headers, told = response.status_code, response.headers, response.data
    elif isinstance(response, aiohttp.ClientResponse):
        status, headers = response.status, response.headers
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    return _Answer(status, lowered, told if isinstance(told, dict) else {})


def error_of(fault: SlackApiError) -> str:
    """Slack's own word for it."""
    return str(_answer(fault).told.get("error") or _UNREADABLE)


def needed(fault: SlackApiError) -> str:
    """The scope that was missing; "" if none was."""
    return str(_answer(fault).told.get("needed") or "")


def pause_of(fault: SlackApiError) -> float:
    """Seconds that Slack asks to be left alone for; 0 if it does not."""
    after = _answer(fault).headers.get("retry-after", "")
    return min(float(after), LONGEST) if _SECONDS.fullmatch(after) else 0.0


def failed(fault: Exception) -> SendFailed:
    """What a fault of a call means for the message."""
    if not isinstance(fault, SlackApiError):
        return SendFailed(f"Slack is not reached ({type(fault).__name__})", transient=True)
    error, after, status = error_of(fault), pause_of(fault), _answer(fault).status
    transient = bool(after) or error in _LATER or status >= 500 or status == 429
    scope = f" (the scope {needed(fault)} is missing)" if needed(fault) else ""
    return SendFailed(
        _HINTS.get(error, f"Slack says {error}{scope}"), transient=transient, after=after
    )


def never_left(fault: Exception) -> bool:
    """Whether the call was surely not performed."""
    if isinstance(fault, SlackApiError):
        return pause_of(fault) > 0 or error_of(fault) in {"ratelimited", "rate_limited"}
    return isinstance(fault, aiohttp.ClientConnectorError)
