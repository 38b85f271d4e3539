"""A mail as every channel delivers it: whose words, in which conversation, for whom. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from channels.email.addresses import Mailbox, mailbox
from channels.email.authentication import Verdict, verdict
from channels.email.machines import Kind, is_turn, kind
from channels.email.parsing import Attachment, Mail
from channels.email.reply.extraction import Reply
from channels.email.reply.mails import of, with_forwarded
from channels.email.tokens import thread_of
from channels.port import Address, Author, Inbound

NAME = "email"

MOST_PEOPLE = 50
"""Who is answered besides the author; a mail to more is answered to its author alone."""

MOST_REFERENCES = 30
_LONGEST = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose mailbox it is.

    addresses: under which mail reaches us, without "+…". mailbox: names it in dedupe ids.
    authserv_id: our mail server's name in Authentication-Results, "" if nobody is to be trusted.
    team: addresses of people of the team; everybody else is an outsider.
    """

    addresses: tuple[str, ...]
    mailbox: str
    authserv_id: str = ""
    team: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a mail is to us.

    inbound: the message to deliver; None for what must never begin or continue a turn.
    kind: who wrote it. verdict: whether the author is authenticated, and why.
    reply: the extracted text and the rest. attachments, subject: beside the text.
    """

    inbound: Inbound | None
    kind: Kind
    verdict: Verdict
    reply: Reply = field(repr=False)
    attachments: tuple[Attachment, ...] = ()
    subject: str = ""


def received(
    mail: Mail, account: Account, *, conversation: str = "", sent: Sequence[str] = ()
) -> Received:
    """What the mail is.

    conversation: the reference that a verified reply token stands for; it goes first.
    sent: the texts of ours that the mail may answer, so that quoted copies of them are found.
    """
    judged = verdict(mail, account.authserv_id)
    reply = of(mail, sent=sent)
    turn = bool(mail.senders) and is_turn(mail) and not is_ours(mail.senders[0].address, account)
    return Received(
        inbound=_inbound(mail, account, reply, judged, conversation) if turn else None,
        kind=kind(mail),
        verdict=judged,
        reply=reply,
        attachments=mail.attachments,
        subject=mail.subject,
    )


def tokens(mail: Mail, account: Account) -> tuple[str, ...]:
    """What follows the "+" of our address wherever the mail names it: reply tokens to verify."""
    named = (*mail.delivered_to, *mail.to, *mail.cc)
    plus = (
        one.address.rpartition("@")[0].partition("+")[2]
        for one in named
        if is_ours(one.address, account)
    )
    return tuple(dict.fromkeys(token for token in plus if token))


def is_ours(address: str, account: Account) -> bool:
    """Whether mail to it comes to us, whatever follows a "+"."""
    return _plain(address) in {_plain(own) for own in account.addresses}


def reference(message_id: str) -> str:
    """The native name of a conversation in which that message is."""
    return f"{NAME}:{_short(message_id)}"


OWN = 2
"""How many of its names, the last, are a mail's own."""


def references(mail: Mail, conversation: str = "", *, chain: bool = True) -> tuple[str, ...]:
    """The conversation's names: the token's, what is answered, its chain newest first, its own.

    chain: what it says to answer counts.
    """
    older = (*mail.in_reply_to, *reversed(mail.references[-MOST_REFERENCES:])) if chain else ()
    own = mail.message_id or f"sha256:{_raw(mail)}"
    known = dict.fromkeys((conversation,) if conversation else ())
    known |= dict.fromkeys(reference(each) for each in older if each != own)
    known |= {conversation_of(own): None}
    return (*known, reference(own))


def conversation_of(message_id: str) -> str:
    """The name that a reply token has for the conversation in which that message is."""
    return in_talk(thread_of(_short(message_id)))


def proof_of(message_id: str) -> str:
    """The name under which a decision finds what was asked in that message of ours."""
    return asked_in(thread_of(_short(message_id)))


