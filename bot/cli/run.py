"""`run`: every channel that has credentials, and a worker; the console where there is none."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from enum import StrEnum
from typing import Annotated

import typer

from bot import telemetry
from bot.auditing import log_heads
from bot.cli.chat import console
from bot.cli.job import DONE, USAGE, Fault, Job
from bot.cli.output import flush, line, warn
from bot.cli.session import Session, os_user, settings_here
from bot.cli.working import beside, stop_signals, until, working
from bot.secrets_env import unbuilt_channel
from bot.settings import Settings, secret_values
from bot.store.port import ThreadStore
from bot.wiring import connect


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
    session = _begin(talks := only is not Role.WORKER)
    with stop_signals() as stop:
        async with connect(session.settings) as store:
            for warning in await store.checks():
                warn(f"store: {warning}")
            work = nullcontext() if only is Role.INTAKE else _working(session.settings, store)
            if not talks:
                return await _headless(work, stop)
            if not with_console:
                warn("no channel has credentials, so this is the console (`doctor` says more)")
            here = console(session.settings, store, session.user)
            async with work:
                code = await until(stop, here.converse(), stopped=DONE)
            await here.finish()
            return code


@asynccontextmanager
async def _working(settings: Settings, store: ThreadStore) -> AsyncIterator[None]:
    """A worker, and as long as it works the audit's head in the log."""
    async with beside(log_heads(store)), working(settings, store):
        yield


async def _headless(work: AbstractAsyncContextManager[None], stop: asyncio.Event) -> int:
    async with work:
        line("worker: ready")
        flush()
        await stop.wait()
    return DONE


def _begin(talks: bool) -> Session:
    """The settings, refused if they ask for a channel that there is not; logs where they belong."""
    settings = settings_here()
    if fault := unbuilt_channel(settings.secrets):
        raise Fault(fault, USAGE)
    hidden = secret_values(settings)
    if talks:
        telemetry.log_to_file(settings.data_dir, hidden)
    else:
        telemetry.log_to_stream(sys.stderr, hidden)
    return Session(settings, os_user())
