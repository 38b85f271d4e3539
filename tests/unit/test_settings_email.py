"""The mailbox in the environment: what is read, and the one line that says what to mend."""

import re
from pathlib import Path

import pytest

from bot.mail_env import MailServer
from bot.settings import EXAMPLE, Settings, SettingsError, load, secret_values
from channels.email.settings import Server

MAIL = {
    "EMAIL_ADDRESS": "bot@ops.example",
    "IMAP_URL": "imaps://bot:in@mail.ops.example",
    "SMTP_URL": "smtps://bot:out@mail.ops.example",
}
OAUTH = {
    "EMAIL_OAUTH_CLIENT_ID": "id",
    "EMAIL_OAUTH_CLIENT_SECRET": "client-hush",
    "EMAIL_OAUTH_REFRESH_TOKEN": "refresh-hush",
    "EMAIL_OAUTH_TOKEN_URL": "https://auth.example/token",
}


def settings(folder: Path, env: dict[str, str], text: str = "") -> Settings:
    """Settings with this environment."""
    (folder / "watchkeeper.toml").write_text(text)
    return load(env, folder, "root")


def refused(folder: Path, env: dict[str, str], text: str = "") -> str:
    """The line that says what to mend."""
    with pytest.raises(SettingsError) as caught:
        settings(folder, env, text)
    return str(caught.value)


def test_the_mailbox_is_read_from_the_environment(tmp_path: Path) -> None:
    """Each server with its port, its way to be secured and who logs in; decoded."""
    env = MAIL | {
        "IMAP_URL": "imaps://bot%40ops.example:a%2Fb%23c%3F@mail.ops.example:1993",
        "SMTP_URL": "smtp+starttls://bot:out@relay.ops.example",
    }
    box = settings(tmp_path, env).secrets.mailbox
    assert box is not None
    assert box.address == "bot@ops.example"
    assert box.imap == MailServer(
        host="mail.ops.example", port=1993, user="bot@ops.example", password="a/b#c?"
    )
    assert box.smtp == MailServer(
        host="relay.ops.example", port=587, user="bot", password="out", security="starttls"
    )
    assert settings(tmp_path, {}).secrets.mailbox is None


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("imaps://u:p@h", 993, "tls"),
        ("imap://u:p@127.0.0.1", 143, "plain"),
        ("imap://u:p@localhost:99", 99, "plain"),
        ("imap://u:p@[::1]", 143, "plain"),
    ],
)
def test_every_form_of_an_imap_address(tmp_path: Path, url: str, port: int, security: str) -> None:
    """Without encryption only on this machine."""
    box = settings(tmp_path, MAIL | {"IMAP_URL": url}).secrets.mailbox
    assert box is not None
    assert (box.imap.port, box.imap.security) == (port, security)


