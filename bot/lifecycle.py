"""What may follow what: the life of a tool call, as one table.

The reducer looks every step up here, an event that the table does not allow raises, and the
README's diagram is made from it.
"""

from collections.abc import Mapping
from enum import StrEnum


class IllegalEvent(Exception):
    """An event that can not follow what the thread holds: a defect, never a user's mistake."""


class Phase(StrEnum):
    """Where a call is."""

    ALLOWED = "allowed"
    GATED = "gated"
    WAITING = "waiting"
    APPROVED = "approved"
    RUNNING = "running"
    RETURNED = "returned"
    FAILED = "failed"
    CHANGED = "changed"
    UNCERTAIN = "uncertain"
    CHECKING = "checking"
    AGAIN = "again"
    EDITED = "edited"
    RESOLVED = "resolved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


START = "[*]"

CALL: Mapping[tuple[str, str], Phase] = {
    (START, "tool_requested: allowed"): Phase.ALLOWED,
    (START, "tool_requested: approval"): Phase.GATED,
    (START, "tool_requested: refused"): Phase.REFUSED,
    (Phase.GATED, "approval_requested"): Phase.WAITING,
    (Phase.GATED, "cancelled"): Phase.WITHDRAWN,
    (Phase.WAITING, "approval_given"): Phase.WAITING,
    (Phase.WAITING, "approval_given: final"): Phase.APPROVED,
    (Phase.WAITING, "approval_given: edited"): Phase.EDITED,
    (Phase.WAITING, "approval_refused"): Phase.REFUSED,
    (Phase.WAITING, "approval_expired"): Phase.EXPIRED,
    (Phase.WAITING, "approval_withdrawn"): Phase.WITHDRAWN,
    (Phase.ALLOWED, "tool_started"): Phase.RUNNING,
    (Phase.ALLOWED, "cancelled"): Phase.WITHDRAWN,
    (Phase.APPROVED, "tool_started"): Phase.RUNNING,
    (Phase.APPROVED, "cancelled"): Phase.WITHDRAWN,
    (Phase.CHANGED, "cancelled"): Phase.WITHDRAWN,
    (Phase.AGAIN, "cancelled"): Phase.WITHDRAWN,
    (Phase.EDITED, "cancelled"): Phase.WITHDRAWN,
    (Phase.RUNNING, "tool_returned"): Phase.RETURNED,
    (Phase.RUNNING, "tool_failed"): Phase.FAILED,
    (Phase.RUNNING, "tool_failed: changed"): Phase.CHANGED,
    (Phase.RUNNING, "tool_uncertain"): Phase.UNCERTAIN,
    (Phase.UNCERTAIN, "question_asked"): Phase.CHECKING,
    (Phase.CHECKING, "question_withdrawn"): Phase.RESOLVED,
    (Phase.CHECKING, "question_expired"): Phase.RESOLVED,
    (Phase.CHECKING, "uncertainty_resolved"): Phase.RESOLVED,
    (Phase.CHECKING, "uncertainty_resolved: run again"): Phase.AGAIN,
}
"""(phase, event) -> phase. What is not here is illegal."""

ENDED = frozenset(
    {
        Phase.RETURNED,
        Phase.FAILED,
        Phase.RESOLVED,
        Phase.REFUSED,
        Phase.EXPIRED,
        Phase.WITHDRAWN,
    }
)
"""Nothing follows: the outcome is told, then the call is forgotten."""

ASKING = frozenset({Phase.WAITING, Phase.CHECKING})
"""It is the people's turn: the turn that asked has ended."""

REPLANNED = frozenset({Phase.CHANGED, Phase.AGAIN, Phase.EDITED})
"""It is asked for anew: a fresh call replaces it."""


def follow(phase: str, event: str, *, call: str) -> Phase:
    """The phase after `event`. Raises `IllegalEvent` if it can not happen in `phase`."""
    try:
        return CALL[(phase, event)]
    except KeyError:
        raise IllegalEvent(f"call {call} is {phase}: {event} can not follow") from None


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    arrows = [f"    {before} --> {after}: {event}" for (before, event), after in CALL.items()]
    replaced = [f"    {phase} --> {START}: asked anew" for phase in sorted(REPLANNED)]
    ends = [f"    {phase} --> {START}" for phase in sorted(ENDED)]
    return "\n".join(["stateDiagram-v2", *arrows, *replaced, *ends]) + "\n"
