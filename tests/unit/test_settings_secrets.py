"""Secrets: from the environment or `.env` only, never shown, known to those who redact."""

from pathlib import Path

import pytest

from agents.anthropic_model import connect
from bot.secrets_env import Secrets
from bot.settings import Settings, SettingsError, load, secret_values

URL = "rediss://bot:s3cr%65t@store.example.com:6380/2"


def settings(folder: Path, env: dict[str, str]) -> Settings:
    """Settings with an empty file and this environment."""
    (folder / "watchkeeper.toml").write_text("")
    return load(env, folder, "root")


def test_every_documented_name_is_read(tmp_path: Path) -> None:
    """All secrets that the design names are taken from the environment."""
    env = {name.upper(): f"redis://{name}" for name in Secrets.model_fields}
    env["ANTHROPIC_BASE_URL"] = env["EMAIL_OAUTH_TOKEN_URL"] = "https://api.example.com"
    env |= {"IMAP_URL": "imaps://h", "SMTP_URL": "smtps://h", "EMAIL_ADDRESS": "bot@h"}
    secrets = settings(tmp_path, env).secrets
    assert all(getattr(secrets, name) is not None for name in Secrets.model_fields)


def test_an_empty_value_is_not_set(tmp_path: Path) -> None:
    """`REDIS_URL=` means the embedded store, and hides what `.env` says."""
    (tmp_path / ".env").write_text("REDIS_URL=redis://elsewhere\n")
    assert not settings(tmp_path, {}).embedded
    assert settings(tmp_path, {"REDIS_URL": ""}).embedded


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    """Neither settings nor secrets tell them when printed."""
    held = settings(tmp_path, {"REDIS_URL": URL, "DISCORD_BOT_TOKEN": "xoxb-1"})
    assert "s3cr" not in repr(held)
    assert "xoxb" not in repr(held)
    assert "s3cr" not in str(held.secrets)


def test_passwords_inside_of_urls_are_secret_values(tmp_path: Path) -> None:
    """Redaction knows the whole URL, and its password as written and as meant."""
    env = {
        "REDIS_URL": URL,
        "ANTHROPIC_API_KEY": "sk-1",
        "IMAP_URL": "imaps://me:p@ss@mail.example.com",
        "SMTP_URL": "smtps://mail.example.com",
        "SLACK_API_URL": "http://127.0.0.1:9000/api/",
        "EMAIL_ADDRESS": "bot@example.com",
        "WATCHKEEPER_SECRET": "open sesame, open",
    }
    values = secret_values(settings(tmp_path, env))
    assert {URL, "s3cr%65t", "s3cret", "sk-1", "p@ss", "open sesame, open"} <= set(values)
    assert "http://127.0.0.1:9000/api/" not in values
    assert "bot@example.com" not in values
    assert list(values) == sorted(values, key=len, reverse=True)


def test_a_password_in_the_query_is_a_secret_value(tmp_path: Path) -> None:
    """A URL of a socket carries its password behind the question mark."""
    env = {"REDIS_URL": "unix:///run/redis.sock?db=1&password=hidden"}
    assert "hidden" in secret_values(settings(tmp_path, env))


@pytest.mark.parametrize("url", ["http://h:1", "localhost:6379", "redis:/h", "s3cret"])
def test_a_wrong_store_url_is_one_line_without_the_url(tmp_path: Path, url: str) -> None:
    """The line names REDIS_URL and its forms; the value may hold a password."""
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, {"REDIS_URL": url})
    assert str(caught.value) == "REDIS_URL must begin with redis://, rediss:// or unix://"


@pytest.mark.parametrize("url", ["redis://h", "rediss://u:p@h:1/0", "unix:///run/x.sock"])
def test_every_form_of_a_store_url_is_taken(tmp_path: Path, url: str) -> None:
    """A store may be reached in three ways."""
    assert not settings(tmp_path, {"REDIS_URL": url}).embedded


@pytest.mark.parametrize("key", ["sk 1", "sk\u00e9", "sk\x7f1", "sk\n1"])
def test_a_key_that_can_not_be_one_is_told_at_once(tmp_path: Path, key: str) -> None:
    """Nobody waits for the first question to learn of a broken key, which is not repeated."""
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, {"ANTHROPIC_API_KEY": key})
    told = "ANTHROPIC_API_KEY has to be printable characters without a space"
    assert str(caught.value) == told


URLS = [
    "api.example.com",
    "ftp://api.example.com",
    "https://",
    "https:///v1",
    "https://h:x",
    "https://h:0",
    "https://h:70000",
    "https://[::1",
    "https://a b",
    "https://b\u00fccher.example",
]


@pytest.mark.parametrize("url", URLS)
def test_an_address_that_can_not_be_one_is_told_at_once(tmp_path: Path, url: str) -> None:
    """The line names the variable and a right form, not the value: it may hold a password."""
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, {"ANTHROPIC_BASE_URL": url})
    assert str(caught.value) == "ANTHROPIC_BASE_URL has to be like https://api.example.com"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "https://u:p@h/anthropic", "HTTPS://[::1]"]
)
async def test_what_the_settings_take_the_model_takes(tmp_path: Path, url: str) -> None:
    """The check at the start is the one that connecting makes: it does not fail later."""
    secrets = settings(tmp_path, {"ANTHROPIC_API_KEY": "sk-1", "ANTHROPIC_BASE_URL": url}).secrets
    assert secrets.anthropic_api_key is not None
    assert secrets.anthropic_base_url is not None
    key, base = secrets.anthropic_api_key, secrets.anthropic_base_url
    await connect(key.get_secret_value(), base.get_secret_value()).close()


def test_a_broken_dotenv_is_told_by_line(tmp_path: Path) -> None:
    """A line of `.env` that sets nothing is a fault, not silence; its text is not repeated."""
    (tmp_path / ".env").write_text("A=1\nB='unclosed s3cret\n")
    with pytest.raises(SettingsError, match=r"\.env, line 2: write NAME=value$"):
        settings(tmp_path, {})


def test_a_dotenv_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are told as such."""
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        settings(tmp_path, {})


def test_other_secrets_ask_for_no_channel(tmp_path: Path) -> None:
    """A key of a model or the bot's own secret is no channel."""
    env = {"ANTHROPIC_API_KEY": "x", "WATCHKEEPER_SECRET": "open sesame, open"}
    assert settings(tmp_path, env).secrets.credentials() == ()


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN"),
    ],
)
def test_half_of_slack_is_refused(tmp_path: Path, env: dict[str, str], missing: str) -> None:
    """To speak takes one token, to hear another, or the secret of signed requests."""
    with pytest.raises(SettingsError, match=missing):
        settings(tmp_path, env)


def test_the_http_address_is_checked(tmp_path: Path) -> None:
    """Host and port; by default this machine alone can reach it."""
    assert settings(tmp_path, {}).http == ("127.0.0.1", 8722)
    assert settings(tmp_path, {"WATCHKEEPER_HTTP": "[::1]:80"}).http == ("::1", 80)
    with pytest.raises(SettingsError, match="WATCHKEEPER_HTTP"):
        settings(tmp_path, {"WATCHKEEPER_HTTP": "8722"})
