"""Runs one program in a process group that never outlives its worker. A script of its own.

Called as `python -I -S guard.py FD -- PROGRAM ARGUMENT…`. FD is the read end of a pipe whose write
end only the worker holds: when it closes (the worker is done, or was killed), the whole group is
ended. Exits as the program did: its exit code, or 128 and the signal; 126 if it could not start.
"""

import os
import select
import signal
import sys
import time

_GRACE = 0.3
# What this process ignores, and the program shall not.
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ)


def main(arguments: list[str]) -> int:
    """Run it; returns the exit code."""
    lifeline, program = int(arguments[0]), arguments[2:]
    os.set_inheritable(lifeline, False)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    child_changed = _child_signals()
    if _ready([lifeline], 0):
        return 128 + signal.SIGTERM  # the worker is gone already
    try:
        child = os.posix_spawn(
            program[0], program, {}, setsid=True, setsigmask=(), setsigdef=_IGNORED
        )
    except OSError as error:
        sys.stderr.write(f"can not start {program[0]}: {error.strerror}\n")
        return 126
    while not _ended(child):
        if lifeline in _ready([lifeline, child_changed], None):
            _signal_group(child, signal.SIGTERM)
            _await_end(child, child_changed)
            break
        os.read(child_changed, 4_096)
    # The dead leader is not reaped yet, so its number still names this group and no other.
    _signal_group(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


def _child_signals() -> int:
    """A descriptor that becomes readable when a child has changed."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read


def _await_end(child: int, child_changed: int) -> None:
    """Wait for the child to end, for the grace at most."""
    deadline = time.monotonic() + _GRACE
    while not _ended(child) and (left := deadline - time.monotonic()) > 0:
        if _ready([child_changed], left):
            os.read(child_changed, 4_096)


def _ready(descriptors: list[int], timeout: float | None) -> list[int]:
    """Those that can be read or are closed, after `timeout` seconds at most (None: no limit)."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [fd for fd, _ in poll.poll(None if timeout is None else timeout * 1_000)]


def _ended(child: int) -> bool:
    """Whether it has ended; it stays to be reaped."""
    state = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    return state is not None


def _signal_group(leader: int, number: int) -> None:
    try:
        os.killpg(leader, number)
    except OSError:
        return  # nobody is left in it


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
