"""Whether somebody typed an address, whole and as a word of its own, however it is spelt. Pure."""

import re
from collections.abc import Callable, Iterator

from agents.words import plain
from bot.wording import Wording

_EDGES = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb()[]{}<>*_~"
_END = _EDGES + ",;:!?.\u2026"
_LABEL = re.compile(r"(?:--)?[A-Za-z][\w-]*=(?=\S)")
_LONGEST = 2_100
_MOST = 500


def typed(words: Wording, value: str, same: Callable[[str], str]) -> bool:
    """Whether the words hold the value: the same address, and nothing before or after it.

    same: the one spelling of all that mean the same; raises `ValueError` for what is no address.
    """
    wanted = _spelling(value, same)
    return wanted is not None and any(_spelling(word, same) == wanted for word in _words(words.raw))


def _spelling(text: str, same: Callable[[str], str]) -> str | None:
    try:
        return same(text)
    except ValueError:
        return None


def _words(raw: str) -> Iterator[str]:
    """What stands between spaces and may be an address: as it is, and without what is around it."""
    text = plain(raw).replace("&amp;", "&")
    chunks = (chunk for chunk in text.split() if len(chunk) <= _LONGEST)
    likely = [chunk for chunk in chunks if "." in chunk or ":" in chunk or "=" in chunk]
    for chunk in likely[:_MOST]:
        # A list of hosts has its commas; in a URL they are a part of it.
        for part in [chunk] if "/" in chunk else re.split(r"[,;|]", chunk):
            told = _LABEL.sub("", part, count=1) if _LABEL.match(part) else part
            yield from dict.fromkeys((told, told.strip(_EDGES), told.lstrip(_EDGES).rstrip(_END)))
