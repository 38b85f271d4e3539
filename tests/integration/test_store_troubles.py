"""What goes wrong between the bot and its server: lost answers, stalls, full disks, crashes."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from bot import auditing
from bot import events as e
from bot.audit import Note
from bot.store.keys import thread_id
from bot.store.port import Batch, Committed, StoreUnreachable
from bot.store.redis import RedisStore, connect
from tests.contract.lab import SECRET, ended, message, texts
from tests.proxy import Proxy, proxy_to
from tests.servers import Server, flush, redis_server, start_redis


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the file; a test that changes its settings changes them back."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@dataclass
class Line:
    """A store whose connection a test can disturb, and one of the server's own."""

    store: RedisStore
    proxy: Proxy
    admin: Redis


@pytest.fixture
async def line(redis: Server) -> AsyncIterator[Line]:
    """An empty server behind a proxy."""
    flush(redis.url)
    async with proxy_to(redis.port) as proxy:
        url = f"redis://127.0.0.1:{proxy.listens}"
        store = await connect(url, bot="test", secret=SECRET)
        with Redis.from_url(redis.url) as admin:
            yield Line(store, proxy, admin)
        await store.close()


@pytest.mark.parametrize("dedupe", ["known", ""])
async def test_18_input_whose_answer_is_lost_is_one_event(line: Line, dedupe: str) -> None:
    """The client asks again and gets the first answer, with or without a name for the message."""
    line.proxy.lose_answers = 2
    appended = await line.store.append(["r"], message(), dedupe=dedupe)
    assert line.proxy.lost == 2
    assert appended is not None
    assert appended.seq == 1
    assert texts(await line.store.events(appended.thread)) == ["hi"]


async def test_18_every_step_of_work_survives_a_lost_answer(line: Line) -> None:
    """Open, commit, renew, release, revive: asked again, done once."""
    store, proxy = line.store, line.proxy
    await store.append(["r"], message(), dedupe="1")
    (claim,) = (await store.claim(1)).claims
    proxy.lose_answers = 1
    held = await store.open(claim, token="t", have=0)
    assert held is not None
    assert held.attempts == 1
    proxy.lose_answers = 1
    batch = Batch(id="1", expect=1, events=(e.ToolStarted(call_id="c1"),))
    assert await store.commit(held.thread, held.fence, batch) == Committed(version=2)
    proxy.lose_answers = 1
    assert await store.renew(held.thread, held.fence) == 2
    proxy.lose_answers = 1
    last = Batch(id="2", expect=2, events=(ended(1),))
    done = await store.set_aside(held.thread, held.fence, last, "why")
    assert done == Committed(version=3)
    proxy.lose_answers = 1
    assert await store.revive(held.thread)
    proxy.lose_answers = 1
    await store.trail.note(Note(command="freeze"))
    assert proxy.lost == 6
    assert [event.seq for event in await store.events(held.thread)] == [1, 2, 3]
    found = await auditing.verify(store)
    assert (found.rows, found.chains, found.faults) == (2, 2, ())


async def test_18_a_stall_does_not_double_input(line: Line) -> None:
    """A server that does not answer for a while did what it was asked, once."""
    line.proxy.stall = asyncio.Event()
    appending = asyncio.create_task(line.store.append(["r"], message(), dedupe="1"))
    while line.admin.exists("wk:{test}:a:r") == 0:  # noqa: ASYNC110 - the server has it
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    line.proxy.stall.set()
    appended = await appending
    assert appended is not None
    assert len(await line.store.events(appended.thread)) == 1


async def test_a_cancelled_call_leaves_the_store_usable(line: Line) -> None:
    """Whoever gives up on an answer does not get it mixed up with the next one."""
    line.proxy.stall = asyncio.Event()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(line.store.set_cursor("a", "1"), 0.05)
    line.proxy.stall.set()
    assert await line.store.cursor("b") is None
    assert await line.store.cursor("a") == "1"


