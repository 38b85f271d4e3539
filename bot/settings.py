"""Environment and watchkeeper.toml -> frozen settings, or one clear error that names the key."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from platformdirs import user_data_dir
from pydantic import ValidationError

from bot import secret_file
from bot.consistency import ME, clashes
from bot.faults import SettingsError, dotted, told, unbuilt
from bot.held import Held, held
from bot.net_tables import Tools
from bot.process_tables import Console, Log
from bot.secrets_env import Secrets, hidden_values, read_secrets, with_dotenv
from bot.spend import Limits
from bot.tables import (
    Access,
    Approve,
    Bot,
    Email,
    Person,
    Policy,
    Quiet,
    Rota,
    Runbook,
    Service,
    Tables,
)

__all__ = ["Settings", "SettingsError", "config_path", "load", "secret_values"]

DEFAULT_HTTP = "127.0.0.1:8722"
DEFAULT_CONFIG = "watchkeeper.toml"
EXAMPLE = Path(__file__).with_name("example.toml")
LEAST_DRAIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one process, checked.

    people: `console = "@me"` is already the OS user. models: the model's id of each agent that
    has one of its own. limits_approve: who may say yes to raising a cap, None for nobody. held:
    (tool, header) -> the secret that it is sent with. config_path: the file that was read.
    http_told: somebody named the address `http`.
    """

    bot: Bot
    console: Console
    access: Access
    quiet: Quiet | None
    people: Mapping[str, Person]
    rotas: Mapping[str, Rota]
    policy: tuple[Policy, ...]
    email: Email
    services: Mapping[str, Service]
    runbooks: Mapping[str, Runbook]
    models: Mapping[str, str]
    limits: Limits
    limits_approve: Approve | None
    turns_per_person_hour: int | None
    tools: Tools
    held: Mapping[tuple[str, str], Held]
    log: Log
    secrets: Secrets
    config_path: Path
    data_dir: Path
    http: tuple[str, int]
    http_told: bool

    @property
    def embedded(self) -> bool:
        """Whether the store is the bot's own Valkey in `data_dir`."""
        return self.secrets.redis_url is None

    @property
    def zone(self) -> tzinfo:
        """The time zone that people read."""
        return UTC if self.bot.timezone == "UTC" else ZoneInfo(self.bot.timezone)

    @property
    def drain(self) -> timedelta:
        """How long a stop waits for what runs: by default longer than the longest tool."""
        if self.bot.drain is not None:
            return self.bot.drain
        spans = [book.timeout for book in self.runbooks.values()]
        spans += [tool.timeout for tool in self.tools.http.values()]
        longest = max(spans, default=timedelta())
        return max(LEAST_DRAIN, longest + timedelta(seconds=10))

    def people_by_console(self, user: str) -> str | None:
        """The name of the person who is the OS user `user`."""
        return next((name for name, one in self.people.items() if one.console == user), None)


def load(env: Mapping[str, str], cwd: Path, user: str) -> Settings:
    """The settings for OS user `user` in directory `cwd`. Raises `SettingsError`."""
    full = with_dotenv(env, cwd / ".env")
    secrets = read_secrets(full)
    named = config_path(full, cwd)
    packaged = not full.get("WATCHKEEPER_CONFIG") and not named.exists()
    path = EXAMPLE if packaged else named
    label = "the packaged example.toml" if packaged else _label(path, cwd)
    tables = _tables(path, label)
    for clash in clashes(tables, secrets, user):
        missing = f"there is no {named.name}: run `watchkeeper init`, then mend"
        raise SettingsError(f"{missing if packaged else f'{label}:'} {clash}")
    return Settings(
        bot=tables.bot,
        console=tables.console,
        access=tables.access,
        quiet=tables.quiet,
        people={name: _known(person, user) for name, person in tables.people.items()},
        rotas=tables.rotas,
        policy=tables.policy,
        email=tables.email,
        services=tables.services,
        runbooks=tables.runbooks,
        models=tables.models.model_dump(exclude_none=True),
        limits=_caps(tables),
        limits_approve=tables.limits.approve,
        turns_per_person_hour=tables.limits.turns_per_person_hour,
        tools=tables.tools,
        held=_held(tables, label, full, cwd),
        log=tables.log,
        secrets=secrets,
        config_path=path,
        data_dir=data_dir(full, cwd),
        http=http_address(full),
        http_told=bool(full.get("WATCHKEEPER_HTTP")),
    )


