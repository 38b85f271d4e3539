"""What of Slack's payloads is read: models that ignore the rest. Pure.

Every one is a `Loose` model: a missing field is empty. One of the wrong type is an error where it
says who, where or when; where it only adds to what was said, it is missing.
"""

from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)


def _or(empty: object) -> WrapValidator:
    """For what can be done without: of the wrong type, it is this."""

    def lenient(given: object, valid: ValidatorFunctionWrapHandler) -> object:
        try:
            return valid(given)
        except ValidationError:
            return empty

    return WrapValidator(lenient)


def _each(given: object, valid: ValidatorFunctionWrapHandler) -> object:
    """What of a list is as it should be."""
    return [one for each in given for one in _valid(each, valid)] if isinstance(given, list) else []


def _valid(item: object, valid: ValidatorFunctionWrapHandler) -> list[object]:
    try:
        return list(valid([item]))
    except ValidationError:
        return []


_Text = Annotated[str, _or("")]
_Words = Annotated[str | None, _or(None)]
_Number = Annotated[int, _or(0)]


class Loose(BaseModel):
    """Unknown fields are nobody's business here."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class File(Loose):
    """Something that was attached. `size` in bytes."""

    id: str = ""
    name: _Words = None
    mimetype: _Words = None
    size: _Number = 0
    url_private: _Words = None
    mode: _Words = None


class Edited(Loose):
    """When a message was changed last."""

    ts: str = ""


class Message(Loose):
    """A message as it stands in a room's history, or inside of an event about it."""

    user: str = ""
    bot_id: str | None = None
    subtype: str | None = None
    text: str | None = ""
    ts: str = ""
    thread_ts: str = ""
    team: str | None = None
    user_team: str | None = None
    source_team: str | None = None
    edited: Annotated[Edited | None, _or(None)] = None
    files: Annotated[list[File] | None, WrapValidator(_each)] = None
    reply_count: _Number = 0
    latest_reply: _Text = ""


class MessageEvent(Message):
    """An event that tells of a message."""

    type: str = ""
    channel: str = ""
    channel_type: _Text = ""
    message: Annotated[Message | None, _or(None)] = None
    previous_message: Annotated[Message | None, _or(None)] = None
    deleted_ts: _Text = ""


class StoppedEvent(Loose):
    """Somebody pressed the Stop button of a session."""

    type: str = ""
    channel: str = ""
    channel_id: str = ""
    thread_ts: str = ""
    user: str = ""
    event_ts: str = ""


class Envelope(Loose):
    """Around an event."""

    team_id: str = ""
    event_id: str = ""
    is_ext_shared_channel: Annotated[bool | None, _or(None)] = None


class Named(Loose):
    """Something by its id."""

    id: str = ""
    team_id: str | None = None


class Action(Loose):
    """A button that was pressed."""

    action_id: str = ""
    value: str | None = None
    action_ts: str = ""


class Field(Loose):
    """What was typed into a field."""

    value: str | None = None


class State(Loose):
    """Every field of a form: block, then action."""

    values: dict[str, dict[str, Field]] = {}


class View(Loose):
    """A form that was sent."""

    id: str = ""
    hash: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    state: State = State()


class Interaction(Loose):
    """A button, a form, or a shortcut on a message."""

    type: str = ""
    team: Named | None = None
    user: Named = Named()
    channel: Named | None = None
    message: Message | None = None
    actions: list[Action] = []
    view: View | None = None
    trigger_id: str = ""
    callback_id: str = ""
    action_ts: str = ""


class Command(Loose):
    """`/watchkeeper …`, as it is posted."""

    command: str = ""
    text: str = ""
    team_id: str = ""
    user_id: str = ""
    channel_id: str = ""
    trigger_id: str = ""


MODEL = TypeVar("MODEL", bound=Loose)


def read(model: type[MODEL], payload: object) -> MODEL | None:
    """The payload as a model; None for what is not one."""
    try:
        return model.model_validate(payload)
    except ValidationError:
        return None
