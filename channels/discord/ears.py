"""discord.py's client, as far as the bot listens: what happens goes to the inbox, in order."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import discord
import structlog

from channels.discord import clicks, inbound, reading, views
from channels.discord.commands import command_text, payloads
from channels.discord.inbox import Heard, Inbox
from channels.discord.markup import escaped, inline
from channels.discord.names import Me
from channels.discord.payloads import Said
from channels.discord.rest import failed
from channels.discord.rooms import Rooms
from channels.discord.whispers import Whispers
from channels.port import CommandSpec, Deliver, Inbound

log = structlog.get_logger()

REMEMBERED = 5_000
"""Messages that discord.py keeps: a deletion does not say whose words it takes back."""

AGAIN = 2.0
"""Seconds before it is looked again for what was missed."""

NOT_TAKEN = "I could not write that down, so nothing has happened. Try it again in a moment."
_GONE = frozenset({10062, 40060})
"""Discord says that it is too late, or that another process of the bot has answered."""
_NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What ears work with.

    content: whether the application may read what does not mention it. deaf: seconds without an
    answer to a heartbeat after which a connection is given up. ready: set with the first session.
    """

    rooms: Rooms
    whispers: Whispers
    inbox: Inbox
    deliver: Deliver
    ready: asyncio.Event
    commands: Sequence[CommandSpec] = ()
    content: bool = True
    deaf: float = 30.0


