"""Slack's Web API: what goes wrong with a call, and what that means."""

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from channels.port import SendFailed

TIMEOUT = 15
"""Seconds for one call: less than a worker waits for a channel."""

LONGEST = 3600.0
"""Seconds that Slack is left alone for at most, whatever it asks."""

_LATER = frozenset(
    {
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


def client(token: str | None, url: str | None) -> AsyncWebClient:
    """A client that never sends anything twice by itself: what is retried is for us to say."""
    base = url or AsyncWebClient.BASE_URL
    return AsyncWebClient(
        token=token,
        base_url=base if base.endswith("/") else f"{base}/",
        timeout=TIMEOUT,
        retry_handlers=[],
    )


def error_of(fault: SlackApiError) -> str:
    """Slack's own word for it."""
    response: AsyncSlackResponse | dict[str, object] | str | None = fault.response
    if response is None or isinstance(response, str):
        return "no answer that could be read"
    return str(response.get("error") or "no answer that could be read")


def needed(fault: SlackApiError) -> str:
    """The scope that was missing; "" if none was."""
    response: AsyncSlackResponse | dict[str, object] | str | None = fault.response
    return "" if response is None or isinstance(response, str) else str(response.get("needed", ""))


def pause_of(fault: SlackApiError) -> float:
    """Seconds that Slack asks to be left alone for; 0 if it does not."""
    if not isinstance(fault.response, AsyncSlackResponse):
        return 0.0
    told = {name.lower(): value for name, value in fault.response.headers.items()}
    after = str(told.get("retry-after", ""))
    told_so = after.isascii() and after.replace(".", "", 1).isdigit()
    return min(float(after), LONGEST) if told_so else 0.0


def failed(fault: Exception) -> SendFailed:
    """What a fault of a call means for the message."""
    if not isinstance(fault, SlackApiError):
        return SendFailed(f"Slack is not reached ({type(fault).__name__})", transient=True)
    error, after = error_of(fault), pause_of(fault)
    status = fault.response.status_code if isinstance(fault.response, AsyncSlackResponse) else 0
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
