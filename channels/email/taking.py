"""What is delivered of a mail: its token checked, attachments and empty texts seen to. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from channels.email import tokens
from channels.email.attached import shown
from channels.email.inbound import NAME, Account, Received, received, token
from channels.email.inbound import tokens as plus_parts
from channels.email.parsing import Mail
from channels.port import Inbound


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """`inbound`: what to deliver, None for nothing. reason: what is to be said of it in the log."""

    inbound: Inbound | None
    found: Received = field(repr=False)
    reason: str


def take(
    mail: Mail, account: Account, secret: bytes, now: datetime, *, sent: tuple[str, ...] = ()
) -> Taken:
    """What becomes of the mail."""
    writer = mail.sender.address if mail.sender else ""
    given = token(mail, account, secret, now) if secret else None
    valid = given is not None and given.is_for(writer)
    conversation = f"{NAME}:token:{given.thread}" if given is not None and valid else ""
    found = received(mail, account, conversation=conversation, sent=sent)
    if found.inbound is None:
        return Taken(inbound=None, found=found, reason=found.kind)
    inbound = replace(found.inbound, text=_text(found))
    if secret and not valid and _claims(mail, account):
        # A token that is made up, has expired or was given to somebody else: a forger's, or passed
        # on. Whoever writes with it is heard as a stranger.
        author = replace(inbound.author, authenticated=False)
        inbound = replace(inbound, author=author)
        return Taken(inbound=inbound, found=found, reason="its reply token is not the sender's")
    return Taken(inbound=inbound, found=found, reason=found.verdict.reason)


def _text(found: Received) -> str:
    """The words, else the subject; and what came along, below."""
    words = found.inbound.text if found.inbound else ""
    if not words.strip() and found.subject:
        words = f"Subject: {found.subject}"
    return "\n\n".join(part for part in (words, shown(found.attachments)) if part.strip())


def _claims(mail: Mail, account: Account) -> bool:
    """Whether it came to an address that looks like one with a token."""
    return any(len(one) == tokens.LENGTH for one in plus_parts(mail, account))
