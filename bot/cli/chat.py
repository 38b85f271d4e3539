"""`chat`: the console, interactive on a terminal, line by line on a pipe."""

import asyncio
import importlib
import sys
from typing import Annotated

import typer

from bot.cli.job import DONE, USAGE, Fault, Job
from bot.cli.output import warn
from bot.cli.piped import converse
from bot.cli.session import Session, begin
from bot.cli.talk import talk
from bot.cli.working import stop_signals, until, working
from bot.settings import Settings
from bot.store.port import ThreadStore
from bot.wiring import connect


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(chat)


ThreadName = Annotated[str, typer.Option(metavar="NAME", help="A conversation of its own.")]
InputName = Annotated[
    str,
    typer.Option("--input", metavar="NAME", help="Know piped lines again by name and number."),
]
Speaker = Annotated[
    str,
    typer.Option("--as", metavar="NAME", help="Be somebody else (needs console.impersonate)."),
]


def chat(thread: ThreadName = "", input_name: InputName = "", as_user: Speaker = "") -> Job:
    """Talk to the bot: interactive on a terminal; piped, one message a line."""
    return _chat(thread, input_name, as_user)


async def _chat(thread: str, input_name: str, as_user: str) -> int:
    session = begin()
    user = _speaker(session, as_user)
    with stop_signals() as stop:
        async with connect(session.settings) as store:
            if user != session.user:
                await session.audit(store, "chat --as", speaker=user)
            async with working(session.settings, store):
                return await console(session.settings, store, stop, user, thread, input_name)


async def console(
    settings: Settings,
    store: ThreadStore,
    stop: asyncio.Event,
    user: str,
    thread: str = "",
    input_name: str = "",
) -> int:
    """The console on whatever stdin and stdout are, until its end or `stop`; the exit code."""
    side = talk(settings, store, user, thread)
    if sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        if input_name:
            warn("--input is for piped lines: ignored on a terminal")
        terminal = importlib.import_module("bot.cli.terminal")
        return await until(stop, terminal.converse(side, settings), stopped=DONE)
    return await until(stop, converse(side, input_name=input_name), stopped=DONE)


def _speaker(session: Session, name: str) -> str:
    """The OS user that `--as NAME` means: a person's, or NAME itself."""
    if not name:
        return session.user
    if not session.settings.console.impersonate:
        raise Fault("--as is only for trying things out: set console.impersonate = true", USAGE)
    person = session.settings.people.get(name)
    if person is not None and person.console is None:
        raise Fault(f"people.{name} has no console: add the OS user name there", USAGE)
    return person.console if person is not None and person.console else name
