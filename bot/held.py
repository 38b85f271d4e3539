"""Secrets that the configuration names and does not hold: "env:TOKEN", "file:/run/token"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.faults import SettingsError

_NAMED = re.compile(r"(?:(?P<before>[!-~]+) )?(?P<source>env|file):(?P<name>\S+)")

SHORTEST = 6
"""Characters: shorter ones are too likely to be ordinary words to be redacted."""


@dataclass(frozen=True, slots=True)
class Held:
    """A value with a secret at its end: `before` it stands in the open ("Bearer"), or is ""."""

    before: str
    reference: str
    secret: SecretStr

    @property
    def whole(self) -> str:
        """The value as it is used: not to be shown."""
        return f"{self.before} {self.secret.get_secret_value()}".strip()


def held(value: str, env: Mapping[str, str], cwd: Path) -> Held | None:
    """What the value names, None if it is only itself.

    Raises `SettingsError` that says what is missing.
    """
    named = _NAMED.fullmatch(value)
    if named is None:
        return None
    reference = f"{named['source']}:{named['name']}"
    secret = _read(named["source"], named["name"], env, cwd).strip()
    if not secret:
        missing = "is not set" if named["source"] == "env" else "is empty"
        raise SettingsError(f"{named['name']} {missing} ({reference})")
    if not (secret.isascii() and secret.isprintable()):
        raise SettingsError(f"{reference} has to be one line of printable characters")
    if len(secret) < SHORTEST:
        raise SettingsError(f"{reference} has to have {SHORTEST} characters or more to be hidden")
    return Held(named["before"] or "", reference, SecretStr(secret))


def _read(source: str, name: str, env: Mapping[str, str], cwd: Path) -> str:
    if source == "env":
        return env.get(name, "")
    try:
        return (cwd / Path(name).expanduser()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "not UTF-8"
        raise SettingsError(f"file:{name} cannot be read ({why})") from None
