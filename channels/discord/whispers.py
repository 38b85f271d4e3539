"""Words for one person in a channel: ephemeral answers to what they pressed there last."""

import time
from collections import OrderedDict
from dataclasses import dataclass

import discord

from channels.discord import views
from channels.discord.outbound import Post

_LIVES = 14 * 60.0
"""Seconds that an interaction can be answered: Discord's 15 minutes, and some to spare."""
_KEPT = 1_000
_NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class _Open:
    interaction: discord.Interaction
    until: float


class Whispers:
    """What people pressed lately, in this process."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, str], _Open] = OrderedDict()

    def keep(self, interaction: discord.Interaction) -> None:
        """Somebody pressed something, and can be answered in private for a while."""
        key = (str(interaction.user.id), str(interaction.channel_id))
        self._open.pop(key, None)
        self._open[key] = _Open(interaction, time.monotonic() + _LIVES)
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)

    async def say(self, person: str, channel: str, post: Post) -> bool:
        """Whether it could be said to them there."""
        found = self._open.get((person, channel))
        if found is None or time.monotonic() > found.until:
            return False
        try:
            if post.rich:
                await found.interaction.followup.send(
                    view=views.layout(post), ephemeral=True, allowed_mentions=_NOBODY
                )
            else:
                await found.interaction.followup.send(
                    post.text, ephemeral=True, allowed_mentions=_NOBODY
                )
        except discord.HTTPException as fault:
            if fault.status >= 500:
                raise
            self._open.pop((person, channel), None)  # its token is dead: some other way, then
            return False
        return True
