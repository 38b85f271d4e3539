"""One cap and several processes: what they spend together, and what is left when they die."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import get_args

import pytest
from redis import Redis

from bot.spend import Cap
from bot.store.keys import Keys
from bot.store.redis import connect
from tests.proxy import proxy_to
from tests.servers import Server, ask, flush, redis_server, start_redis
from tests.spending import ACCOUNT, BOT, LIMITS, WORST, real

ROOT = Path(__file__).parents[2]
KEYS = Keys.of(BOT)
CAP = 100_000  # micro-dollars
END = "that-was-all"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the file."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(server: Server) -> Server:
    """The same with nothing in it."""
    flush(server.url)
    return server


def spender(
    stack: ExitStack, server: Server, how: str, first: int, last: int
) -> subprocess.Popen[str]:
    """A process that connects and then waits for `run`."""
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "tests.spending", server.url, how, str(first), str(last)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    stack.callback(process.kill)
    return process


def run(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Let them begin at the same time; all the words that they say."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [line for one in processes for line in one.communicate(timeout=60)[0].splitlines()]


@contextmanager
def monitored(server: Server) -> Iterator[list[str]]:
    """After the block, every command that the server did in it, those of scripts as well."""
    lines: list[str] = []
    with Redis.from_url(server.url) as client, client.monitor() as monitor:
        yield lines
        with Redis.from_url(server.url) as other:
            ask(other, "ECHO", END)
        while f"ECHO {END}" not in lines:
            lines.append(str(monitor.next_command()["command"]))


def course(lines: Sequence[str], key: str) -> list[int]:
    """Every sum that ever stood on a counter, from the changes that the server made to it."""
    start = f"HINCRBY {key} s "
    changes = [int(line.removeprefix(start)) for line in lines if line.startswith(start)]
    return list(accumulate(changes))


def numbers(said: Sequence[str], what: str) -> list[int]:
    """Which calls were booked, or refused."""
    return [int(line.split()[1]) for line in said if line.startswith(what)]


def counters(server: Server) -> set[str]:
    """The keys of the three counters."""
    with Redis.from_url(server.url) as client:
        found = {key.decode() for key in client.scan_iter(f"{KEYS.prefix}m:[pd]:*")}
    return {KEYS.spent_on(ACCOUNT.thread), *found}


async def stands(server: Server) -> tuple[Decimal, ...]:
    """The three counters, read by somebody else."""
    store = await connect(server.url, bot=BOT)
    now = await store.books(LIMITS).spent(ACCOUNT)
    await store.close()
    assert now.person is not None
    return (now.thread.spent, now.person.spent, now.day.spent)


async def test_three_processes_never_pass_one_cap_at_any_time(redis: Server) -> None:
    """50 calls at once under a cap of $0.10: no sum that ever stood was higher, the last is real.

    Read off every single change that the server made, not off samples.
    """
    with ExitStack() as stack:
        shares = ((0, 17), (17, 34), (34, 50))
        processes = [spender(stack, redis, "spend", *share) for share in shares]
        with monitored(redis) as lines:
            said = run(processes)
    booked, refused = numbers(said, "booked"), numbers(said, "refused")
    assert sorted(booked + refused) == list(range(50))
    assert len(booked) >= 10
    assert refused
    for key in counters(redis):
        sums = course(lines, key)
        assert len(sums) == 2 * len(booked)
        assert max(sums) <= CAP
        assert min(sums) >= 0
    assert await stands(redis) == (sum(real(number) for number in booked),) * 3


async def test_scripts_touch_only_the_keys_they_declare(redis: Server) -> None:
    """A cluster that is being changed hides what a script did not name."""
    store = await connect(redis.url, bot=BOT)
    books = store.books(LIMITS)
    with monitored(redis) as lines:
        for call in ("c1", "c1", "c2"):
            await books.reserve(call, ACCOUNT, WORST)
            await books.settle(call, ACCOUNT, Decimal(0))
        await books.settle("never booked", ACCOUNT, WORST)
        for cap in get_args(Cap):
            await books.raise_cap(cap, ACCOUNT, WORST, key=f"more for a {cap}")
    await store.close()
    declared: str = ""
    touched = 0
    for line in lines:
        if line.startswith("EVAL"):
            declared = line
        elif line.split()[0] in {"EXISTS", "HMGET", "HSET", "HINCRBY", "PEXPIRE", "PEXPIREAT"}:
            touched += 1
            assert line.split()[1] in declared.split()
    assert touched > 40


async def test_killed_between_reserve_and_settle_it_is_still_charged(redis: Server) -> None:
    """Nobody can say what the call cost, so its worst case stays; the cap counts it.

    The process that comes after it books the same calls no second time, and may settle them.
    """
    with ExitStack() as stack:
        process = spender(stack, redis, "die", 0, 10)
        run([process])
        assert process.wait() == -signal.SIGKILL
        assert await stands(redis) == (10 * WORST,) * 3
        said = run([spender(stack, redis, "spend", 10, 11)])
        assert said == ["refused 10"]
        said = run([spender(stack, redis, "spend", 0, 5)])
        assert numbers(said, "booked") == list(range(5))
    assert await stands(redis) == (sum(real(number) for number in range(5)) + 5 * WORST,) * 3


async def test_a_server_that_was_killed_still_knows_the_books(tmp_path: Path) -> None:
    """The books are as durable as the log is."""
    server = start_redis(tmp_path, "--appendfsync", "always")
    store = await connect(server.url, bot=BOT)
    books = store.books(LIMITS)
    await books.reserve("c1", ACCOUNT, WORST)
    server.kill()
    server = start_redis(tmp_path, "--appendfsync", "always", port=server.port)
    try:
        await books.reserve("c1", ACCOUNT, WORST)
        assert await stands(server) == (WORST,) * 3
        await books.settle("c1", ACCOUNT, real(1))
        assert await stands(server) == (real(1),) * 3
    finally:
        await store.close()
        server.stop()


async def test_what_is_asked_again_after_a_lost_answer_counts_once(redis: Server) -> None:
    """Reserve, settle and a raise reach the server twice and change it once."""
    async with proxy_to(redis.port) as proxy:
        store = await connect(f"redis://127.0.0.1:{proxy.listens}", bot=BOT)
        books = store.books(LIMITS)
        proxy.lose_answers = 2
        assert await books.reserve("c1", ACCOUNT, Decimal("0.10")) is None
        assert proxy.lost == 2
        assert await stands(redis) == (Decimal("0.10"),) * 3
        proxy.lose_answers = 1
        await books.settle("c1", ACCOUNT, Decimal("0.03"))
        assert await stands(redis) == (Decimal("0.03"),) * 3
        proxy.lose_answers = 1
        await books.raise_cap("thread", ACCOUNT, Decimal("0.20"), key="k")
        assert (await books.spent(ACCOUNT)).thread.limit == Decimal("0.30")
        proxy.lose_answers = 1
        over = await books.reserve("c2", ACCOUNT, Decimal("0.28"))
        assert over is not None
        assert over.cap == "thread"
        assert proxy.lost == 5
        await store.close()
    assert await stands(redis) == (Decimal("0.03"),) * 3
