"""Runbooks that take too long, are called off or leave something behind: all of them end."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from agents.port import Result, ToolFailed
from tests.runbooks import Make, alive, all_dead, failed, maker, ran

# Says its word, and leaves the output open in a session that nobody ends.
DAEMON = """import os, sys, time
print('done', flush=True)
if os.fork() == 0:
    os.setsid()
    told = os.path.join(os.path.dirname(sys.argv[0]), 'told')
    open(told, 'w').write(str(os.getpid()))
    time.sleep(100)
time.sleep(0.1)
"""


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes runbooks of scripts."""
    return maker(tmp_path)


@pytest.fixture
def told(tmp_path: Path) -> Callable[[], Awaitable[list[int]]]:
    """Waits for the numbers that a program writes to the fifo `told` beside it."""
    os.mkfifo(tmp_path / "told")

    async def numbers() -> list[int]:
        text = await asyncio.to_thread((tmp_path / "told").read_text)
        return [int(word) for word in text.split()]

    return numbers


async def called_off(run: asyncio.Task[Result]) -> ToolFailed:
    """How a cancelled run failed; no cancellation is left on its task."""
    with pytest.raises(ToolFailed) as failure:
        await run
    assert failure.value.reason == "cancelled"
    assert not run.cancelling()
    return failure.value


async def test_the_time_limit(make: Make, told: Callable[[], Awaitable[list[int]]]) -> None:
    """A program that takes too long is ended with its children; what it said is kept."""
    tool = make('echo begun; sleep 100 & echo "$$ $!" > "${0%/*}/told"; wait', timeout=0.5)
    failure, pids = await asyncio.gather(failed(tool), told())
    assert (failure.reason, failure.exit_code) == ("timeout", None)
    assert failure.text == "```\nbegun\n```"
    assert failure.output == "begun\n"
    assert await all_dead(pids)


@pytest.mark.parametrize("deaf", ["", "trap '' TERM;"])
async def test_cancelling_ends_the_whole_group(
    make: Make, told: Callable[[], Awaitable[list[int]]], deaf: str
) -> None:
    """The program, its child and its child's child are dead when the call fails as cancelled.

    What was said until then is kept, however long the program was deaf to being asked to end.
    """
    script = f"""{deaf}
echo begun
sh -c 'sleep 100 & echo "$PPID $$ $!" > "$1"; wait' sh "${{0%/*}}/told" &
wait
wait
"""
    run = asyncio.create_task(ran(make(script)))
    pids = await told()
    assert all(alive(pid) for pid in pids)
    run.cancel()
    failure = await called_off(run)
    assert failure.output == "begun\n"
    assert failure.text == "```\nbegun\n```"
    assert failure.exit_code is None
    assert not alive(pids[0])
    assert await all_dead(pids)


async def test_cancelling_again_leaves_nothing_behind(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """Cancelled over and over while it cleans up, the run ends the program and says what it said.

    None of the cancellations is left over to end what comes after the run.
    """
    tool = make('trap \'\' TERM; echo begun; echo "$$" > "${0%/*}/told"; sleep 100; sleep 100')
    run = asyncio.create_task(ran(tool))
    pids = await told()
    for _ in range(5):
        run.cancel()
        run.cancel()
        await asyncio.sleep(0)
    assert not run.done()
    assert (await called_off(run)).output == "begun\n"
    assert not alive(pids[0])


async def test_a_cancelled_run_that_had_ended(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """Cancelled while its last words are read, a program that has ended keeps its own outcome."""
    run = asyncio.create_task(ran(make(DAEMON)))
    pids = await told()
    for watch in (thread for thread in threading.enumerate() if thread.name == "guard"):
        await asyncio.to_thread(watch.join)
    run.cancel()
    result = await run
    for pid in pids:
        os.kill(pid, 9)
    assert (result.exit_code, result.output) == (0, "done\n")


async def test_runs_do_not_hold_each_other(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """A run that is cancelled ends at once, whatever else was started after it."""
    tool = make('echo "$$" > "${0%/*}/told"; exec sleep 100')
    first = asyncio.create_task(ran(tool))
    pids = await told()
    second = asyncio.create_task(ran(tool))
    pids += await told()
    first.cancel()
    await called_off(first)
    assert [alive(pid) for pid in pids] == [False, True]
    second.cancel()
    await called_off(second)
    assert await all_dead(pids)


async def test_a_killed_guard_is_told(make: Make) -> None:
    """Without its guard nobody knows how the program went on, and that is what is said."""
    failure = await failed(make("kill -9 $PPID"))
    assert (failure.reason, failure.exit_code) == ("error", None)
    assert "what it started may still run" in failure.text


async def test_what_is_left_behind_ends_with_the_program(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """A child in the background neither outlives the run nor holds it up."""
    tool = make('sleep 100 & echo "$!" > "${0%/*}/told"; echo done')
    result, pids = await asyncio.gather(ran(tool), told())
    assert result.output == "done\n"
    assert await all_dead(pids)


async def test_who_left_the_group_does_not_hold_the_run(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """A daemon in a session of its own may hold the output open: the run ends all the same."""
    result, pids = await asyncio.wait_for(asyncio.gather(ran(make(DAEMON)), told()), 10)
    for pid in pids:
        os.kill(pid, 9)
    assert result.output == "done\n"


async def test_nothing_of_ours_is_left_open(make: Make) -> None:
    """Runs that end, fail and are cancelled leave no descriptor and no process behind."""
    me = psutil.Process()
    await ran(make("exit 0"))
    before, others = me.num_fds(), me.children()
    for _ in range(3):
        await ran(make("cat"))
        await failed(make("exit 1"))
        run = asyncio.create_task(ran(make("sleep 100")))
        await asyncio.sleep(0)
        run.cancel()
        await called_off(run)
    assert me.num_fds() <= before
    assert me.children() == others
