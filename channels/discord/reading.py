"""From discord.py's objects to what of them counts."""

from collections.abc import Iterator, Mapping

import discord

from channels.discord.cards import args_in
from channels.discord.names import Place
from channels.discord.payloads import Attached, Pressed, Said

_ORDINARY = frozenset({discord.MessageType.default, discord.MessageType.reply})


def place_of(channel: object, *, guild: bool) -> Place:
    """Where something was said; `guild`: whether it is in a server, where more than one reads."""
    number = str(getattr(channel, "id", "") or "")
    if isinstance(channel, discord.Thread):
        return Place(channel=number, parent=str(channel.parent_id), closed=channel.is_private())
    return Place(channel=number, direct=not guild)


def message(told: discord.Message) -> Said:
    """A message as discord.py has it."""
    return Said(
        id=str(told.id),
        place=place_of(told.channel, guild=told.guild is not None),
        by=str(told.author.id),
        name=told.author.display_name,
        bot=told.author.bot or told.webhook_id is not None,
        ordinary=told.type in _ORDINARY,
        text=told.content,
        mentions=tuple(str(user.id) for user in told.mentions),
        names={str(user.id): user.display_name for user in told.mentions},
        edited=told.edited_at.isoformat() if told.edited_at else "",
        files=tuple(map(_attached, told.attachments)),
    )


def pressed(told: discord.Interaction) -> Pressed:
    """Who did something, and where."""
    return Pressed(
        id=str(told.id),
        place=place_of(told.channel, guild=told.guild_id is not None),
        by=str(told.user.id),
        name=told.user.display_name,
    )


def args(told: discord.Message | None) -> str:
    """The arguments that a card shows."""
    return args_in(tuple(texts(told))) if told is not None else ""


def texts(told: discord.Message) -> Iterator[str]:
    """Everything that a message of components says, in order."""
    for component in _within(told.components):
        if isinstance(component, discord.TextDisplay):
            yield component.content


def marks(told: discord.Message) -> Iterator[int]:
    """The ids of its texts, by which one of ours is known again."""
    for component in _within(told.components):
        if isinstance(component, discord.TextDisplay) and component.id:
            yield component.id


def typed(told: Mapping[str, object]) -> str:
    """What was filled into the one field of a form, from the data of its submission."""
    for one in _walk(told):
        value = one.get("value")
        if isinstance(value, str):
            return value
    return ""


def _walk(told: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield told
    inner = told.get("components")
    held = [*(inner if isinstance(inner, list) else []), told.get("component")]
    for one in held:
        if isinstance(one, dict):
            yield from _walk(one)


def _within(components: object) -> Iterator[object]:
    for component in components if isinstance(components, list) else []:
        yield component
        yield from _within(getattr(component, "children", None))


def _attached(file: discord.Attachment) -> Attached:
    return Attached(name=file.filename, size=file.size, url=file.url, kind=file.content_type or "")
