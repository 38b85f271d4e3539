"""The least that discord.py can do with a mention: an echo in a thread on it."""

import os

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Echo(discord.Client):
    """Echoes until killed."""

    async def on_ready(self) -> None:
        """Connected."""
        print("discord: connected as @watchkeeper", flush=True)

    async def on_message(self, message: discord.Message) -> None:
        """What mentions it is said again, in a thread."""
        if self.user in message.mentions and message.author != self.user:
            thread = await message.create_thread(name="echo")
            await thread.send(message.content)


def main() -> None:
    """Connect to the server that the environment names."""
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
    Echo(intents=intents).run(os.environ["DISCORD_BOT_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
