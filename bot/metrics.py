"""The numbers of this process, and the store's as of now, as Prometheus reads them."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bot import about
from bot.meter import Counted, Timed
from bot.store.shelf import Backlog

TURN = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900)
STEP = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Buckets in seconds: up to the two minutes that nobody waits in silence, and long runbooks."""

COUNTERS: Mapping[Counted, tuple[str, str, tuple[str, ...]]] = {
    "accepted": ("messages_accepted", "Messages that were taken in", ("channel",)),
    "refused": ("messages_refused", "Messages that were not taken in", ("channel", "why")),
    "answered": ("messages_answered", "Messages that were dealt with", ("channel", "outcome")),
    "requests": ("requests", "Approvals and questions, and their ends", ("kind", "outcome")),
    "sends": (
        "sends",
        "Messages to people; retried: the channel was asked to wait or down",
        ("channel", "outcome"),
    ),
    "runs": ("tool_runs", "Runs of tools, by whether they read or write", ("risk", "outcome")),
    "model_failures": ("model_failures", "Steps that no model took", ("agent", "outcome")),
    "leases_lost": ("leases_lost", "Conversations that were let go in the middle", ("why",)),
}
"""What is counted -> name, meaning, labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What is read as it is asked for. backlog: None while the store does not answer."""

    at: datetime
    backlog: Backlog | None
    up: Mapping[str, bool]


class Metrics:
    """A `Meter`, with a registry of its own."""

    def __init__(self, version: str, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds, for what is told of rounds."""
        self._clock = clock
        self._registry = registry = CollectorRegistry()
        self._counters = {
            what: Counter(f"watchkeeper_{name}", told, labels, registry=registry)
            for what, (name, told, labels) in COUNTERS.items()
        }
        self._times: Mapping[Timed, Histogram] = {
            "turn": Histogram(
                "watchkeeper_turn_seconds",
                "From a message that was taken in to the end of its turn",
                ("channel",),
                buckets=TURN,
                registry=registry,
            ),
            "step": Histogram(
                "watchkeeper_step_seconds",
                "One step of a turn: an agent, a plan, a tool, a message that is sent",
                ("kind", "what"),
                buckets=STEP,
                registry=registry,
            ),
        }
        self._busy = Gauge(
            "watchkeeper_threads_busy", "Conversations this process is at", registry=registry
        )
        told = "Which version runs here"
        Gauge("watchkeeper_info", told, ("version",), registry=registry).labels(version).set(1)
        ProcessCollector(registry=registry)
        self._reading = _Reading()
        registry.register(self._reading)
        self._round_at: float | None = None

    def count(self, what: Counted, *labels: str) -> None:
        """See `Meter`."""
        self._counters[what].labels(*labels).inc()

    def time(self, what: Timed, seconds: float, *labels: str) -> None:
        """See `Meter`."""
        self._times[what].labels(*labels).observe(max(0.0, seconds))

    def round(self, busy: int) -> None:
        """See `Meter`."""
        self._busy.set(busy)
        self._round_at = self._clock()

    @property
    def silent(self) -> float:
        """Seconds since the loop that claims went round; 0 where there is none."""
        return 0.0 if self._round_at is None else self._clock() - self._round_at

    def page(self, now: Now, accept: str = "") -> tuple[bytes, str]:
        """Everything, in the format that is asked for, and what that is called."""
        encode, kind = choose_encoder(accept)
        self._reading.now = now
        return encode(self._registry), kind


class _Reading(Collector):
    """What is not counted but read. What can not be read is left out, never told as nought."""

    def __init__(self) -> None:
        self.now: Now | None = None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand, or the registry would ask for a reading as it starts."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gauges, as of now."""
        now = self.now
        if now is None:
            return
        up = GaugeMetricFamily(
            "watchkeeper_channel_up", "Whether the channel is heard", labels=("channel",)
        )
        for channel, heard in now.up.items():
            up.add_metric((channel,), heard)
        yield up
        yield _gauge("store_up", "Whether the store answers", now.backlog is not None)
        if now.backlog is not None:
            yield from _waiting(now.backlog, now.at)


def _waiting(backlog: Backlog, at: datetime) -> Iterator[GaugeMetricFamily]:
    """What waits in the store: the same from every process of the bot."""
    since = backlog.oldest
    age = 0.0 if since is None else max(0.0, (at - since).total_seconds())
    yield _gauge("oldest_unanswered_seconds", "How long somebody has waited for an answer", age)
    yield _gauge("queue_length", "Conversations that wait for a worker", backlog.due)
    yield _gauge("dead_letters", "Conversations that were set aside", backlog.dead)
    yield _gauge("requests_open", "Approvals and questions that wait for people", _open(backlog))


def _open(backlog: Backlog) -> int:
    """Exact up to 200 conversations that ask; of each one beyond, one request is counted."""
    known = sum(len(about.read(told).requests) for told in backlog.abouts)
    return known + backlog.asking - len(backlog.abouts)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"watchkeeper_{name}", told, value=value)
