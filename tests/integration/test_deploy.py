"""`deploy/`: what is promised of the image, the compose file and the unit, held by their files."""

import asyncio
import fnmatch
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.metrics import COUNTERS, Metrics, Now
from bot.store import embedded
from bot.store.redis import RedisStore, connect
from tests import servers
from tests.dockerfile import FETCHES, Script, Stage, stages
from tests.scraping import scraped

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|API_KEY|_URL", re.IGNORECASE)


@pytest.fixture(name="stages_", scope="module")
def _stages() -> tuple[Stage, Stage]:
    """What it is built in, and what runs."""
    built, runs = stages((DEPLOY / "Dockerfile").read_text())
    return built, runs


def tool(name: str) -> str:
    """A program of this environment or of the system; missing as a server may be."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else servers.program(name)


# --- the image -----------------------------------------------------------------------------------


def test_the_linter_has_nothing_to_say() -> None:
    """hadolint, with every rule but those that a comment beside the line takes out."""
    command = [tool("hadolint"), "--no-color", str(DEPLOY / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_image_is_built_in_one_stage_and_runs_in_another(stages_: tuple[Stage, Stage]) -> None:
    """What was fetched was checked against its hash; only what came of it is in the image."""
    built, runs = stages_
    (fetch,) = [step for step in built.all("RUN") if FETCHES in step]
    assert "-r requirements.lock" in fetch
    assert "--only-binary :all:" in fetch
    others = [step for step in built.all("RUN") if step != fetch and "install" in step]
    assert all("--no-index" in step for step in others)
    assert runs.all("COPY") == ["--from=build /opt/watchkeeper /opt/watchkeeper"]
    assert not any("pip" in step for step in runs.all("RUN"))


def test_the_image_runs_as_nobody_and_writes_in_one_place(stages_: tuple[Stage, Stage]) -> None:
    """A numeric user that is not root, a volume, a signal that is waited for."""
    runs = stages_[1]
    (user,) = runs.all("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert runs.all("VOLUME") == ["/data"]
    assert runs.all("STOPSIGNAL") == ["SIGTERM"]
    assert "WATCHKEEPER_DATA_DIR=/data" in runs.all("ENV")[0]
    assert f"-o {user.split(':')[0]} " in runs.all("RUN")[0]
    assert json.loads(runs.all("ENTRYPOINT")[0]) == ["watchkeeper"]


def test_no_secret_is_in_a_layer(stages_: tuple[Stage, Stage]) -> None:
    """None is set, none is asked for while it is built, and nothing else can be copied in."""
    for stage in stages_:
        told = [*stage.all("ENV"), *stage.all("ARG")]
        assert not any(SECRET.search(word) for line in told for word in line.split())
    lets = [
        line
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert lets[0] == "*"
    let_in = {line[1:] for line in lets if line.startswith("!")}
    copied = {name for line in stages_[0].all("COPY") for name in line.split()[:-1]}
    assert let_in == copied
    assert any(fnmatch.fnmatch("bot/.env", line) for line in lets[1:])


async def test_the_image_s_health_check(stages_: tuple[Stage, Stage], store: RedisStore) -> None:
    """Run as it stands: 0 while the process is alive, and not where nobody is or all is stuck."""
    (line,) = stages_[1].all("HEALTHCHECK")
    python, flag, code = json.loads(line.partition("CMD ")[2])
    assert (python, flag) == ("python", "-c")
    now = 0.0
    metrics = Metrics("1", clock=lambda: now)
    metrics.round(0)
    async with scraped(store, metrics) as scraper:
        asked = code.replace("127.0.0.1:8722", scraper.address)
        assert await _exit_code(asked) == 0
        now = 1000.0
        assert await _exit_code(asked) != 0
    assert await _exit_code(asked) != 0


async def _exit_code(code: str) -> int:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    return await child.wait()


def test_the_image_s_steps_make_a_bot(tmp_path: Path, stages_: tuple[Stage, Stage]) -> None:
    """As a script: a wheel is built, installed where the image has it, and answers from there."""
    script = Script(ROOT, tmp_path / "image")
    script.run(stages_[0])
    folder = tmp_path / "folder"
    folder.mkdir()
    env = {"WATCHKEEPER_DATA_DIR": str(folder / "data")}
    assert "watchkeeper" in script.start("watchkeeper", "--version", folder=folder).stdout
    looks = "import bot, prompts.library as p; print(bot.__file__, *p.names())"
    where = script.start("python", "-c", looks, folder=folder).stdout
    assert where.startswith(str(script.path("/opt/watchkeeper")))
    assert "classifier" in where
    checked = script.start("watchkeeper", "config", "check", folder=folder, env=env)
    assert checked.returncode == 0, checked.stderr
    talked = script.start("watchkeeper", "chat", folder=folder, given="services\n", env=env)
    assert talked.returncode == 0, talked.stderr
    assert talked.stdout.startswith("- ")


# --- compose -------------------------------------------------------------------------------------


@pytest.fixture(name="compose", scope="module")
def _compose() -> Any:
    """The file as YAML; its library is one of CI's."""
    yaml = pytest.importorskip("yaml")  # where nothing may be skipped, that fails the run
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@pytest.mark.parametrize("name", ["bot", "valkey"])
def test_each_container_can_do_little(compose: Any, name: str) -> None:
    """Read-only, without capabilities or ways to more, bounded, restarted, looked after."""
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["pids_limit"]
    assert service["mem_limit"]
    assert service["healthcheck"]["test"]
    assert service["volumes"]
    assert service["logging"]["options"]["max-size"]
    assert re.fullmatch(r"[\w/]+(:[\w.-]+)?", service["image"])


