"""How Slack's things are called in the bot: persons, rooms, conversations, messages. Pure."""

from dataclasses import dataclass

from channels.port import Address, Author

NAME = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The app itself: its workspace, its bot user, and what that user is called."""

    team: str
    user: str
    bot: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A room as far as it matters who reads there. `outsiders`: shared with another workspace."""

    direct: bool
    outsiders: bool = False


def member(team: str, user: str) -> str:
    """A person's id, as settings have it: ids of users are only unique within a workspace."""
    return f"{team}/{user}"


def user_of(member_id: str) -> str:
    """The user's id alone, from a person's."""
    return member_id.rpartition("/")[2]


def author(team: str, user: str, me: Me) -> Author:
    """Who wrote. People from other workspaces are never people of the team, whoever they are."""
    return Author(
        channel=NAME, id=member(team, user), name=user, bot=False, authenticated=team == me.team
    )


def conversation(team: str, room: str, root: str) -> str:
    """The name of the conversation whose first message is `root`, in the room with that id."""
    return f"{NAME}:{team}:{room}:{root}"


def address(room: str, root: str = "") -> Address:
    """Where its answers go."""
    return Address(channel=NAME, room=room, thread=root)


def audience(room: str, place: Place, author_id: str) -> tuple[str, ...]:
    """Who reads there: one person, or whoever is in the room."""
    return (f"{NAME}:{author_id}",) if place.direct else (f"{NAME}:{room}",)


def ref(room: str, ts: str) -> str:
    """One message."""
    return f"{room}:{ts}"


def place_of(reference: str) -> tuple[str, str]:
    """The room and the time stamp of a message, from what `ref` made."""
    room, _, ts = reference.partition(":")
    return room, ts


def is_person(room: str) -> bool:
    """Whether an address names a person, to be told in a direct message."""
    return "/" in room
