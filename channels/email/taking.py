"""What is delivered of a mail: its token checked, attachments and empty texts seen to. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from channels.email import tokens
from channels.email.addresses import addresses
from channels.email.attached import shown
from channels.email.inbound import (
    NAME,
    OWN,
    Account,
    Received,
    asked_in,
    dedupe,
    in_talk,
    is_ours,
    proof_of,
    received,
    reference,
    references,
)
from channels.email.inbound import tokens as plus_parts
from channels.email.machines import bounce, kind
from channels.email.parsing import Mail
from channels.email.tokens import Token
from channels.port import Address, Author, Change, Doubt, Inbound

_MOST_RECIPIENTS = 20
_MOST_TOKENS = 5
_SHOWN = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """inbound: what somebody says with it, None for nothing. beside: what else is told of it.

    reason: what is to be said of it in the log.
    """

    inbound: Inbound | None
    beside: tuple[Inbound, ...] = ()
    found: Received = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A token that came with a mail, and what is wrong with it."""

    token: Token | None = None
    doubt: Literal["", "token", "expired", "no_token"] = ""


def take(
    mail: Mail, account: Account, secret: bytes, now: datetime, *, sent: tuple[str, ...] = ()
) -> Taken:
    """What becomes of the mail."""
    given = _given(mail, account, secret, now)
    valid = given.token if not given.doubt else None
    conversation = in_talk(valid.thread) if valid is not None else ""
    found = received(mail, account, conversation=conversation, sent=sent)
    if found.inbound is None:
        beside = _returned(mail, account) or _unheard(mail, account, found)
        return Taken(inbound=None, beside=beside, found=found, reason=found.kind)
    inbound, beside = replace(found.inbound, text=_text(found)), _quoted(mail, account)
    if not inbound.author.authenticated:
        # Whoever knows the name of a mail is not in its conversation for that.
        inbound = replace(inbound, references=references(mail, conversation, chain=False))
    if given.doubt == "token":
        return Taken(
            inbound=_as_a_stranger(inbound), beside=beside, found=found, reason="a token of others"
        )
    if valid is not None:
        proof = asked_in(valid.thread)
        inbound = replace(inbound, proof=proof, answers=_answered(mail, proof))
    inbound = replace(inbound, doubt=inbound.doubt or _passed_on(mail, found) or given.doubt)
    return Taken(inbound=inbound, beside=beside, found=found, reason=found.verdict.reason)


def _given(mail: Mail, account: Account, secret: bytes, now: datetime) -> _Given:
    """The token that proves what is answered, or why there is none."""
    named = plus_parts(mail, account)[:_MOST_TOKENS] if secret else ()
    writer = mail.sender.address if mail.sender else ""
    valid = (tokens.verified(secret, one, now) for one in named)
    if token := next((one for one in valid if one is not None and one.is_for(writer)), None):
        return _Given(token=token)
    older = (tokens.ours(secret, one) for one in named)
    if any(one is not None and one.is_for(writer) and now >= one.expires for one in older):
        return _Given(doubt="expired")
    # What looks like a token, and is made up or was given to somebody else: a forger's, or passed
    # on. Whoever writes with it is heard as a stranger.
    return _Given(doubt="token" if any(_like_a_token(one) for one in named) else "no_token")


def _passed_on(mail: Mail, found: Received) -> Doubt:
    """Whether somebody else may have written it, or had it sent."""
    if found.reply.forwarded or found.reply.contested:
        return "quoted"
    writer = mail.sender.address if mail.sender else ""
    others = (mail.headers.first(name) for name in ("sender", "resent-from", "resent-sender"))
    named = {one.address.casefold() for value in others for one in addresses(value)}
    return "author" if named - {writer.casefold()} else ""


def _as_a_stranger(inbound: Inbound) -> Inbound:
    author = replace(inbound.author, authenticated=False)
    address = replace(inbound.address, room=author.id)
    doubt = inbound.doubt or "token"
    own = inbound.references[-OWN:]
    return replace(inbound, author=author, address=address, doubt=doubt, references=own)


def _answered(mail: Mail, proof: str) -> str:
    """The mail of ours that is proven to be answered, if the mail says that it answers it."""
    chain = (*mail.in_reply_to, *mail.references)
    return next((reference(one) for one in chain if proof_of(one) == proof), "")


def _returned(mail: Mail, account: Account) -> tuple[Inbound, ...]:
    """A mail of ours that came back for good: from whom."""
    if kind(mail) != "bounce":
        return ()
    back = bounce(mail)
    if not back.permanent or not back.message_id:
        return ()
    people = [one for one in back.recipients if not is_ours(one, account)][:_MOST_RECIPIENTS]
    told = (_beside(mail, account, one, "undelivered") for one in people)
    return tuple(
        replace(
            one,
            references=(proof_of(back.message_id),),
            dedupe=f"{one.dedupe}:{one.author.id}",
            ref=reference(back.message_id),
            text=mail.subject[:_SHOWN],
        )
        for one in told
    )


def _unheard(mail: Mail, account: Account, found: Received) -> tuple[Inbound, ...]:
    """What a machine wrote: its subject and its words, for the audit."""
    writer = (mail.sender or next(iter(mail.senders), None)) if mail.senders else None
    if writer is None or is_ours(writer.address, account):
        return ()
    told = _beside(mail, account, writer.address, "unheard")
    text = f"{mail.subject}\n{found.reply.text}"[:_SHOWN]
    return (replace(told, references=references(mail), text=text, doubt="machine"),)


def _quoted(mail: Mail, account: Account) -> tuple[Inbound, ...]:
    """What a mail quotes where its own words should begin, for the audit."""
    first = next((line for line in mail.text.splitlines() if line.strip()), "")
    writer = mail.sender
    if writer is None or not first.startswith(">"):
        return ()
    told = _beside(mail, account, writer.address, "unheard")
    text = first.lstrip("> ")[:_SHOWN]
    return (replace(told, references=references(mail), text=text, doubt="quoted"),)


def _beside(mail: Mail, account: Account, person: str, change: Change) -> Inbound:
    return Inbound(
        references=(),
        dedupe=dedupe(mail, account),
        author=Author(channel=NAME, id=person, bot=True, authenticated=False),
        address=Address(channel=NAME, room=person),
        text="",
        audience=(),
        may_open=False,
        change=change,
    )


def _text(found: Received) -> str:
    """The words, else the subject; and what came along, below."""
    words = found.inbound.text if found.inbound else ""
    if not words.strip() and found.subject:
        words = f"Subject: {found.subject}"
    return "\n\n".join(part for part in (words, shown(found.attachments)) if part.strip())


def _like_a_token(text: str) -> bool:
    return len(text) == tokens.LENGTH
