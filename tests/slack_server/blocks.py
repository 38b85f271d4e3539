"""What is in a message or a form: its blocks, and what people read in them."""

import re
import secrets
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from tests.slack_server.wire import Payload

INLINE = ("text", "link", "user", "emoji")
"""Elements of a line; all others stand below each other."""

READ = ("title", "text", "fields", "rows", "elements", "accessory", "label", "element")
"""Where in a block there is something to read, from above."""


def walk(value: Any) -> Iterator[Payload]:
    """Every object in the blocks, those inside of others too."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def shown(blocks: Iterable[Payload]) -> str:
    """What people read in them, a line for each block."""
    return "\n".join(filter(None, (_line(block) for block in blocks)))


def _line(value: Any) -> str:
    if isinstance(value, list):
        kinds = [item.get("type") for item in value if isinstance(item, dict)]
        joint = "" if any(kind in INLINE for kind in kinds) else "\n"
        return joint.join(filter(None, map(_line, value)))
    match value:
        case {"type": "emoji", "name": name}:
            return f":{name}:"
        case {"type": "user", "user_id": user}:
            return f"<@{user}>"
        case {"type": "link", "url": url}:
            return str(value.get("text") or url)
        case {"text": str(text)}:
            return text
    parts = (_line(value[key]) for key in READ if key in value) if isinstance(value, dict) else ()
    return "\n".join(filter(None, parts))


def pinged(text: str, blocks: list[Payload], *, named: bool) -> set[str]:
    """Whom a message pings. named: a name after an @ is enough."""
    written = [text]
    found = set()
    for item in walk(blocks):
        match item:
            case {"type": "user", "user_id": str(name)} | {"type": "broadcast", "range": str(name)}:
                found.add(name)
            case {"type": "mrkdwn" | "markdown", "text": str(part)}:
                written.append(part)
    for part in written:
        found.update(re.findall(r"<[@!](\w+)[|>]", part))
        found.update(re.findall(r"@(channel|here|everyone)\b", part) if named else ())
    return found


def numbered(blocks: Iterable[Payload]) -> list[Payload]:
    """The same, every block and every element that acts with an id, as Slack gives them."""
    copied = deepcopy(list(blocks))
    for block in copied:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for item in block.get("elements") or ():
            if isinstance(item, dict) and item.get("type") == "button":
                item.setdefault("action_id", secrets.token_urlsafe(4))
    return copied


def typed(text: str) -> list[Payload]:
    """The blocks that Slack makes of what somebody typed."""
    parts = (part for part in re.split(r"(<@\w+>)", text) if part)
    elements = [
        {"type": "user", "user_id": part[2:-1]}
        if part.startswith("<@")
        else {"type": "text", "text": part}
        for part in parts
    ]
    section = {"type": "rich_text_section", "elements": elements}
    return numbered([{"type": "rich_text", "elements": [section]}]) if elements else []
