"""What every event has."""

from dataclasses import dataclass
from datetime import UTC, datetime

UNSTAMPED = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every event has."""

    seq: int = 0
    at: datetime = UNSTAMPED
