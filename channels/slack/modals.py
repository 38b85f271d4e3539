"""The forms that people fill in: a reason, other arguments, an answer, a question. Pure."""

from typing import Annotated

from pydantic import AfterValidator, JsonValue, ValidationError

from channels.slack.payloads import Loose
from channels.slack.payloads import View as Sent

View = dict[str, JsonValue]

DENY, EDIT, ANSWER, ASK = "deny", "edit", "answer", "ask"
"""The `callback_id` of each form."""

FIELD = "typed"
"""The `block_id` of what is filled in."""
_KEPT = 3_000
"""Characters, or bytes, that Slack keeps with a form."""
_TITLE = 24
_TYPED = 3_000


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


_Kept = Annotated[str, AfterValidator(_whole)]
"""A text without half characters, which no JSON can hold."""


class At(Loose):
    """What a form is about; kept by Slack with the form. `quoted`: the message that it is on."""

    room: _Kept
    root: _Kept
    request: _Kept
    quoted: _Kept = ""


def deny(at: At) -> View:
    """Why not."""
    return _form(at, DENY, "Deny", _input("Reason", hint="Whoever asked is told."))


def edit(at: At, args: str) -> View:
    """With which arguments instead."""
    hint = "As name=value, with spaces between. It is checked again, and runs as you change it."
    return _form(at, EDIT, "Approve", _input("Run it with", hint=hint, value=args))


def answer(at: At) -> View:
    """What the bot wants to know."""
    return _form(at, ANSWER, "Answer", _input("Answer"))


def ask(at: At) -> View:
    """What is to be done with a message."""
    return _form(_kept(at), ASK, "Ask", _input("What about this message?"))


def read_at(metadata: str) -> At | None:
    """What a form was about; None if it is not one of these."""
    try:
        return At.model_validate_json(metadata)
    except ValidationError:
        return None


def typed(view: Sent) -> str:
    """What was filled in."""
    fields = (field for block in view.state.values.values() for field in block.values())
    return next((field.value for field in fields if field.value), "")


def _kept(at: At) -> At:
    """With as much of the message as Slack keeps."""
    while len(at.model_dump_json().encode()) > _KEPT and at.quoted:
        over = len(at.model_dump_json().encode()) - _KEPT
        at = at.model_copy(update={"quoted": at.quoted[: -max(over // 6, 1)]})
    return at


def _form(at: At, callback: str, verb: str, *blocks: View) -> View:
    title = f"{verb} {at.request}".strip()
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": at.model_dump_json(),
        "title": {"type": "plain_text", "text": title if len(title) <= _TITLE else verb},
        "submit": {"type": "plain_text", "text": verb},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": list(blocks),
    }


def _input(label: str, *, hint: str = "", value: str = "") -> View:
    element: View = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": _TYPED,
    }
    if value:
        element["initial_value"] = value[:_TYPED]
    block: View = {
        "type": "input",
        "block_id": FIELD,
        "label": {"type": "plain_text", "text": label},
        "element": element,
    }
    if hint:
        block["hint"] = {"type": "plain_text", "text": hint}
    return block
