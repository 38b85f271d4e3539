"""What Claude answers with an error status, as pure data: wait, try again, or mend something."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pydantic import BaseModel, ValidationError

from agents.model import Deferred, Failed

LONGEST_WAIT = timedelta(days=1)

_PASSING = frozenset({408, 409, 425, 429})
_CHARGED = frozenset({408, 502, 504, 524})
"""Somebody in between gave up waiting: the model may have answered nevertheless."""
# There is no error code for it, only words, which may change: then the refusal stands as it is.
_ABOUT = re.compile(
    r"grammar|structured output|output[ _]format|output_config(?!\.effort)|json_schema"
    r"|\bstrict\b|union types|optional param|schema",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"not support|unsupported|not available|not permitted|too large|too complex|too many|timed out",
    re.IGNORECASE,
)


class _ErrorDetails(BaseModel):
    error_code: str | None = None


class _Error(BaseModel):
    type: str = ""
    message: str = ""
    details: _ErrorDetails | None = None


class _ErrorBody(BaseModel):
    error: _Error = _Error()


def unfit(status: int, body: bytes) -> bool:
    """Whether a refusal says that this way of asking is not for this model or this schema."""
    words = _error(body).message
    return status == 400 and bool(_ABOUT.search(words)) and bool(_LIMIT.search(words))


def outcome(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> Deferred | Failed:
    """What a response with an error status says. `headers` have lower-case names."""
    error = _error(body)
    words = " ".join(error.message.split())[:200]
    reason = f"{status} {error.type}".strip() + (f": {words}" if words else "")
    code = (error.details.error_code if error.details else None) or ""
    if code.endswith("spend_limit_reached") or error.type == "billing_error":
        return Failed(reason=reason, passing=False)
    after = retry_after(headers, now) if status == 429 else None
    if after is not None:
        return Deferred(reason=reason, after=after)
    passing = status in _PASSING or not 400 <= status < 500
    return Failed(reason=reason, passing=passing, charged=status in _CHARGED)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the provider wants to be left alone: a second at least, a day at most."""
    millis = _number(headers.get("retry-after-ms"))
    told = headers.get("retry-after")
    seconds = millis / 1000 if millis is not None else _number(told)
    if seconds is None:
        seconds = _until(told, now)
    if seconds is None:
        return None
    return timedelta(seconds=min(max(seconds, 1.0), LONGEST_WAIT.total_seconds()))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(text: str | None, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def _error(body: bytes) -> _Error:
    try:
        return _ErrorBody.model_validate_json(body).error
    except ValidationError:
        return _Error()
