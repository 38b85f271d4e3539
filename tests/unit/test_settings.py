"""Settings that are right: where they come from, and what they default to."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from platformdirs import user_data_dir

from agents.port import Risk
from bot.settings import EXAMPLE, SettingsError, load
from bot.spend import Limits
from bot.tables import Approve, Email, Models, Policy, Rota, Tables
from prompts import library

FULL = """
[bot]
name = "night"
timezone = "Europe/Berlin"
lease = "5s"
[console]
impersonate = true
[log]
format = "human"
texts = true
[access]
unknown = "chat"
[people.alice]
slack = "T01/U02"
discord = "123456789012345678"
email = "alice@example.com"
console = "alice"
roles = ["operator", "lead"]
[people.bob]
console = "bob"
roles = ["operator"]
[services.api]
environments = ["staging", "prod"]
aliases = ["backend"]
[runbooks.restart]
summary = "Restart a service"
argv = ["/opt/restart", "--service={service}", "--env={env}", "--why={why}", "{size}"]
params = { service = "service", env = "environment", why = "text", size = ["small", "large"] }
risk = "write"
approve = { by = "operator", quorum = 2, self = true, expire = "1h" }
timeout = "90s"
[runbooks.disk]
summary = "Look"
argv = ["/bin/df"]
risk = "read"
[models]
classifier = "claude-x"
executor = "proxy/claude-y:1"
[limits]
thread_usd = 0.10
person_day_usd = "none"
day_usd = 7
approve = { by = "lead", expire = "5m" }
"""


def write(folder: Path, text: str) -> Path:
    """The configuration where it is looked for by default."""
    path = folder / "watchkeeper.toml"
    path.write_text(text)
    return path


def test_everything_that_is_built_can_be_set(tmp_path: Path) -> None:
    """Every key of every built table is read, with its own type."""
    path = write(tmp_path, FULL)
    settings = load({}, tmp_path, "root")
    assert settings.config_path == path
    assert (settings.bot.name, settings.bot.lease) == ("night", timedelta(seconds=5))
    assert (settings.log.format, settings.log.texts) == ("human", True)
    assert str(settings.zone) == "Europe/Berlin"
    assert settings.console.impersonate
    assert settings.access.unknown == "chat"
    assert settings.people["alice"].slack == "T01/U02"
    assert settings.people["alice"].roles == ("operator", "lead")
    assert settings.services["api"].aliases == ("backend",)
    restart = settings.runbooks["restart"]
    assert restart.risk is Risk.WRITE
    assert restart.params["size"] == ("small", "large")
    assert restart.approve is not None
    assert (restart.approve.by, restart.approve.quorum, restart.approve.self_) == (
        "operator",
        2,
        True,
    )
    assert restart.approve.expire == timedelta(hours=1)
    assert settings.models == {"classifier": "claude-x", "executor": "proxy/claude-y:1"}
    assert settings.limits_approve is not None
    assert (settings.limits_approve.by, settings.limits_approve.expire) == (
        "lead",
        timedelta(minutes=5),
    )


def test_money_is_exact(tmp_path: Path) -> None:
    """A cap is what was written, to the last digit, or none at all."""
    write(tmp_path, FULL)
    limits = load({}, tmp_path, "root").limits
    assert limits == Limits(thread_usd=Decimal("0.10"), person_day_usd=None, day_usd=Decimal(7))
    assert str(limits.thread_usd) == "0.1"


def test_every_agent_can_have_its_model(tmp_path: Path) -> None:
    """What `[models]` may name is what the prompts ask for."""
    assert {library.load(name).model.key for name in library.names()} == set(Models.model_fields)


def test_an_empty_file_is_enough(tmp_path: Path) -> None:
    """Every table is optional and has the documented defaults."""
    write(tmp_path, "")
    settings = load({}, tmp_path, "root")
    assert settings.bot.name == "watchkeeper"
    assert settings.zone is UTC
    assert settings.bot.lease == timedelta(seconds=30)
    assert settings.access.unknown == "notice"
    assert not settings.console.impersonate
    assert settings.embedded
    assert settings.data_dir == Path(user_data_dir("watchkeeper"))
    assert settings.models == {}
    assert settings.limits == Limits(
        thread_usd=Decimal("0.50"), person_day_usd=Decimal(5), day_usd=Decimal(20)
    )
    assert settings.limits_approve is None


def test_without_a_file_the_packaged_example_serves(tmp_path: Path) -> None:
    """The first run needs no configuration: "@me" is whoever runs it, and may approve."""
    settings = load({}, tmp_path, "carol")
    assert settings.config_path == EXAMPLE
    assert settings.people_by_console("carol") == "me"
    assert settings.people_by_console("@me") is None
    approve = settings.runbooks["restart"].approve
    assert approve is not None
    assert approve.self_
    assert approve.by in settings.people["me"].roles
    assert "admin" in settings.people["me"].roles


def test_the_programs_of_the_example_are_on_every_machine() -> None:
    """What the example runs exists wherever it is tried first."""
    settings = load({}, Path("/nowhere"), "carol")
    for book in settings.runbooks.values():
        assert Path(book.argv[0]).exists()


def test_the_example_says_what_a_program_does_not_find() -> None:
    """Nobody has to find out by a failing runbook that there is no PATH and no HOME."""
    (told,) = re.findall(r"^# --- runbooks -+\n((?:# .*\n)+)", EXAMPLE.read_text(), re.MULTILINE)
    assert "starts in / with an empty environment" in told
    assert "no PATH" in told


def test_the_example_shows_how_models_are_set(tmp_path: Path) -> None:
    """What stands there as a comment is right as it is, and says what the defaults are."""
    (text,) = re.findall(r"^# \[models\]\n.*", EXAMPLE.read_text(), re.MULTILINE | re.DOTALL)
    write(tmp_path, '[people.ann]\nroles = ["operator"]\n' + re.sub("(?m)^# ?", "", text))
    settings = load({}, tmp_path, "root")
    prompts = [library.load(name).model for name in library.names()]
    assert settings.models == {one.key: one.default for one in prompts}
    assert settings.limits == Limits(
        thread_usd=Decimal("0.50"), person_day_usd=Decimal(5), day_usd=Decimal(20)
    )
    assert settings.limits_approve is not None


def keys(table: Mapping[str, object], place: str = "") -> Iterator[str]:
    """Every key of a parsed file, with the names that people choose left open."""
    for key, value in table.items():
        here = f"{place}.{key}" if place else key
        yield here
        if isinstance(value, list):
            for one in value:
                yield from keys(one, here) if isinstance(one, dict) else ()
        if isinstance(value, dict):
            free = here in {"people", "rotas", "services", "runbooks"}
            for one in value.values() if free else [value]:
                yield from keys(one, f"{here}.*" if free else here)


def test_the_full_configuration_is_right_and_full() -> None:
    """The deployed file loads, and shows every key that there is."""
    deployed = Path(__file__).parents[2] / "deploy" / "watchkeeper.toml"
    settings = load({"WATCHKEEPER_CONFIG": str(deployed)}, Path("/nowhere"), "root")
    assert settings.limits_approve is not None
    shown = set(keys(tomllib.loads(deployed.read_text())))
    assert set(Tables.model_fields) <= shown
    assert {f"models.{name}" for name in Models.model_fields} <= shown
    approve = [field.alias or name for name, field in Approve.model_fields.items()]
    for table in ("runbooks.*.approve", "limits.approve", "policy.approve"):
        assert {f"{table}.{key}" for key in approve} <= shown
    assert {f"rotas.*.{name}" for name in Rota.model_fields} <= shown
    assert {f"policy.{name}" for name in Policy.model_fields} <= shown
    assert {f"email.{name}" for name in Email.model_fields} <= shown


def test_time_zones_come_with_the_bot() -> None:
    """A machine without a database of time zones still knows every one of them."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    dependencies = tomllib.loads(project.read_text())["project"]["dependencies"]
    assert any(line.startswith("tzdata") for line in dependencies)


