"""Discord's REST API, logged in to when it is first needed; its faults in the port's words."""

import asyncio

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from channels.port import CannotConnect, SendFailed

UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError)
"""What is raised where Discord does not answer."""

REFUSED = "DISCORD_BOT_TOKEN is not valid: reset it on the application's page, and copy it again"
NO_INTENT = (
    "Discord refuses an intent: switch on Message Content Intent on the application's page, "
    "under Bot"
)


def point(api_url: str, gateway_url: str) -> None:
    """Have discord.py talk to other servers than Discord's; "" leaves what there is.

    It keeps both addresses on its classes, so it is for the whole process.
    """
    if api_url:
        Route.BASE = api_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class Rest:
    """The one client that everything is sent by."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._client: discord.Client | None = None
        self._opening = asyncio.Lock()

    async def client(self) -> discord.Client:
        """Logged in. Raises discord.py's exceptions, and those of `UNREACHABLE`."""
        async with self._opening:
            if self._client is None:
                client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
                try:
                    await client.login(self._token)
                except BaseException:
                    await client.close()
                    raise
                self._client = client
            return self._client

    async def close(self) -> None:
        """Let go of its connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()


def failed(fault: Exception) -> SendFailed:
    """What a call raised, as a message that was not delivered."""
    match fault:
        case SendFailed():
            return fault
        case discord.LoginFailure():
            return SendFailed(REFUSED, transient=True)
        case discord.RateLimited():
            return SendFailed("Discord is busy", transient=True, after=fault.retry_after)
        case discord.HTTPException():
            told = f"Discord says {fault.status} {fault.text or ''}".rstrip()
            later = fault.status >= 500 or fault.status in {401, 408, 429}
            return SendFailed(told, transient=later)
        case _:
            return SendFailed(f"Discord is out of reach ({type(fault).__name__})", transient=True)


def cannot(fault: Exception) -> CannotConnect:
    """The same, as a connection that can not be made."""
    match fault:
        case CannotConnect():
            return fault
        case discord.LoginFailure():
            return CannotConnect(REFUSED, transient=False)
        case discord.PrivilegedIntentsRequired():
            return CannotConnect(NO_INTENT, transient=False)
        case discord.ConnectionClosed() if fault.code == 4004:
            return CannotConnect(REFUSED, transient=False)
        case discord.ConnectionClosed() if fault.code in range(4010, 4015):
            return CannotConnect(f"Discord closes with {fault.code}", transient=False)
        case _:
            return CannotConnect(str(failed(fault)), transient=True)
