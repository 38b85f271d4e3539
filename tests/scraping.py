"""Asking a process over HTTP how it is, as Prometheus and supervisors do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from pydantic import JsonValue

from bot.metrics import Metrics
from bot.probes import Probes
from bot.store.port import ThreadStore
from bot.web import serving
from channels.port import Channel


@dataclass(frozen=True)
class Page:
    """What `/metrics` said."""

    samples: tuple[Sample, ...]

    def __call__(self, name: str, **labels: str) -> float | None:
        """The value of one sample; None if it is not there."""
        found = [
            sample.value
            for sample in self.samples
            if sample.name == f"watchkeeper_{name}" and sample.labels == labels
        ]
        return found[0] if found else None


@dataclass(frozen=True)
class Scraper:
    """Somebody who asks at one address."""

    address: str

    async def get(self, path: str) -> tuple[int, dict[str, JsonValue]]:
        """The status and the JSON."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://{self.address}{path}") as answer,
        ):
            return answer.status, await answer.json()

    async def page(self) -> Page:
        """Every number."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://{self.address}/metrics") as answer,
        ):
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return parsed(await answer.text())


def parsed(text: str) -> Page:
    """The page as the official parser reads it."""
    families = text_string_to_metric_families(text)
    return Page(tuple(sample for family in families for sample in family.samples))


@asynccontextmanager
async def scraped(
    store: ThreadStore,
    metrics: Metrics,
    channels: Sequence[Channel] = (),
    *,
    leaving: bool = False,
) -> AsyncIterator[Scraper]:
    """The real server with the real answers, on a port of its own."""
    probes = Probes(store, channels, metrics, lambda: leaving)
    async with serving(("127.0.0.1", 0), {}, probes.routes()) as address:
        yield Scraper(address)


async def until(scraper: Scraper, *, ready: bool) -> dict[str, JsonValue]:
    """What `/readyz` says once it is so; what it tells of comes about elsewhere."""
    async with asyncio.timeout(30):
        while True:
            status, told = await scraper.get("/readyz")
            if (status == 200) is ready:
                assert told["ready"] is ready
                return told
            await asyncio.sleep(0.05)
