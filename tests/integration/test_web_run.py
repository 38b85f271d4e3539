"""`run` and its HTTP server, as processes: where it listens, what it says, what it logs."""

import asyncio
import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from bot.cli.job import USAGE, Fault
from bot.cli.serving import Served, build_metrics
from bot.store.redis import RedisStore
from tests.bot_process import Bots
from tests.cli_house import CONFIG, PATIENCE, Cli
from tests.house import settings_in
from tests.scraping import Page, Scraper, parsed
from tests.servers import free_port, listening
from tests.slack_lab import SlackServer, slack_server
from tests.slack_process import bots

SAID = "xyzzy-plugh-7731"
"""Words that nobody else would write."""


@contextmanager
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    """What is answered there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def page(port: int) -> Page:
    """Its numbers."""
    return parsed(get(port, "/metrics")[1])


def test_a_worker_tells_how_it_is(cli: Cli) -> None:
    """Alive and ready; it counts what it did itself, and nothing that others did."""
    port = free_port()
    with cli.start("run", "--only", "worker", WATCHKEEPER_HTTP=f"127.0.0.1:{port}") as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"worker: ready\n"
        assert get(port, "/healthz") == (200, '{"alive": true, "not": {}}')
        assert get(port, "/readyz") == (200, '{"ready": true, "not": {}}')
        assert get(port, "/")[0] == get(port, "/slack/events")[0] == 404
        assert "- api" in cli.piped("services\n", "run", "--only", "intake").out
        told = page(port)
        assert told("messages_answered_total", channel="console", outcome="replied") == 1
        assert told("messages_accepted_total", channel="console") is None
        assert told("store_up") == 1
        worker.terminate()
        assert worker.wait(PATIENCE) == 0


def test_whoever_leaves_says_so_until_it_has_left(cli: Cli) -> None:
    """SIGTERM while a program runs: alive, not ready, and gone once that has ended."""
    cli.configure(CONFIG.replace("time.sleep(1)", "time.sleep(5)"))
    port = free_port()
    with cli.start("run", WATCHKEEPER_HTTP=f"127.0.0.1:{port}") as bot:
        assert bot.stdin is not None
        bot.stdin.write(b"nap\n")
        bot.stdin.flush()
        while not (rows := cli("threads", "--json").rows) or rows[0]["state"] != "running":
            assert bot.poll() is None
        assert get(port, "/readyz")[0] == 200
        bot.terminate()
        while (told := get(port, "/readyz"))[0] == 200:
            assert bot.poll() is None
        assert json.loads(told[1])["not"] == {"process": "was told to stop"}
        assert get(port, "/healthz")[0] == 200
        assert bot.wait(PATIENCE) == 0


def test_the_console_counts_what_it_takes_in(cli: Cli) -> None:
    """A `run` that is the console alone has numbers too."""
    port = free_port()
    with cli.start("run", WATCHKEEPER_HTTP=f"127.0.0.1:{port}") as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        bot.stdin.write(b"services\n")
        bot.stdin.flush()
        assert b"api" in bot.stdout.readline()
        told = page(port)
        assert told("messages_accepted_total", channel="console") == 1
        assert told("channel_up", channel="console") is None
        bot.communicate(timeout=PATIENCE)
        assert bot.returncode == 0


def test_an_address_that_is_named_and_taken_is_an_error(cli: Cli) -> None:
    """2, with one line that names it."""
    with taken() as port:
        ran = cli.piped("", "run", "--only", "worker", WATCHKEEPER_HTTP=f"127.0.0.1:{port}")
    assert ran.code == 2
    assert ran.fault.startswith(f"WATCHKEEPER_HTTP: 127.0.0.1:{port}: ")


def served(
    folder: Path, store: RedisStore, port: int, *, told: bool = False, posts: bool = False
) -> Served:
    """The server of one process on that port."""
    settings = replace(settings_in(folder), http=("127.0.0.1", port), http_told=told)

    async def never(_request: object) -> None:
        raise AssertionError

    paths = {"/slack/events": never} if posts else {}
    return Served(
        settings,
        store,
        build_metrics(),
        heard=(),
        leaving=lambda: False,
        posts=paths,  # type: ignore[arg-type]
    )


async def test_a_second_run_goes_on_without(
    tmp_path: Path, store: RedisStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody named the address, the bot that has it keeps it: one line, and no more."""
    port = free_port()
    async with served(tmp_path, store, port).open():
        first = Scraper(f"127.0.0.1:{port}")
        await listening(port)
        assert (await first.get("/healthz"))[0] == 200
        async with served(tmp_path, store, port).open():
            while not (said := capsys.readouterr().err):  # noqa: ASYNC110 - nothing to await
                await asyncio.sleep(0.02)
            assert said.count("\n") == 1
            assert said.startswith("http: no health and metrics here")
            assert str(port) in said
        assert (await first.get("/healthz"))[0] == 200


@pytest.mark.parametrize("why", ["told", "posts"])
async def test_where_it_must_listen_it_must(tmp_path: Path, store: RedisStore, why: str) -> None:
    """With a named address, and where Slack posts to it."""
    with taken() as port, pytest.raises(Fault, match=str(port)) as caught:
        async with served(tmp_path, store, port, told=why == "told", posts=why == "posts").open():
            pass
    assert caught.value.code == USAGE


async def lines(bot: Bots) -> list[dict[str, JsonValue]]:
    """Everything on stderr, which has to be JSON lines."""
    return [json.loads(line) for line in bot.said().splitlines()]


async def written(server: SlackServer, bot: Bots) -> str:
    """Slack's ann says things that nobody may log; the thread in which she did."""
    ops = server.room("C1", server.person("U1"), server.person("U2"))
    child = await bot.start()
    for text in (f"look service={SAID}", f"please {SAID}", f"remind 1h {SAID}", "look service=api"):
        said = server.person("U1").says(ops, f"<@UBOT> {text}")
        await server.posted(ops, thread=said.ts)
    child.send_signal(signal.SIGTERM)
    assert await child.wait() == 0
    return said.ts


async def test_threads_are_logged_and_words_are_not(tmp_path: Path) -> None:
    """JSON lines: what happened, on which thread; never what was said, nor an argument of it."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        await written(server, bot)
        rows = await lines(bot)
        ended = [row for row in rows if row["event"] == "turn.ended"]
        assert len(ended) == 4
        assert all(len(str(row["thread"])) == 12 for row in ended)
        assert SAID not in bot.said()
        logged = [path.read_text() for path in (tmp_path / "data").glob("*.log*")]
        assert not any(SAID in text for text in logged)


async def test_people_may_have_lines_for_people(tmp_path: Path) -> None:
    """`[log] format`: the same to a pipe, without JSON and without words."""
    async with slack_server() as server, bots(tmp_path, server) as bot:
        config = tmp_path / "watchkeeper.toml"
        config.write_text(f'{config.read_text()}\n[log]\nformat = "human"\n')
        await written(server, bot)
        assert "turn.ended" in bot.said()
        assert not any(line.startswith("{") for line in bot.said().splitlines())
        assert SAID not in bot.said()
