"""What hangs on a message: the text of small files, fetched from Slack and from nowhere else."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp
import structlog

from channels.slack.payloads import File

log = structlog.get_logger()

SMALL = 16 * 1024
"""Bytes up to which the text of a file is read along."""
MOST = 3
"""Files of one message that are."""
TIME = 2.0
"""Seconds that a message waits for its files: it is taken in without them after that."""

_READABLE = ("text/", "application/json", "application/x-yaml", "application/yaml")
_PLATFORM = ("slack.com", "slack-edge.com", "slack-files.com")


class Files:
    """Fetches with the bot's token, which goes to the platform's own hosts only."""

    def __init__(self, token: str, url: str | None) -> None:
        self._token = token
        self._own = urlsplit(url).netloc if url else ""

    async def texts(self, files: Sequence[File]) -> tuple[str, ...]:
        """Each small text, fenced: it is somebody's file, and nobody's word."""
        small = [file for file in files if self._is_small(file)][:MOST]
        if not small:
            return ()
        try:
            async with asyncio.timeout(TIME), aiohttp.ClientSession() as http:
                return tuple([_fenced(file, await self._fetch(http, file)) for file in small])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            log.info("slack.file_unread", why=type(fault).__name__)
            return ()

    def _is_small(self, file: File) -> bool:
        return (
            0 < file.size <= SMALL
            and bool(file.url_private)
            and (file.mimetype or "").startswith(_READABLE)
            and self._is_the_platforms(file.url_private or "")
        )

    def _is_the_platforms(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._own:
            return parts.netloc == self._own
        host = parts.hostname or ""
        known = any(host == one or host.endswith(f".{one}") for one in _PLATFORM)
        return parts.scheme == "https" and known

    async def _fetch(self, http: aiohttp.ClientSession, file: File) -> str:
        headers = {"Authorization": f"Bearer {self._token}"}
        # A redirect could lead elsewhere, and the token with it.
        async with http.get(
            file.url_private or "", headers=headers, allow_redirects=False
        ) as answer:
            answer.raise_for_status()
            content = await answer.content.read(SMALL + 1)
        if answer.status != 200 or len(content) > SMALL:
            raise ValueError("not what was announced")
        return content.decode("utf-8", "replace")


def _fenced(file: File, content: str) -> str:
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{file.name or file.id}:\n{fence}\n{content}\n{fence}"
