"""What is in a message: its components, whom it pings, and the limits it has to keep."""

import re
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from typing import Any

from tests.discord_server.wire import EMPTY_MESSAGE, Flag, Payload, Refused, invalid

CONTENT, V2_TEXT, V2_COMPONENTS = 2_000, 4_000, 40
CUSTOM_ID, NONCE, LABEL, ROW, ROWS = 100, 25, 80, 5, 5
BUTTON, SELECTS, TEXT = 2, (3, 5, 6, 7, 8), 10


def walk(components: Iterable[Payload]) -> Iterator[Payload]:
    """Every component, those inside of others too."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        yield from walk(component[key] for key in ("accessory", "component") if key in component)


def texts(components: Iterable[Payload]) -> Iterator[str]:
    """What the text displays among them say."""
    return (item["content"] for item in walk(components) if item["type"] == TEXT)


def buttons(components: Iterable[Payload]) -> Iterator[Payload]:
    """What can be clicked or chosen among them."""
    return (
        item
        for item in walk(components)
        if item["type"] in (BUTTON, *SELECTS)
        if "custom_id" in item
    )


def numbered(components: Iterable[Payload]) -> list[Payload]:
    """The same, every component with an id, as Discord gives them."""
    copied = deepcopy(list(components))
    taken = {item["id"] for item in walk(copied) if "id" in item}
    free = (number for number in range(1, 10_000) if number not in taken)
    for item in walk(copied):
        item.setdefault("id", next(free))
    return copied


# --- whom it pings -------------------------------------------------------------------------------


def pinged(text: str, allowed: Payload | None, replied_to: int | None) -> list[int]:
    """The ids of the users that a text pings, under the `allowed_mentions` it was sent with."""
    named = [int(number) for number in re.findall(r"<@!?(\d+)>", text)]
    if allowed is not None:
        if "users" not in allowed.get("parse", ()):
            listed = {int(number) for number in allowed.get("users", ())}
            named = [number for number in named if number in listed]
        if not allowed.get("replied_user"):
            replied_to = None
    return list(dict.fromkeys(named if replied_to is None else [*named, replied_to]))


def pings_everyone(text: str, allowed: Payload | None) -> bool:
    """Whether a text pings all, under the `allowed_mentions` it was sent with."""
    may = allowed is None or "everyone" in allowed.get("parse", ())
    return may and bool(re.search(r"@(everyone|here)\b", text))


# --- its limits ----------------------------------------------------------------------------------


def check(body: Payload, attached: Collection[object]) -> None:
    """Refuse what Discord would not take as a whole message."""
    content = body.get("content") or ""
    components = body.get("components") or []
    embeds = body.get("embeds") or []
    if len(content) > CONTENT:
        raise invalid("content", f"Must be {CONTENT} or fewer in length.")
    if len(str(body.get("nonce") or "")) > NONCE:
        raise invalid("nonce", f"Must be {NONCE} or fewer in length.")
    if not (content.strip() or components or embeds or attached or body.get("sticker_ids")):
        raise Refused(*EMPTY_MESSAGE)
    if int(body.get("flags") or 0) & Flag.COMPONENTS_V2:
        _check_layout(components, bool(content or embeds))
    elif len(components) > ROWS or any(item["type"] != 1 for item in components):
        raise invalid("components", f"Must be {ROWS} or fewer action rows.")
    _check_components(components)


def _check_layout(components: list[Payload], mixed: bool) -> None:
    if mixed:
        raise invalid("content", "Cannot be used with MessageFlags.IS_COMPONENTS_V2.")
    if not components:
        raise Refused(*EMPTY_MESSAGE)
    if sum(map(len, texts(components))) > V2_TEXT:
        raise invalid("components", f"The text must be {V2_TEXT} or fewer in length.")
    if sum(1 for _ in walk(components)) > V2_COMPONENTS:
        raise invalid("components", f"Must be {V2_COMPONENTS} or fewer components.")


def _check_components(components: list[Payload]) -> None:
    ids: list[Any] = [item["custom_id"] for item in walk(components) if "custom_id" in item]
    if any(not 0 < len(custom_id) <= CUSTOM_ID for custom_id in ids):
        raise invalid("components", f"custom_id must be between 1 and {CUSTOM_ID} in length.")
    if len(set(ids)) < len(ids):
        raise invalid("components", "Component custom id cannot be duplicated")
    for item in walk(components):
        if item["type"] == 1 and not 0 < len(item["components"]) <= ROW:
            raise invalid("components", f"A row must have between 1 and {ROW} components.")
        if item["type"] == TEXT and not item["content"].strip():
            raise invalid("components", "The content of a text display is required.")
        if item["type"] == BUTTON and len(item.get("label") or "") > LABEL:
            raise invalid("components", f"A label must be {LABEL} or fewer in length.")