def test_the_store_keeps_everything(compose: Any) -> None:
    """Each write is on the disk before it is acknowledged, and nothing is thrown away."""
    command = compose["services"]["valkey"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--dir"] == "/data"
    assert "store:/data" in compose["services"]["valkey"]["volumes"]
    assert "store" in compose["volumes"]


async def test_a_server_takes_its_options(compose: Any, tmp_path: Path) -> None:
    """Started with them, there is nothing about it that puts a promise in doubt."""
    port = servers.free_port()
    told = {"/data": str(tmp_path)}
    options = [told.get(word, word) for word in compose["services"]["valkey"]["command"][1:]]
    server = await asyncio.create_subprocess_exec(
        *(embedded.binary(), *options, "--port", str(port), "--bind", "127.0.0.1"),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await servers.listening(port)
        store = await connect(f"redis://127.0.0.1:{port}", bot="test", secret="s" * 16)
        assert await store.checks() == ()
        await store.close()
    finally:
        server.terminate()
        await server.wait()


def test_only_the_bot_reaches_the_store(compose: Any) -> None:
    """No port of it is published, its network leads nowhere else; the bot's is on loopback only."""
    bot, valkey = compose["services"]["bot"], compose["services"]["valkey"]
    assert "ports" not in valkey
    assert valkey["networks"] == ["store"]
    assert compose["networks"]["store"]["internal"] is True
    assert bot["ports"] == ["127.0.0.1:8722:8722"]
    assert bot["environment"]["REDIS_URL"].startswith("redis://valkey:")
    assert bot["depends_on"] == {"valkey": {"condition": "service_healthy"}}


def test_secrets_come_from_outside(compose: Any) -> None:
    """From a file beside it that git never takes; without the audit's it does not start."""
    bot = compose["services"]["bot"]
    assert bot["env_file"] == ".env"
    assert bot["environment"]["WATCHKEEPER_SECRET"].startswith("${WATCHKEEPER_SECRET:?")
    assert set(bot["environment"]) == {"REDIS_URL", "WATCHKEEPER_SECRET"}
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_both_health_checks_of_the_bot_are_one(compose: Any, stages_: tuple[Stage, Stage]) -> None:
    """What compose asks is what the image asks."""
    (line,) = stages_[1].all("HEALTHCHECK")
    assert compose["services"]["bot"]["healthcheck"]["test"][1:] == json.loads(
        line.partition("CMD ")[2]
    )


def test_what_runs_is_finished_before_it_is_killed(compose: Any) -> None:
    """Both give it longer than the example configuration's `drain`."""
    told = (DEPLOY / "watchkeeper.toml").read_text()
    drain = re.search(r'^drain = "(\d+)s"', told, re.MULTILINE)
    assert drain is not None
    assert compose["services"]["bot"]["stop_grace_period"] == "2m"
    assert unit()["TimeoutStopSec"] == ["3min"]
    assert int(drain[1]) < 120


# --- systemd -------------------------------------------------------------------------------------


def unit() -> dict[str, list[str]]:
    """The settings of the unit, by name."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "watchkeeper.service").read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture(name="unit_file")
def _unit_file(tmp_path: Path) -> Path:
    """The unit with a program that exists."""
    path = tmp_path / "watchkeeper.service"
    text = (DEPLOY / "watchkeeper.service").read_text()
    program = shutil.which("true")
    assert program is not None
    path.write_text(text.replace("/opt/watchkeeper/bin/watchkeeper run", program))
    return path


@pytest.mark.parametrize("look", [("verify",), ("security", "--offline=true", "--threshold=15")])
def test_systemd_likes_the_unit(unit_file: Path, look: tuple[str, ...]) -> None:
    """It has no fault, and leaves less open than 1.5 of 10."""
    command = [servers.program("systemd-analyze"), *look, str(unit_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if look == ("verify",):
        assert done.stderr == ""


def test_the_unit_s_sandbox() -> None:
    """What is promised stands there."""
    told = unit()
    wanted = {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "StateDirectory": "watchkeeper",
        "StateDirectoryMode": "0700",
        "EnvironmentFile": "/etc/watchkeeper/env",
        "KillSignal": "SIGTERM",
        "KillMode": "mixed",
        "Restart": "on-failure",
        "RestartPreventExitStatus": "2",
    }
    assert {name: told[name][-1] for name in wanted} == wanted
    assert told["SystemCallFilter"][0] == "@system-service"
    assert not any(SECRET.search(line) for line in told["Environment"])


# --- the runbook ---------------------------------------------------------------------------------


def test_the_runbook_names_metrics_that_exist() -> None:
    """And leaves no counter out: whoever is woken by one finds it there."""
    text = (DEPLOY / "RUNBOOK.md").read_text()
    named = set(re.findall(r"watchkeeper_[a-z_]+", text))
    body, _ = Metrics("1").page(Now(at=datetime.now(UTC), backlog=None, up={}))
    served = set(re.findall(r"# TYPE (watchkeeper_[a-z_]+) ", body.decode()))
    read = {"oldest_unanswered_seconds", "queue_length", "dead_letters", "requests_open"}
    known = {*served, "watchkeeper_channel_up", *(f"watchkeeper_{name}" for name in read)}
    suffixed = {f"{name}{end}" for name in known for end in ("_bucket", "_count", "_sum")}
    assert named <= known | suffixed
    counters = {f"watchkeeper_{name}_total" for name, _, _ in COUNTERS.values()}
    assert counters <= named


def test_the_runbook_names_commands_that_exist() -> None:
    """Whoever copies a line from it gets no usage error."""
    from bot.cli.app import MODULES  # noqa: PLC0415

    text = (DEPLOY / "RUNBOOK.md").read_text()
    commands = set(re.findall(r"\bwk ([a-z]+)", text))
    assert commands
    assert commands <= set(MODULES)
