"""`doctor`: looks at everything the bot needs, and says what to mend."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agents.model import Effort
from bot import telemetry
from bot.cli.job import DONE, NOT_SO, Job
from bot.cli.output import line
from bot.cli.session import os_user, settings_here
from bot.faults import SettingsError, dotted
from bot.settings import EXAMPLE, Settings, secret_values
from bot.store.port import StoreError
from bot.wiring import build_channels, connect
from channels.port import CannotConnect, Channel
from prompts import library

if TYPE_CHECKING:
    from agents.model_check import Seen


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
    """Look at settings, store, models, runbooks and channels; say what to mend."""
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
    telemetry.log_to_file(settings.data_dir, secret_values(settings), texts=settings.log.texts)
    yield _config(settings)
    async for finding in _store(settings):
        yield finding
    for finding in (*await model_findings(settings), *_programs(settings), *_channels(settings)):
        yield finding
    async for finding in _connections(settings):
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


async def model_findings(settings: Settings) -> list[Finding]:
    """One finding for each model that agents ask, or one for all of them."""
    key, url = settings.secrets.anthropic_api_key, settings.secrets.anthropic_base_url
    if key is None:
        told = "ANTHROPIC_API_KEY is not set, so only commands are understood"
        return [Finding(what="model", told=told)]
    from agents import model_check  # noqa: PLC0415 - the SDK takes a second: only with a key

    efforts: dict[str, set[Effort]] = {}
    users: dict[str, list[str]] = {}
    for prompt in map(library.load, library.names()):
        model = settings.models.get(prompt.model.key, prompt.model.default)
        efforts.setdefault(model, set()).update([prompt.effort] if prompt.effort else [])
        users.setdefault(model, []).append(prompt.model.key)
    base = None if url is None else url.get_secret_value()
    try:
        seen = await model_check.look(key.get_secret_value(), base, efforts)
    except model_check.Unknowable as fault:
        return [Finding(what="model", fault=str(fault))]
    return [_model(one, users[one.model]) for one in seen]


def _model(seen: "Seen", users: list[str]) -> Finding:
    if seen.fault:
        where = " and ".join(dotted(("models", name)) for name in users)
        fault = f"{seen.model} {seen.fault}: name another one as {where}"
        return Finding(what="model", fault=fault)
    going = f", retires on {seen.retires}" if seen.retires else ", is deprecated"
    going = going if seen.retires or seen.deprecated else ""
    return Finding(what="model", told=f"{seen.model} for {', '.join(users)}{going}")


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


async def _connections(settings: Settings) -> AsyncIterator[Finding]:
    """Whether each channel that has credentials could connect, and what it lacks."""
    if not settings.secrets.credentials():
        return
    try:
        async with connect(settings) as store:
            outside = build_channels(settings, store)
            try:
                for channel in outside.channels:
                    async for finding in _connection(channel):
                        yield finding
            finally:
                await outside.close()
    except StoreError:
        return  # it is a finding of its own


async def _connection(channel: Channel) -> AsyncIterator[Finding]:
    try:
        connected = await channel.check()
    except CannotConnect as fault:
        yield Finding(what=channel.name, fault=fault.reason)
        return
    for told in connected.faults:
        yield Finding(what=channel.name, fault=told)
    if not connected.faults:
        yield Finding(what=channel.name, told=f"is {connected.name}")


def _channels(settings: Settings) -> Iterator[Finding]:
    found = sorted({channel for channel, _ in settings.secrets.credentials()})
    user = os_user()
    person = settings.people_by_console(user)
    known = f"you ({user}) are {person}" if person else f"no person has console = {user!r}"
    yield Finding(what="channels", told=f"{', '.join(['console', *found])}; {known}")
