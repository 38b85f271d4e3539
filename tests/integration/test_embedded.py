"""The embedded server: one for all processes of a directory, there as long as anybody uses it."""

import asyncio
import signal
import stat
import sys
import textwrap
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psutil
import pytest

from bot.store import embedded
from bot.store.keys import thread_id
from bot.store.port import StoreUnreachable
from bot.store.redis import RedisStore, connect
from tests.contract.lab import message, texts

USER = """
import asyncio, sys
from pathlib import Path
from bot.store import embedded
from bot.store.redis import connect
from tests.contract.lab import message

async def main():
    server = await embedded.start(Path(sys.argv[1]))
    store = await connect(server.url, bot="test", revive=server.revive)
    await store.append([sys.argv[2]], message(sys.argv[2]), dedupe=sys.argv[2])
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


async def use(folder: Path, name: str) -> asyncio.subprocess.Process:
    """A process that uses the server of a directory until its input ends."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(USER), str(folder), name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def ready(user: asyncio.subprocess.Process) -> None:
    """Its message is stored."""
    assert user.stdout is not None
    assert await user.stdout.readline() == b"ready\n"


def servers(folder: Path) -> list[psutil.Process]:
    """The servers of a directory; there should never be two."""
    return [one for one in processes(folder) if not is_guard(one)]


def guard(folder: Path) -> psutil.Process:
    """The one that minds the server."""
    (found,) = (one for one in processes(folder) if is_guard(one))
    return found


def is_guard(process: psutil.Process) -> bool:
    """As its command line was when it was found."""
    return "guard.py" in " ".join(process.info["cmdline"])


def processes(folder: Path) -> list[psutil.Process]:
    """Servers and guards that work on a directory."""
    found = []
    for one in psutil.process_iter(["cmdline"]):
        line = " ".join(one.info["cmdline"] or ())
        if str(folder) in line and ("unixsocket" in line or "guard.py" in line):
            found.append(one)
    return found


async def until_gone(folder: Path) -> None:
    """Server and guard have ended."""
    for _ in range(500):
        if not processes(folder):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(processes(folder))


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """A data directory; afterwards nothing runs on it any more."""
    data = tmp_path / "data"
    yield data
    await until_gone(data)


async def said(folder: Path, rooms: Sequence[str]) -> list[str]:
    """What was stored, read by a user of its own."""
    server = await embedded.start(folder)
    store = await connect(server.url, bot="test", revive=server.revive)
    found = [text for room in rooms for text in texts(await store.events(thread_id(room)))]
    await store.close()
    server.close()
    return found


async def test_23_first_runs_at_once_share_one_server(folder: Path) -> None:
    """However many start in the same moment, there is one server, and it keeps what all said."""
    names = [f"u{number}" for number in range(4)]
    users = [await use(folder, name) for name in names]
    for user in users:
        await ready(user)
    assert len(servers(folder)) == 1
    for user in users:
        user.kill()
        await user.wait()
    await until_gone(folder)
    assert await said(folder, names) == names


async def test_23_the_server_outlives_whoever_started_it(folder: Path) -> None:
    """kill -9 of the first process leaves the server to the second; the last one ends it."""
    first = await use(folder, "first")
    await ready(first)
    second = await use(folder, "second")
    await ready(second)
    (server,) = servers(folder)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    third = await use(folder, "third")
    await ready(third)
    assert servers(folder) == [server]
    for user in (second, third):
        user.kill()
        await user.wait()
    await until_gone(folder)


