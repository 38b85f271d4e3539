"""What people write in Discord, as messages for the bot. Pure.

Every function gives None for what is not for it: its own messages, those of other bots, what
Discord says itself, and what is said to somebody else.
"""

from channels.discord import names, words
from channels.discord.names import Me
from channels.discord.payloads import Attached, Said
from channels.port import Author, Change, Inbound


def said(message: Said, me: Me) -> Inbound | None:
    """A message that somebody wrote."""
    if not _is_a_persons(message, me):
        return None
    called = me.user in message.mentions or me.user in words.mentions(message.text)
    direct = message.place.direct
    if not (called or direct) and words.is_for_somebody_else(message.text, me.user):
        return None
    if not (called or direct or message.place.parent):
        return None  # in a channel it is only called: it lives in threads
    told = (_plain(message, me), *map(_attachment, message.files))
    text = "\n".join(part for part in told if part)
    if not text and not called:
        return None  # without the intent, what others say has no words
    return _inbound(message, text=text, may_open=called or direct)


def edited(message: Said, me: Me) -> Inbound | None:
    """It reads otherwise now. Discord also says so when only a preview was added to it."""
    if not _is_a_persons(message, me) or not message.edited or not message.text:
        return None
    return _inbound(message, text=_plain(message, me), change="edited")


def deleted(message: Said, me: Me) -> Inbound | None:
    """It was taken back."""
    return _inbound(message, text="", change="deleted") if _is_a_persons(message, me) else None


def author(user: str, name: str) -> Author:
    """Who wrote: Discord's word counts for who it was."""
    return Author(channel=names.NAME, id=user, name=name, bot=False, authenticated=True)


def _is_a_persons(message: Said, me: Me) -> bool:
    return (
        bool(message.id and message.by)
        and message.by != me.user
        and not message.bot
        and message.ordinary
    )


def _plain(message: Said, me: Me) -> str:
    return words.plain(message.text, me.user, me.name, message.names)


def _inbound(
    message: Said, *, text: str, may_open: bool = False, change: Change = "said"
) -> Inbound:
    place = message.place
    root = "" if place.parent or place.direct else message.id
    edition = {"edited": f":{message.edited}", "deleted": ":deleted"}.get(change, "")
    return Inbound(
        references=(names.conversation(place, root),),
        dedupe=f"{names.NAME}:{message.id}{edition}",
        author=author(message.by, message.name),
        address=names.address(place, message.by, root),
        text=text,
        audience=names.audience(place, message.by),
        may_open=may_open,
        ref=names.ref(place.channel, message.id),
        change=change,
    )


def _attachment(file: Attached) -> str:
    kind = f", {file.kind.partition(';')[0]}" if file.kind else ""
    return f"[file: {file.name}{kind}, {file.size} bytes]"