def test_the_environment_names_the_file_and_the_data_directory(tmp_path: Path) -> None:
    """WATCHKEEPER_CONFIG and WATCHKEEPER_DATA_DIR count from the working directory."""
    (tmp_path / "other.toml").write_text('[bot]\nname = "other"\n')
    env = {"WATCHKEEPER_CONFIG": "other.toml", "WATCHKEEPER_DATA_DIR": "data"}
    settings = load(env, tmp_path, "root")
    assert settings.bot.name == "other"
    assert settings.data_dir == tmp_path / "data"


def test_dotenv_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    """A `.env` in the working directory sets what the environment does not."""
    (tmp_path / ".env").write_text("WATCHKEEPER_CONFIG=a.toml\nWATCHKEEPER_DATA_DIR=/in/file\n")
    (tmp_path / "b.toml").write_text('[bot]\nname = "b"\n')
    settings = load({"WATCHKEEPER_CONFIG": "b.toml"}, tmp_path, "root")
    assert settings.bot.name == "b"
    assert settings.data_dir == Path("/in/file")


def test_a_missing_named_file_is_an_error(tmp_path: Path) -> None:
    """Only the default may be absent: a named file that is not there is a mistake."""
    with pytest.raises(SettingsError, match=r"gone\.toml: there is no such file"):
        load({"WATCHKEEPER_CONFIG": "gone.toml"}, tmp_path, "root")


def test_drain_outlasts_the_longest_runbook(tmp_path: Path) -> None:
    """By default a stop waits longer than any runbook may take; a given time is taken as it is."""
    write(tmp_path, FULL)
    assert load({}, tmp_path, "root").drain > timedelta(seconds=90)
    write(tmp_path, '[bot]\ndrain = "2s"\n')
    assert load({}, tmp_path, "root").drain == timedelta(seconds=2)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Some editors begin a file with a mark that is no text."""
    (tmp_path / "watchkeeper.toml").write_bytes(b'\xef\xbb\xbf[bot]\nname = "x"\n')
    assert load({}, tmp_path, "root").bot.name == "x"


def test_settings_are_frozen(tmp_path: Path) -> None:
    """Nobody changes settings behind the back of others."""
    settings = load({}, tmp_path, "root")
    with pytest.raises(AttributeError):
        settings.data_dir = tmp_path  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.bot.name = "x"
