"""An answer or a request as a mail: its headers, its two bodies, whom it goes to. Pure.

The same `Outbound` is always the same mail with the same Message-ID. Nothing of a text, a subject
or a name can add a header: what is not one printable line is made one.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from channels.email import bodies, tokens
from channels.email.addresses import mailbox
from channels.email.cards import flat
from channels.port import Outbound

MOST_REFERENCES = 20
"""Ids of the chain that are kept: the first, which names the conversation, and the newest."""

TOKEN_LASTS = timedelta(days=30)
_SUBJECT = 200
_QUOTED_LINES = 6
_LOCAL = 64
_POLICY = policy.compat32.clone(linesep="\r\n", max_line_length=78)


class NoRecipient(ValueError):
    """Nobody in the address can be sent mail to; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """Who sends: the bot's address and name. secret: signs reply tokens, b"" for none of them."""

    address: str
    name: str = "Watchkeeper"
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The mail that is answered, as far as it is known.

    references: its own chain, oldest first, without itself. said: its new words. by: the address of
    whoever wrote it, which need not be where the answer goes.
    """

    message_id: str = ""
    by: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail ready to be handed over: under which id, from and to whom, and its bytes."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes = field(repr=False)


def letter(message: Outbound, sender: From, answered: Answered, now: datetime) -> Letter:
    """The mail for it. Raises `NoRecipient`."""
    people = recipients(message)
    own = message_id(message.key, sender)
    mail = MIMEMultipart("alternative", boundary=f"=_{_digest(message.key)}", policy=_POLICY)
    for name, value in _headers(message, sender, answered, people, now):
        mail[name] = value
    quote = _quote(answered.said)
    for body, kind in (
        (bodies.plain(message, quote), "plain"),
        (bodies.rich(message, quote), "html"),
    ):
        mail.attach(MIMEText(_storable(body), kind, "utf-8", policy=_POLICY))
    return Letter(
        message_id=own,
        sender=sender.address,
        recipients=people,
        data=mail.as_bytes(policy=_POLICY),
    )


def recipients(message: Outbound) -> tuple[str, ...]:
    """Whom it goes to, each once. Raises `NoRecipient`."""
    named = (message.only or message.address.room).split(",")
    exact = (mailbox(one.strip().rpartition(":")[2]) for one in named)
    people = tuple(dict.fromkeys(one for one in exact if one and one.isascii()))
    if not people:
        raise NoRecipient(f"no address that mail can be sent to: {flat(message.address.room)!r}")
    return people


def message_id(key: str, sender: From) -> str:
    """The id of the mail for an idempotency key, without brackets."""
    return f"{_digest(key)}@{sender.address.rpartition('@')[2]}"


def reply_to(sender: From, own: str, people: tuple[str, ...], now: datetime) -> str:
    """Our address with a token for this very mail; without one where there is no room for it."""
    local, _, domain = sender.address.rpartition("@")
    if not sender.secret or len(local) + 1 + tokens.LENGTH > _LOCAL:
        return sender.address
    # Whole days, so that the same message is the same mail for a day.
    token = tokens.signed(sender.secret, own, people, now + TOKEN_LASTS)
    return f"{local}+{token}@{domain}"


def subject(message: Outbound, answered: Answered) -> str:
    """The conversation's own subject, as it never changes on the way."""
    given = flat(answered.subject)[:_SUBJECT]
    if given:
        return given if given.lower().startswith(("re:", "re :")) else f"Re: {given}"
    card = message.card
    first = next((line for line in message.text.splitlines() if flat(line)), "")
    return flat(f"{card.title} ({card.request})" if card else first)[:_SUBJECT] or "Watchkeeper"


def chain(answered: Answered) -> tuple[str, ...]:
    """The References: the whole chain, or its beginning and its newest where it is long."""
    known = dict.fromkeys((*answered.references, answered.message_id))
    ids = [one for one in known if _is_id(one)]
    if len(ids) > MOST_REFERENCES:
        ids = [ids[0], *ids[-MOST_REFERENCES + 1 :]]
    return tuple(ids)


def _headers(
    message: Outbound, sender: From, answered: Answered, people: tuple[str, ...], now: datetime
) -> list[tuple[str, str]]:
    own = message_id(message.key, sender)
    # Whoever has answers sent elsewhere answers from their own address all the same.
    readers = people if message.only else tuple(dict.fromkeys((*people, answered.by or people[0])))
    ids = chain(answered)
    threaded = [("In-Reply-To", f"<{ids[-1]}>")] if _is_id(answered.message_id) else []
    threaded += [("References", " ".join(f"<{one}>" for one in ids))] if ids else []
    return [
        ("From", _named(sender.name, sender.address)),
        ("To", ", ".join(people)),
        ("Reply-To", _named(sender.name, reply_to(sender, own, readers, now))),
        ("Subject", _encoded(subject(message, answered), "Subject")),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{own}>"),
        *threaded,
        ("Auto-Submitted", "auto-replied" if threaded else "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
    ]


def _named(name: str, address: str) -> str:
    shown = flat(name).replace('"', "").replace("\\", "")
    if not shown:
        return address
    return f'"{shown}" <{address}>' if shown.isascii() else f"{_encoded(shown, 'From')} <{address}>"


def _encoded(text: str, name: str) -> str:
    if text.isascii():
        return text
    return Header(_storable(text), "utf-8", header_name=name, maxlinelen=70).encode(linesep="\n")


def _is_id(text: str) -> bool:
    return (
        0 < len(text) <= 250 and "@" in text and text.isascii() and not set(text) & set("<> \t\r\n")
    )


def _quote(said: str) -> str:
    """The beginning of what is answered; what it quotes itself is left out."""
    own = [line for line in said.splitlines() if line.strip() and not line.startswith(">")]
    shown = own[:_QUOTED_LINES]
    return "\n".join([*(line[:200] for line in shown), *(["[…]"] if len(own) > len(shown) else [])])


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]
