"""Runbooks with real programs: what they get, what is kept of them, and that they end."""

import asyncio
import os
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from agents.port import Caller, Result, Risk, Service, Tool, ToolFailed
from agents.tools.redact import Redactor
from agents.tools.runbook import RunbookSpec, runbook_tool

SECRET = "hunter2secret"
CALLER = Caller(
    thread="abcdefgh2345", key="k", person=None, audience=(), now=datetime(2026, 3, 1, tzinfo=UTC)
)


@dataclass
class Catalogue:
    def services(self) -> tuple[Service, ...]:
        """One service."""
        return (Service(name="api", environments=("prod",)),)


Make = Callable[..., Tool]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a runbook of a script: shell, or Python where it begins so."""

    def made(script: str, *words: str, timeout: float = 30, **more: object) -> Tool:
        interpreter = f"#!{sys.executable}" if script.startswith("import ") else "#!/bin/sh"
        path = tmp_path / "program"
        path.write_text(f"{interpreter}\n{script}")
        path.chmod(0o755)
        spec = RunbookSpec(
            name="try",
            summary="Try it",
            argv=(str(path), *words),
            risk=Risk.READ,
            timeout=timedelta(seconds=timeout),
            **more,  # type: ignore[arg-type]
        )
        return runbook_tool(spec, Catalogue(), Redactor([SECRET]))

    return made


async def ran(tool: Tool, **args: object) -> Result:
    """The tool's result for these arguments."""
    return await tool.run(tool.params.model_validate(args), CALLER)


async def failed(tool: Tool) -> ToolFailed:
    """How the tool failed."""
    with pytest.raises(ToolFailed) as failure:
        await ran(tool)
    return failure.value


def alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody has reaped yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def all_dead(pids: list[int]) -> bool:
    """Whether all of them are dead within five seconds."""
    for _ in range(250):
        if not any(alive(pid) for pid in pids):
            return True
        await asyncio.sleep(0.02)
    return False


@pytest.fixture
def told(tmp_path: Path) -> Callable[[], Awaitable[list[int]]]:
    """Waits for the numbers that a program writes to the fifo `told` beside it."""
    os.mkfifo(tmp_path / "told")

    async def numbers() -> list[int]:
        text = await asyncio.to_thread((tmp_path / "told").read_text)
        return [int(word) for word in text.split()]

    return numbers


async def test_output_and_exit_code(make: Make) -> None:
    """Both streams are captured in the order they were written; exit 0 is success."""
    result = await ran(make("echo out; echo err >&2; echo out again"))
    assert result.output == "out\nerr\nout again\n"
    assert result.text == "```\nout\nerr\nout again\n```"
    assert result.exit_code == 0


async def test_no_output(make: Make) -> None:
    """A silent success is said in words."""
    assert (await ran(make("exit 0"))).text == "No output."


async def test_a_failure_has_its_exit_code_and_output(make: Make) -> None:
    """Any other exit code fails the call, with what was said before."""
    failure = await failed(make("echo no good; exit 3"))
    assert (failure.reason, failure.exit_code) == ("exit", 3)
    assert failure.text == "```\nno good\n```"
    assert failure.output == "no good\n"


async def test_a_signal_is_an_exit_code(make: Make) -> None:
    """A program that a signal ended has 128 and the signal's number, as in a shell."""
    assert (await failed(make("kill -9 $$"))).exit_code == 137


async def test_a_program_that_can_not_start(make: Make, tmp_path: Path) -> None:
    """A file that is executable but no program fails with the reason."""
    tool = make("")
    (tmp_path / "program").write_bytes(b"\x7fELF nonsense")
    failure = await failed(tool)
    assert failure.exit_code == 126
    assert "Exec format error" in failure.output


async def test_values_arrive_as_they_are(make: Make) -> None:
    """Every value is one word, unexpanded and unsplit."""
    text = "two  words; \"q\" 's' | & > * ~ {x} %d \\n"
    tool = make(
        "import sys; print(sys.argv[1:])",
        "{env}",
        "--text={text}",
        params={"env": "environment", "text": "text"},
    )
    assert (await ran(tool, env="prod", text=text)).output == f"{['prod', f'--text={text}']}\n"


async def test_text_on_stdin(make: Make) -> None:
    """The stdin param is read there, all of it and nothing more; without one there is nothing."""
    tool = make("import sys; print(repr(sys.stdin.read()))", params={"text": "text"}, stdin="text")
    assert (await ran(tool, text="ünï x")).output == "'ünï x'\n"
    assert (await ran(make("import sys; print(repr(sys.stdin.read()))"))).output == "''\n"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads what it got from /proc")
