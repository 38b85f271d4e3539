"""`threads`, `thread`, `replay`, `dead`, `recover`: seeing what is stored, and setting it right."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.settings import load
from bot.store.redis import RedisStore
from bot.wiring import connect
from tests.cli_house import Cli


def with_store(cli: Cli, use: Callable[[RedisStore], Awaitable[None]]) -> None:
    """Do something to the store that the commands use."""

    async def run() -> None:
        env = {"WATCHKEEPER_DATA_DIR": str(cli.data)}
        async with connect(load(env, Path.cwd(), cli.user)) as store:
            await use(store)

    asyncio.run(run())


def begun(cli: Cli, text: str = "services\n") -> str:
    """A thread with something on it; its id."""
    cli.piped(text)
    return str(cli("threads", "--json").rows[0]["thread"])


def test_threads_are_listed_newest_first(cli: Cli) -> None:
    """Each with its state and its first words."""
    begun(cli)
    cli.piped("restart api prod\n", "chat", "--thread", "deploy")
    rows = cli("threads", "--json").rows
    assert [(row["title"], row["state"]) for row in rows] == [
        ("restart api prod", "waiting"),
        ("services", "idle"),
    ]
    assert len(cli("threads", "--limit", "1", "--json").rows) == 1
    assert len(cli("threads").out.splitlines()) == 2


def test_a_thread_is_shown_event_by_event(cli: Cli) -> None:
    """One line an event, whatever was said in it."""
    thread = begun(cli, "services\tor \x1b[31mwhat\n")
    told = cli("thread", "show", thread).out
    assert len(told.splitlines()) == len(cli("thread", "show", thread, "--json").rows)
    assert "\x1b" not in told


def test_pause_resume_and_cancel_are_events_of_the_os_user(cli: Cli) -> None:
    """The hand on a thread is recorded with who it was."""
    thread = begun(cli)
    for command, kind in (("pause", "paused"), ("resume", "resumed"), ("cancel", "cancelled")):
        ran = cli("thread", command, thread, "--json")
        assert ran.code == 0
        assert (ran.rows[0]["thread"], ran.rows[0]["kind"]) == (thread, kind)
    last = cli("thread", "show", thread, "--json").rows[-3:]
    assert [event["kind"] for event in last] == ["paused", "resumed", "cancelled"]
    assert all(event["person"] == "me" for event in last)


def test_a_paused_thread_starts_nothing_until_it_is_resumed(cli: Cli) -> None:
    """What is said meanwhile waits, and is answered afterwards."""
    thread = begun(cli)
    cli("thread", "pause", thread)
    with cli.start("chat") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"disk\n")
        process.stdin.flush()
        assert b"Paused by me" in process.stdout.readline()
        cli("thread", "resume", thread)
        assert b"/bin/df" in process.stdout.readline()
        process.communicate()


def test_replay_agrees_with_what_is_stored(cli: Cli) -> None:
    """A thread folded anew from its log is as it is stored: 0."""
    thread = begun(cli, "services\nrestart api staging\nremind in=1h text=tea\n")
    assert cli("replay", thread).code == 0
    (row,) = cli("replay", thread, "--json").rows
    assert (row["thread"], row["ok"], row["differences"]) == (thread, True, [])


def test_recover_rebuilds_what_was_deleted(cli: Cli) -> None:
    """With every execution key gone the timers are missing; afterwards all is as before."""
    thread = begun(cli, "restart api staging\n")

    async def lose(store: RedisStore) -> None:
        names = [name async for name in store._client.scan("wk:{watchkeeper}:x:*")]
        assert names

    lose_execution(cli)
    assert cli("replay", thread).code == 1
    ran = cli("recover")
    assert ran.code == 0
    assert "1 threads rebuilt" in ran.out
    assert cli("replay", thread).code == 0
    assert cli("recover", "--json").rows == [{"rebuilt": 1, "busy": [], "unreadable": []}]


def test_only_what_is_dead_can_be_retried(cli: Cli) -> None:
    """A living thread is not among the dead letters: 1."""
    thread = begun(cli)
    ran = cli("dead", "retry", thread)
    assert ran.code == 1
    assert thread in ran.fault
