"""`doctor`: looks at everything the bot needs, and says what to mend."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from bot import telemetry
from bot.cli.job import DONE, NOT_SO, Job
from bot.cli.output import line
from bot.cli.session import os_user, settings_here
from bot.faults import SettingsError, dotted
from bot.secrets_env import BUILT_CHANNELS, unbuilt_channel
from bot.settings import EXAMPLE, Settings, secret_values
from bot.store.port import StoreError
from bot.wiring import connect


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `fault` says what is wrong and how to mend it ("" if nothing is)."""

    what: str
    told: str = ""
    fault: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor() -> Job:
    """Look at settings, store, runbooks and channels; say what to mend."""
    return _doctor()


async def _doctor() -> int:
    faults = 0
    async for finding in findings():
        faults += bool(finding.fault)
        mark = "FAULT" if finding.fault else "ok"
        line(f"{mark:<6}{finding.what}: {finding.fault or finding.told}")
    return NOT_SO if faults else DONE


async def findings() -> AsyncIterator[Finding]:
    """Everything that was looked at; without settings there is nothing else to look at."""
    try:
        settings = settings_here()
    except SettingsError as error:
        yield Finding(what="config", fault=str(error))
        return
    telemetry.log_to_file(settings.data_dir, secret_values(settings))
    yield _config(settings)
    async for finding in _store(settings):
        yield finding
    for finding in (*_programs(settings), *_channels(settings)):
        yield finding


def _config(settings: Settings) -> Finding:
    if settings.config_path == EXAMPLE:
        told = "the packaged example, write your own with `watchkeeper init`"
        return Finding(what="config", told=told)
    return Finding(what="config", told=str(settings.config_path))


async def _store(settings: Settings) -> AsyncIterator[Finding]:
    where = f"embedded in {settings.data_dir}" if settings.embedded else "REDIS_URL"
    try:
        async with connect(settings) as store:
            warnings = await store.checks()
            await store.threads(limit=1)
    except StoreError as error:
        yield Finding(what="store", fault=str(error))
        return
    for warning in warnings:
        yield Finding(what="store", fault=warning)
    if not warnings:
        yield Finding(what="store", told=f"reachable, {where}")


def _programs(settings: Settings) -> Iterator[Finding]:
    for name, book in settings.runbooks.items():
        place = dotted(("runbooks", name, "argv"))
        yield Finding(what=place, told=book.argv[0], fault=_program_fault(Path(book.argv[0])))


def _program_fault(program: Path) -> str:
    if not program.exists():
        return f"{program} is not there: install it or mend the path"
    if not program.is_file() or not os.access(program, os.X_OK):
        return f"{program} can not be run: mend the path, or chmod +x it"
    return ""


def _channels(settings: Settings) -> Iterator[Finding]:
    if fault := unbuilt_channel(settings.secrets):
        yield Finding(what="channels", fault=fault)
    found = sorted({channel for channel, _ in settings.secrets.credentials()} & BUILT_CHANNELS)
    user = os_user()
    person = settings.people_by_console(user)
    known = f"you ({user}) are {person}" if person else f"no person has console = {user!r}"
    yield Finding(what="channels", told=f"{', '.join(['console', *found])}; {known}")
