"""Files that commands are told to read or write: every fault is one line that names the file."""

import os
from pathlib import Path

from bot.cli.job import USAGE, Fault


def load(path: Path) -> bytes:
    """What the file holds. Raises `Fault`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Fault(f"{path} cannot be read: {error.strerror}", USAGE) from None


def create(path: Path, data: bytes) -> None:
    """A new file that only its owner may read. Raises `Fault`, also if it is already there."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    except FileExistsError:
        raise Fault(f"{path} is already there: name another one, or remove it", USAGE) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def check_place(path: Path) -> None:
    """Raises `Fault` if no file can be written there; nothing is."""
    known = path if path.exists() else path.absolute().parent
    if path.is_dir() or not os.access(known, os.W_OK):
        raise Fault(f"{path} cannot be written: name another file", USAGE)


def replace(path: Path, data: bytes) -> None:
    """Write the file, whatever it held before. Raises `Fault`."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> Fault:
    return Fault(f"{path} cannot be written: {error.strerror}", USAGE)
