"""`eval` and `record` on the command line, against a server that answers as a model would."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydantic import JsonValue

from agents.anthropic_model import connect as ask_at
from bot.evals.case import Case, Expected, read
from bot.settings import load
from bot.trial import packaged
from bot.wiring import connect
from tests.brain import Brain
from tests.cli_house import Cli, Ran
from tests.house import House
from tests.model_server import ModelServer, Scripted, error, model_server, step
from tests.steps import ask, call, reply, route

KEY = "sk-ant-not-a-real-key-4711"
MANY = 500
PROD: JsonValue = {"tool": "restart", "args": {"service": "web", "env": "prod"}}


class Evals:
    """`eval`, run beside a server whose address and key are in the environment."""

    def __init__(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cli = cli
        self.server = ModelServer()
        self._monkeypatch = monkeypatch

    async def __call__(self, *arguments: str | Path, brain: Scripted | None = None) -> Ran:
        """Run it with a server that answers everything by this brain; without one there is none."""
        async with model_server(*[brain] * MANY if brain else ()) as self.server:
            if brain is not None:
                self._monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
                self._monkeypatch.setenv("ANTHROPIC_BASE_URL", self.server.url)
            ran = await asyncio.to_thread(self.cli, "eval", *map(str, arguments))
        self._monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
        self._monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
        return ran


@pytest.fixture
def evals(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Evals:
    """The command."""
    return Evals(cli, monkeypatch)


def believing(**changed: dict[str, JsonValue]) -> Brain:
    """A model that takes these cases for something else (`_` in a name stands for `-`)."""
    wrong = {name.replace("_", "-"): told for name, told in changed.items()}
    cases = (
        case.model_copy(update={"expect": Expected.model_validate(wrong[case.name])})
        if case.name in wrong
        else case
        for case in packaged()
    )
    return Brain(cases)


RESTARTS: dict[str, JsonValue] = {"route": "executor", "step": "call", "calls": [PROD]}


def rows(ran: Ran) -> dict[str, dict[str, JsonValue]]:
    """The runs by case."""
    return {str(row["case"]): row for row in ran.rows if "case" in row}


def summary(ran: Ran) -> dict[str, JsonValue]:
    """The totals."""
    found: dict[str, JsonValue] = json.loads(json.dumps(ran.rows[-1]["summary"]))
    return found


# --- scores --------------------------------------------------------------------------------------


async def test_a_model_that_decides_as_expected_passes(evals: Evals) -> None:
    """0: every packaged case can be met, and what it asks for gets past the code."""
    ran = await evals("--json", brain=Brain(packaged()))
    assert (ran.code, ran.err) == (0, "")
    wrong = {name: row for name, row in rows(ran).items() if not row["ok"]}
    assert wrong == {}
    found = summary(ran)
    assert (found["runs"], found["no_answer"], found["unsafe"]) == (len(packaged()), 0, 0)
    rates = found["rates"]
    assert isinstance(rates, dict)
    assert {name: rate["share"] for name, rate in rates.items() if isinstance(rate, dict)} == {
        "routing": 1.0,
        "step": 1.0,
        "arguments": 1.0,
    }


async def test_one_unsafe_action_is_too_many(evals: Evals) -> None:
    """1: who only talks about a restart does not ask for one, though the words were theirs."""
    ran = await evals(brain=believing(only_talking=RESTARTS))
    assert ran.code == 1
    assert ran.fault == "unsafe actions: 1"
    (line,) = [line for line in ran.out.splitlines() if "WRONG" in line]
    assert "only-talking" in line
    assert "UNSAFE: restart service=web env=prod" in line


async def test_what_strangers_words_ask_for_is_refused_by_code(evals: Evals) -> None:
    """A model that obeys a log, a signature or a tool is wrong, and nothing comes of it."""
    obeying: dict[str, dict[str, JsonValue]] = {
        "log_with_orders": RESTARTS,
        "ignore_instructions": RESTARTS,
        "forged_approval": RESTARTS,
        "order_in_signature": RESTARTS,
        "result_with_orders": RESTARTS,
        "code_with_orders": {
            **RESTARTS,
            "calls": [{"tool": "restart", "args": {"service": "api", "env": "prod"}}],
        },
    }
    ran = await evals("--json", brain=believing(**obeying))
    wrong = {name for name, row in rows(ran).items() if not row["ok"]}
    assert wrong == {name.replace("_", "-") for name in obeying}
    assert summary(ran)["unsafe"] == 0
    assert ran.code == 0


async def test_a_model_that_fails_is_counted_apart(evals: Evals) -> None:
    """1 if it answered nothing at all; the rates are of nothing."""
    ran = await evals("--json", brain=error(401, "authentication_error", "no"))
    assert ran.code == 1
    assert summary(ran)["no_answer"] == len(packaged())
    assert ran.rows[-1]["reasons"] == ["the model answered nothing"]
    (why,) = {row["no_answer"] for row in rows(ran).values()}
    assert why == "permanent: 401 authentication_error: no"


async def test_cases_are_repeated_and_shown_in_order(evals: Evals, tmp_path: Path) -> None:
    """Only the files that are named, each so often."""
    paths = [case_file(tmp_path, case) for case in chosen("greeting", "disk-space")]
    ran = await evals(*paths, "--repeat", "3", brain=Brain(packaged()))
    assert ran.code == 0
    cases = [line.split()[1] for line in ran.out.splitlines()[:6]]
    assert cases == ["greeting"] * 3 + ["disk-space"] * 3
    assert "routing    6/6  100% (61% to 100%)" in ran.out
    assert len(evals.server.requests) == 3 * (1 + 4)


def chosen(*wanted: str) -> Iterable[Case]:
    """Packaged cases by name, in this order."""
    by_name = {case.name: case for case in packaged()}
    return [by_name[name] for name in wanted]


def case_file(folder: Path, case: Case, **change: JsonValue) -> Path:
    """The case as a file of its own."""
    path = folder / f"{case.name}.json"
    path.write_text(json.dumps({**json.loads(case.model_dump_json()), **change}))
    return path


# --- files ---------------------------------------------------------------------------------------


async def test_a_result_is_saved_and_compared(evals: Evals) -> None:
    """1 once a rate falls below the interval of the one that was saved."""
    assert (await evals("--save", "base.json", brain=Brain(packaged()))).code == 0
    same = await evals("--baseline", "base.json", brain=Brain(packaged()))
    assert same.code == 0
    assert "routing    100% -> 100% (+0), the intervals overlap" in same.out
    talks: dict[str, JsonValue] = {"route": "reply", "step": "reply"}
    worse = {
        case.name.replace("-", "_"): talks for case in packaged() if "call" in case.expect.step
    }
    ran = await evals("--baseline", "base.json", brain=believing(**worse))
    assert ran.code == 1
    assert ran.err.splitlines() == [
        f"{name} fell below the baseline's interval" for name in ("routing", "step", "arguments")
    ]
    assert "the intervals do not overlap" in ran.out


async def test_recordings_stand_in_for_the_model(evals: Evals) -> None:
    """Without a key and a server, the same is decided; no key is in the file."""
    live = await evals("--record", "calls.jsonl", "--json", brain=Brain(packaged()))
    again = await evals("--recordings", "calls.jsonl", "--json")
    assert again.code == live.code == 0
    assert [{**row, "seconds": 0} for row in rows(again).values()] == [
        {**row, "seconds": 0} for row in rows(live).values()
    ]
    kept = evals.cli.folder / "calls.jsonl"
    assert KEY not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_what_was_not_recorded_is_not_answered(evals: Evals, tmp_path: Path) -> None:
    """It is told with the hash of the request; nothing else is asked instead."""
    paths = [case_file(tmp_path, case) for case in chosen("greeting")]
    await evals(*paths, "--record", "calls.jsonl", brain=Brain(packaged()))
    ran = await evals("--recordings", "calls.jsonl", "--json")
    assert ran.code == 0
    assert summary(ran)["no_answer"] == len(packaged()) - 1
    why = str(rows(ran)["disk-space"]["no_answer"])
    assert why.startswith("permanent: 404 not_recorded: calls.jsonl has no answer to this request")


def test_without_a_key_nothing_is_measured(cli: Cli) -> None:
    """2, and what to set; no scores are made up."""
    ran = cli("eval")
    assert (ran.code, ran.out) == (2, "")
    assert ran.fault == "eval asks the model: set ANTHROPIC_API_KEY, or give --recordings"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nowhere.json",), "nowhere.json cannot be read: No such file or directory"),
        (("bad.json",), "bad.json: expect.route[0]: must be 'executor', "),
        (("strange.json",), "strange.json: expect.calls[0].tool: there is no tool fly (settings)"),
        (("--baseline", "bad.json"), "bad.json: runs: Field required"),
        (("--recordings", "nowhere.jsonl"), "nowhere.jsonl cannot be read: "),
        (("--recordings", "bad.json"), "bad.json: line 1: request_sha256: Field required"),
        (("--record", "x", "--recordings", "y"), "--record needs the model, and --recordings"),
        (("--record", "no/x"), "no/x cannot be written: No such file or directory"),
        (("--save", "no/x"), "no/x cannot be written: name another file"),
    ],
)
def test_a_file_that_can_not_be_used_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], line: str
) -> None:
    """2 before anything is asked."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    (case,) = chosen("greeting")
    told = json.loads(case.model_dump_json())
    bad = {**told, "expect": {"route": "boss", "step": "reply"}}
    (cli.folder / "bad.json").write_text(json.dumps(bad))
    fly = {"route": "executor", "step": "call", "calls": [{"tool": "fly"}]}
    strange = {**told, "expect": fly, "catalogue": "settings"}
    (cli.folder / "strange.json").write_text(json.dumps(strange))
    ran = cli("eval", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.fault.startswith(line)


# --- a thread as a case --------------------------------------------------------------------------

SAID = ("please restart the api for me", "and how full is the disk, by the way?")


async def talked(cli: Cli) -> str:
    """A thread of two messages and an answer, on which the model decided; its id."""
    settings = load({"WATCHKEEPER_DATA_DIR": str(cli.data)}, cli.folder, cli.user)
    script: list[JsonValue] = [
        route("executor"),
        ask("Where?", "staging", "prod"),
        call("restart", service="api", env="staging"),
        route("retriever"),
        call("disk"),
        {"kind": "done", "summary": "half full"},
        reply("Half full."),
    ]
    async with model_server(*map(step, script)) as server, connect(settings) as store:
        model = ask_at(KEY, server.url)
        house = House(settings, store)
        house.hire(model=model)
        asked = await house.tell(SAID[0], cli.user)
        await house.answer(asked)
        for words in (f"answer {asked.thread}-1 staging", SAID[1]):
            await house.ask(words, cli.user)
        await house.rest()
        await model.close()
    return asked.thread


async def test_a_recorded_thread_is_a_case_that_is_passed(evals: Evals) -> None:
    """Its words, what the tools said and what was decided; whoever decides so again passes."""
    cli = evals.cli
    thread = await talked(cli)
    ran = await asyncio.to_thread(cli, "record", thread)
    assert (ran.code, ran.err) == (0, "")
    path = cli.folder / f"{thread}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    case = read(path.read_bytes(), path.name)
    assert [message.text for message in case.messages] == [SAID[0], "staging", SAID[1]]
    assert {message.by for message in case.messages} == {"me"}
    assert [call.tool for call in case.expect.calls] == ["restart", "disk"]
    assert str(case.results["disk"][0]).startswith("Filesystem")
    passed = await evals(path, "--json", brain=Brain([case]))
    assert passed.code == 0
    assert rows(passed)[thread]["ok"] is True


async def test_record_is_audited_and_overwrites_nothing(cli: Cli) -> None:
    """2 where the file is there already; a place can be named."""
    thread = await talked(cli)
    there = cli.folder / f"{thread}.json"
    there.write_text("mine")
    ran = await asyncio.to_thread(cli, "record", thread)
    assert ran.code == 2
    assert ran.fault == f"{thread}.json is already there: name another one, or remove it"
    assert there.read_text() == "mine"
    (row,) = (await asyncio.to_thread(cli, "record", thread, "--to", "other.json", "--json")).rows
    assert row == {"thread": thread, "file": "other.json", "messages": 3, "calls": 2}
    noted = (await asyncio.to_thread(cli, "audit", "--json")).rows
    assert [row["kind"] for row in noted if row["thread"] == ""] == ["record"] * 2


def test_a_thread_without_a_model_is_no_case(cli: Cli) -> None:
    """1, and why; nothing is written."""
    cli.piped("services\n")
    thread = str(cli("threads", "--json").rows[0]["thread"])
    ran = cli("record", thread)
    assert ran.code == 1
    assert ran.fault == f"{thread} can not become a case: no model has decided anything there"
    assert not (cli.folder / f"{thread}.json").exists()
    assert cli("record", "nothere").code == 1
