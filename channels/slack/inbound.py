"""What people write in Slack, as messages for the bot. Pure.

Every function gives None for what is not for it: its own messages, those of other bots, and
whatever does not look as Slack's payloads do.
"""

from dataclasses import replace

from channels.port import Author, Change, Inbound
from channels.slack import names, words
from channels.slack.names import Me, Place
from channels.slack.payloads import Envelope, File, Message, MessageEvent, read

_SPOKEN = frozenset({None, "", "file_share", "thread_broadcast", "me_message"})
"""The kinds of messages that people write."""


def kind_of(channel_type: str, room: str) -> bool | None:
    """Whether a room is a direct talk with one person; None where it can not be told."""
    if channel_type:
        return channel_type in {"im", "app_home"}
    return {"D": True, "C": None, "G": None}.get(room[:1])


def from_event(
    body: object, me: Me, place: Place, *, attached: tuple[str, ...] = ()
) -> Inbound | None:
    """The message that an `event_callback` tells of; `attached` is what its files hold."""
    if not isinstance(body, dict):
        return None
    event, around = read(MessageEvent, body.get("event")), read(Envelope, body)
    if event is None or around is None or not event.channel:
        return None
    place = Place(
        direct=place.direct, outsiders=place.outsiders or bool(around.is_ext_shared_channel)
    )
    if event.type not in {"message", "app_mention"}:
        return None
    match event.subtype:
        case "message_changed":
            return _edited(event, me, place)
        case "message_deleted":
            return _deleted(event, me, place)
        case _:
            return said(event, event.channel, me, place, attached=attached)


def said(
    message: Message, room: str, me: Me, place: Place, *, attached: tuple[str, ...] = ()
) -> Inbound | None:
    """A message that somebody wrote, from an event or from the room's history."""
    if not _is_a_persons(message, me) or message.subtype not in _SPOKEN or not message.ts:
        return None
    text = message.text or ""
    called = me.user in words.mentions(text)
    if not (called or place.direct) and words.is_for_somebody_else(text, me.user):
        return None
    told = (words.plain(text, me.user, me.name), *map(_attachment, message.files or ()), *attached)
    return _inbound(
        message,
        room,
        me,
        place,
        text="\n".join(part for part in told if part),
        may_open=called or place.direct,
    )


def _edited(event: MessageEvent, me: Me, place: Place) -> Inbound | None:
    """It reads otherwise now. Slack also says so when only a preview was added to it."""
    now, before = event.message, event.previous_message
    if now is not None and before is not None and now.subtype == "tombstone":
        return _taken_back(before, event, me, place)  # with replies below it, it leaves a stone
    if now is None or now.edited is None or not now.edited.ts or not _is_a_persons(now, me):
        return None
    if before is not None and (before.user != now.user or before.text == now.text):
        return None
    text = words.plain(now.text or "", me.user, me.name)
    return _inbound(now, event.channel, me, place, text=text, change="edited")


def _deleted(event: MessageEvent, me: Me, place: Place) -> Inbound | None:
    before = event.previous_message
    if before is None and event.deleted_ts:
        return _gone(event, me, place)
    if before is None or before.ts != event.deleted_ts:
        return None
    return _taken_back(before, event, me, place)


def _gone(event: MessageEvent, me: Me, place: Place) -> Inbound:
    """Slack need not say whose it was: nobody's then, and only what it began can be known by it."""
    message = Message(ts=event.deleted_ts, thread_ts=event.thread_ts)
    heard = _inbound(message, event.channel, me, place, text="", change="deleted")
    nobody = Author(channel=names.NAME, id="", name="", bot=False, authenticated=False)
    return replace(heard, author=nobody)


def _taken_back(before: Message, event: MessageEvent, me: Me, place: Place) -> Inbound | None:
    if not _is_a_persons(before, me):
        return None
    return _inbound(before, event.channel, me, place, text="", change="deleted")


def _is_a_persons(message: Message, me: Me) -> bool:
    return bool(message.user) and message.user != me.user and not message.bot_id


def _inbound(
    message: Message,
    room: str,
    me: Me,
    place: Place,
    *,
    text: str,
    may_open: bool = False,
    change: Change = "said",
) -> Inbound:
    team = message.user_team or message.source_team or message.team or me.team
    by = names.author(team, message.user, me)
    root = message.thread_ts or message.ts
    edition = {"edited": message.edited.ts if message.edited else "", "deleted": "deleted"}
    version = f":{edition[change]}" if change in edition else ""
    return Inbound(
        references=(names.conversation(me.team, room, root),),
        dedupe=f"{names.NAME}:{me.team}:{room}:{message.ts}{version}",
        author=by,
        address=names.address(room, root),
        text=text,
        audience=names.audience(room, place, by.id),
        outsiders=place.outsiders or team != me.team,
        may_open=may_open,
        ref=names.ref(room, message.ts),
        change=change,
    )


def _attachment(file: File) -> str:
    kind = f", {file.mimetype}" if file.mimetype else ""
    return f"[file: {file.name or file.id}{kind}, {file.size} bytes]"
