"""`/healthz` and `/readyz` over the real server: what is in the way is named, by what it is."""

from pathlib import Path

import pytest

from bot import wiring
from bot.metrics import Metrics
from bot.probes import SILENCE
from bot.store.redis import RedisStore, connect
from tests.discord_house import discord_house
from tests.email_house import email_house
from tests.fakes import FakeChannel
from tests.mail_server import dovecot
from tests.scraping import scraped, until
from tests.servers import start_redis
from tests.slack_house import connect_slack, slack_house

READY = {"ready": True, "not": {}}


async def test_alive_and_ready(store: RedisStore) -> None:
    """200, and nothing is amiss."""
    async with scraped(store, Metrics("1"), [FakeChannel()]) as scraper:
        assert await scraper.get("/healthz") == (200, {"alive": True, "not": {}})
        assert await scraper.get("/readyz") == (200, READY)


async def test_a_worker_that_no_longer_goes_round_is_not_alive(store: RedisStore) -> None:
    """Its loop claimed something a while ago, and nothing since: 503, so that it is restarted."""
    now = 100.0
    metrics = Metrics("1", clock=lambda: now)
    metrics.round(0)
    async with scraped(store, metrics) as scraper:
        now += SILENCE - 1
        assert (await scraper.get("/healthz"))[0] == 200
        now += 2
        status, told = await scraper.get("/healthz")
        assert status == 503
        assert told["not"] == {"worker": "has not gone round for 61 s"}
        metrics.round(0)
        assert (await scraper.get("/healthz"))[0] == 200


async def test_whoever_leaves_is_alive_and_not_ready(store: RedisStore) -> None:
    """It finishes what it has begun: it gets nothing new, and nobody kills it for it."""
    now = 0.0
    metrics = Metrics("1", clock=lambda: now)
    metrics.round(1)
    now = 1000.0
    async with scraped(store, metrics, leaving=True) as scraper:
        assert (await scraper.get("/healthz"))[0] == 200
        assert await scraper.get("/readyz") == (
            503,
            {"ready": False, "not": {"process": "was told to stop"}},
        )


async def test_a_store_that_is_gone_is_not_ready(tmp_path: Path) -> None:
    """It says so in time, stays alive, leaves out what it can not read; and comes back."""
    server = start_redis(tmp_path / "redis")
    store = await connect(server.url, bot="test")
    metrics = Metrics("1")
    try:
        async with scraped(store, metrics) as scraper:
            assert (await scraper.page())("store_up") == 1
            server.kill()
            status, told = await scraper.get("/readyz")
            assert status == 503
            assert told == {"ready": False, "not": {"store": "does not answer"}}
            assert (await scraper.get("/healthz"))[0] == 200
            page = await scraper.page()
            assert page("store_up") == 0
            assert page("queue_length") is None
            assert page("oldest_unanswered_seconds") is None
            server = start_redis(tmp_path / "redis", port=server.port)
            await until(scraper, ready=True)
    finally:
        await store.close()
        server.stop()


async def test_slack_up_and_down(tmp_path: Path) -> None:
    """Not before it is connected, not while nothing answers, not after it has stopped."""
    async with slack_house(tmp_path) as lab:
        store, later = lab.house.store, connect_slack(lab.server, lab.house)
        async with scraped(store, Metrics("1"), [later]) as scraper:
            assert (await scraper.get("/readyz"))[1]["not"] == {"slack": "is not connected"}
            await later.start(wiring.build_intake(lab.house.settings, store).take)
            assert await until(scraper, ready=True) == READY
            assert (await scraper.page())("channel_up", channel="slack") == 1
            lab.server.faults.down = True
            await lab.server.sockets.drop()
            assert (await until(scraper, ready=False))["not"] == {"slack": "is not connected"}
            assert (await scraper.page())("channel_up", channel="slack") == 0
            lab.server.faults.down = False
            await until(scraper, ready=True)
            await later.stop()
            assert (await scraper.get("/readyz"))[0] == 503


@pytest.mark.parametrize("how", ["silent", "cut"])
async def test_discord_up_and_down(tmp_path: Path, how: str) -> None:
    """A connection that is open and answers nothing is as good as none."""
    async with (
        discord_house(tmp_path, interval=0.3, deaf=0.6) as lab,
        scraped(lab.house.store, Metrics("1"), [lab.discord]) as scraper,
    ):
        assert await until(scraper, ready=True) == READY
        lab.server.gateway.door.clear()
        if how == "silent":
            lab.server.gateway.acks = False
        else:
            lab.server.abort()
        assert (await until(scraper, ready=False))["not"] == {"discord": "is not connected"}
        lab.server.gateway.acks = True
        lab.server.gateway.door.set()
        await until(scraper, ready=True)
        await lab.discord.stop()
        assert (await scraper.get("/readyz"))[0] == 503


@pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)
async def test_email_up_and_down(tmp_path: Path) -> None:
    """A mailbox that is gone is noticed, and so is that it is back."""
    async with (
        email_house(tmp_path) as lab,
        scraped(lab.house.store, Metrics("1"), [lab.channel]) as scraper,
    ):
        assert await until(scraper, ready=True) == READY
        lab.post.box.kill()
        assert (await until(scraper, ready=False))["not"] == {"email": "is not connected"}
        lab.post.box.start()
        await until(scraper, ready=True)
        await lab.channel.stop()
        assert (await scraper.get("/readyz"))[0] == 503
