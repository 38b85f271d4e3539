"""What commands write: lines for people, or JSON lines and nothing else."""

import os
import sys
from collections.abc import Mapping

from pydantic import JsonValue
from pydantic_core import to_json

from channels.console import clean


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
