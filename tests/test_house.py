"""The house itself: who may import whom, how big things are, and what the files must not hold."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from bot.events import Event
from bot.lifecycle import diagram

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "channels", "agents", "prompts")

_KINDS = """
message_received message_edited message_deleted step_decided model_failed tool_requested
tool_started tool_returned tool_failed tool_uncertain approval_requested approval_given
approval_refused approval_expired approval_withdrawn decision_refused question_asked
question_answered question_expired question_withdrawn uncertainty_resolved cap_raised
human_reminded human_escalated timer_fired notice_queued reply_queued reply_delivered
reply_uncertain reply_undelivered reply_postponed reply_failed handed_over handed_back condensed
paused resumed cancelled dead_lettered turn_ended
"""
KINDS = frozenset(_KINDS.split())
"""Every kind of event that the design knows. Logs hold them for years: a new one is a decision."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def sources(*folders: str) -> list[Path]:
    """All Python files below these folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[Definition]:
    """Every function and method of a file, nested ones too."""
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Definition))


def name_of(path: Path) -> str:
    """The path as seen from the top of the tree."""
    return path.relative_to(ROOT).as_posix()


def length(node: Definition) -> int:
    """Lines from `def` to the last one."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


# --- who may import whom -------------------------------------------------------------------------

LINT = "import sys; from importlinter.cli import lint_imports as lint; sys.exit(lint({}))"


def lint(root: Path, options: str = "no_cache=True, no_logo=True") -> tuple[int, str]:
    """Run import-linter on the tree at `root`: its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", LINT.format(options)],
        cwd=root,
        env={"COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def copied(target: Path) -> Path:
    """A copy of the packages and their contracts, to break."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, target / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def test_nothing_looks_back_up() -> None:
    """Layers, rooms and doors are as pyproject.toml draws them."""
    code, said = lint(ROOT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("module", "line", "found"),
    [
        ("channels/console.py", "import bot", "channels.console -> bot"),
        ("channels/console.py", "import agents.port", "channels.console -> agents.port"),
        ("agents/commands.py", "import channels.port", "agents.commands -> channels.port"),
        ("bot/worker.py", "import redis", "bot.worker -> redis"),
        ("bot/reducer.py", "import asyncio", "bot.reducer -> asyncio"),
        ("bot/thread.py", "import structlog", "bot.thread -> structlog"),
        ("bot/intake.py", "import bot.store.embedded", "bot.intake -> bot.store.embedded"),
        ("bot/people.py", "import bot.policy", "bot.people -> bot.policy"),
        ("bot/anywhere.py", "", "bot.anywhere"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, module: str, line: str, found: str) -> None:
    """The architecture test can fail: it names an import that goes where it may not."""
    with (copied(tmp_path) / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    code, said = lint(tmp_path)
    assert code != 0
    assert found in said


def test_importing_connects_nothing() -> None:
    """Every module can be imported without a socket being connected or a program started."""
    modules = [
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in sources(*PACKAGES)
    ]
    watch = """
import importlib, sys
def hook(event, args):
    if event in {"socket.connect", "socket.bind", "subprocess.Popen", "os.posix_spawn", "os.fork"}:
        sys.exit(f"{event} while importing {name}")
sys.addaudithook(hook)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
    done = subprocess.run(
        [sys.executable, "-c", watch, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_our_names_are_ours(package: str) -> None:
    """Nobody else's package of the same name is installed, or found before ours."""
    assert set(packages_distributions().get(package, [])) <= {"watchkeeper"}
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin == str(ROOT / package / "__init__.py")


# --- how big things are --------------------------------------------------------------------------


def test_modules_are_small() -> None:
    """No module has over 300 lines, and the median stays near 110."""
    lines = {name_of(path): len(path.read_text().splitlines()) for path in sources(*PACKAGES)}
    assert {name: count for name, count in lines.items() if count > 300} == {}
    modules = [count for name, count in lines.items() if not name.endswith("__init__.py")]
    assert statistics.median(modules) <= 140


def test_functions_are_short() -> None:
    """Every function, of the tests too, has under 50 lines."""
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {length(node)} lines"
        for path in sources(*PACKAGES, "tests")
        for node in functions(path)
        if length(node) >= 50
    ]
    assert long == []


def test_every_test_says_its_promise() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in sources("tests")
        for node in functions(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


# --- what the files say --------------------------------------------------------------------------

# Each has one letter in brackets, so that this file does not hold what it looks for.
UNWANTED = {
    "a package registry's host": r"py[p]i\.org|python[h]osted|registry\.[n]pm|deb\.[d]ebian",
    "a path of somebody's machine": r"(?<![\w.])/(?:wor[k]|far[m]|roo[t]|User[s])/\w",
}


def tracked() -> list[Path]:
    """Every file that git has, or would take."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]


def test_no_file_holds_what_is_ours_alone() -> None:
    """No file names a package registry's host or a path of the machine it was written on."""
    found = [
        f"{name_of(path)} holds {what}: {match[0]}"
        for path in tracked()
        for text in [path.read_bytes().decode("utf-8", "replace")]
        for what, pattern in UNWANTED.items()
        for match in re.finditer(pattern, text)
    ]
    assert found == []


def test_every_kind_of_event_is_known() -> None:
    """What stands in a log is a kind that the design names, and no two events share one."""
    kinds = [get_args(event.__annotations__["kind"])[0] for event in get_args(Event)]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= KINDS


def test_the_lock_holds_every_dependency() -> None:
    """requirements.lock pins what pyproject.toml names, with hashes and without an address."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    names = {re.split(r"[^\w.-]", line)[0].lower() for line in wanted}
    assert {re.sub(r"[-_.]+", "-", name) for name in names} <= pinned
    assert lock.count("\n    --hash=sha256:") >= len(pinned)
    assert "://" not in lock


def test_the_readme_draws_what_the_code_does() -> None:
    """The diagram in README.md is the one that the table of a call's life makes."""
    drawn = re.search(
        r"<!-- diagram -->\s*```mermaid\n(.*?)```\s*<!-- /diagram -->",
        (ROOT / "README.md").read_text(),
        re.DOTALL,
    )
    assert drawn is not None
    assert drawn[1].strip() == diagram().strip()


def test_the_readme_names_tests_that_exist() -> None:
    """What README.md gives as the proof of a guarantee is a test that runs."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "README.md").read_text())
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).is_file()
        or (test and test not in {node.name for node in functions(ROOT / path)})
    ]
    assert missing == []
