"""The secret of a bot with a store of its own: a file in the data directory, made once.

Whoever reads the store's files can read it as well: who can do both can write another history.
WATCHKEEPER_SECRET from elsewhere is safer, and comes first.
"""

import os
import secrets
from pathlib import Path

from bot.faults import SettingsError

NAME = "secret"


def made(folder: Path) -> str:
    """The secret in `folder`, which exists; made if there is none. Raises `SettingsError`.

    Of processes that start at once one makes it, and all have the same. It is on the disk before
    anything is chained with it.
    """
    try:
        return read(folder) or _make(folder)
    except OSError as error:
        raise SettingsError(
            f"{folder / NAME} can not be written: {error.strerror or error}"
        ) from error


def read(folder: Path) -> str | None:
    """The secret in `folder`, None if there is none. Raises `SettingsError`."""
    path = folder / NAME
    try:
        found = path.read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text"
        raise SettingsError(f"{path} can not be read: {why}") from error
    if not found:
        raise SettingsError(f"{path} is empty: bring it back, or remove it for a new secret")
    return found


def _make(folder: Path) -> str:
    secret = secrets.token_hex(32)
    draft = folder / f".{NAME}.{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, folder / NAME)  # whole or not at all, and only the first one
        _sync(folder)
    except FileExistsError:
        return read(folder) or secret
    finally:
        draft.unlink(missing_ok=True)
    return secret


def _sync(folder: Path) -> None:
    """So that the name survives a power cut, too."""
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
