"""OAuth access tokens: asked for when one is needed, and anew when one was refused."""

import asyncio

import aiohttp

from channels.email.settings import NoToken

_PATIENCE = aiohttp.ClientTimeout(total=20.0)
_MEND = "EMAIL_OAUTH_REFRESH_TOKEN was refused"


class Tokens:
    """A `TokenOf`, by a refresh token that does not change."""

    def __init__(self, client_id: str, client_secret: str, refresh_token: str, url: str) -> None:
        self._form = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": client_secret,
            "refresh_token": refresh_token,
        }
        self._url = url
        self._held = ""
        self._asking = asyncio.Lock()

    async def __call__(self, fresh: bool) -> str:
        """The token that is held, or a new one. Raises `NoToken`."""
        refused = self._held if fresh else ""
        async with self._asking:
            # Whoever waited meanwhile has a new one already.
            if not self._held or self._held == refused:
                self._held = await self._asked()
            return self._held

    async def _asked(self) -> str:
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
                session.post(self._url, data=self._form, allow_redirects=False) as answer,
            ):
                told: object = await answer.json(content_type=None)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
            reason = f"EMAIL_OAUTH_TOKEN_URL gives no token: {type(fault).__name__}"
            raise NoToken(reason, transient=True) from None
        fields = told if isinstance(told, dict) else {}
        token = fields.get("access_token")
        if status == 200 and isinstance(token, str) and token.isascii() and token.isprintable():
            return token
        why = "".join(char for char in str(fields.get("error", status)) if char.isprintable())[:80]
        raise NoToken(f"{_MEND}: {why}", transient=status >= 500 or status == 429)
