"""What of Discord's messages and clicks counts, as plain data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.discord.names import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of a message. `size` in bytes."""

    name: str
    size: int
    url: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as it stands there now.

    by: the author's user id. bot: it is of a bot or a webhook. ordinary: somebody wrote it, and not
    Discord. mentions: whom it pings, which a reply does without a word; names: what they are
    called. edited: when it was changed last, "" for never.
    """

    id: str
    place: Place
    by: str
    name: str = ""
    bot: bool = False
    ordinary: bool = True
    text: str = ""
    mentions: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    edited: str = ""
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Somebody pressed a button, filled in a form or gave a command: `id` names that, once."""

    id: str
    place: Place
    by: str
    name: str = ""
