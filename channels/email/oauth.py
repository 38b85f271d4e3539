"""Access tokens for a mailbox: fetched with a refresh token, kept until they run out."""

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp

TIME = 20.0
"""Seconds that the token server may take."""
_EARLY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An OAuth client that somebody has let read a mailbox; `url` is the token server's."""

    id: str
    secret: str = field(repr=False)
    refresh: str = field(repr=False)
    url: str


class NoToken(OSError):
    """The token server gives none: what it says is the text."""


class AccessTokens:
    """`Server.token`: the token of now."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._token, self._until = "", 0.0

    async def __call__(self, fresh: bool) -> str:
        """A token; `fresh`: the last one was refused. Raises `NoToken`."""
        async with self._turn:
            if fresh or time.monotonic() >= self._until:
                await self._fetch()
            return self._token

    async def _fetch(self) -> None:
        asked = {
            "grant_type": "refresh_token",
            "client_id": self._client.id,
            "client_secret": self._client.secret,
            "refresh_token": self._client.refresh,
        }
        timeout = aiohttp.ClientTimeout(total=TIME)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.post(self._client.url, data=asked, allow_redirects=False) as answer,
            ):
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
            raise NoToken(f"the token server does not answer ({type(fault).__name__})") from None
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not token:
            why = told.get("error") if isinstance(told, dict) else answer.status
            raise NoToken(f"the token server refuses: {why}")
        lasts = told.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) else 300.0
        self._token, self._until = token, time.monotonic() + max(seconds - _EARLY, 0.0)
