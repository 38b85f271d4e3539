"""Folders' names as IMAP takes them (RFC 3501, 5.1.3). Pure."""

import re
from base64 import b64encode

_OTHERS = re.compile(r"[^ -~]+")


def encoded(name: str) -> str:
    """In modified UTF-7: "Übersicht & mehr" as "&ANw-bersicht &- mehr"."""
    return _OTHERS.sub(lambda found: f"&{_shifted(found[0])}-", name.replace("&", "&-"))


def _shifted(text: str) -> str:
    coded = b64encode(text.encode("utf-16-be", "surrogatepass")).decode("ascii")
    return coded.rstrip("=").replace("/", ",")
