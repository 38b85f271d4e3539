"""What commands write: lines for people, or JSON lines and nothing else."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from pydantic import JsonValue
from pydantic_core import to_json

from bot.cli.job import Fault
from channels.console import clean

STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON lets stand, and a terminal obeys."""


def prepare_streams() -> None:
    """Whatever they are: a closed one takes everything, none fails over a character."""
    nowhere = Path(os.devnull)
    if sys.stdout is None:
        sys.stdout = nowhere.open("w")  # as long as the process
    if sys.stderr is None:
        sys.stderr = nowhere.open("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def line(text: str) -> None:
    """One text for people on stdout, safe for a terminal."""
    _write(clean(text))


def json_line(value: Mapping[str, JsonValue]) -> None:
    """One line of JSON on stdout, safe for a terminal: escaped, nothing of it is lost."""
    _write(STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", to_json(value).decode()))


def flush() -> None:
    """Everything written so far is out. Raises `Fault` if stdout can not be written."""
    with writing():
        sys.stdout.flush()


@contextmanager
def writing() -> Iterator[None]:
    """Makes a full disk behind stdout a `Fault`; a reader that left is `BrokenPipeError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        quiet_stdout()
        raise Fault(f"can not write to stdout: {error.strerror or error}") from None


def warn(text: str) -> None:
    """One line on stderr, whatever the text holds."""
    sys.stderr.write(f"{' '.join(clean(text).split())}\n")
    sys.stderr.flush()


def quiet_stdout() -> None:
    """Stdout takes nothing any more: what is left to write goes nowhere, and raises nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _write(text: str) -> None:
    with writing():
        sys.stdout.write(f"{text}\n")
