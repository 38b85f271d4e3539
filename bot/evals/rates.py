"""How often something was right, and how far that can be trusted. Pure."""

import math
from dataclasses import dataclass

Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`right` out of `of`."""

    right: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.right / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson; everything, of nothing."""
        if not self.of:
            return 0.0, 1.0
        share, square = self.right / self.of, Z * Z
        middle = share + square / (2 * self.of)
        spread = Z * math.sqrt(share * (1 - share) / self.of + square / (4 * self.of**2))
        whole = 1 + square / self.of
        return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)

    def overlaps(self, other: "Rate") -> bool:
        """Whether the intervals have something in common: the two may well be the same."""
        low, high = self.interval
        other_low, other_high = other.interval
        return low <= other_high and other_low <= high

    def fell_below(self, other: "Rate") -> bool:
        """Whether this is less than the other may well have been."""
        share = self.share
        return share is not None and bool(other.of) and share < other.interval[0]


def percent(share: float) -> str:
    """As people read it: "92%"."""
    return f"{100 * share:.0f}%"


def shown(rate: Rate) -> str:
    """ "11/12  92% (65% to 99%)"; "-" of nothing."""
    if rate.share is None:
        return "-"
    low, high = rate.interval
    return f"{rate.right}/{rate.of}  {percent(rate.share)} ({percent(low)} to {percent(high)})"
