"""How times are told."""

import statistics
from collections.abc import Sequence


def told(who: str, times: Sequence[float]) -> str:
    """Median and 95th percentile, of seconds."""
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95)]
    return f"{who} {statistics.median(times) * 1000:.1f} ms (p95 {p95 * 1000:.1f})"