def in_talk(thread: str) -> str:
    """The same as `conversation_of`, by what a token says."""
    return f"{NAME}:token:{thread}"


def asked_in(thread: str) -> str:
    """The same as `proof_of`, by what a token says."""
    return f"{NAME}:asked:{thread}"


def names_of(message_id: str, *, joined: bool, asks: tuple[str, ...] = ()) -> tuple[str, ...]:
    """How answers name that message of ours.

    asks: the requests that can be decided by an answer to it. joined: it is part of a conversation
    by mail, so that whatever answers it belongs there. What was sent to somebody beside one is
    found by decisions alone: they are not in the conversation.
    """
    asked = proof_of(message_id)
    named = (asked, *(f"{asked}:{request}" for request in asks))
    return (*named, conversation_of(message_id), reference(message_id)) if joined else named


def dedupe(mail: Mail, account: Account) -> str:
    """Names this very mail: another text under the same Message-ID is another mail."""
    name = _short(mail.message_id) if mail.message_id else f"sha256:{_raw(mail)}"
    return f"{NAME}:{account.mailbox}:{name}:{mail.digest[:16]}"


def audience(mail: Mail, account: Account) -> tuple[str, ...]:
    """The keys of everybody who reads the conversation: who wrote, and whom it names."""
    return tuple(sorted({f"{NAME}:{one.address.casefold()}" for one in _people(mail, account)}))


def _inbound(
    mail: Mail, account: Account, reply: Reply, judged: Verdict, conversation: str
) -> Inbound:
    writer = mail.sender or mail.senders[0]
    keys = audience(mail, account)
    team = {f"{NAME}:{one.casefold()}" for one in account.team}
    return Inbound(
        references=references(mail, conversation),
        dedupe=dedupe(mail, account),
        author=Author(
            channel=NAME,
            id=writer.address,
            name=writer.name,
            authenticated=judged.authenticated,
        ),
        address=Address(
            channel=NAME,
            # Whoever is not proven to be who they say has nothing sent to others.
            room=_room(mail, account) if judged.authenticated else writer.address,
            thread=_short(mail.message_id),
        ),
        text=with_forwarded(reply),
        audience=keys,
        outsiders=not set(keys) <= team,
        ref=mail.message_id and reference(mail.message_id),
        doubt="" if judged.authenticated else "author",
    )


def _room(mail: Mail, account: Account) -> str:
    """Whom the answer goes to: the author, or whom they name for that, then everybody else."""
    first = mail.reply_to or ((mail.sender,) if mail.sender else mail.senders[:1])
    answered = _unique(one for one in first if not is_ours(one.address, account))
    writer = [(mail.sender or mail.senders[0]).address]
    others = sorted(set(_unique(_others(mail, account))) - set(answered))
    if len(answered) + len(others) > MOST_PEOPLE:
        return ",".join(answered[:1] or writer)
    return ",".join((*(answered or writer), *others))


def _people(mail: Mail, account: Account) -> Iterable[Mailbox]:
    return (*mail.senders, *mail.reply_to, *_others(mail, account)) if mail.senders else ()


def _others(mail: Mail, account: Account) -> tuple[Mailbox, ...]:
    return tuple(one for one in (*mail.to, *mail.cc) if not is_ours(one.address, account))


def _unique(some: Iterable[Mailbox]) -> list[str]:
    return list(dict.fromkeys(one.address for one in some))


def _plain(address: str) -> str:
    local, _, domain = (mailbox(address) or address).casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _short(message_id: str) -> str:
    """The id, or what stands for one that is too long for a key."""
    if len(message_id) <= _LONGEST:
        return message_id
    return f"sha256:{hashlib.sha256(message_id.encode('utf-8', 'replace')).hexdigest()}"


def _raw(mail: Mail) -> str:
    return hashlib.sha256(mail.parts.raw).hexdigest()
