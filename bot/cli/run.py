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
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from bot import telemetry
from bot.auditing import log_heads
from bot.cli.chat import Console, console
from bot.cli.job import DONE, USAGE, Fault, Job
from bot.cli.output import flush, line, warn
from bot.cli.serving import Served, build_metrics
from bot.cli.session import os_user, settings_here
from bot.cli.working import beside, stop_signals, until, working
from bot.metrics import Metrics
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
            here = Here(settings, store, build_metrics())
            works = only is not Role.INTAKE
            work = _working(here, outside.channels) if works else nullcontext()
            hears = only is not Role.WORKER
            served = Served(
                settings,
                store,
                here.metrics,
                heard=outside.channels if hears else (),
                leaving=stop.is_set,
                posts=outside.posts if hears else {},
            )
            if not hears:
                async with served.open():
                    return await _headless(work, stop)
            if talks and not with_console:
                warn("no channel has credentials, so this is the console (`doctor` says more)")
            talk = here.console() if talks else None
            async with served.open(), work:
                code = await _listen(here, outside, talk, stop)
            if talk is not None:
                await talk.finish()
            return code


@dataclass(frozen=True, slots=True)
class Here:
    """What one process works with."""

    settings: Settings
    store: ThreadStore
    metrics: Metrics

    def console(self) -> Console:
        """The console of whoever runs it."""
        return console(self.settings, self.store, os_user(), meter=self.metrics)


async def _listen(
    here: Here, outside: Outside, talking: Console | None, stop: asyncio.Event
) -> int:
    """Take messages in until told to stop; the console alone, until it ends."""
    if talking is not None and not outside.channels:
        return await until(stop, talking.converse(), stopped=DONE)
    board = Switchboard(outside.channels)
    talk = nullcontext() if talking is None else beside(_talk(talking))
    try:
        async with talk:
            return await until(stop, _hear(board, here), stopped=DONE)
    except CannotConnect as fault:
        raise Fault(fault.reason, USAGE) from None
    finally:
        await board.close()


async def _hear(board: Switchboard, here: Here) -> int:
    intake = build_intake(here.settings, here.store, here.metrics)
    await board.connect(intake.take, _say, warn)
    forever: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    return await forever


def _say(text: str) -> None:
    line(text)
    flush()


async def _talk(talking: Console) -> None:
    await talking.converse()


@asynccontextmanager
async def _working(here: Here, channels: Sequence[Channel]) -> AsyncIterator[None]:
    """A worker, and as long as it works the audit's head in the log."""
    async with (
        beside(log_heads(here.store)),
        working(here.settings, here.store, channels, here.metrics),
    ):
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
        telemetry.log_to_file(settings.data_dir, hidden, texts=settings.log.texts)
    else:
        told = settings.log
        telemetry.log_to_stream(sys.stderr, hidden, style=told.format, texts=told.texts)
