"""What a declared request was answered: the part of it that config wants to be shown."""

import json
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agents.port import Result, ToolFailed
from agents.tools.network.pointer import pointed
from agents.tools.network.told import milliseconds, status
from agents.tools.redact import Redactor
from agents.tools.transcript import Transcript, excerpt

if TYPE_CHECKING:
    from agents.tools.network.fetching import Reply

_KEPT = 256 * 1024


def answered(reply: "Reply", show: str, redactor: Redactor) -> Result:
    """The answer as people see it. Raises `ToolFailed` for one that is no success."""
    head = f"{status(reply.status)}, {milliseconds(reply.seconds)}"
    if not 200 <= reply.status < 300:
        kept = _kept(reply.body, redactor)
        why = " (redirects are not followed)" if 300 <= reply.status < 400 else ""
        raise ToolFailed(_with(f"answered {head}{why}", kept), output=kept)
    try:
        kept = _kept(_chosen(reply, show), redactor)
    except LookupError as fault:
        raise ToolFailed(redactor.redact(f"answered {head}, but {fault.args[0]}")) from None
    return Result(text=_with(head, kept), output=kept)


def _with(head: str, kept: str) -> str:
    shown = excerpt(kept)
    return f"{head}\n{shown}" if shown else head


def _kept(data: bytes, redactor: Redactor) -> str:
    transcript = Transcript(redactor, _KEPT)
    transcript.feed(data)
    return transcript.close()


def _chosen(reply: "Reply", show: str) -> bytes:
    """The part to show: of JSON that which the pointer names, of anything else all there is.

    Raises `LookupError` if there is no such part.
    """
    try:
        value: JsonValue = json.loads(reply.body)
    except (ValueError, RecursionError):
        if not show:
            return reply.body
        why = "is no JSON" if reply.whole else "is too long"
        raise LookupError(f"what it says {why}") from None
    try:
        return _written(pointed(value, show))
    except RecursionError:
        return reply.body


def _written(value: JsonValue) -> bytes:
    """A text as it is, anything else as JSON for people."""
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return told.encode(errors="replace")