class Ears(discord.Client):
    """One connection to the gateway, with whatever discord.py does to keep it."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(
            intents=_intents(content=setting.content),
            max_messages=REMEMBERED,
            heartbeat_timeout=setting.deaf,
        )
        self._at = setting
        self._hears = False

    @property
    def hears(self) -> bool:
        """Whether the connection is there, and what was missed before it has been read."""
        return self._hears and not self.is_closed()

    @property
    def me(self) -> Me:
        """The bot's own user. Known once it is logged in."""
        user = self.user
        return Me(user=str(user.id) if user else "", name=user.name if user else "watchkeeper")

    async def setup_hook(self) -> None:
        """Logged in, not connected yet: our buttons are known, and Discord knows our commands."""
        self.add_dynamic_items(views.Pressing)
        if self._at.commands and self.application_id is not None:
            try:
                await self.http.bulk_upsert_global_commands(
                    self.application_id, payloads(self._at.commands)
                )
            except discord.HTTPException as fault:
                log.warning("discord.no_commands", why=str(failed(fault)))

    # --- messages

    async def on_connect(self) -> None:
        """A new session begins; nothing of it has been told yet."""
        self._at.inbox.hold()

    async def on_ready(self) -> None:
        """A new session: what was said before it is not told again, so it is looked up."""
        while not self.is_closed():  # then it is the next one's
            try:
                await self._at.inbox.catch_up(self._missed)
                self._at.ready.set()
                self._hears = True
                return
            except Exception as fault:  # noqa: BLE001 - nothing may be left out, so it is done again
                log.warning("discord.not_caught_up", why=type(fault).__name__)
            await asyncio.sleep(AGAIN)

    async def on_resumed(self) -> None:
        """The same session goes on: what was missed is told."""
        self._hears = True

    async def on_disconnect(self) -> None:
        """The connection is gone; discord.py makes another."""
        self._hears = False

    async def on_message(self, told: discord.Message) -> None:
        """Somebody says something."""
        self._at.inbox.put(self._take(told))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Something reads otherwise now."""
        said = reading.message(payload.message)
        self._put(int(said.id), inbound.edited(said, self.me))

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Something was taken back; whose it was is known of the latest only."""
        if payload.cached_message is not None:
            said = reading.message(payload.cached_message)
        else:
            channel = self.get_channel(payload.channel_id) or discord.Object(payload.channel_id)
            place = reading.place_of(channel, guild=payload.guild_id is not None)
            said = Said(id=str(payload.message_id), place=place, by="unknown")
        self._put(0, inbound.deleted(said, self.me))

    def _take(self, told: discord.Message) -> Heard:
        said = reading.message(told)
        heard = inbound.said(said, self.me)
        if heard is not None and heard.address.thread == said.id:
            self._at.rooms.heard(said.id, heard.text)
        elif heard is not None and said.place.parent:
            self._at.rooms.has(said.place.channel)
        return Heard(
            id=told.id,
            inbound=heard,
            files=said.files if heard is not None else (),
            talk=told.channel.id if heard is not None and said.place.direct else 0,
        )

    def _put(self, number: int, heard: Inbound | None) -> None:
        if heard is not None:
            self._at.inbox.put(Heard(id=number, inbound=heard))

    # --- what was missed

    async def _missed(self, put: Callable[[Heard], None]) -> None:
        """Every channel that has something newer than what was taken in last."""
        since = await self._at.inbox.since()
        for guild in self.guilds:
            places: list[discord.TextChannel | discord.VoiceChannel | discord.Thread] = [
                *guild.text_channels,
                *guild.voice_channels,
                *guild.threads,
            ]
            for place in places:
                if (place.last_message_id or 0) > since:
                    await self._read_again(place, since, put)
        for number in await self._at.inbox.talks():
            await self._read_again(self.get_partial_messageable(number), since, put)

    async def _read_again(
        self, place: discord.abc.Messageable, since: int, put: Callable[[Heard], None]
    ) -> None:
        try:
            after = discord.Object(since)
            async for told in place.history(after=after, oldest_first=True, limit=None):
                put(self._take(told))
        except (discord.Forbidden, discord.NotFound):
            return  # not to be read by the bot

    # --- buttons, forms, commands

    async def on_pressed(self, interaction: discord.Interaction, name: str) -> None:
        """One of our buttons, whoever sent it and however long ago."""
        by = reading.pressed(interaction)
        heard = clicks.pressed(name, by, reading.args(interaction.message))
        match heard:
            case clicks.Form():
                with _too_late():
                    await interaction.response.send_modal(views.form(heard))
            case Inbound():
                await self._decided(interaction, heard)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """What is no button: forms that were filled in, and commands."""
        data: Mapping[str, object] = {**(interaction.data or {})}
        match interaction.type:
            case discord.InteractionType.modal_submit:
                by = reading.pressed(interaction)
                heard = clicks.sent(str(data.get("custom_id")), reading.typed(data), by)
                if heard is not None:
                    await self._decided(interaction, heard)
            case discord.InteractionType.application_command:
                await self._commanded(interaction, data)

    async def _decided(self, interaction: discord.Interaction, heard: Inbound) -> None:
        """Discord waits three seconds: it is told that we are at it, and shown when it counts."""
        self._at.whispers.keep(interaction)
        with _too_late():
            await interaction.response.defer()
        if not await self._stored(heard):
            await interaction.followup.send(NOT_TAKEN, ephemeral=True)

    async def _commanded(
        self, interaction: discord.Interaction, data: Mapping[str, object]
    ) -> None:
        """What was given is shown to all there, and its answer hangs on that."""
        text = command_text(data, self._at.commands)
        with _too_late():
            said = f"{escaped(interaction.user.display_name)}: {inline(f'/{text}')}"
            await interaction.response.send_message(
                said, allowed_mentions=_NOBODY, suppress_embeds=True
            )
        shown = await interaction.original_response()
        heard = clicks.command(text, reading.pressed(interaction), str(shown.id))
        self._at.rooms.heard(str(shown.id), text)
        self._at.whispers.keep(interaction)
        if not await self._stored(heard):
            await interaction.edit_original_response(content=NOT_TAKEN)

    async def _stored(self, heard: Inbound) -> bool:
        try:
            await self._at.deliver(heard)
        except Exception as fault:  # noqa: BLE001 - whoever pressed is told
            log.warning("discord.not_stored", why=type(fault).__name__)
            return False
        return True


@contextmanager
def _too_late() -> Iterator[None]:
    """What can not be answered any more is taken in all the same: it was said."""
    try:
        yield
    except discord.HTTPException as fault:
        if fault.code not in _GONE:
            raise
    except discord.InteractionResponded:
        return


def _intents(*, content: bool) -> discord.Intents:
    return discord.Intents(
        guilds=True, guild_messages=True, dm_messages=True, message_content=content
    )
