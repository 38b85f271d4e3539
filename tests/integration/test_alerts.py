"""Telling admins that something has to be mended, on a real store."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import events as e
from bot.alerts import Alerts
from bot.people import People, Person
from bot.store.redis import RedisStore
from channels import console
from tests.house import open_house

NOW = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
ADMIN = frozenset({"admin"})
KEY, TEXT = "model: 401", "The model can not be asked: renew ANTHROPIC_API_KEY."


def person(name: str, *roles: str, channel: str = "console") -> Person:
    """Somebody with one id."""
    return Person(name=name, ids=frozenset({(channel, f"os-{name}")}), roles=frozenset(roles))


TEAM = People(
    (person("alice", "admin", "operator"), person("bob", "operator"), person("carol", "admin"))
)


async def told(store: RedisStore, name: str) -> list[e.Event]:
    """What stands in somebody's own conversation."""
    thread = await store.find(console.reference(f"os-{name}"))
    return [] if thread is None else list(await store.events(thread))


async def test_every_admin_is_told_and_nobody_else(store: RedisStore) -> None:
    """One notice each, where they are met."""
    assert await Alerts(store, TEAM).raise_alert(KEY, TEXT, NOW) == 2
    for name in ("alice", "carol"):
        (notice,) = await told(store, name)
        assert isinstance(notice, e.NoticeQueued)
        assert (notice.address, notice.text) == (console.address(f"os-{name}"), TEXT)
    assert await told(store, "bob") == []


async def test_04_one_alert_a_day_whoever_finds_it(store: RedisStore) -> None:
    """However many processes meet it how often; the next day, and another trouble, are told."""
    first, second = Alerts(store, TEAM), Alerts(store, TEAM)
    calls = [each.raise_alert(KEY, TEXT, NOW) for each in [first, second] * 5]
    assert sum(await asyncio.gather(*calls)) == 2
    assert len(await told(store, "alice")) == 1
    assert await first.raise_alert("store: full", "Mend it.", NOW) == 2
    assert await second.raise_alert(KEY, TEXT, NOW + timedelta(hours=1)) == 2
    assert len(await told(store, "alice")) == 3


@pytest.mark.parametrize(
    "people", [People(), People((person("bob"), person("dave", "admin", channel="slack")))]
)
async def test_without_an_admin_the_log_says_it(store: RedisStore, people: People) -> None:
    """Nobody has the role, or nobody who has it can be reached: no error, and not lost."""
    with capture_logs() as logs:
        assert await Alerts(store, people).raise_alert(KEY, TEXT, NOW) == 0
    (line,) = logs
    assert (line["log_level"], line["words"]) == ("error", TEXT)


async def test_a_store_that_fails_is_no_second_trouble(store: RedisStore) -> None:
    """Whoever raises an alert goes on, and the log has the words."""
    await store._client.command("SET", store._keys.index, "no set")
    with capture_logs() as logs:
        assert await Alerts(store, TEAM).raise_alert(KEY, TEXT, NOW) == 0
    assert {line["words"] for line in logs} == {TEXT}
    assert {line["log_level"] for line in logs} == {"error"}


async def test_an_alert_is_delivered_and_the_conversation_goes_on(tmp_path: Path) -> None:
    """It is with the admin without a word of theirs, and what they say next is answered."""
    async with open_house(tmp_path) as house:
        people = People((Person(name="alice", ids=frozenset({("console", "alice")}), roles=ADMIN),))
        await Alerts(house.store, people).raise_alert(KEY, TEXT, house.store.now())
        thread = await house.store.find(console.reference("alice"))
        assert thread is not None
        async for event in house.store.follow(thread, after=0):
            if isinstance(event, e.ReplyDelivered):
                assert event.reply == 1
                break
        assert "api: staging, prod" in await house.ask("services")
