"""Attachments as lines below a mail's words: what came along, and the text of small ones. Pure."""

from collections.abc import Sequence

from channels.email.cards import flat
from channels.email.parsing import Attachment

MOST = 20
TEXT = 16 * 1024
"""Characters of attached text that are shown, all together."""


def shown(attachments: Sequence[Attachment]) -> str:
    """Each by name, type and size; its text marked as quoted, as it is nobody's own words."""
    parts: list[str] = []
    left = TEXT
    for one in attachments[:MOST]:
        parts.append(f"> [attached: {flat(one.name) or 'no name'}, {one.kind}, {one.size} bytes]")
        text = (one.text or "")[:left]
        left -= len(text)
        parts += [f"> {line}" for line in text.splitlines()]
    if len(attachments) > MOST:
        parts.append(f"> [and {len(attachments) - MOST} more]")
    return "\n".join(parts)
