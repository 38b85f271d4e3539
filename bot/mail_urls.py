"""The addresses of mail servers as the environment has them. Pure."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Security = Literal["tls", "starttls", "plain"]

_IMAP: dict[str, tuple[Security, int]] = {"imaps": ("tls", 993), "imap": ("plain", 143)}
_SMTP: dict[str, tuple[Security, int]] = {
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
    "smtp": ("plain", 25),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailUrl:
    """A server, and how to log in; user and password "" for none."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def imap_url(text: str) -> MailUrl:
    """What IMAP_URL says. Raises `ValueError` with what to mend, which repeats nothing of it."""
    return _read("IMAP_URL", text, _IMAP, "imaps://user:password@host:993")


def smtp_url(text: str) -> MailUrl:
    """What SMTP_URL says. Raises `ValueError` with what to mend, which repeats nothing of it."""
    return _read("SMTP_URL", text, _SMTP, "smtps://user:password@host:465")


def _read(name: str, text: str, schemes: dict[str, tuple[Security, int]], example: str) -> MailUrl:
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in schemes or not host:
        raise ValueError(f"{name} has to be like {example}")
    security, usual = schemes[parts.scheme]
    if security == "plain" and host not in LOOPBACK:
        named = " or ".join(f"{one}://" for one in schemes if schemes[one][0] != "plain")
        raise ValueError(f"{name}: {parts.scheme}:// is for loopback only: write {named}")
    return MailUrl(
        host=host,
        port=port or usual,
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
