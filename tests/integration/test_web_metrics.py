"""`/metrics` over the real server: numbers that move with what happens, and name nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.metrics import Metrics
from bot.store.port import Claim
from channels.port import Author
from tests.fakes import FakeChannel, down
from tests.house import RUNBOOKS, House, open_house
from tests.scraping import Page, Scraper, scraped

EXPIRING = (
    RUNBOOKS
    + """
[runbooks.soon]
summary = "Nobody has the time"
argv = ["PROGRAM", "--tag={tag}"]
params = { tag = "text" }
risk = "write"
approve = { by = "operator", expire = "1s" }
[people.dora]
slack = "T1/U1"
roles = ["operator"]
"""
)

WORDS = {
    *("console", "slack", "accepted", "stranger", "unfit", "replied", "waiting", "failed"),
    *("approval", "question", "opened", "approved", "refused", "expired", "withdrawn"),
    *("delivered", "retried", "uncertain", "read", "write", "returned", "agent", "plan", "tool"),
    *("send", "guide", "lease", "store", "fault", "", "9.9"),
}
"""Every word that may stand in a label here."""


@asynccontextmanager
async def lab(folder: Path, **house: str) -> AsyncIterator[tuple[House, Scraper]]:
    """A house with nobody at work yet, whose numbers are taken."""
    metrics = Metrics("9.9")
    async with open_house(folder, workers=0, runbooks=EXPIRING, **house) as here:
        here.meter = metrics
        async with scraped(here.store, metrics) as scraper:
            yield here, scraper


async def settled(here: House, scraper: Scraper) -> Page:
    """The numbers once every worker has left."""
    await here.rest()
    return await scraper.page()


async def test_a_turn_moves_what_it_should(tmp_path: Path) -> None:
    """One message: accepted once, answered once, with its latency and that of its steps."""
    async with lab(tmp_path) as (here, scraper):
        before = await scraper.page()
        assert before("info", version="9.9") == 1
        assert before("messages_accepted_total", channel="console") is None
        here.hire()
        assert "api is fine" in await here.ask("look service=api")
        page = await settled(here, scraper)
        assert page("messages_accepted_total", channel="console") == 1
        assert page("messages_answered_total", channel="console", outcome="replied") == 1
        assert page("turn_seconds_count", channel="console") == 1
        assert 0 < (page("turn_seconds_sum", channel="console") or 0) < 30
        assert page("step_seconds_count", kind="tool", what="read") == 1
        assert page("tool_runs_total", risk="read", outcome="returned") == 1
        assert page("sends_total", channel="console", outcome="delivered") == 1
        assert page("queue_length") == page("oldest_unanswered_seconds") == 0
        assert page("dead_letters") == page("requests_open") == 0
        assert page("store_up") == 1


async def test_the_same_delivery_counts_once(tmp_path: Path) -> None:
    """However often a message comes, it is one that was accepted and one that was answered."""
    async with lab(tmp_path) as (here, scraper):
        here.hire()
        for _ in range(3):
            stored = await here.tell("look service=api", dedupe="same")
        await here.answer(stored)
        page = await settled(here, scraper)
        assert page("messages_accepted_total", channel="console") == 1
        assert page("messages_answered_total", channel="console", outcome="replied") == 1


async def test_who_waits_for_a_worker_is_seen(tmp_path: Path) -> None:
    """How many conversations, and how long the oldest has waited; until somebody answers."""
    async with lab(tmp_path) as (here, scraper):
        stored = await here.tell("look service=api")
        await here.tell("services", by="bob")
        page = await scraper.page()
        assert page("queue_length") == 2
        first = page("oldest_unanswered_seconds")
        assert first is not None
        assert 0 <= first < 30
        assert ((await scraper.page())("oldest_unanswered_seconds") or 0) > first
        here.hire()
        await here.answer(stored)
        assert (await settled(here, scraper))("oldest_unanswered_seconds") == 0


async def test_requests_open_decided_and_expired(tmp_path: Path) -> None:
    """Each is counted as it opens and as it ends; what is open is what people still have."""
    async with lab(tmp_path) as (here, scraper):
        here.hire()
        asked = await here.tell("change tag=one")
        await here.until(asked, "approval_requested")
        await here.answer(asked)
        page = await scraper.page()
        assert page("requests_open") == 1
        assert page("requests_total", kind="approval", outcome="opened") == 1
        assert page("messages_answered_total", channel="console", outcome="waiting") == 1
        assert page("oldest_unanswered_seconds") == 0
        await here.ask(f"deny {asked.thread}-1 no", by="bob")
        late = await here.tell("soon tag=two")
        await here.until(late, "approval_expired")
        page = await settled(here, scraper)
        assert page("requests_open") == 0
        assert page("requests_total", kind="approval", outcome="refused") == 1
        assert page("requests_total", kind="approval", outcome="expired") == 1


async def test_a_channel_that_will_not_take_it_is_seen(tmp_path: Path) -> None:
    """A send that is tried again counts each time; who waits for it still waits."""
    async with lab(tmp_path) as (here, scraper):
        here.hire(channels={"slack": FakeChannel(down)})
        stored = await here.deliver("services", Author(channel="slack", id="T1/U1"))
        assert stored is not None
        await here.until(stored, "reply_postponed", nth=2)
        page = await scraper.page()
        assert (page("sends_total", channel="slack", outcome="retried") or 0) >= 2
        assert (page("oldest_unanswered_seconds") or 0) > 0
        assert page("queue_length") == 0


async def test_dead_letters_are_seen(tmp_path: Path) -> None:
    """One that was set aside is there until it is tried again; nobody counts as waiting for it."""
    async with lab(tmp_path) as (here, scraper):
        stored = await here.tell("services")
        for attempt in range(5):
            (claim,) = await claims(here)
            opened = await here.store.open(claim, token=f"t{attempt}", have=0)
            assert opened is not None
            await here.store.retry_later(opened.thread, opened.fence, 0)
        here.hire()
        await here.until(stored, "dead_lettered")
        page = await settled(here, scraper)
        assert page("dead_letters") == 1
        assert page("oldest_unanswered_seconds") == 0


async def claims(here: House) -> tuple[Claim, ...]:
    """What is due."""
    while not (found := await here.store.claim(1)).claims:
        await here.store.idle(0.05)
    return found.claims


async def test_a_lost_lease_is_counted(tmp_path: Path) -> None:
    """Another process took the conversation over: this one let it go, and says why."""
    async with lab(tmp_path) as (here, scraper):
        here.hire()
        stored = await here.tell("bump tag=sleep")
        await here.until(stored, "approval_requested")
        await here.answer(stored)
        yes = await here.tell(f"approve {stored.thread}-1")
        await here.until(yes, "tool_started")
        worker = here.pools[0][0]
        assert await here.store.free(worker_of(worker)) == 1
        while (page := await scraper.page())("leases_lost_total", why="lease") is None:
            await here.store.idle(0.05)
        assert page("leases_lost_total", why="lease") == 1


def worker_of(pool: object) -> str:
    """The name under which a pool holds threads."""
    name = pool._worker._name  # type: ignore[attr-defined]
    assert isinstance(name, str)
    return name


async def test_no_label_is_a_person_a_room_or_a_thread(tmp_path: Path) -> None:
    """Whoever writes whatever, strangers too: labels hold the few words that the code knows."""
    async with lab(tmp_path) as (here, scraper):
        here.hire(channels={"slack": FakeChannel()})
        for by in ("alice", "bob", "carol"):
            await here.ask("look service=api", by=by, thread=f"room {by}")
            await here.ask("hello there, my secret plan", by=by)
        await here.deliver("let me in", Author(channel="slack", id="T1/U666", name="mallory"))
        asked = await here.tell("bump tag=one")
        await here.answer(asked)
        await here.ask(f"approve {asked.thread}-1")
        page = await settled(here, scraper)
        ours = [one for one in page.samples if one.name.startswith("watchkeeper_")]
        values = {value for one in ours for name, value in one.labels.items() if name != "le"}
        assert values <= WORDS
        assert page("messages_refused_total", channel="slack", why="stranger") == 1


async def test_open_metrics_for_who_asks_for_it(tmp_path: Path) -> None:
    """The newer format is served as such."""
    async with (
        lab(tmp_path) as (_, scraper),
        aiohttp.ClientSession(headers={"Accept": "application/openmetrics-text"}) as http,
        http.get(f"http://{scraper.address}/metrics") as answer,
    ):
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await answer.text()).endswith("# EOF\n")
