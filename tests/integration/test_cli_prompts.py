"""`prompt` and `replay` on the command line: a thread whose model is a server on the loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.anthropic_model import connect as ask_at
from bot.settings import load
from bot.wiring import connect
from prompts.library import load as prompt_of
from prompts.library import names
from tests.cli_house import CONFIG, Cli, Ran
from tests.house import House
from tests.model_server import ModelServer, Scripted, error, model_server, step
from tests.steps import ask, call, done, route

KEY = "sk-ant-not-a-real-key-4711"
PROMPTS = Path(__file__).parents[2] / "prompts"
WORDS = "could you restart the api in staging, please? »danke« \u2028\n"
SCRIPT = (step(route("executor")), step(call("restart", service="api", env="staging")))


async def run(cli: Cli, *arguments: str) -> Ran:
    """A command, beside the server."""
    return await asyncio.to_thread(cli, *arguments)


@asynccontextmanager
async def told(
    cli: Cli, *script: Scripted, monkeypatch: pytest.MonkeyPatch | None = None
) -> AsyncIterator[tuple[str, ModelServer]]:
    """A thread on which the model has decided by this script; its id.

    monkeypatch: commands may ask the server as well.
    """
    settings = load({"WATCHKEEPER_DATA_DIR": str(cli.data)}, cli.folder, cli.user)
    async with model_server(*script) as server:
        async with connect(settings) as store:
            model = ask_at(KEY, server.url)
            house = House(settings, store)
            house.hire(model=model)
            heard = await house.tell(WORDS, cli.user)
            await house.answer(heard)
            await house.rest()
            await model.close()
        if monkeypatch is not None:
            monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        yield heard.thread, server


async def seqs(cli: Cli, thread: str) -> list[str]:
    """The steps of models."""
    rows = (await run(cli, "thread", "show", thread, "--json")).rows
    return [str(row["seq"]) for row in rows if row.get("request_sha256")]


# --- prompt --------------------------------------------------------------------------------------


def test_the_prompts_are_listed(cli: Cli) -> None:
    """Each with its hash and what the settings make of it; as JSON the same."""
    cli.configure(f'{CONFIG}\n[models]\nresponder = "claude-opus-5-5"\n')
    rows = {row["name"]: row for row in cli("prompt", "list", "--json").rows}
    assert set(rows) == set(names())
    assert rows["responder"]["model"] == "claude-opus-5-5"
    executor = prompt_of("executor")
    assert rows["executor"] == {
        "name": "executor",
        "version": executor.version,
        "sha256": executor.sha256,
        "model": executor.model.default,
        "effort": executor.effort,
        "max_tokens": executor.max_tokens,
        "cap": executor.cap,
        "steps": list(executor.steps),
    }
    assert executor.sha256[:12] in cli("prompt", "list").out


async def test_a_request_is_shown_byte_for_byte(cli: Cli) -> None:
    """What stands on stdout is what the server received, and a line end; no key is needed."""
    async with told(cli, *SCRIPT) as (thread, server):
        for seq, received in zip(await seqs(cli, thread), server.requests, strict=True):
            ran = await run(cli, "prompt", "show", thread, "--step", seq)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out.encode() == received.body + b"\n"
            (row,) = (await run(cli, "prompt", "show", thread, "--step", seq, "--json")).rows
            assert str(row["body"]).encode() == received.body
            assert (row["seq"], row["way"]) == (int(seq), "format")


async def test_how_long_its_parts_are_is_told(cli: Cli) -> None:
    """Characters as they are sent, the whole of it with them."""
    async with told(cli, *SCRIPT) as (thread, server):
        seq = (await seqs(cli, thread))[0]
        asked = ("prompt", "show", thread, "--step", seq, "--tokens")
        (row,) = (await run(cli, *asked, "--json")).rows
        parts = row["characters"]
        assert isinstance(parts, dict)
        assert list(parts) == ["system", "schema", "story", "tail", "all"]
        assert parts["all"] == len(server.requests[0].body.decode())
        assert sum(int(str(size)) for size in parts.values()) < 2 * int(str(parts["all"]))
        lines = (await run(cli, *asked)).out.splitlines()
        assert [line.split()[0] for line in lines] == list(parts)


async def test_what_is_no_step_of_a_model_is_told_with_those_that_are(cli: Cli) -> None:
    """1, and the seqs to choose from."""
    async with told(cli, *SCRIPT) as (thread, _):
        ran = await run(cli, "prompt", "show", thread, "--step", "1")
        steps = await seqs(cli, thread)
    assert (ran.code, ran.out) == (1, "")
    assert ran.fault == (
        f"event 1 of {thread} is no step of a model, these are: {', '.join(steps)}"
    )


def test_of_a_thread_without_a_model_nothing_is_shown(cli: Cli) -> None:
    """1: commands ask no model. An unknown thread is 1 as well."""
    cli.piped("services\n")
    thread = str(cli("threads", "--json").rows[0]["thread"])
    ran = cli("prompt", "show", thread, "--step", "2")
    assert (ran.code, ran.fault) == (1, f"no model was asked anything on {thread}")
    assert cli("prompt", "show", "nothere", "--step", "2").code == 1
    assert cli("prompt", "show", thread).code == 2


async def test_of_an_attempt_that_failed_there_is_nothing_to_show(cli: Cli) -> None:
    """1, with how it failed."""
    async with told(cli, error(401, "authentication_error", "no such key")) as (thread, _):
        rows = (await run(cli, "thread", "show", thread, "--json")).rows
        (failed,) = [str(row["seq"]) for row in rows if row["kind"] == "model_failed"]
        ran = await run(cli, "prompt", "show", thread, "--step", failed)
    assert ran.code == 1
    assert "permanent: 401 authentication_error: no such key" in ran.fault


# --- replay --------------------------------------------------------------------------------------


async def test_replay_is_clean_right_after(cli: Cli) -> None:
    """0, without a key and without a request."""
    async with told(cli, *SCRIPT) as (thread, server):
        ran = await run(cli, "replay", thread)
        assert (ran.code, ran.err) == (0, "")
        assert "2 of 2 requests to models would be the same today" in ran.out
        (row,) = (await run(cli, "replay", thread, "--json")).rows
        assert (row["ok"], row["differences"]) == (True, [])
        assert len(server.requests) == 2


async def test_replay_with_one_changed_word_names_the_step(cli: Cli) -> None:
    """1: the step, both prompts, the place and the words."""
    prompt = cli.folder / "mine.md"
    packaged = (PROMPTS / "executor.md").read_text()
    prompt.write_text(packaged.replace("one at a time. A call", "one by one. A call"))
    assert prompt.read_text() != packaged
    async with told(cli, *SCRIPT) as (thread, _):
        ran = await run(cli, "replay", thread, "--prompt", str(prompt))
        (row,) = (await run(cli, "replay", thread, "--prompt", str(prompt), "--json")).rows
        seq = (await seqs(cli, thread))[1]
    first = ran.out.splitlines()[0]
    assert ran.code == 1
    assert first.startswith(f"step {seq} (executor): the request differs: prompt executor ")
    assert "first difference in system at line 1: " in first
    assert "one at a time" in first
    assert "one by one" in first
    assert row["ok"] is False
    assert isinstance(row["steps"], list)
    assert [(step["seq"], step["same"]) for step in row["steps"] if isinstance(step, dict)][1] == (
        int(seq),
        False,
    )


@pytest.mark.parametrize(
    ("change", "told_of"),
    [
        (("+++\n", ""), "must begin with its head between two lines +++"),
        (('name = "executor"', 'name = "poet"'), "there is no agent poet, there are classifier,"),
        (('"handover"]', '"handover", "route"]'), "steps: executor may not route"),
        (("{{ bot }}", "{{ robot }}"), "needs a value for robot"),
    ],
)
def test_a_prompt_that_can_not_be_used_is_refused(
    cli: Cli, change: tuple[str, str], told_of: str
) -> None:
    """2, and one line that names what to mend."""
    prompt = cli.folder / "mine.md"
    prompt.write_text((PROMPTS / "executor.md").read_text().replace(*change, 1))
    cli.piped("services\n")
    thread = str(cli("threads", "--json").rows[0]["thread"])
    ran = cli("replay", thread, "--prompt", str(prompt))
    assert (ran.code, ran.out) == (2, "")
    assert told_of in ran.fault
    assert cli("replay", thread, "--prompt", "nowhere.md").code == 2


async def test_live_asks_again_and_tells_what_is_decided_now(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step against the one of then; other words are no other decision; the cost is told."""
    async with told(cli, *SCRIPT, monkeypatch=monkeypatch) as (thread, server):
        server.then(*SCRIPT)
        same = await run(cli, "replay", thread, "--live")
        server.then(step({**route("executor"), "reason": "other words"}), step(ask("Which?")))
        other = await run(cli, "replay", thread, "--live", "--json")
        bodies = [received.body for received in server.requests]
        rows = (await run(cli, "thread", "show", thread, "--json")).rows
        kinds = [row["kind"] for row in rows]
        noted = (await run(cli, "audit", "--json")).rows
    assert [row["kind"] for row in noted if row["thread"] == ""] == ["replay --live"] * 2
    assert bodies[:2] == bodies[2:4] == bodies[4:]
    assert same.code == 0
    assert [line.rpartition(": ")[2] for line in same.out.splitlines()[-3:-1]] == ["the same"] * 2
    assert same.out.splitlines()[-1] == "asked again: 2 of 2 steps, $0.0001"
    assert other.code == 1
    steps = other.rows[0]["steps"]
    live = [step["live"] for step in json.loads(json.dumps(steps))]
    assert [(one["same"], one["told"]) for one in live] == [
        (True, "the same in other words"),
        (
            False,
            'decided call restart {"service":"api","env":"staging"},'
            ' now ask {"question":"Which?","options":[]}',
        ),
    ]
    assert kinds.count("tool_requested") == 1


