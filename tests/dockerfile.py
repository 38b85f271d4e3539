"""A Dockerfile, taken apart, and its first stage run as a script where there is no container."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FETCHES = "--require-hashes"
"""What marks the step that fetches packages."""


@dataclass(frozen=True)
class Instruction:
    """`COPY bot bot`: its name, and what follows."""

    name: str
    rest: str


@dataclass(frozen=True)
class Stage:
    """From one FROM to the next."""

    base: str
    steps: tuple[Instruction, ...]

    def all(self, name: str) -> list[str]:
        """What follows each instruction of that name."""
        return [step.rest for step in self.steps if step.name == name]


def stages(text: str) -> list[Stage]:
    """Every stage, in order."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    steps = [Instruction(*line.split(None, 1)) for line in joined.splitlines()]
    begins = [number for number, step in enumerate(steps) if step.name == "FROM"]
    return [
        Stage(steps[begin].rest, tuple(steps[begin + 1 : end]))
        for begin, end in zip(begins, [*begins[1:], None], strict=True)
    ]


class Script:
    """A stage, step by step, below `root`; paths of the image are paths below it.

    Nothing is fetched: the packages are those of this environment, where the image has its own.
    """

    def __init__(self, context: Path, root: Path) -> None:
        self._context = context
        self._root = root
        self._here = root
        tools = root / "tools"
        tools.mkdir(parents=True)
        for name, command in (("python", ""), ("pip", " -m pip")):
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{command} "$@"\n')
            (tools / name).chmod(0o755)
        self.env = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(root),
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # which means without, as pip reads it
        }

    def path(self, name: str) -> Path:
        """Where a path of the image is."""
        return self._root / name.lstrip("/") if name.startswith("/") else self._here / name

    def run(self, stage: Stage) -> None:
        """Every step that can be run here."""
        for step in stage.steps:
            match step.name:
                case "WORKDIR":
                    self._here = self.path(step.rest)
                    self._here.mkdir(parents=True, exist_ok=True)
                case "ENV":
                    self.env |= dict(word.split("=", 1) for word in step.rest.split())
                case "COPY":
                    self._copy(*step.rest.split())
                case "RUN" if FETCHES in step.rest:
                    self.path("/wheels").mkdir()
                case "RUN":
                    self._shell(step.rest)
                case _:
                    raise AssertionError(step)

    def _copy(self, *names: str) -> None:
        *sources, target = names
        for source in sources:
            there = self._context / source
            if there.is_dir():
                shutil.copytree(there, self.path(target))
            else:
                shutil.copy(there, self.path(target))

    def _shell(self, command: str) -> None:
        for name in ("/wheels", "/opt/watchkeeper"):
            command = command.replace(f" {name}", f" {self.path(name)}")
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=self._here,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def start(
        self, *command: str, folder: Path, given: str = "", env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """A program of the image, with this environment's packages beside its own."""
        return subprocess.run(
            [str(self.path("/opt/watchkeeper/bin") / command[0]), *command[1:]],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": sysconfig.get_path("purelib"),
                **(env or {}),
            },
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
