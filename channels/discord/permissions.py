"""What the bot has to be allowed in a server, and what it lacks there."""

from collections.abc import Iterator

import discord

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    read_message_history=True,
    attach_files=True,
)
"""And nothing more: no administrator, no mention of everyone."""


def invite(application: int) -> str:
    """The page on which somebody lets it into their server, with just that."""
    scopes = ("bot", "applications.commands")
    return discord.utils.oauth_url(application, permissions=NEEDED, scopes=scopes)


def lacking(guild: discord.Guild) -> Iterator[str]:
    """A line for whoever runs the bot, if its role there may not do what it needs."""
    has = guild.me.guild_permissions
    missing = [name for name, needed in NEEDED if needed and not getattr(has, name)]
    if missing:
        named = ", ".join(name.replace("_", " ").title() for name in missing)
        yield f"{guild.name} does not allow it to: {named}; give its role that, in the settings"
