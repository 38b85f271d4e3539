"""What of Slack's payloads is read: models that ignore the rest. Pure.

Every one is a `Loose` model: a field of the wrong type is an error, a missing one is empty.
"""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator


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
    name: str | None = None
    mimetype: str | None = None
    size: int = 0
    url_private: str | None = None
    mode: str | None = None


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
    edited: Edited | None = None
    files: list[File] | None = None
    reply_count: int = 0
    latest_reply: str = ""


class MessageEvent(Message):
    """An event that tells of a message."""

    type: str = ""
    channel: str = ""
    channel_type: str = ""
    message: Message | None = None
    previous_message: Message | None = None
    deleted_ts: str = ""


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
    is_ext_shared_channel: bool = False


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