async def test_a_full_memory_refuses_input_and_names_the_setting(line: Line) -> None:
    """Nothing is thrown away to make room: the append fails, so nobody is told it was taken."""
    used = int(line.admin.info("memory")["used_memory"])
    line.admin.config_set("maxmemory", used // 2)
    try:
        with pytest.raises(StoreUnreachable, match="maxmemory"):
            await line.store.append(["r"], message(), dedupe="1")
    finally:
        line.admin.config_set("maxmemory", 0)
    appended = await line.store.append(["r"], message(), dedupe="1")
    assert appended is not None
    assert appended.fresh


async def test_a_replica_is_refused_and_said(line: Line) -> None:
    """After a fail-over the old primary takes no writes."""
    line.admin.replicaof("127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnreachable, match="primary"):
            await line.store.append(["r"], message(), dedupe="1")
    finally:
        line.admin.replicaof("NO", "ONE")


async def test_too_few_replicas_refuse_input(line: Line) -> None:
    """A server that must not write alone does not."""
    line.admin.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(StoreUnreachable, match="takes no writes"):
            await line.store.append(["r"], message(), dedupe="1")
    finally:
        line.admin.config_set("min-replicas-to-write", 0)


async def test_a_server_in_good_order_raises_no_doubt(line: Line) -> None:
    """Append-only file on, nothing evicted, new enough."""
    assert await line.store.checks() == ()


async def test_every_doubtful_setting_is_named(line: Line) -> None:
    """What would lose messages is said by the name of the setting to change."""
    line.admin.config_set("appendonly", "no")
    line.admin.config_set("maxmemory-policy", "allkeys-lru")
    try:
        persistence, eviction = await line.store.checks()
    finally:
        line.admin.config_set("appendonly", "yes")
        line.admin.config_set("maxmemory-policy", "noeviction")
    assert "appendonly" in persistence
    assert "maxmemory-policy" in eviction
    assert "allkeys-lru" in eviction


async def test_a_full_disk_refuses_input_and_names_it(tmp_path: Path) -> None:
    """What can not be written is not taken in; once there is room again, all goes on."""
    with redis_server(tmp_path) as server:
        store = await connect(server.url, bot="test")
        await store.append(["r"], message(), dedupe="first")
        limit = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (20_000, limit[1]))
        with pytest.raises(StoreUnreachable, match="disk"):
            await fill(store)
        taken = len(await store.events(thread_id("r")))
        assert 1 < taken < 100
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limit)
        await until_it_writes(store)
        server.kill()
        again = start_redis(tmp_path, port=server.port)
        events = await store.events(thread_id("r"))
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert len(events) >= taken
        await store.close()
        again.stop()
        server.process = again.process


async def fill(store: RedisStore) -> None:
    """More than fits."""
    for number in range(1000):
        await store.append(["r"], message("x" * 500), dedupe=str(number))


async def until_it_writes(store: RedisStore) -> None:
    """The server tries its disk again every second."""
    while True:
        try:
            await store.append(["r"], message(), dedupe="again")
        except StoreUnreachable:
            await asyncio.sleep(0.1)
        else:
            return


async def test_12_a_server_killed_under_load_keeps_all_it_acknowledged(tmp_path: Path) -> None:
    """kill -9 in the middle of input: what was acknowledged is there, once and gapless."""
    server = start_redis(tmp_path, "--appendfsync", "always")
    store = await connect(server.url, bot="test")
    acknowledged: list[str] = []
    killed = asyncio.Event()

    async def talk(room: int) -> None:
        for number in range(10_000):
            name = f"{room}.{number}"
            try:
                await store.append([f"r{room}"], message(name), dedupe=name)
            except StoreUnreachable:
                continue
            acknowledged.append(name)
            if killed.is_set():
                return

    talking = [asyncio.create_task(talk(room)) for room in range(4)]
    while len(acknowledged) < 200:  # noqa: ASYNC110 - under load
        await asyncio.sleep(0.01)
    server.kill()
    server = start_redis(tmp_path, "--appendfsync", "always", port=server.port)
    killed.set()
    await asyncio.gather(*talking)
    stored: list[str] = []
    for room in range(4):
        events = await store.events(thread_id(f"r{room}"))
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        stored += texts(events)
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    await store.close()
    server.stop()
