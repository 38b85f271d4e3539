"""What hangs on a message: the text of small files, fetched from Discord and from nowhere else."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp
import structlog

from channels.discord.payloads import Attached

log = structlog.get_logger()

SMALL = 16 * 1024
"""Bytes up to which the text of a file is read along."""
MOST = 3
"""Files of one message that are."""
TIME = 2.0
"""Seconds that a message waits for its files: it is taken in without them after that."""

_READABLE = ("text/", "application/json", "application/x-yaml", "application/yaml")
_TEXTS = (".txt", ".log", ".md", ".csv", ".json", ".yaml", ".yml", ".toml", ".conf", ".cfg", ".ini")
"""Discord does not know every kind of text for one."""
_PLATFORM = frozenset({"cdn.discordapp.com", "media.discordapp.net"})


class Files:
    """Fetches without a token: the address of an attachment is all that is needed.

    api_url: of another server than Discord's, whose attachments are read too; "" for none.
    """

    def __init__(self, api_url: str) -> None:
        self._own = urlsplit(api_url).netloc

    async def texts(self, files: Sequence[Attached]) -> tuple[str, ...]:
        """Each small text, fenced: it is somebody's file, and nobody's word."""
        small = [file for file in files if self._is_small(file)][:MOST]
        if not small:
            return ()
        try:
            async with asyncio.timeout(TIME), aiohttp.ClientSession() as http:
                return tuple([_fenced(file, await _fetch(http, file)) for file in small])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            log.info("discord.file_unread", why=type(fault).__name__)
            return ()

    def _is_small(self, file: Attached) -> bool:
        return (
            0 < file.size <= SMALL
            and (file.kind.startswith(_READABLE) or file.name.lower().endswith(_TEXTS))
            and self._is_the_platforms(file.url)
        )

    def _is_the_platforms(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._own:
            return parts.netloc == self._own
        return parts.scheme == "https" and parts.hostname in _PLATFORM


async def _fetch(http: aiohttp.ClientSession, file: Attached) -> str:
    async with http.get(file.url, allow_redirects=False) as answer:
        answer.raise_for_status()
        content = await answer.content.read(SMALL + 1)
    if answer.status != 200 or len(content) > SMALL:
        raise ValueError("not what was announced")
    return content.decode("utf-8", "replace")


def _fenced(file: Attached, content: str) -> str:
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{file.name}:\n{fence}\n{content}\n{fence}"
