"""Runbooks with real programs: what they get, and what is kept of them."""

import tracemalloc
from pathlib import Path

import pytest

from tests.runbooks import SECRET, Make, failed, maker, ran


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes runbooks of scripts."""
    return maker(tmp_path)


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
