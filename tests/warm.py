"""Commands as processes of their own that begin with everything imported.

A start is half a second of imports, and the suite makes hundreds. `multiprocessing`'s fork server
imports once and forks; what runs then is the command, with streams, directory and environment of
its own. What a start itself promises is tested with real ones.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from multiprocessing import reduction
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Protocol

from bot.cli.app import run_command

IMPORTED = (
    "tests.warm",
    "tests.crashing",
    "bot.cli.chat",
    "bot.cli.piped",
    "bot.cli.terminal",
    "bot.cli.run",
    "agents.anthropic_model",
    "anthropic",
    "channels.discord.adapter",
    "channels.email.adapter",
    "channels.slack.adapter",
    "bot.cli.init_email",
    "bot.cli.config_file",
    "bot.cli.serving",
)


def process(target: Callable[..., None], *given: object) -> BaseProcess:
    """A started process that calls the function."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    started = context.Process(target=target, args=given)
    started.start()
    return started


def start(
    arguments: Sequence[str],
    streams: tuple[int, int, int],
    *,
    folder: Path,
    env: Mapping[str, str],
) -> BaseProcess:
    """Start a command in a session of its own; descriptors for its stdin, stdout and stderr."""
    return process(_become, tuple(arguments), str(folder), dict(env), *map(_Passed, streams))


def run(
    arguments: Sequence[str], given: bytes, *, folder: Path, env: Mapping[str, str], patience: float
) -> tuple[int, bytes, bytes]:
    """The exit code, stdout and stderr of a command with `given` on its stdin."""
    with ExitStack() as closing:
        files = [closing.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        into, out, errors = files
        into.write(given)
        into.seek(0)
        started = start(
            arguments,
            (into.fileno(), out.fileno(), errors.fileno()),
            folder=folder,
            env=env,
        )
        started.join(patience)
        if started.exitcode is None:
            started.kill()
            raise TimeoutError(f"{arguments} went on for {patience} s")
        return started.exitcode, _read(out), _read(errors)


class _Passed:
    """A descriptor of ours that the process gets; pickled while it is started."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[type["_Got"], tuple[object]]:
        return _Got, (reduction.DupFd(self._descriptor),)


class _Detached(Protocol):
    def detach(self) -> int: ...


class _Got:
    def __init__(self, passed: "_Detached") -> None:
        self._passed = passed

    def becomes(self, descriptor: int) -> None:
        """Put it in the place of a standard stream."""
        os.dup2(self._passed.detach(), descriptor)


def _become(
    arguments: Sequence[str],
    folder: str,
    env: Mapping[str, str],
    into: _Got,
    out: _Got,
    errors: _Got,
) -> None:
    """What a new interpreter finds, and then what `python -m bot` does."""
    os.setsid()
    for descriptor, stream in enumerate((into, out, errors)):
        stream.becomes(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.exit(run_command(arguments))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
