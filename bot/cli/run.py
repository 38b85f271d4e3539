"""`run`: every channel that has credentials, and a worker; the console where there is none."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from enum import StrEnum
from typing import Annotated

import typer

from bot import telemetry
from bot.auditing import log_heads
from bot.cli.chat import Console, console
from bot.cli.job import DONE, USAGE, Fault, Job
from bot.cli.output import flush, line, warn
from bot.cli.session import os_user, settings_here
from bot.cli.working import beside, stop_signals, until, working
from bot.settings import Settings, secret_values
from bot.store.port import ThreadStore
from bot.switchboard import Switchboard
from bot.wiring import Outside, build_channels, build_intake, connect
from channels.port import CannotConnect, Channel


class Role(StrEnum):
    """The halves of the bot."""

    INTAKE = "intake"
    WORKER = "worker"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)


def run(
    only: Annotated[Role | None, typer.Option(help="Only one half of the bot.")] = None,
    with_console: Annotated[bool, typer.Option("--console", help="The console, too.")] = False,
) -> Job:
    """Connect every channel that has credentials and work until SIGTERM."""
    return _run(only, with_console)


async def _run(only: Role | None, with_console: bool) -> int:
    if only is Role.WORKER and with_console:
        raise Fault("--console takes messages in: it can not go with --only worker", USAGE)
    settings = settings_here()
    alone = not settings.secrets.credentials()
    talks = with_console or (alone and only is not Role.WORKER)
    _log(settings, talks=talks)
    with stop_signals() as stop:
        async with connect(settings) as store, AsyncExitStack() as leaving:
            for warning in await store.checks():
                warn(f"store: {warning}")
            outside = build_channels(settings, store)
            leaving.push_async_callback(outside.close)
            works = only is not Role.INTAKE
            work = _working(settings, store, outside.channels) if works else nullcontext()
            if only is Role.WORKER:
                return await _headless(work, stop)
            if talks and not with_console:
                warn("no channel has credentials, so this is the console (`doctor` says more)")
            here = console(settings, store, os_user()) if talks else None
            async with work, _posted(settings, outside):
                code = await _listen(settings, store, outside, here, stop)
            if here is not None:
                await here.finish()
            return code


async def _listen(
    settings: Settings,
    store: ThreadStore,
    outside: Outside,
    here: Console | None,
    stop: asyncio.Event,
) -> int:
    """Take messages in until told to stop; the console alone, until it ends."""
    if here is not None and not outside.channels:
        return await until(stop, here.converse(), stopped=DONE)
    board = Switchboard(outside.channels)
    talk = nullcontext() if here is None else beside(_talk(here))
    try:
        async with talk:
            return await until(stop, _hear(board, settings, store), stopped=DONE)
    except CannotConnect as fault:
        raise Fault(fault.reason, USAGE) from None
    finally:
        await board.close()


async def _hear(board: Switchboard, settings: Settings, store: ThreadStore) -> int:
    await board.connect(build_intake(settings, store).take, _say, warn)
    forever: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    return await forever


def _say(text: str) -> None:
    line(text)
    flush()


async def _talk(here: Console) -> None:
    await here.converse()


@asynccontextmanager
async def _posted(settings: Settings, outside: Outside) -> AsyncIterator[None]:
    """The process's own HTTP server, if a channel is posted to."""
    if not outside.posts:
        yield
        return
    from bot.web import CannotListen, serving  # noqa: PLC0415 - its library takes a while

    try:
        async with serving(settings.http, outside.posts) as address:
            _say(f"http: listening on {address}")
            yield
    except CannotListen as fault:
        raise Fault(f"WATCHKEEPER_HTTP: {fault}", USAGE) from None


@asynccontextmanager
async def _working(
    settings: Settings, store: ThreadStore, channels: Sequence[Channel]
) -> AsyncIterator[None]:
    """A worker, and as long as it works the audit's head in the log."""
    async with beside(log_heads(store)), working(settings, store, channels):
        yield


async def _headless(work: AbstractAsyncContextManager[None], stop: asyncio.Event) -> int:
    async with work:
        _say("worker: ready")
        await stop.wait()
    return DONE


def _log(settings: Settings, *, talks: bool) -> None:
    """Logs where they belong: to a file, where the terminal is somebody's."""
    hidden = secret_values(settings)
    if talks:
        telemetry.log_to_file(settings.data_dir, hidden)
    else:
        telemetry.log_to_stream(sys.stderr, hidden)
