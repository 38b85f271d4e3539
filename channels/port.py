"""The port of every channel: plain, channel-neutral data, and what a channel is.

Nothing here does I/O. A channel's `inbound` module makes `Inbound` from native payloads, its
`outbound` module makes native payloads from `Outbound`, and its `adapter` talks to the service.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a reply goes: `channel` is the adapter's name, `room` and `thread` are native ids."""

    channel: str
    room: str
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote: the native `id` is what counts, `name` is only ever shown."""

    channel: str
    id: str
    name: str = ""
    bot: bool = False
    authenticated: bool = True


Change = Literal["said", "edited", "deleted", "undelivered", "unheard"]
"""What became of a message: it was said, it reads otherwise now, or it was taken back.

undelivered: a message of ours (`ref`) came back from `address`. unheard: these are nobody's own
words (a machine's, or quoted), so they are told of for the audit alone.
"""

Doubt = Literal["", "author", "token", "expired", "no_token", "thread", "machine", "quoted"]
"""Why nothing in a message decides: nobody vouches for its author; its token is not its author's,
has expired, is missing, or is of another thread; a machine wrote it; it is somebody else's words
that are quoted. "" for no such reason.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One message from a person, as every channel delivers it.

    references: ordered native names of the conversation, the first known one wins; the last one
        names a new thread.
    dedupe: names this very message bot-wide; "" where the channel can not repeat itself.
    audience: keys of everyone who sees the room ("console:alice"); the answer is theirs to see.
    outsiders: whether somebody from outside of the team can read the room.
    may_open: whether the message may begin a thread; if not, it is dropped unless a reference is
        known.
    ref: the message's own native reference, by which a later `change` of it names it.
    doubt: why nothing in it decides, where its channel can not vouch for every message.
    proof: the name (see `SentLog.name`) of our message that it is proven to answer, "" without
        such proof; answers: the native reference of that one, "" where that is not known.
    """

    references: tuple[str, ...]
    dedupe: str
    author: Author
    address: Address
    text: str
    audience: tuple[str, ...]
    outsiders: bool = False
    may_open: bool = True
    ref: str = ""
    change: Change = "said"
    doubt: Doubt = ""
    proof: str = ""
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another approval that is open on the same thread, and what would run."""

    request: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One request as a channel shows it. `outcome` is empty while the request is open.

    args: the arguments as people write them, where they may be changed ("service=api tag=v2").
    beside: the other approvals that are open on the thread.
    """

    request: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    expires_at: datetime | None = None
    outcome: str = ""
    args: str = ""
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One message to people. `key` is its idempotency key: the same key is the same message.

    text: Markdown. Untrusted: a channel escapes it so that it can ping nobody and forge nothing.
    only: who alone is to see it, by their id on the channel; "" for everybody there. A channel
        that can show nothing to one person in a room tells them elsewhere.
    to: whose words it answers, by their id on the channel; "" for nobody's, or not known.
    edits: what `send` returned for the message that this is put in the place of; "" for a new one.
    at: when it was there to be sent for the first time: it is not with people before that.
    """

    key: str
    address: Address
    text: str
    card: Card | None = None
    only: str = ""
    to: str = ""
    edits: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandParam:
    """One argument of a command. choices: all that it may be, () for anything of its kind."""

    name: str
    kind: Literal["text", "integer", "boolean"] = "text"
    meaning: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """A command that a channel may offer by name, where it has such a way: `/restart`."""

    name: str
    summary: str
    params: tuple[CommandParam, ...] = ()


class SendFailed(Exception):
    """The message was not delivered. `transient` says whether a later try may succeed.

    after: seconds before which a try is of no use, where the service said so.
    """

    def __init__(self, reason: str, *, transient: bool, after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient
        self.after = after


class SendUnclear(SendFailed):
    """Nobody knows whether the message arrived. Never send it again.

    ref: its native reference, as `Channel.send` would have returned it.
    """

    def __init__(self, reason: str, *, ref: str = "") -> None:
        super().__init__(reason, transient=False)
        self.ref = ref


class CannotConnect(Exception):
    """The channel is not connected. `transient` says whether a later try may succeed.

    reason: one line for whoever runs the bot; if it is not transient, it says what to mend.
    """

    def __init__(self, reason: str, *, transient: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """`name`: who the bot is there ("@watchkeeper"). faults: what is amiss all the same, a line
    for each, which says what to mend. invite: the page on which somebody lets it into a place of
    theirs, "" where that is done in another way.
    """

    name: str
    faults: tuple[str, ...] = ()
    invite: str = ""


Deliver = Callable[[Inbound], Awaitable[bool]]
"""Given to a channel: returns once the message is durable, raises if it is not. Ack after it.

False if it was taken in before, or is not for the bot.
"""


class Cursors(Protocol):
    """Where a channel stopped reading, by a name that begins with the channel's; durable."""

    async def cursor(self, name: str) -> str | None:
        """What was set last; None for never. Raises if the store is not there."""
        ...

    async def set_cursor(self, name: str, value: str) -> None:
        """Remember it. Raises if the store is not there."""
        ...


class SentLog(Protocol):
    """What any process of the bot has begun to send, and how fast it may."""

    async def begin(self, key: str) -> bool:
        """Say that the message `key` is about to be sent; whether that was said before.

        If it was, it may be with people already: look before it is sent again.
        """
        ...

    async def kept_back(self, key: str) -> None:
        """Take that back: the message `key` surely did not go out."""
        ...

    async def name(self, key: str, references: tuple[str, ...]) -> None:
        """Say by which names answers will know the message `key`.

        Before it is sent, where the channel makes the names; else as soon as they are known.
        """
        ...

    async def pace(self, room: str, interval: float, *, burst: int = 1) -> float:
        """Take the next place in a room that takes one message each `interval` seconds.

        burst: how many it takes at once after it was quiet for as long.

        Returns the seconds until it is ours. Nothing is taken if that is more than a second.
        """
        ...


class Channel(Protocol):
    """A place where people talk."""

    @property
    def name(self) -> str:
        """The channel's name in addresses, authors and logs."""
        ...

    async def start(self, deliver: Deliver) -> Connected:
        """Connect and begin to deliver. Raises `CannotConnect`."""
        ...

    async def check(self) -> Connected:
        """Whether it could connect, and what is amiss; nothing is delivered by it.

        Raises `CannotConnect`.
        """
        ...

    async def send(self, message: Outbound) -> str:
        """Deliver once per `message.key`; returns the native reference.

        Raises `SendFailed`, and `SendUnclear` where nobody knows.
        """
        ...

    async def busy(self, address: Address, doing: str) -> None:
        """Show there that it is at work, and at what ("running restart"); "" for no longer.

        A courtesy: what it raises is logged, and what it shows may be lost.
        """
        ...

    async def ready(self) -> bool:
        """Whether what people say would be heard just now; asks nobody, and takes no time."""
        ...

    async def stop(self) -> None:
        """Stop taking messages in; what is being taken in is finished. Sending still works."""
        ...

    async def close(self) -> None:
        """Nothing is sent any more: every connection ends. Again is nothing."""
        ...
