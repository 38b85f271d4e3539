"""`threads`, `thread`, `replay`, `dead`, `recover`: seeing what is stored, and setting it right."""

import asyncio

import pytest
from pydantic import JsonValue

from bot import events as e
from bot.sentences import SORRY
from bot.settings import Settings, load
from bot.wiring import connect
from tests.cli_house import CONFIG, Cli
from tests.keys import wipe_execution


def settings(cli: Cli) -> Settings:
    """The settings that the commands use."""
    return load({"WATCHKEEPER_DATA_DIR": str(cli.data)}, cli.folder, cli.user)


def poison(cli: Cli, thread: str) -> None:
    """Put an event on the thread that can not follow what it holds."""

    async def append() -> None:
        async with connect(settings(cli)) as store:
            await store.append_to(thread, e.ToolStarted(call_id="nobody"), dedupe="")

    asyncio.run(append())


def audited(cli: Cli) -> list[dict[str, JsonValue]]:
    """The rows of the audit about the whole bot."""
    return [row for row in cli("audit", "--json").rows if row["thread"] == ""]


def begun(cli: Cli, text: str = "services\n") -> str:
    """A thread with something on it; its id."""
    ran = cli.piped(text)
    assert ran.code == 0, ran.err
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
    thread = begun(cli, "services\tor \x1b[31mwhat \x9b31m\n")
    told = cli("thread", "show", thread).out
    ran = cli("thread", "show", thread, "--json")
    assert len(told.splitlines()) == len(ran.rows)
    for shown in (told, ran.out):
        assert not {"\x1b", "\x9b"} & set(shown)
    assert "\x9b31m" in str(ran.rows[0]["text"])


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


@pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
def test_a_stranger_has_no_hand_on_a_thread(cli: Cli, command: str) -> None:
    """An OS user whom the configuration does not name changes nothing: 1, and who to add."""
    thread = begun(cli)
    before = cli("thread", "show", thread).out
    cli.configure(CONFIG.replace('"@me"', '"somebody-else"'))
    ran = cli("thread", command, thread)
    assert (ran.code, ran.out) == (1, "")
    assert cli.user in ran.fault
    assert "[people]" in ran.fault
    assert cli("thread", "show", thread).out == before


def test_a_cancelled_thread_is_at_rest(cli: Cli) -> None:
    """What was asked is withdrawn when the command ends, without any other worker."""
    thread = begun(cli, "restart api staging\n")
    assert len(cli("requests", "--json").rows) == 1
    ran = cli("thread", "cancel", thread)
    assert (ran.code, ran.out, ran.err) == (0, f"{thread}: cancelled\n", "")
    assert cli("requests", "--json").rows == []
    assert cli("threads", "--json").rows[0]["state"] == "idle"


def test_a_cancelled_run_has_ended(cli: Cli) -> None:
    """What runs in another process is stopped when the command ends."""
    with cli.start("chat") as process:
        assert process.stdin is not None
        process.stdin.write(b"nap\n")
        process.stdin.flush()
        while not (rows := cli("threads", "--json").rows) or rows[0]["state"] != "running":
            assert process.poll() is None
        thread = str(rows[0]["thread"])
        assert cli("thread", "cancel", thread).code == 0
        assert cli("threads", "--json").rows[0]["state"] == "idle"
        out, _ = process.communicate()
    assert b"cancelled by me" in out
    assert b"\nrested\n" not in out


def test_what_is_said_after_a_cancel_is_not_waited_for(cli: Cli) -> None:
    """Only what the command calls off keeps it, not what came since."""
    thread = begun(cli)
    cli("thread", "pause", thread)
    with cli.start("chat") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"disk\nservices\n")
        process.stdin.flush()
        assert b"Paused by me" in process.stdout.readline()
        ran = cli("thread", "cancel", thread)
        assert (ran.code, ran.err) == (0, "")
        assert b"Cancelled" in process.stdout.readline()
        assert b"Paused by me" in process.stdout.readline()
        process.terminate()
        process.communicate()


def test_what_can_not_be_folded_is_not_waited_for(cli: Cli) -> None:
    """A thread that no worker can take further keeps nobody waiting."""
    thread = begun(cli)
    poison(cli, thread)
    assert cli("thread", "cancel", thread).code == 0


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
    assert asyncio.run(wipe_execution(settings(cli))) > 0
    assert cli("replay", thread).code == 1
    ran = cli("recover")
    assert (ran.code, ran.out) == (0, "threads rebuilt: 1\n")
    cli.piped("services\n")  # a worker looks at every thread that was rebuilt
    assert cli("replay", thread).code == 0
    assert cli("recover", "--json").rows == [{"rebuilt": 1, "busy": [], "unreadable": []}]
    assert [row["kind"] for row in audited(cli)] == ["recover", "recover"]
    assert audited(cli)[0]["by"] == f"console:{cli.user}"


def test_a_dead_letter_is_told_listed_and_retried(cli: Cli) -> None:
    """Who wrote hears of it, the list names it, a retry is audited."""
    thread = begun(cli)
    poison(cli, thread)
    ran = cli.piped("services\n")
    assert (ran.code, ran.out.strip()) == (0, SORRY)
    (row,) = cli("dead", "--json").rows
    assert row["thread"] == thread
    assert thread in cli("dead").out
    assert cli("dead", "retry", thread, "--json").rows == [{"thread": thread, "retried": True}]
    assert cli("dead", "--json").rows == []
    (noted,) = audited(cli)
    assert (noted["kind"], noted["ids"]) == ("dead retry", {"thread": thread})
    assert "can not be folded" in cli("replay", thread).fault
    ran = cli("recover")
    assert ran.code == 1
    assert f"`replay {thread}`" in ran.out


def test_only_what_is_dead_can_be_retried(cli: Cli) -> None:
    """A living thread is not among the dead letters: 1."""
    thread = begun(cli)
    ran = cli("dead", "retry", thread)
    assert ran.code == 1
    assert thread in ran.fault
    assert audited(cli) == []


def test_impersonation_is_audited(cli: Cli) -> None:
    """Who spoke as somebody else is written down."""
    cli.piped("services\n", "chat", "--as", "bob")
    (noted,) = audited(cli)
    assert (noted["kind"], noted["ids"]) == ("chat --as", {"speaker": "bob"})
    assert noted["person"] == "me"
