"""Who works on this machine: a locked file each, so that the living notice the dead at once.

A lease tells the same after a while and across machines. A bot that was killed and started again
should not have to wait for itself.
"""

import fcntl
import os
from io import FileIO
from pathlib import Path
from typing import Protocol

from bot.store.port import ThreadStore


class Neighbours(Protocol):
    """The other workers on the store, as far as this one can see them."""

    async def relieve(self) -> None:
        """Make due what the dead among them held."""
        ...

    def leave(self) -> None:
        """This one works no longer."""
        ...


class Unseen:
    """The others are on other machines: their leases tell."""

    async def relieve(self) -> None:
        """Nothing is known."""

    def leave(self) -> None:
        """Nobody looks."""


class Roster:
    """One worker's entry in the folder, and the entries of the others."""

    def __init__(self, folder: Path, store: ThreadStore, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._store = store
        self._name = name
        unseen = folder / f".{name}"
        self._entry = _open(unseen)
        fcntl.flock(self._entry, fcntl.LOCK_EX)
        unseen.rename(folder / name)  # seen only once it is locked

    async def relieve(self) -> None:
        """Make due what the dead held, then forget them. Raises `StoreError`."""
        for entry in self._others():
            if _unlocked(entry):
                await self._store.free(entry.name)
                entry.unlink(missing_ok=True)

    def leave(self) -> None:
        """From now on it counts as dead: whatever it still held is free at once."""
        self._entry.close()

    def _others(self) -> tuple[Path, ...]:
        """A folder that can not be read tells nothing; the leases do."""
        try:
            found = tuple(self._folder.iterdir())
        except OSError:
            return ()
        return tuple(e for e in found if e.name != self._name and not e.name.startswith("."))


def _open(path: Path) -> FileIO:
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


def _unlocked(path: Path) -> bool:
    """Whether nobody lives who holds it."""
    try:
        with FileIO(os.open(path, os.O_RDWR), "r+") as entry:
            fcntl.flock(entry, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
