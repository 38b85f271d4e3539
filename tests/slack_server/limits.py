"""What Slack takes as a message or as a form, and what it refuses."""

import json
from collections.abc import Callable, Sized
from typing import Any

from tests.slack_server.blocks import walk
from tests.slack_server.wire import Payload, Refused

TEXT, BLOCKS, VIEW_BLOCKS, SECTION, MARKDOWN, HEADER = 40_000, 50, 100, 3_000, 12_000, 150
ACTIONS, CONTEXT, FIELDS, FIELD, BUTTON, VALUE, ID = 25, 10, 10, 2_000, 75, 2_000, 255
TITLE, PRIVATE, METADATA = 24, 3_000, 8_000


def check_message(text: str, blocks: Any, metadata: Any) -> None:
    """Refuse what Slack would not take as a message."""
    if len(text) > TEXT:
        raise Refused("msg_too_long")
    check_blocks(blocks, BLOCKS)
    if metadata is None:
        return
    match metadata:
        case {"event_type": str(), "event_payload": dict()}:
            if len(json.dumps(metadata)) > METADATA:
                raise Refused("metadata_too_large")
        case _:
            raise Refused("invalid_metadata_format")


def check_view(view: Any) -> None:
    """Refuse what Slack would not show as a form."""
    match view:
        case {"type": "modal", "title": {"type": "plain_text", "text": str(title)}}:
            pass
        case _:
            raise _wrong("invalid_arguments", "/view", "a modal with a title is required")
    if not 0 < len(title) <= TITLE:
        raise _wrong("invalid_arguments", "/view/title", f"must be 1 to {TITLE} characters")
    for name in ("submit", "close"):
        if name in view and not 0 < len(view[name]["text"]) <= TITLE:
            raise _wrong("invalid_arguments", f"/view/{name}", f"at most {TITLE} characters")
    if len(view.get("private_metadata", "")) > PRIVATE:
        raise _wrong("invalid_arguments", "/view/private_metadata", f"at most {PRIVATE}")
    blocks = view.get("blocks")
    if any(block.get("type") == "input" for block in blocks or ()) and "submit" not in view:
        raise _wrong("invalid_arguments", "/view/submit", "required with an input block")
    try:
        check_blocks(blocks, VIEW_BLOCKS)
    except Refused as refused:
        raise Refused("invalid_arguments", **_details(refused)) from None


def check_blocks(blocks: Any, most: int) -> None:
    """Refuse blocks that are too many, too long or unknown."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if len(blocks) > most:
        raise _wrong("invalid_blocks", "/blocks", f"no more than {most} items allowed")
    for number, block in enumerate(blocks):
        if not isinstance(block, dict) or block.get("type") not in RULES:
            raise _wrong("invalid_blocks", f"/blocks/{number}/type", "unsupported type")
        _check_block(block, f"/blocks/{number}")
    _check_ids([block["block_id"] for block in blocks if "block_id" in block], "block_id")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN:
        raise Refused("msg_too_long")


def _check_block(block: Payload, where: str) -> None:
    _check_ids([item["action_id"] for item in walk(block) if "action_id" in item], "action_id")
    try:
        is_right = RULES[block["type"]](block) and all(map(_is_right_button, walk(block)))
    except (KeyError, TypeError):
        is_right = False
    if not is_right:
        raise _wrong("invalid_blocks", where, f"not a {block['type']} as it has to be")


def _fits(value: Sized, most: int) -> bool:
    return 0 < len(value) <= most


def _is_right_section(block: Payload) -> bool:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        return False
    texts = all(_fits(one["text"], FIELD) for one in fields) and len(fields) <= FIELDS
    return texts and ("text" not in block or _fits(block["text"]["text"], SECTION))


def _is_right_button(item: Payload) -> bool:
    if item.get("type") != "button":
        return True
    return _fits(item["text"]["text"], BUTTON) and len(str(item.get("value") or "")) <= VALUE


def _anything(block: Payload) -> bool:
    return True


RULES: dict[str, Callable[[Payload], bool]] = {
    "actions": lambda block: _fits(block["elements"], ACTIONS),
    "alert": _anything,
    "auth_provider": _anything,
    "call": _anything,
    "card": _anything,
    "carousel": _anything,
    "container": _anything,
    "context": lambda block: _fits(block["elements"], CONTEXT),
    "context_actions": lambda block: _fits(block["elements"], CONTEXT),
    "divider": _anything,
    "file": _anything,
    "header": lambda block: _fits(block["text"]["text"], HEADER),
    "image": lambda block: "alt_text" in block,
    "input": lambda block: bool(block["label"]) and bool(block["element"]),
    "markdown": lambda block: _fits(block["text"], TEXT),
    "plan": _anything,
    "rich_text": lambda block: isinstance(block["elements"], list),
    "section": _is_right_section,
    "table": lambda block: bool(block["rows"]),
    "task_card": _anything,
    "video": _anything,
}
"""What each kind of block has to be like."""


def _check_ids(ids: list[str], what: str) -> None:
    if len(set(ids)) < len(ids) or any(not 0 < len(one) <= ID for one in ids):
        raise _wrong("invalid_blocks", "/blocks", f"{what} not unique, or not 1 to {ID} long")


def _wrong(error: str, where: str, why: str) -> Refused:
    messages = [f"[ERROR] {why} [json-pointer:{where}]"]
    return Refused(error, errors=messages, response_metadata={"messages": messages})


def _details(refused: Refused) -> Payload:
    return {key: refused.answer[key] for key in refused.answer if key not in ("ok", "error")}
