"""The things as the wire has them."""

from tests.discord_server.content import pinged, pings_everyone
from tests.discord_server.things import Attachment, Channel, Guild, Message, User
from tests.discord_server.wire import EVERYDAY, Flag, Intent, Kind, Payload, Permission, moment

JOINED = "2026-01-01T00:00:00+00:00"


def user(of: User) -> Payload:
    """A user."""
    return {
        "id": str(of.id),
        "username": of.name,
        "discriminator": "0",
        "global_name": None if of.bot else of.name.capitalize(),
        "avatar": None,
        "bot": of.bot,
    }


def member(of: User, guild: Guild, *, whole: bool = True) -> Payload:
    """A user in a guild; not `whole`: without the user, as it stands beside one."""
    roles = [str(guild.bot_role)] if of == guild.bot else []
    told: Payload = {
        "roles": roles,
        "joined_at": JOINED,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "nick": None,
        "pending": False,
    }
    return {**told, "user": user(of)} if whole else told


def role(number: int, name: str, permissions: int) -> Payload:
    """A role of a guild."""
    return {
        "id": str(number),
        "name": name,
        "permissions": str(int(permissions)),
        "position": 0 if name == "@everyone" else 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": name != "@everyone",
        "mentionable": False,
        "flags": 0,
    }


def guild(of: Guild) -> Payload:
    """A guild, as REST has it."""
    return {
        "id": str(of.id),
        "name": of.name,
        "owner_id": str(of.owner.id),
        "icon": None,
        "roles": [
            role(of.id, "@everyone", EVERYDAY & of.permissions),
            role(of.bot_role, "bot", of.permissions),
        ],
        "emojis": [],
        "stickers": [],
        "features": [],
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "system_channel_flags": 0,
    }


def whole_guild(of: Guild, intents: Intent) -> Payload:
    """A guild, as GUILD_CREATE has it: all members for whom may know them, else the bot alone."""
    members = of.members.values() if Intent.MEMBERS in intents else [of.bot]
    return {
        **guild(of),
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(of.members),
        "members": [member(one, of) for one in members],
        "channels": [channel(one) for one in of.channels.values()],
        "threads": [channel(one) for one in of.threads.values() if not one.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def channel(of: Channel) -> Payload:
    """A channel of any kind."""
    told: Payload = {
        "id": str(of.id),
        "type": of.kind,
        "last_message_id": str(max(of.messages)) if of.messages else None,
        "flags": 0,
    }
    if of.recipient is not None:
        return {**told, "recipients": [user(of.recipient)]}
    assert of.guild is not None
    told |= {"guild_id": str(of.guild.id), "name": of.name, "rate_limit_per_user": 0}
    if of.parent is None or of.owner is None:
        return {
            **told,
            "position": 0,
            "parent_id": None,
            "nsfw": False,
            "topic": None,
            "permission_overwrites": _overwrites(of, of.guild),
        }
    count = len(of.said)
    return {
        **told,
        "parent_id": str(of.parent.id),
        "owner_id": str(of.owner.id),
        "message_count": count,
        "total_message_sent": count,
        "member_count": 1,
        "thread_metadata": {
            "archived": of.archived,
            "locked": of.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": moment(of.id),
            "create_timestamp": moment(of.id),
        },
    }


def _overwrites(of: Channel, its: Guild) -> list[Payload]:
    if of.seen_by is None:
        return []
    view = str(int(Permission.VIEW_CHANNEL))
    return [
        {"id": str(its.id), "type": 0, "allow": "0", "deny": view},
        {"id": str(its.bot_role), "type": 0, "allow": view, "deny": "0"},
        *({"id": str(one.id), "type": 1, "allow": view, "deny": "0"} for one in of.seen_by),
    ]


def attachment(of: Attachment, room: Channel, origin: str) -> Payload:
    """A file, with the address it can be fetched from."""
    url = f"{origin}/attachments/{room.id}/{of.id}/{of.name}"
    told: Payload = {
        "id": str(of.id),
        "filename": of.name,
        "size": len(of.data),
        "content_type": of.content_type,
        "url": url,
        "proxy_url": url,
    }
    return told if of.description is None else {**told, "description": of.description}


def pings(of: Message) -> list[int]:
    """The ids of those whom it pings."""
    replied_to = None if of.reference is None or of.kind != Kind.REPLY else of.reference.author.id
    return pinged(of.text, of.allowed_mentions, replied_to)


def message(of: Message, users: dict[int, User], origin: str, *, nested: bool = False) -> Payload:
    """A message with all that it holds; `nested`: as it stands in a reply to it."""
    room = of.channel
    mentioned = [users[number] for number in pings(of) if number in users]
    told: Payload = {
        "id": str(of.id),
        "channel_id": str(room.id),
        "author": user(of.author),
        "content": of.content,
        "timestamp": moment(of.id),
        "edited_timestamp": of.edited,
        "tts": False,
        "mention_everyone": pings_everyone(of.text, of.allowed_mentions),
        "mentions": [user(one) for one in mentioned],
        "mention_roles": [],
        "attachments": [attachment(one, room, origin) for one in of.attachments],
        "embeds": of.embeds,
        "components": of.components,
        "pinned": False,
        "type": of.kind,
        "flags": of.flags,
    }
    if of.nonce is not None:
        told["nonce"] = of.nonce
    if of.webhook is not None:
        told["webhook_id"] = str(of.webhook)
    if of.asked is not None:
        told |= {"interaction_metadata": of.asked, "application_id": str(of.author.id)}
    if of.reactions:
        told["reactions"] = [_reaction(emoji, by) for emoji, by in of.reactions.items()]
    if of.thread is not None:
        told["thread"] = channel(of.thread)
    if of.reference is not None:
        told["message_reference"] = _reference(of.reference)
        if not nested:
            gone = of.reference.deleted
            inner = None if gone else message(of.reference, users, origin, nested=True)
            told["referenced_message"] = inner
    return told


def _reaction(emoji: str, by: list[User]) -> Payload:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(by),
        "count_details": {"burst": 0, "normal": len(by)},
        "burst_colors": [],
        "me": any(one.bot for one in by),
        "me_burst": False,
    }


def _reference(of: Message) -> Payload:
    told: Payload = {"type": 0, "message_id": str(of.id), "channel_id": str(of.channel.id)}
    its = of.channel.guild
    return told if its is None else {**told, "guild_id": str(its.id)}


def in_event(of: Message, told: Payload) -> Payload:
    """The message as an event has it: with its guild, and who wrote it there."""
    its = of.channel.guild
    if its is None:
        return told
    told = {**told, "guild_id": str(its.id)}
    if of.webhook is None:
        told["member"] = member(of.author, its, whole=False)
    return told


def without_content(of: Message, told: Payload, bot: User) -> Payload:
    """What an application without the message-content intent is told.

    Its own messages, those that mention it and direct ones keep their content.
    """
    if of.reference is not None and told.get("referenced_message"):
        inner = without_content(of.reference, told["referenced_message"], bot)
        told = {**told, "referenced_message": inner}
    own = of.author.id == bot.id or of.channel.guild is None or bot.id in pings(of)
    if own or of.flags & Flag.EPHEMERAL:
        return told
    return {**told, "content": "", "embeds": [], "attachments": [], "components": []}