async def test_live_is_booked_and_a_cap_ends_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """What asking again costs counts against the thread's cap; a cap that is hit is told."""
    async with told(cli, *SCRIPT, monkeypatch=monkeypatch) as (thread, server):
        cli.configure(f"{CONFIG}\n[limits]\nthread_usd = 0.0001\n")
        ran = await run(cli, "replay", thread, "--live")
        assert len(server.requests) == 2
    assert ran.code == 1
    assert "the next call could pass a spend cap" in ran.out
    assert ran.out.splitlines()[-1].startswith("asked again: ")


async def test_live_needs_a_key(cli: Cli) -> None:
    """2, and what to set."""
    async with told(cli, *SCRIPT) as (thread, server):
        ran = await run(cli, "replay", thread, "--live")
        assert len(server.requests) == 2
    assert (ran.code, ran.out) == (2, "")
    assert ran.fault == "replay --live asks the model again: set ANTHROPIC_API_KEY"


async def test_live_tells_when_the_model_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """1: nothing can be said about what it would decide."""
    async with told(cli, *SCRIPT, monkeypatch=monkeypatch) as (thread, server):
        server.then(error(500, "api_error", "ouch"), step(done()))
        ran = await run(cli, "replay", thread, "--live")
    assert ran.code == 1
    assert "now transient: 500 api_error: ouch" in ran.out
    assert "now done " in ran.out
