"""The store's contract on a cluster of three, and input while the bot's slot moves about."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from bot.store.keys import thread_id
from tests.contract.lab import BOT, Lab, message, opened, texts
from tests.contract.store_audit import AuditContract, OthersContract
from tests.contract.store_commits import CommitContract
from tests.contract.store_input import InputContract
from tests.contract.store_leases import LeaseContract
from tests.contract.store_looking import (
    KeepContract,
    LookingContract,
    PaceContract,
    RebuildContract,
    TallyContract,
    TimeContract,
)
from tests.servers import cluster, move_slot


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[str]]:
    """Three masters; the test knows the first."""
    with cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield [server.url for server in servers]


class TestInput(InputContract):
    """On a cluster."""


class TestLeases(LeaseContract):
    """On a cluster."""


class TestCommits(CommitContract):
    """On a cluster."""


class TestAudit(AuditContract):
    """On a cluster."""


class TestOthers(OthersContract):
    """On a cluster."""


class TestTime(TimeContract):
    """On a cluster."""


class TestLooking(LookingContract):
    """On a cluster."""


class TestKeep(KeepContract):
    """On a cluster."""


class TestPace(PaceContract):
    """On a cluster."""


class TestTally(TallyContract):
    """On a cluster."""


class TestRebuild(RebuildContract):
    """On a cluster."""


class TestResharding:
    """While the cluster is being changed."""

    async def test_22_live_resharding_loses_and_doubles_nothing(self, lab: Lab) -> None:
        """Input, work and a follower go on while the keys of the bot move from node to node."""
        store, worker, reader = [await lab.store() for _ in range(3)]
        moving = True

        async def talk(room: str) -> int:
            sent = 0
            while moving or sent < 50:
                await store.append([room], message(f"{sent}"), dedupe=f"{room} {sent}")
                sent += 1
            return sent

        async def work() -> None:
            turn = 0
            while moving:
                held = await opened(worker, f"{(turn := turn + 1)}")
                await worker.renew(held.thread, held.fence)
                await worker.retry_later(held.thread, held.fence, 0)

        async def follow(count: int) -> list[str]:
            feed = reader.follow(thread_id("a"), after=0)
            return [(await anext(feed)).kind for _ in range(count)]

        talking = [asyncio.create_task(talk(room)) for room in "ab"]
        following = asyncio.create_task(follow(50))
        working = asyncio.create_task(work())
        for _ in range(4):
            await asyncio.to_thread(move_slot, lab.urls, f"wk:{{{BOT}}}:")
            await asyncio.sleep(0.2)
        moving = False
        sent = await asyncio.gather(*talking)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        for room, count in zip("ab", sent, strict=True):
            events = await store.events(thread_id(room))
            assert texts(events) == [str(number) for number in range(count)]
            assert [event.seq for event in events] == list(range(1, count + 1))
        assert await following == ["message_received"] * 50
