"""The text of small files that hang on a message, fetched from where a channel says they are."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp
import structlog

log = structlog.get_logger()

SMALL = 16 * 1024
"""Bytes up to which the text of a file is read along."""
MOST = 3
"""Files of one message that are."""
TIME = 2.0
"""Seconds that a message waits for its files: it is taken in without them after that."""

_READABLE = ("text/", "application/json", "application/x-yaml", "application/yaml")
_TEXTS = (".txt", ".log", ".md", ".csv", ".json", ".yaml", ".yml", ".toml", ".conf", ".cfg", ".ini")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file. `size` in bytes; `kind` is its media type, "" if it is not known."""

    name: str
    size: int
    url: str
    kind: str = ""

    @property
    def is_small_text(self) -> bool:
        """Whether it may be read along. Services do not know every kind of text for one."""
        text = self.kind.startswith(_READABLE) or self.name.lower().endswith(_TEXTS)
        return text and 0 < self.size <= SMALL and bool(self.url)


async def texts(
    files: Sequence[Attachment], headers: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Each small text, fenced: it is somebody's file, and nobody's word. () if one fails.

    Only give what lies with the platform itself: `headers` may hold a token.
    """
    small = [file for file in files if file.is_small_text][:MOST]
    if not small:
        return ()
    try:
        async with asyncio.timeout(TIME), aiohttp.ClientSession(headers=headers) as http:
            return tuple([_fenced(file.name, await _fetch(http, file.url)) for file in small])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
        log.info("attachment.unread", why=type(fault).__name__)
        return ()


async def _fetch(http: aiohttp.ClientSession, url: str) -> str:
    # A redirect could lead elsewhere, and a token with it.
    async with http.get(url, allow_redirects=False) as answer:
        answer.raise_for_status()
        content = await answer.content.read(SMALL + 1)
    if answer.status != 200 or len(content) > SMALL:
        raise ValueError("not what was announced")
    return content.decode("utf-8", "replace")


def _fenced(name: str, content: str) -> str:
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{name}:\n{fence}\n{content}\n{fence}"
