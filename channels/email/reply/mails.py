"""The reply of a whole mail: its plain part, or its HTML where that says more. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from channels.email import markup
from channels.email.parsing import Mail
from channels.email.reply.extraction import Reply, extract

_PASSED_ON = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|vs|vb|vl|pd|inoltr?a|doorst|İlt|转发|轉寄)\s?:", re.I
)
"""What mail programs put before the subject of a mail that is passed on."""


def of(mail: Mail, *, sent: Sequence[str] = ()) -> Reply:
    """What is new in the mail.

    sent: the texts of ours that it may answer.
    """
    found = _better(mail, sent)
    passed_on = bool(found.quoted) and _PASSED_ON.match(mail.subject) is not None
    return replace(found, forwarded=True) if passed_on else found


def _better(mail: Mail, sent: Sequence[str]) -> Reply:
    plain = extract(mail.text, sent=sent) if mail.text.strip() else None
    if plain is not None and (plain.quoted or (plain.text.strip() and not _quotes(mail.html))):
        return plain
    rich = html(mail.html, sent=sent) if mail.html else None
    if plain is None or rich is None:
        return plain or rich or Reply(text="")
    if rich.quoted and _within(rich.text, plain.text):
        return rich
    return replace(plain, contested=not _alike(rich.text, plain.text))


def html(source: str, *, sent: Sequence[str] = ()) -> Reply:
    """What is new in an HTML body."""
    return extract(markup.text(source), sent=sent, marked=True)


def _quotes(source: str) -> bool:
    """Whether the HTML may know of quotes that the plain part does not show."""
    low = source[: markup.MOST].lower()
    return any(sign in low for sign in ("blockquote", "quote", "divrplyfwdmsg", "border-top"))


def _within(shorter: str, longer: str) -> bool:
    """Whether the one text is the beginning of the other, spaces and marks apart."""
    short, long = _letters(shorter), _letters(longer)
    return bool(short) and long.startswith(short[:200]) and len(short) < len(long)


def _alike(one: str, other: str) -> bool:
    """Whether the first line that is not quoted is the same in both, spaces and marks apart."""
    first, second = (_letters(_first(text)) for text in (one, other))
    return first == second


def _first(text: str) -> str:
    own = (line for line in text.split("\n") if line.strip() and not line.startswith(">"))
    return next(own, "")


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def marked(reply: Reply) -> str:
    """The text with every line that may be somebody else's marked by ">"."""
    if not reply.doubtful:
        return reply.text
    return _quote(reply.text)


def with_forwarded(reply: Reply) -> str:
    """The same, and what is passed on below it, marked."""
    own = marked(reply)
    if not reply.forwarded:
        return own
    return "\n\n".join(part for part in (own, _quote(reply.quoted)) if part.strip())


def _quote(text: str) -> str:
    return "\n".join(
        line if line.startswith(">") else f"> {line}".rstrip() for line in text.split("\n")
    )
