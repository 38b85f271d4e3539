"""How a worker lets go of a thread: nothing of it still runs, and nobody waits for the dead."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from agents.port import Caller, Plan, Result, Risk, Step, Tool
from bot.lease import Lease
from bot.pool import Pool
from bot.store.port import Fenced, ThreadStore
from bot.store.roster import Roster
from tests.contract.lab import Lab
from tests.fakes import read, rules
from tests.story.test_worker import hear, turn, worker


@pytest.fixture
async def lab(store_url: str) -> AsyncIterator[Lab]:
    """An empty server, and stores on it."""
    lab = Lab((store_url,))
    yield lab
    await lab.close()


class Params(BaseModel):
    """No arguments."""


class Stubborn:
    """A tool that takes a moment to stop, as a process group does."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.stopping = asyncio.Event()
        self.stop = asyncio.Event()
        self.running = 0
        self.most = 0

    async def plan(self, _params: BaseModel) -> Plan:
        """Nothing to it."""
        return Plan(line="look", facts={})

    async def run(self, _params: BaseModel, _caller: Caller) -> Result:
        """Runs until it is cancelled; then until `stop`."""
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopping.set()
            await self.stop.wait()
            raise
        finally:
            self.running -= 1
        return Result(text="never")

    def tool(self) -> Tool:
        """It, as a tool that may be run again."""
        return Tool(
            name="look",
            summary="Look",
            params=Params,
            risk=Risk.READ,
            idempotent=True,
            plan=self.plan,
            run=self.run,
        )


async def test_a_broken_thread_is_given_back_only_when_nothing_of_it_runs(lab: Lab) -> None:
    """The lease is held until the run has really stopped: the next worker never runs beside it."""
    store, stubborn = await lab.store(), Stubborn()
    broken = False

    def breaks_once(text: str) -> Step:
        nonlocal broken
        if text == "boom" and not broken:
            broken = True
            raise RuntimeError(text)
        return read(text)

    first = worker(store, given=replace(rules(), read=breaks_once), tools=(stubborn.tool(),))
    stored = await hear(store, "run look")
    working = asyncio.create_task(turn(store, first))
    await stubborn.begun.wait()
    await hear(store, "boom")
    await stubborn.stopping.wait()
    assert (await store.execution(stored.thread)).leased
    assert (await store.claim(1)).claims == ()
    stubborn.stop.set()
    await working
    assert not (await store.execution(stored.thread)).leased
    assert stubborn.running == 0
    assert stubborn.most == 1


async def test_whoever_is_stopped_too_late_keeps_nobody_waiting(lab: Lab, tmp_path: Path) -> None:
    """A drain that runs out leaves a lease behind: the neighbours free it at once."""
    store, stubborn = await lab.store(lease=30), Stubborn()
    stubborn.stop.set()
    late = worker(store, tools=(stubborn.tool(),))
    pool = Pool(store, late, Roster(tmp_path, store, "worker"), slots=1, drain=0)
    stored = await hear(store, "run look")
    running = asyncio.create_task(pool.run())
    await stubborn.begun.wait()
    pool.drain()
    await running
    assert (await store.execution(stored.thread)).leased
    await Roster(tmp_path, store, "other").relieve()
    assert [claim.thread for claim in (await store.claim(1)).claims] == [stored.thread]


async def test_a_roster_that_is_gone_tells_nothing(lab: Lab, tmp_path: Path) -> None:
    """Without its folder, or with something else in it, a worker goes on by the leases."""
    folder = tmp_path / "workers"
    roster = Roster(folder, await lab.store(), "worker")
    (folder / "a folder").mkdir()
    await roster.relieve()
    (folder / "a folder").rmdir()
    (folder / "worker").unlink()
    folder.rmdir()
    await roster.relieve()
    roster.leave()


async def test_a_newcomer_is_seen_only_once_it_is_locked(lab: Lab, tmp_path: Path) -> None:
    """An entry that a neighbour can see is a locked one, so no newcomer is taken for dead."""
    Roster(tmp_path, await lab.store(), "worker")
    held = os.open(tmp_path / ".next", os.O_RDWR | os.O_CREAT)
    await Roster(tmp_path, await lab.store(), "other").relieve()
    assert (tmp_path / ".next").exists()
    fcntl.flock(held, fcntl.LOCK_EX)
    (tmp_path / ".next").rename(tmp_path / "next")
    await Roster(tmp_path, await lab.store(), "third").relieve()
    assert (tmp_path / "next").exists()
    os.close(held)


class Silent:
    """A store whose `renew` never answers."""

    async def renew(self, _thread: str, _fence: int) -> int:
        """Nothing."""
        await asyncio.Event().wait()
        return 0


async def test_a_store_that_hangs_keeps_no_lease() -> None:
    """While the heartbeat has no answer the lease runs out, and the worker knows."""
    store: ThreadStore = Silent()  # type: ignore[assignment]
    lease = Lease(store, "thread", 1, 0.2)
    with pytest.raises(Fenced):
        await lease.beat(0.01, 0)