async def test_23_a_killed_server_is_started_again_with_its_data(folder: Path) -> None:
    """Whoever notices that it died brings it back; nothing acknowledged is missing."""
    server = await embedded.start(folder)
    stores = [await connect(server.url, bot="test", revive=server.revive) for _ in range(2)]
    acknowledged: list[str] = []

    async def talk(store: RedisStore, room: str) -> None:
        for number in range(150):
            await store.append([room], message(f"{room}{number}"), dedupe=f"{room}{number}")
            acknowledged.append(f"{room}{number}")

    talking = [
        asyncio.create_task(talk(store, room)) for store, room in zip(stores, "ab", strict=True)
    ]
    for count in (50, 150):
        while len(acknowledged) < count:  # noqa: ASYNC110 - under load
            await asyncio.sleep(0.001)
        servers(folder)[0].kill()
    await asyncio.gather(*talking)
    for store, room in zip(stores, "ab", strict=True):
        events = await store.events(thread_id(room))
        assert texts(events) == [f"{room}{number}" for number in range(150)]
        await store.close()
    server.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of such an end")
async def test_23_a_killed_guard_takes_the_server_with_it_and_both_come_back(folder: Path) -> None:
    """No server is left without somebody who will stop it."""
    server = await embedded.start(folder)
    store = await connect(server.url, bot="test", revive=server.revive)
    await store.set_cursor("a", "1")
    old = servers(folder)
    guard(folder).kill()
    while servers(folder) == old:  # noqa: ASYNC110 - the kernel tells it
        await asyncio.sleep(0.01)
    assert await store.cursor("a") == "1"
    assert servers(folder) != old
    await store.close()
    server.close()


async def test_23_a_user_that_comes_while_the_server_ends_gets_a_new_one(folder: Path) -> None:
    """Closing and starting, over and over, is always one working server."""
    for number in range(8):
        server = await embedded.start(folder)
        store = await connect(server.url, bot="test", revive=server.revive)
        await store.append(["r"], message(str(number)), dedupe=str(number))
        assert len(servers(folder)) <= 1
        await store.close()
        server.close()
        await asyncio.sleep(0.01 * (number % 3))
    assert await said(folder, ["r"]) == [str(number) for number in range(8)]


def mode(path: Path) -> int:
    """Who may do what with it."""
    return stat.S_IMODE(path.stat().st_mode)


async def test_others_are_kept_out(folder: Path) -> None:
    """Only the user may enter the directory that is made, or talk to the socket in it."""
    server = await embedded.start(folder)
    socket = folder / "valkey.sock"
    assert mode(folder) == mode(socket) == 0o700
    assert [path for path in contents(folder) if mode(path) & 0o077] == []
    assert server.url == f"unix://{socket}"
    server.close()


@pytest.mark.parametrize("modes", [0o755, 0o1777, 0o710, 0o702])
async def test_a_directory_that_is_open_to_others_is_refused_as_it_is(
    folder: Path, modes: int
) -> None:
    """It may be everybody's, as /tmp is: nothing in it or about it is changed."""
    create(folder, modes)
    with pytest.raises(StoreUnreachable) as caught:
        await embedded.start(folder)
    told = f"the data directory {folder} is open to others: chmod 700 it, or name one that"
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)
    assert (mode(folder), contents(folder)) == (modes, [])


async def test_a_directory_that_was_made_private_by_hand_is_taken(folder: Path) -> None:
    """Following the advice helps."""
    create(folder, 0o700)
    (await embedded.start(folder)).close()


def create(folder: Path, modes: int) -> None:
    """Somebody made it by hand."""
    folder.mkdir()
    folder.chmod(modes)


def contents(folder: Path) -> list[Path]:
    """What is in it."""
    return list(folder.rglob("*"))


async def test_it_is_durable_and_evicts_nothing(folder: Path) -> None:
    """Its settings raise no doubt, and every write is on the disk before it is acknowledged."""
    server = await embedded.start(folder)
    store = await connect(server.url, bot="test", secret="s" * 16, revive=server.revive)
    assert await store.checks() == ()
    assert "--appendfsync always" in " ".join(guard(folder).cmdline())
    await store.close()
    server.close()


async def test_a_directory_with_a_long_name_works(tmp_path: Path) -> None:
    """The kernel's limit on the length of a socket's path is not the user's problem."""
    folder = tmp_path / ("long" * 30) / "data ü %"
    server = await embedded.start(folder)
    assert len(server.url) < 110
    store = await connect(server.url, bot="test", revive=server.revive)
    await store.set_cursor("a", "1")
    await store.close()
    server.close()
    await until_gone(folder)


