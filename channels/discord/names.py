"""How Discord's things are called in the bot: persons, rooms, conversations, messages. Pure."""

from dataclasses import dataclass

from channels.port import Address

NAME = "discord"


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot's own user: its id, and what it is called."""

    user: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said.

    channel: the id of the channel, the thread or the direct talk. parent: the channel that a thread
    belongs to, "" for what is none. direct: one person and the bot. closed: a thread that only
    those see who were let into it.
    """

    channel: str
    parent: str = ""
    direct: bool = False
    closed: bool = False


def address(place: Place, person: str, root: str = "") -> Address:
    """Where answers to something said there go; `root`: the message that its thread is to hang on.

    A direct talk is known by the person, as settings know them: nobody has to ask for its id.
    """
    if place.direct:
        return Address(channel=NAME, room=direct(person))
    return Address(
        channel=NAME,
        room=place.parent or place.channel,
        thread=place.channel if place.parent else root,
    )


def direct(person: str) -> str:
    """The room of the direct talk with a person."""
    return f"@{person}"


def person_of(room: str) -> str:
    """The person whose direct talk the room is; "" if it is a channel."""
    return room[1:] if room.startswith("@") else ""


def conversation(place: Place, root: str = "") -> str:
    """The name of the conversation: a thread shares the id of the message that it hangs on."""
    return f"{NAME}:{place.channel if place.parent or place.direct else root or place.channel}"


def audience(place: Place, person: str) -> tuple[str, ...]:
    """Who reads there: one person, whoever was let into a closed thread, or the whole channel."""
    if place.direct:
        return (f"{NAME}:{person}",)
    return (f"{NAME}:{place.channel if place.closed or not place.parent else place.parent}",)


def ref(channel: str, message: str) -> str:
    """One message."""
    return f"{channel}:{message}"


def place_of(reference: str) -> tuple[str, str]:
    """The channel and the id of a message, from what `ref` made."""
    channel, _, message = reference.partition(":")
    return channel, message
