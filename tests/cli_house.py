"""The command line for tests: a directory with a configuration, and commands run in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import JsonValue

from bot.cli.app import run_command
from bot.cli.session import os_user
from tests import warm

ROOT = Path(__file__).parent.parent
PATIENCE = 60

CONFIG = f"""
[bot]
drain = "20s"
[console]
impersonate = true
[people.me]
console = "@me"
roles = ["operator"]
[people.bob]
console = "bob"
[services.api]
environments = ["staging", "prod"]
[runbooks.disk]
summary = "Show"
argv = ["/bin/df", "/"]
risk = "read"
[runbooks.nap]
summary = "Sleep"
argv = ["{sys.executable}", "-c", "import time; time.sleep(1); print('rested')"]
risk = "read"
[runbooks.restart]
summary = "Restart a service"
argv = ["/bin/echo", "restarting {{service}} in {{env}}"]
params = {{ service = "service", env = "environment" }}
risk = "write"
approve = {{ by = "operator", self = true }}
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, JsonValue]]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def fault(self) -> str:
        """stderr, which must be one line."""
        (line,) = self.err.splitlines()
        return line


class Cli:
    """Commands as people run them, in a directory and a data directory of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.user = os_user()
        self._capsys = capsys
        self.configure(CONFIG)

    def configure(self, text: str) -> None:
        """Write watchkeeper.toml."""
        (self.folder / "watchkeeper.toml").write_text(text)

    def __call__(self, *arguments: str) -> Ran:
        """Run a command inside of this process."""
        self._capsys.readouterr()
        code = run_command(arguments)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)

    def piped(self, text: str | bytes, *arguments: str, **env: str) -> Ran:
        """Run `chat`, or another command, as a process with this on its stdin."""
        code, out, err = warm.run(
            arguments or ("chat",),
            text.encode() if isinstance(text, str) else text,
            folder=self.folder,
            env=self.env(env),
            patience=PATIENCE,
        )
        return Ran(code, out.decode(), err.decode())

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a command as a process of its own, with pipes."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self.env(env),
        )

    def command(self, *arguments: str) -> list[str]:
        """The command line of a process."""
        return [sys.executable, "-m", "bot", *arguments]

    def env(self, more: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process."""
        return {**os.environ, "PYTHONPATH": str(ROOT), **more}