async def test_what_a_program_starts_with(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours, no descriptor of ours, "/" to stand in, a session of its own."""
    monkeypatch.setenv("WATCHKEEPER_SECRET", SECRET)
    script = (
        "import os\n"
        "given = open('/proc/self/environ').read()\n"
        "fds = sorted(int(fd) for fd in os.listdir('/proc/self/fd'))\n"
        "print([given, fds[:3], len(fds), os.getcwd(), os.getsid(0) == os.getpid()])\n"
    )
    # The fourth descriptor is the one that lists them.
    assert (await ran(make(script))).output == "['', [0, 1, 2], 4, '/', True]\n"


async def test_a_secret_in_two_halves(make: Make) -> None:
    """A secret that is written in two flushes shows in neither text nor output."""
    script = (
        "import sys, time\n"
        f"sys.stdout.write('a {SECRET[:6]}'); sys.stdout.flush(); time.sleep(0.1)\n"
        f"sys.stdout.write('{SECRET[6:]} b'); sys.stdout.flush()\n"
    )
    result = await ran(make(script))
    assert result.output == "a [redacted] b"
    assert result.text == "```\na [redacted] b\n```"


async def test_binary_output(make: Make) -> None:
    """Bytes that are no text do no harm."""
    script = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 4)"
    output = (await ran(make(script))).output
    assert "ABC" in output
    assert "\ufffd" in output
    assert "\0" not in output


async def test_output_without_end_is_bounded(make: Make) -> None:
    """Of 20 MB the head and the tail are kept, and no more than that is ever held."""
    script = "import sys\nfor n in range(20_000): sys.stdout.write(f'{n:999}\\n')\n"
    tool = make(script, max_output=10_000)
    tracemalloc.start()
    result = await ran(tool)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "… 19,990,000 bytes left out …" in result.output
    assert result.output.endswith("19999\n")
    assert len(result.output) < 10_100
    assert peak < 4_000_000


async def test_the_time_limit(make: Make, told: Callable[[], Awaitable[list[int]]]) -> None:
    """A program that takes too long is ended with its children; what it said is kept."""
    tool = make('echo begun; sleep 100 & echo "$$ $!" > "${0%/*}/told"; wait', timeout=0.5)
    failure, pids = await asyncio.gather(failed(tool), told())
    assert (failure.reason, failure.exit_code) == ("timeout", None)
    assert failure.text == "```\nbegun\n```"
    assert failure.output == "begun\n"
    assert await all_dead(pids)


@pytest.mark.parametrize("deaf", ["", "trap '' TERM;"])
async def test_cancelling_ends_the_whole_group(
    make: Make, told: Callable[[], Awaitable[list[int]]], deaf: str
) -> None:
    """The program, its child and its child's child are dead when the cancelled call returns."""
    script = f"""{deaf}
sh -c 'sleep 100 & echo "$PPID $$ $!" > "$1"; wait' sh "${{0%/*}}/told" &
wait
wait
"""
    run = asyncio.create_task(ran(make(script)))
    pids = await told()
    assert all(alive(pid) for pid in pids)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not alive(pids[0])
    assert await all_dead(pids)


async def test_runs_do_not_hold_each_other(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """A run that is cancelled ends at once, whatever else was started after it."""
    tool = make('echo "$$" > "${0%/*}/told"; exec sleep 100')
    first = asyncio.create_task(ran(tool))
    pids = await told()
    second = asyncio.create_task(ran(tool))
    pids += await told()
    first.cancel()
    await asyncio.wait({first})
    assert [alive(pid) for pid in pids] == [False, True]
    second.cancel()
    await asyncio.wait({second})
    assert await all_dead(pids)


async def test_a_killed_guard_is_told(make: Make) -> None:
    """Without its guard nobody knows how the program went on, and that is what is said."""
    failure = await failed(make("kill -9 $PPID"))
    assert (failure.reason, failure.exit_code) == ("error", None)
    assert "what it started may still run" in failure.text


async def test_what_is_left_behind_ends_with_the_program(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """A child in the background neither outlives the run nor holds it up."""
    tool = make('sleep 100 & echo "$!" > "${0%/*}/told"; echo done')
    result, pids = await asyncio.gather(ran(tool), told())
    assert result.output == "done\n"
    assert await all_dead(pids)


async def test_who_left_the_group_does_not_hold_the_run(
    make: Make, told: Callable[[], Awaitable[list[int]]]
) -> None:
    """A daemon in a session of its own may hold the output open: the run ends all the same."""
    script = (
        "import os, sys, time\n"
        "print('done', flush=True)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    told = os.path.join(os.path.dirname(sys.argv[0]), 'told')\n"
        "    open(told, 'w').write(str(os.getpid()))\n"
        "    time.sleep(100)\n"
        "time.sleep(0.1)\n"
    )
    result, pids = await asyncio.wait_for(asyncio.gather(ran(make(script)), told()), 10)
    for pid in pids:
        os.kill(pid, 9)
    assert result.output == "done\n"


async def test_nothing_of_ours_is_left_open(make: Make) -> None:
    """Runs that end, fail and are cancelled leave no descriptor and no process behind."""
    me = psutil.Process()
    await ran(make("exit 0"))
    before = me.num_fds()
    for _ in range(3):
        await ran(make("cat"))
        await failed(make("exit 1"))
        run = asyncio.create_task(ran(make("sleep 100")))
        await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert me.num_fds() <= before
    assert not me.children()
