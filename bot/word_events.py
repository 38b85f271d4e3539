"""What people say, and what they do with a thread as a whole."""

from dataclasses import dataclass
from typing import Literal

from bot.fact import Fact
from channels.port import Address, Author, Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Fact):
    """A person wrote. `via` is set when it was said elsewhere, and is where its answer goes.

    ref: the message's native reference, by which later edits name it.

    outsiders: people from outside of the team read where its answer goes.

    doubt: why nothing in it decides; answers: the message of ours that it is proven to answer.
    """

    kind: Literal["message_received"] = "message_received"
    by: Author
    person: str | None
    address: Address
    text: str
    audience: tuple[str, ...]
    via: Address | None = None
    outsiders: bool = False
    ref: str = ""
    doubt: Doubt = ""
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(Fact):
    """What a person wrote as `ref` reads otherwise from now on; it starts nothing."""

    kind: Literal["message_edited"] = "message_edited"
    by: Author
    person: str | None
    address: Address
    ref: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(Fact):
    """What a person wrote as `ref` is taken back; it starts nothing, and stops what has not begun.

    Its words stay in the log, and nowhere else.
    """

    kind: Literal["message_deleted"] = "message_deleted"
    by: Author
    person: str | None
    address: Address
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Fact):
    """Nothing new starts on this thread until it is resumed."""

    kind: Literal["paused"] = "paused"
    by: Author
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Fact):
    """The thread goes on."""

    kind: Literal["resumed"] = "resumed"
    by: Author
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Fact):
    """Everything under way or asked on this thread so far is called off.

    turn: the message that said so; what was said after it stands.
    """

    kind: Literal["cancelled"] = "cancelled"
    by: Author
    person: str | None
    turn: int = 0
