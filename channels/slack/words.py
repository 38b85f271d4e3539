"""Slack's way of writing, read as people typed it. Pure.

What is special stands between < and >, and everything else has & < > escaped.
"""

import html
import re

_SPECIAL = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_SOON = 3
"""Words: whom a message names among its first ones, it is for."""


def mentions(text: str) -> tuple[str, ...]:
    """The ids of the users whom a message names, in order."""
    return tuple(_MENTION.findall(text))


def is_for_somebody_else(text: str, me: str) -> bool:
    """Whether it addresses a person and not the bot."""
    named = mentions(text)
    if not named or me in named:
        return False
    first = _MENTION.search(text)
    return first is not None and len(text[: first.start()].split()) < _SOON


def plain(text: str, me: str, name: str) -> str:
    """As it was typed: without the mention that only calls the bot, with names for ids.

    me: the bot's user id; name: what it is called where it is spoken of.
    """
    words = text.strip()
    mine = re.compile(rf"<@{re.escape(me)}(?:\|[^<>]*)?>")
    while found := mine.match(words):
        words = words[found.end() :].lstrip(" ,:\t\n")
    words = words.rstrip()
    last = words.rfind("<@")
    if last >= 0 and mine.fullmatch(words, last):
        words = words[:last].rstrip(" \t")
    words = mine.sub(f"@{name}", words)
    return html.unescape(_SPECIAL.sub(lambda found: _typed(found[1]), words))


def _typed(special: str) -> str:
    """What was typed where Slack has put one of its special forms."""
    target, bar, label = special.partition("|")
    match target[:1]:
        case "@":
            return target
        case "#":
            return f"#{label}" if label else target
        case "!":
            return _called(target[1:], label)
    if not bar or not label:
        return target.removeprefix("mailto:")
    short = html.unescape(target)
    same = {short, *(short.removeprefix(scheme) for scheme in _SCHEMES)}
    # Words that stand for an address are shown with it: the one must not pass for the other.
    return label if html.unescape(label) in same else f"{label} ({target})"


_SCHEMES = ("mailto:", "https://", "http://")


def _called(what: str, label: str) -> str:
    if label:
        return label
    return f"@{what}" if what in {"here", "channel", "everyone"} else f"!{what}"
