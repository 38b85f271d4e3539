"""Work within a command: a worker beside it, and signals that end it in order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from bot.meter import Meter
from bot.pool import Pool
from bot.settings import Settings
from bot.store.port import ThreadStore
from bot.wiring import build_worker, connect_model
from channels.port import Channel


@asynccontextmanager
async def working(
    settings: Settings,
    store: ThreadStore,
    channels: Sequence[Channel] = (),
    meter: Meter | None = None,
) -> AsyncIterator[None]:
    """A worker runs inside of the block; leaving it finishes what is under way.

    channels: what it can send on. If the worker breaks, the block is cancelled and what broke it
    is raised.
    """
    async with connect_model(settings) as model:
        reached = {channel.name: channel for channel in channels}
        worker = build_worker(settings, store, model=model, channels=reached, meter=meter)
        async with _at_work(worker):
            yield


@asynccontextmanager
async def beside(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Something goes on as long as the block, which does not depend on it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _at_work(worker: Pool) -> AsyncIterator[None]:
    block = asyncio.current_task()
    task = asyncio.create_task(worker.run(), name="worker")

    def end_block(done: asyncio.Task[None]) -> None:
        if block is not None and not done.cancelled() and done.exception() is not None:
            block.cancel()

    task.add_done_callback(end_block)
    try:
        yield
    finally:
        worker.drain()
        await task


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Set by SIGTERM or SIGINT inside of the block; a second SIGINT ends it at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_signal_handler(signal.SIGINT)


async def until(stop: asyncio.Event, work: Coroutine[object, object, int], *, stopped: int) -> int:
    """The result of `work`, or `stopped` if `stop` was set before: then `work` is cancelled.

    From then on `stop` is set either way, so that a second SIGINT need not wait for what runs.
    """
    task = asyncio.create_task(work)
    signalled = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, signalled}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else stopped
    finally:
        stop.set()
        task.cancel()
        await asyncio.gather(task, signalled, return_exceptions=True)
