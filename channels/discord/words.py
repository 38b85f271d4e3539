"""Discord's way of writing, read as people typed it. Pure."""

import re
from collections.abc import Mapping

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EMOJI = re.compile(r"<a?(:\w{1,32}:)\d{1,20}>")
_COMMAND = re.compile(r"<(/[^:<>\n]{1,100}):\d{1,20}>")
_SOON = 3
"""Words: whom a message names among its first ones, it is for."""


def mentions(text: str) -> tuple[str, ...]:
    """The ids of the users whom a message names, in order."""
    return tuple(_USER.findall(text))


def is_for_somebody_else(text: str, me: str) -> bool:
    """Whether it addresses a person and not the bot."""
    named = mentions(text)
    if not named or me in named:
        return False
    first = _USER.search(text)
    return first is not None and len(text[: first.start()].split()) < _SOON


def plain(text: str, me: str, name: str, names: Mapping[str, str]) -> str:
    """As it was typed: without the mention that only calls the bot, with names for ids.

    me: the bot's user id; name: what it is called where it is spoken of; names: of the others.
    """
    words = text.strip()
    mine = re.compile(rf"<@!?{re.escape(me)}>")
    while found := mine.match(words):
        words = words[found.end() :].lstrip(" ,:\t\n")
    words = re.sub(rf"[ \t]*{mine.pattern}[ \t]*$", "", words)
    words = mine.sub(f"@{name}", words)
    words = _USER.sub(lambda found: f"@{names.get(found[1], found[1])}", words)
    return _COMMAND.sub(r"\1", _EMOJI.sub(r"\1", _ROLE.sub(r"@\1", words)))