async def test_a_directory_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    """One line, with the directory."""
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    for folder in (blocked, blocked / "data"):
        with pytest.raises(StoreUnreachable, match="file") as caught:
            await embedded.start(folder)
        assert "\n" not in str(caught.value)


async def test_a_directory_that_can_not_be_made_is_named() -> None:
    """Where not even root may make one."""
    with pytest.raises(StoreUnreachable, match="/proc/watchkeeper/data"):
        await embedded.start(Path("/proc/watchkeeper/data"))


async def test_23_a_server_killed_before_it_could_answer_is_started_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often in a row: a kill is no fault of the server, so it is no reason to give up."""
    mark, program = tmp_path / "mark", tmp_path / "server"
    program.write_text(
        f"#!/bin/sh\n[ $(wc -c < {mark}) -gt {embedded.STARTS} ]"
        f' && exec {embedded.binary()} "$@"\nprintf x >> {mark}\nkill -9 $$\n'
    )
    mark.touch()
    program.chmod(0o700)
    monkeypatch.setattr(embedded, "binary", lambda: str(program))
    server = await embedded.start(folder)
    try:
        store = await connect(server.url, bot="test", revive=server.revive)
        assert await store.append(["r"], message(), dedupe="1")
        await store.close()
    finally:
        server.close()
    assert len(mark.read_text()) > embedded.STARTS


async def test_a_server_that_is_killed_for_ever_is_given_up(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever kills every one of them (a machine without memory, say) gets to read of it."""
    program = tmp_path / "server"
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o700)
    monkeypatch.setattr(embedded, "binary", lambda: str(program))
    with pytest.raises(StoreUnreachable, match="keeps ending"):
        await embedded.start(folder)


async def test_a_server_that_keeps_ending_is_not_started_for_ever(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long each start lives, a few in a row are enough to say that it is in vain."""
    program = tmp_path / "server"
    program.write_text(f"#!/bin/sh\necho started >> {tmp_path}/starts\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr(embedded, "binary", lambda: str(program))
    monkeypatch.setattr(embedded, "SOON", 0.0)
    with pytest.raises(StoreUnreachable, match="keeps ending"):
        await embedded.start(folder)
    assert len((tmp_path / "starts").read_text().split()) == embedded.STARTS


async def test_a_server_that_refuses_to_start_is_quoted(folder: Path) -> None:
    """Its own last words are part of the one line, and nothing is left running."""
    server = await embedded.start(folder)
    store = await connect(server.url, bot="test", revive=server.revive)
    await store.append(["r"], message(), dedupe="1")
    await store.close()
    server.close()
    await until_gone(folder)
    (log,) = (folder / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"this is no append-only file\r\n" + log.read_bytes())
    with pytest.raises(StoreUnreachable, match="append only file") as caught:
        await embedded.start(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


FULL = """
import asyncio, resource, sys
from pathlib import Path
from bot.store import embedded
from bot.store.port import StoreUnreachable
from bot.store.redis import connect
from tests.contract.lab import message

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    server = await embedded.start(Path(sys.argv[1]))
    store = await connect(server.url, bot="test", revive=server.revive)
    number = 0
    try:
        while True:
            await store.append(["r"], message("x" * 500), dedupe=str(number))
            number += 1
    except StoreUnreachable as error:
        print(number, error)

asyncio.run(main())
"""


async def test_a_full_disk_is_said_and_loses_nothing(folder: Path) -> None:
    """It is one line with the directory; what was acknowledged before is there afterwards."""
    user = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FULL, str(folder)), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await user.communicate()
    taken, _, line = out.decode().strip().partition(" ")
    assert str(folder) in line
    assert "\n" not in line
    assert "AOF" in line
    await until_gone(folder)
    stored = await said(folder, ["r"])
    assert int(taken) > 5
    assert len(stored) in {int(taken), int(taken) + 1}
