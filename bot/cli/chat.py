"""`chat`: the console, interactive on a terminal, line by line on a pipe."""

import importlib
import sys
from typing import Annotated, Protocol

import typer

from bot.cli.job import DONE, USAGE, Fault, Job
from bot.cli.output import warn
from bot.cli.piped import Pipe
from bot.cli.session import Session, begin
from bot.cli.talk import talk
from bot.cli.working import stop_signals, until, working
from bot.meter import Meter
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
            here = console(session.settings, store, user, thread, input_name)
            async with working(session.settings, store):
                code = await until(stop, here.converse(), stopped=DONE)
            await here.finish()
            return code


class Console(Protocol):
    """Somebody's side of a conversation, on whatever stdin and stdout are."""

    async def converse(self) -> int:
        """Take words in and show answers until the end of the input; the exit code."""
        ...

    async def finish(self) -> None:
        """Show what was answered after `converse` was over or called off."""
        ...


def console(
    settings: Settings,
    store: ThreadStore,
    user: str,
    thread: str = "",
    input_name: str = "",
    meter: Meter | None = None,
) -> Console:
    """The console for what stdin and stdout are, a terminal or a pipe."""
    side = talk(settings, store, user, thread, meter)
    if sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        if input_name:
            warn("--input is for piped lines: ignored on a terminal")
        terminal: Console = importlib.import_module("bot.cli.terminal").Terminal(side, settings)
        return terminal
    return Pipe(side, input_name)


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
