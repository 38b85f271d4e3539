"""A raw mail as plain data: what counts of it, and nothing that has to be asked for twice.

Pure, linear in the size of the mail, and without a mail that it raises on. Whom to trust, what is
a machine's and what of the text is new is decided elsewhere (`authentication`, `machines`,
`reply`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from channels.email.addresses import Mailbox, addresses, only
from channels.email.charset import decode
from channels.email.flowed import is_flowed, unwrapped
from channels.email.headers import Headers, words
from channels.email.mime import Part, read

MOST_TEXT = 1024 * 1024
"""Encoded bytes of text that are read of one mail, whatever parts it stands in."""

SMALL = 64 * 1024
"""An attached text up to this size is read as well."""

MOST_REFERENCES = 100
_MOST_BARE = 4 * 1024
"""Characters that are looked through for an id without brackets: that is slow."""

_MOST_GUESSES = 5
"""Parts whose charset may be found out: that is slow."""

_ID = re.compile(r"<\s*([^<>\s]{1,900})\s*>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,400}@[^<>\s,;]{1,400}")
_READABLE = frozenset(
    {"application/json", "application/xml", "application/yaml", "application/x-yaml"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came along. `text` is what a small text file holds, None for any other."""

    name: str
    kind: str
    size: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What counts of a mail.

    message_id, in_reply_to, references: without their brackets; references oldest first.
    sender: who wrote, None unless exactly one address stands in exactly one From.
    senders: everything that can be read from From.
    text, html: the parts meant for reading, decoded; "" without one.
    kinds: the types of all parts, the mail's own first.
    digest: of everything below the header.
    """

    headers: Headers = field(repr=False)
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Mailbox | None
    senders: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    delivered_to: tuple[Mailbox, ...]
    date: datetime | None
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    attachments: tuple[Attachment, ...]
    kinds: tuple[str, ...]
    digest: str
    parts: Part = field(repr=False)

    @property
    def authentication_results(self) -> tuple[str, ...]:
        """Those headers in their order, topmost first."""
        return self.headers.every("authentication-results")


def parse(raw: bytes) -> Mail:
    """The mail that these bytes are, whatever they are."""
    whole = read(raw)
    headers = whole.headers
    plain, html = _chosen(whole)
    texts = _Texts()
    return Mail(
        headers=headers,
        message_id=next(iter(_ids(headers.every("message-id")[:1])), ""),
        in_reply_to=_ids(headers.every("in-reply-to")),
        references=_ids(headers.every("references")),
        sender=only(headers.every("from")),
        senders=_everybody(headers, "from"),
        to=_everybody(headers, "to"),
        cc=_everybody(headers, "cc"),
        reply_to=_everybody(headers, "reply-to"),
        delivered_to=_everybody(headers, "delivered-to", "x-original-to", "envelope-to"),
        date=_date(headers.first("date")),
        subject=words(headers.first("subject"))[:998],
        text="\n".join(_text(part, texts) for part in plain),
        html="\n".join(texts.of(part) for part in html),
        attachments=tuple(_attachments(whole, {id(part) for part in (*plain, *html)}, texts)),
        kinds=(whole.kind, *(part.kind for part in whole.leaves() if whole.parts)),
        digest=hashlib.sha256(memoryview(raw)[whole.start :]).hexdigest(),
        parts=whole,
    )


def _everybody(headers: Headers, *names: str) -> tuple[Mailbox, ...]:
    found = (one for name in names for value in headers.every(name) for one in addresses(value))
    return tuple(dict.fromkeys(found))


def _ids(values: Iterable[str]) -> tuple[str, ...]:
    """Message ids; one without brackets is taken where there is no other."""
    joined = " ".join(values)
    found = _ID.findall(joined) or _BARE_ID.findall(joined[:_MOST_BARE])
    return tuple(dict.fromkeys(found))[-MOST_REFERENCES:]


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:200])
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except Exception:  # noqa: BLE001 - the standard library raises whatever its code runs into
        return None


def _chosen(part: Part) -> tuple[list[Part], list[Part]]:
    """The plain and the HTML parts to be read, in their order.

    Where the mail proper is HTML alone, plain parts below it are what a mailing list has added.
    """
    plain: list[Part] = []
    html: list[Part] = []
    for inner in part.parts or (part,):
        if inner.parts:
            some, others = _chosen(inner)
        else:
            beside = inner.told_so if inner is part else inner.attached
            shown = [] if beside else [inner]
            some = [each for each in shown if each.kind == "text/plain"]
            others = [each for each in shown if each.kind == "text/html"]
        only_html = bool(html) and not plain and part.kind != "multipart/alternative"
        plain += [] if only_html else some
        html += others
    return plain, html


class _Texts:
    """The texts of one mail: no more of them than can be read while somebody waits."""

    def __init__(self) -> None:
        self.left = MOST_TEXT
        self._guesses = _MOST_GUESSES

    def of(self, part: Part) -> str:
        """The part as text, with line ends as one newline each; cut off where it is too much."""
        data = part.content(self.left)
        self.left -= min(part.end - part.start, self.left)
        self._guesses -= not data.isascii()
        text = decode(data, part.charset, guess=self._guesses >= 0)
        return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(part: Part, texts: _Texts) -> str:
    text = texts.of(part)
    if not is_flowed(part):
        return text
    delsp = part.parameters.get("delsp", "").strip().lower() == "yes"
    return unwrapped(text, delsp=delsp)


def _attachments(whole: Part, shown: set[int], texts: _Texts) -> Iterator[Attachment]:
    for part in whole.leaves():
        if id(part) in shown:
            continue
        readable = part.kind.startswith("text/") or part.kind in _READABLE
        fits = part.size <= SMALL and part.end - part.start <= texts.left
        text = texts.of(part) if readable and fits else None
        yield Attachment(name=part.name, kind=part.kind, size=part.size, text=text)
