"""The guard of an embedded server: starts it, and stops it when its last user is gone.

Run as a program of its own: `guard.py USERS_LOCK SERVER_LOCK COMMAND...`. Every user holds a shared
lock on the first file; the guard waits for the exclusive one, which it gets however they ended. The
second lock is held by the guard and the server both, so it tells whether a server exists even when
that does not answer. Small on purpose: it stays in memory as long as the server.
"""

import fcntl
import os
import signal
import sys
from types import FrameType


def main(users: str, server: str, *command: str) -> None:
    """Exits 1 if there is a server already; else leaves a child behind and exits 0."""
    lock = os.open(server, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(1)
    os.ftruncate(lock, 0)
    if os.fork():
        os._exit(0)  # the rest is nobody's child, so no user has to wait for it
    os.setsid()
    os.set_inheritable(lock, True)
    guard_server(users, lock, command)


def guard_server(users: str, lock: int, command: tuple[str, ...]) -> None:
    """Ends with the server, or ends it: when the users are gone, or when told to."""
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        _die_with(guard)
        os.execv(command[0], command)  # noqa: S606 - no shell, on purpose

    def leave(_signal: int, _frame: FrameType | None) -> None:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            if os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL):
                os.pwrite(lock, b"failed", 0)
            os._exit(0)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGCHLD, leave)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    leave(0, None)  # it may have ended before we listened
    fcntl.flock(os.open(users, os.O_RDWR), fcntl.LOCK_EX)
    stop(0, None)
    while True:
        signal.pause()


def _die_with(parent: int) -> None:
    """Linux tells a child that its parent was killed; elsewhere only its users' end is noticed."""
    import ctypes  # noqa: PLC0415 - here it costs only the child memory, which exec gives back

    pr_set_pdeathsig = 1
    try:
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    except AttributeError:
        return
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
