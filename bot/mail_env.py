"""How the mailbox is reached, as the environment says it: addresses of servers, or one fault. Pure.

Who has written a password wrongly is told which variable it is in, never what is in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from bot.faults import SettingsError

Security = Literal["tls", "starttls", "plain"]

ADDRESS = "EMAIL_ADDRESS"
SERVERS: Mapping[str, Mapping[str, tuple[Security, int]]] = {
    "IMAP_URL": {"imaps": ("tls", 993), "imap": ("plain", 143)},
    "SMTP_URL": {
        "smtps": ("tls", 465),
        "smtp+starttls": ("starttls", 587),
        "smtp": ("plain", 25),
    },
}
"""Variable -> scheme -> how the connection is secured, and the port where none is named."""

OAUTH = (
    "EMAIL_OAUTH_CLIENT_ID",
    "EMAIL_OAUTH_CLIENT_SECRET",
    "EMAIL_OAUTH_REFRESH_TOKEN",
    "EMAIL_OAUTH_TOKEN_URL",
)

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MAILBOX = re.compile(r"[^@\s<>,;:\"+]+@[^@\s<>,;:\"]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A server, and how to log in to it; `password` is "" where an access token does."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    security: Security = "tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """The bot's mailbox. oauth: the values of `OAUTH` in their order; () where passwords do."""

    address: str
    imap: MailServer
    smtp: MailServer
    oauth: tuple[str, ...] = field(default=(), repr=False)


def mailbox(told: Mapping[str, str]) -> Mailbox | None:
    """What these variables say; None if they say nothing of mail. Raises `SettingsError`."""
    named = [name for name in (ADDRESS, *SERVERS, *OAUTH) if told.get(name)]
    if not named:
        return None
    if missing := [name for name in (ADDRESS, *SERVERS) if not told.get(name)]:
        raise SettingsError(f"{named[0]} needs {' and '.join(missing)} too")
    oauth = _oauth(told)
    address = told[ADDRESS]
    if not _MAILBOX.fullmatch(address):
        raise SettingsError(f"{ADDRESS} has to be one address as bot@example.com, without a +")
    imap, smtp = (_server(name, told[name], address, oauth) for name in SERVERS)
    return Mailbox(address=address, imap=imap, smtp=smtp, oauth=oauth)


def _oauth(told: Mapping[str, str]) -> tuple[str, ...]:
    """All of them or none."""
    given = tuple(told.get(name, "") for name in OAUTH)
    if not any(given):
        return ()
    for name, value in zip(OAUTH, given, strict=True):
        if not value:
            set_ = next(one for one in OAUTH if told.get(one))
            raise SettingsError(f"{name} is not set, and {set_} is: set all EMAIL_OAUTH_… or none")
    url = urlsplit(given[-1])
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise SettingsError(f"{OAUTH[-1]} has to be like https://auth.example.com/token")
    return given


def _server(name: str, url: str, address: str, oauth: tuple[str, ...]) -> MailServer:
    """The server of one variable. Raises `SettingsError`."""
    schemes = SERVERS[name]
    first = next(iter(schemes))
    like = f"{name} has to be like {first}://user:password@mail.example.com"
    parts, host, port = _split(url, like)
    if parts.scheme not in schemes or not host or parts.query or parts.fragment:
        raise SettingsError(f"{like} (or {', '.join(f'{one}://' for one in [*schemes][1:])})")
    if parts.path not in {"", "/"}:
        raise SettingsError(f"{like}: in a user or a password write / as %2F, # as %23, ? as %3F")
    security, usual = schemes[parts.scheme]
    if security == "plain" and host not in _LOOPBACK:
        raise SettingsError(f"{name}: {parts.scheme}:// is for loopback only, use {first}://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if any(ord(char) < 32 for char in user + password):
        raise SettingsError(f"{name}: a user or a password can not hold a line end")
    needs_login = name == "IMAP_URL" or bool(user)
    if needs_login and not oauth and not password:
        raise SettingsError(f"{name} has no password: {like}, or set EMAIL_OAUTH_…")
    return MailServer(
        host=host,
        port=port or usual,
        user=user or (address if needs_login or oauth else ""),
        password="" if oauth else password,
        security=security,
    )


def _split(url: str, like: str) -> tuple[SplitResult, str, int]:
    """The parts, the host and the port; 0 for none."""
    try:
        parts = urlsplit(url)
        return parts, parts.hostname or "", parts.port or 0
    except ValueError:
        raise SettingsError(like) from None
