"""From arguments to an exit code: finds the command, runs it, tells every fault in one line."""

import asyncio
import gc
import importlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
from typer.exceptions import TyperException

from bot.cli.job import DONE, INTERRUPTED, NOT_SO, USAGE, Fault
from bot.cli.output import flush, line, prepare_streams, quiet_stdout, warn, writing
from bot.faults import SettingsError
from bot.store.port import NewerEvent, NoSuchThread, StoreError
from channels.console import clean

MODULES = {
    "run": "run",
    "chat": "chat",
    "threads": "threads",
    "thread": "threads",
    "replay": "replay",
    "prompt": "prompts",
    "eval": "evals",
    "record": "records",
    "audit": "audit",
    "dead": "repair",
    "recover": "repair",
    "requests": "decisions",
    "approve": "decisions",
    "deny": "decisions",
    "answer": "decisions",
    "tools": "tools",
    "policy": "policy",
    "config": "setup",
    "init": "setup",
    "doctor": "doctor",
}
"""Command -> module of this package. Only the module of the command at hand is imported."""


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Never raises, never shows a traceback."""
    prepare_streams()
    try:
        try:
            return _run(arguments)
        finally:
            flush()
    except BrokenPipeError:
        quiet_stdout()
        return DONE
    except (KeyboardInterrupt, asyncio.CancelledError, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # whatever it is, people get one line
        text, code = _told(error)
        warn(text)
        return code


def _told(error: Exception) -> tuple[str, int]:
    """The line and the exit code for what went wrong."""
    match error:
        case Fault():
            return error.text, error.code
        case SettingsError():
            return str(error), USAGE
        case TyperException():
            return f"{error.format_message().rstrip('.')}: see `watchkeeper --help`", USAGE
        case StoreError():
            return str(error), NOT_SO if isinstance(error, NoSuchThread) else USAGE
        case NewerEvent():
            return f"{error}: update this one", NOT_SO
        case _:
            return _unexpected(error), NOT_SO


def _run(arguments: Sequence[str]) -> int:
    if any(word != clean(word) for word in arguments):
        raise Fault("an argument is not UTF-8 or holds control characters: leave them out", USAGE)
    app = _app(arguments)
    gc.enable()  # `bot.__main__` begins without it
    with writing():  # help and version are written here
        outcome = app(args=list(arguments), standalone_mode=False)
    return outcome if isinstance(outcome, int) else asyncio.run(outcome)


def _app(arguments: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="A chatops bot that stands watch with a team.",
    )
    app.callback(invoke_without_command=True)(_no_command)
    named = next((word for word in arguments if not word.startswith("-")), "")
    wanted = {MODULES[named]} if named in MODULES else dict.fromkeys(MODULES.values())
    for module in wanted:
        importlib.import_module(f"bot.cli.{module}").register(app)
    return app


def _no_command(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> int:
    if version:
        line(f"watchkeeper {importlib.import_module('bot.cli.version').version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise Fault("name a command, `watchkeeper --help` lists them", USAGE)
    return 0


def _unexpected(error: Exception) -> str:
    """The traceback goes to the log; the terminal gets the name of the fault and the place."""
    from bot.telemetry import log_to_file  # noqa: PLC0415  # only now: it takes its time

    if not structlog.is_configured():
        log_to_file(_data_dir(), ())
    structlog.get_logger().error("command.broke", exc_info=error)
    return f"something broke inside ({type(error).__name__}){_details()}"


def _data_dir() -> Path:
    """As the settings would have it, also if it is the settings that broke."""
    from bot.secrets_env import with_dotenv  # noqa: PLC0415
    from bot.settings import data_dir  # noqa: PLC0415

    try:
        here = Path.cwd()
        return data_dir(with_dotenv(os.environ, here / ".env"), here)
    except (SettingsError, OSError):
        return data_dir(os.environ, Path.home())


def _details() -> str:
    """Where the log is that has just been written to."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            return f"; {handler.baseFilename} has the details"
        if isinstance(handler, logging.StreamHandler):
            return ", the log has the details"
    return ", and the log can not be written"