@pytest.mark.parametrize("name", sorted(MAIL))
def test_half_of_a_mailbox_is_refused(tmp_path: Path, name: str) -> None:
    """The missing variable is named, with one that is there."""
    line = refused(tmp_path, {key: value for key, value in MAIL.items() if key != name})
    assert f" needs {name} too" in line


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("EMAIL_ADDRESS", "bot", "EMAIL_ADDRESS has to be one address"),
        ("EMAIL_ADDRESS", "bot+x@ops.example", "EMAIL_ADDRESS has to be one address"),
        ("EMAIL_ADDRESS", "a@x, b@x", "EMAIL_ADDRESS has to be one address"),
        ("IMAP_URL", "mail.ops.example", "IMAP_URL has to be like imaps://"),
        ("IMAP_URL", "https://u:s3cret@h", "IMAP_URL has to be like imaps://"),
        ("IMAP_URL", "imaps://u:s3cret@h:x", "IMAP_URL has to be like imaps://"),
        ("IMAP_URL", "imaps://u:s3cret@", "IMAP_URL has to be like imaps://"),
        ("IMAP_URL", "imaps://u:s3/cret@h", "IMAP_URL has to be like imaps://"),
        ("IMAP_URL", "imaps://u:s3cret@h/x", "write / as %2F"),
        ("IMAP_URL", "imaps://u:s3cret%0D@h", "IMAP_URL: a user or a password"),
        ("IMAP_URL", "imaps://u@h", "IMAP_URL has no password"),
        ("IMAP_URL", "imap://u:s3cret@h", "IMAP_URL: imap:// is for loopback only, use imaps://"),
        ("SMTP_URL", "smtp://u:s3cret@h", "SMTP_URL: smtp:// is for loopback only, use smtps://"),
        ("SMTP_URL", "imaps://u:s3cret@h", "SMTP_URL has to be like smtps://"),
        ("SMTP_URL", "smtps://u@h", "SMTP_URL has no password"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(
    tmp_path: Path, name: str, value: str, told: str
) -> None:
    """What to mend, and nothing of a password."""
    line = refused(tmp_path, MAIL | {name: value})
    assert told in line
    assert "s3" not in line


@pytest.mark.parametrize("name", sorted(OAUTH))
def test_half_of_oauth_is_refused(tmp_path: Path, name: str) -> None:
    """All four of them or none."""
    line = refused(tmp_path, MAIL | {key: one for key, one in OAUTH.items() if key != name})
    assert line.startswith(f"{name} is not set, and EMAIL_OAUTH_")


def test_a_token_is_asked_for_over_https_only(tmp_path: Path) -> None:
    """It is a password: in the open only on this machine."""
    line = refused(tmp_path, MAIL | OAUTH | {"EMAIL_OAUTH_TOKEN_URL": "http://auth.example/t"})
    assert line == "EMAIL_OAUTH_TOKEN_URL has to be like https://auth.example.com/token"


def test_with_oauth_no_password_is_needed(tmp_path: Path) -> None:
    """The address logs in, where no user is named."""
    env = MAIL | OAUTH | {"IMAP_URL": "imaps://h", "SMTP_URL": "smtps://h"}
    held = settings(tmp_path, env)
    box = held.secrets.mailbox
    assert box is not None
    assert (box.imap.user, box.imap.password) == ("bot@ops.example", "")
    assert box.oauth == tuple(OAUTH.values())
    assert {"client-hush", "refresh-hush"} <= set(secret_values(held))


def test_no_password_is_shown(tmp_path: Path) -> None:
    """Neither by printing what was read, nor by the settings of the channel."""
    shown = repr(settings(tmp_path, MAIL | OAUTH).secrets.mailbox)
    shown += repr(Server(host="h", port=1, password="in"))
    assert "hush" not in shown
    assert "'in'" not in shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('done = "a\\nb"', "email.done: must be on one line"),
        ('authserv_id = "mx ops"', "email.authserv_id: write the server's name"),
        ("largest = 10", "email.largest: "),
        ("per_hour = 0", "email.per_hour: "),
        ("backlog = 1", "email.backlog: must be true or false"),
        ('folder = "x"', "email.folder: there is no such key"),
        ('ca = "missing.pem"', "email.ca: there is no file missing.pem"),
    ],
)
def test_a_wrong_key_of_the_table_is_named(tmp_path: Path, text: str, told: str) -> None:
    """Unknown keys and unfit values are errors."""
    assert told in refused(tmp_path, {}, f"[email]\n{text}\n")


def test_the_example_shows_how_mail_is_set(tmp_path: Path) -> None:
    """What stands there as a comment is right as it is."""
    text = EXAMPLE.read_text()
    begins, ends = text.index("# [email]"), text.index("# --- policy")
    shown = re.sub("(?m)^# ?", "", text[begins:ends])
    told = settings(tmp_path, MAIL, shown).email
    assert (told.authserv_id, told.done, told.backlog) == ("mx.example.com", "Done", True)