def config_path(env: Mapping[str, str], cwd: Path) -> Path:
    """The configuration file that `env` names, there or not."""
    return cwd / Path(env.get("WATCHKEEPER_CONFIG") or DEFAULT_CONFIG).expanduser()


def data_dir(env: Mapping[str, str], cwd: Path) -> Path:
    """The folder of the embedded store, the history and the log, there or not."""
    named = env.get("WATCHKEEPER_DATA_DIR")
    return cwd / Path(named).expanduser() if named else Path(user_data_dir("watchkeeper"))


def http_address(env: Mapping[str, str]) -> tuple[str, int]:
    """Where the process listens for HTTP. Raises `SettingsError`."""
    told = env.get("WATCHKEEPER_HTTP") or DEFAULT_HTTP
    host, _, port = told.rpartition(":")
    if not host or not port.isdecimal() or int(port) >= 2**16:
        raise SettingsError(f"WATCHKEEPER_HTTP has to be like {DEFAULT_HTTP}")
    return host.strip("[]"), int(port)


def secret_values(settings: Settings) -> tuple[str, ...]:
    """Every text that must be redacted wherever it turns up, longest first."""
    made = secret_file.read(settings.data_dir) if settings.embedded else None
    hidden = {*hidden_values(settings.secrets), *([made] if made else [])}
    hidden |= {one.secret.get_secret_value() for one in settings.held.values()}
    return tuple(sorted(hidden, key=lambda one: (-len(one), one)))


def _known(person: Person, user: str) -> Person:
    return person.model_copy(update={"console": user}) if person.console == ME else person


def _held(
    tables: Tables, label: str, env: Mapping[str, str], cwd: Path
) -> Mapping[tuple[str, str], Held]:
    found: dict[tuple[str, str], Held] = {}
    for name, tool in tables.tools.http.items():
        for header, value in tool.headers.items():
            try:
                one = held(value, env, cwd)
            except SettingsError as fault:
                place = dotted(("tools", "http", name, "headers", header))
                raise SettingsError(f"{label}: {place}: {fault}") from None
            if one is not None:
                found[name, header] = one
    return found


def _caps(tables: Tables) -> Limits:
    told = tables.limits
    return Limits(
        thread_usd=told.thread_usd, person_day_usd=told.person_day_usd, day_usd=told.day_usd
    )


def _label(path: Path, cwd: Path) -> str:
    return str(path.relative_to(cwd) if path.is_relative_to(cwd) else path)


def _tables(path: Path, label: str) -> Tables:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
        if fault := unbuilt(raw):
            raise SettingsError(f"{label}: {fault}")
        return Tables.model_validate(raw)
    except FileNotFoundError:
        fault = "there is no such file, mend WATCHKEEPER_CONFIG or write it with `init`"
    except OSError as error:
        fault = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = f"line {line}: is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        fault = _syntax(str(error), text)
    except ValidationError as error:
        fault = told(error, Tables)
    raise SettingsError(f"{label}: {fault}")


def _syntax(message: str, text: str) -> str:
    """A syntax error with its line first, whichever way the parser says where it is."""
    what, _, where = message.partition(" (at ")
    found = re.search(r"line (\d+)", where)
    line = int(found[1]) if found else len(text.splitlines())
    return f"line {line}: {what[:1].lower()}{what[1:]}"
