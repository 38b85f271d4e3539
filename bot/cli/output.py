"""What commands write: lines for people, or JSON lines and nothing else."""

import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path

from pydantic import JsonValue
from pydantic_core import to_json

from channels.console import clean


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
    sys.stdout.write(f"{clean(text)}\n")


def json_line(value: Mapping[str, JsonValue]) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(f"{to_json(value).decode()}\n")


def warn(text: str) -> None:
    """One line on stderr, whatever the text holds."""
    sys.stderr.write(f"{' '.join(clean(text).split())}\n")
    sys.stderr.flush()


def quiet_stdout() -> None:
    """Nobody reads stdout any more: what is left to write goes nowhere, and raises nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
