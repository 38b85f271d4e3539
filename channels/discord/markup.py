"""Texts that nobody vouches for, as Discord's Markdown: read, never obeyed. Pure."""

import re

from channels.links import honest
from channels.splitting import lines

_SPECIAL = re.compile(
    r"<(?=(?:@[!&]?\d|#\d|a?:\w{1,32}:\d|/[^<>\n]{1,120}:\d|t:-?\d|id:\w|https?://|sound:))"
)
_MARKS = re.compile(r"(^[#>-]|[\\*_~|`\[\]<])")
_APART = "\u200b"


def shown(text: str) -> str:
    """Markdown in which nothing pings, hides a link or passes for one of Discord's own signs."""
    return "\n".join(
        one.text if one.sure else _SPECIAL.sub(f"<{_APART}", one.text)
        for one in lines(honest(text))
    )


def escaped(text: str) -> str:
    """A text of one line in which no sign is markup."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def inline(text: str) -> str:
    """A text of one line as code, which shows it as it is."""
    return f"`{' '.join(text.replace('`', chr(0x2CB)).split()) or ' '}`"
