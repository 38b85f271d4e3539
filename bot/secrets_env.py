"""Secrets from the environment or `.env`: read once, never shown, known to those who redact."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict, SecretStr

from bot import mail_env
from bot.faults import SettingsError

CHANNEL_CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "slack": ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
    "discord": ("DISCORD_BOT_TOKEN",),
    "email": ("EMAIL_ADDRESS", "IMAP_URL", "SMTP_URL"),
}
"""What in the environment asks for a channel."""

STORE_SCHEMES = ("redis", "rediss", "unix")
SHORTEST_SECRET = 16  # characters: who has the audit could try shorter ones


class Secrets(BaseModel):
    """What only the environment may hold. None where it is not set; never shown in a repr."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    redis_url: SecretStr | None = None
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: SecretStr | None = None
    discord_bot_token: SecretStr | None = None
    discord_api_url: SecretStr | None = None
    discord_gateway_url: SecretStr | None = None
    email_address: SecretStr | None = None
    imap_url: SecretStr | None = None
    smtp_url: SecretStr | None = None
    email_oauth_client_id: SecretStr | None = None
    email_oauth_client_secret: SecretStr | None = None
    email_oauth_refresh_token: SecretStr | None = None
    email_oauth_token_url: SecretStr | None = None
    watchkeeper_secret: SecretStr | None = None

    @property
    def mailbox(self) -> mail_env.Mailbox | None:
        """The bot's mailbox, None where there is none. Raises `SettingsError`."""
        names = (mail_env.ADDRESS, *mail_env.SERVERS, *mail_env.OAUTH)
        held: dict[str, SecretStr | None] = {name: getattr(self, name.lower()) for name in names}
        return mail_env.mailbox({name: one.get_secret_value() for name, one in held.items() if one})

    def credentials(self) -> tuple[tuple[str, str], ...]:
        """(channel, variable) of every credential of a channel that is set."""
        return tuple(
            (channel, name)
            for channel, names in CHANNEL_CREDENTIALS.items()
            for name in names
            if getattr(self, name.lower()) is not None
        )


_PUBLIC = frozenset({"email_address", "email_oauth_client_id"})
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f.]*:[0-9a-f:.]+\]"
_MODEL_URL = re.compile(
    rf"https?://(?:[!$-.0->A-~]*@)?(?:{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?:/[!-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_PASSWORDS = (re.compile(r"^[^/]*://[^:/?]*:(.*)@"), re.compile(r"[?&]password=([^&]*)"))


def read_secrets(env: Mapping[str, str]) -> Secrets:
    """The secrets in `env`; an empty value counts as not set. Raises `SettingsError`."""
    found = {name: env.get(name.upper(), "").strip() for name in Secrets.model_fields}
    secrets = Secrets(**{name: SecretStr(value) for name, value in found.items() if value})
    if secrets.redis_url is not None:
        _check_store_url(secrets.redis_url.get_secret_value())
    if secrets.anthropic_api_key is not None:
        _check_model_key(secrets.anthropic_api_key.get_secret_value())
    if secrets.anthropic_base_url is not None:
        _check_model_url(secrets.anthropic_base_url.get_secret_value())
    _check_slack(secrets)
    _ = secrets.mailbox
    own = secrets.watchkeeper_secret
    if own is not None and len(own.get_secret_value()) < SHORTEST_SECRET:
        raise SettingsError(
            f"WATCHKEEPER_SECRET has to have {SHORTEST_SECRET} characters or more: "
            "`openssl rand -hex 32` makes one"
        )
    return secrets


def with_dotenv(env: Mapping[str, str], path: Path) -> dict[str, str]:
    """`env` over what the file `path` sets, if there is one. Raises `SettingsError`."""
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return dict(env)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({_reason(error)})") from None
    for binding in bindings:
        if binding.error:
            raise SettingsError(f"{path}, line {binding.original.line}: write NAME=value")
    in_file = {b.key: b.value for b in bindings if b.key and b.value is not None}
    return {**in_file, **env}


def hidden_values(secrets: Secrets) -> tuple[str, ...]:
    """Every text that must not be shown: the secrets, and the passwords inside of URLs.

    Longest first, so that a secret which contains another one is redacted whole.
    """
    values = {text for name in Secrets.model_fields for text in _hidden(name, secrets)}
    return tuple(sorted(values, key=lambda value: (-len(value), value)))


def _hidden(name: str, secrets: Secrets) -> Iterator[str]:
    held: SecretStr | None = getattr(secrets, name)
    if held is None or name in _PUBLIC:
        return
    value = held.get_secret_value()
    if not name.endswith("_url"):
        yield value
        return
    passwords = [match[1] for pattern in _PASSWORDS for match in pattern.finditer(value)]
    yield from (part for found in passwords for part in (value, found, unquote(found)) if part)


def _check_store_url(url: str) -> None:
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in STORE_SCHEMES:
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://")


def _check_slack(secrets: Secrets) -> None:
    """Who talks to Slack needs a token to speak with, and a way to hear."""
    hears = secrets.slack_app_token or secrets.slack_signing_secret
    if hears and secrets.slack_bot_token is None:
        raise SettingsError("SLACK_BOT_TOKEN is not set, and nothing can be said without it")
    if secrets.slack_bot_token is not None and not hears:
        raise SettingsError(
            "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) too"
        )


def _check_model_key(key: str) -> None:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError("ANTHROPIC_API_KEY has to be printable characters without a space")


def _check_model_url(url: str) -> None:
    form = _MODEL_URL.fullmatch(url)
    if form is None or not 0 < int(form["port"] or 443) < 2**16:
        raise SettingsError("ANTHROPIC_BASE_URL has to be like https://api.example.com")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return error.strerror or type(error).__name__
