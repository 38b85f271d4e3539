"""REDIS_URL, read: where the store is and how to connect, or one line that says what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from redis.asyncio.connection import parse_url

from bot.store.port import StoreError

FORMS = "redis://HOST:PORT/DB, rediss://USER:PASSWORD@HOST:PORT or unix:///PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the store is. `name` is for people: it holds no user, password or option.

    options: what the client library takes, credentials among them; never shown.
    """

    name: str
    options: Mapping[str, object] = field(repr=False)

    def mask(self, text: str) -> str:
        """The text without the password."""
        secret = self.options.get("password")
        return text.replace(str(secret), "***") if secret else text


def parse(url: str) -> Address:
    """Raises `StoreError`, which never repeats what may be a password."""
    try:
        parts = urlsplit(url.strip())
        options = dict(parse_url(url.strip()))
        port = parts.port
    except ValueError as error:
        raise StoreError(f"REDIS_URL can not be read: use {FORMS}") from error
    if parts.scheme == "unix":
        if "path" not in options:
            raise StoreError(f"REDIS_URL names no socket: use {FORMS}")
        return Address(name=f"unix://{parts.path}", options=options)
    if not re.fullmatch(r"/?\d*", parts.path):
        raise StoreError("REDIS_URL: the database after the last '/' must be a number")
    host = parts.hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return Address(name=f"{parts.scheme}://{shown}:{port or 6379}", options=options)
