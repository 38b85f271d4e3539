"""`.env`: the secrets of this directory, for its owner's eyes only."""

import os
from collections.abc import Mapping
from pathlib import Path

import dotenv

from bot.cli.job import Fault

OWNER_ONLY = 0o600


def put(path: Path, values: Mapping[str, str]) -> None:
    """Set these in the file; the rest of it stays. Its mode is 600 from the first byte on.

    Raises `Fault`.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
        path.chmod(OWNER_ONLY)
        for name, value in values.items():
            dotenv.set_key(path, name, value, quote_mode="never")
        path.chmod(OWNER_ONLY)
    except OSError as error:
        raise Fault(f"{path} cannot be written: {error.strerror}") from None
