"""Event <-> JSON, versioned. Pure.

In the store an event is one JSON object: `v` (the version of this envelope), `at` (milliseconds
since 1970), `kind`, and the event's own fields. Its `seq` is where it stands, so it is not written.
What a newer version added is ignored where it may be (a field) and refused where it may not (a
kind, a value, an envelope): nothing is guessed about an event that was not understood.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Annotated, get_args

from pydantic import Field, JsonValue, TypeAdapter
from pydantic_core import PydanticSerializationError, from_json, to_json

from bot.events import Event

VERSION = 1
EPOCH = datetime.fromtimestamp(0, UTC)
MILLISECOND = timedelta(milliseconds=1)

_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
KINDS = frozenset(
    str(field.default) for cls in get_args(Event) for field in fields(cls) if field.name == "kind"
)
_STAMPS = {"seq", "at"}


class Unreadable(Exception):
    """A newer version wrote it, or nobody did: `kind` is what it calls itself, "?" if nothing."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"an event of kind {kind} can not be read")
        self.kind = kind


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded down. The moment knows its time zone."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """The moment in UTC."""
    return EPOCH + ms * MILLISECOND


def encode(event: Event) -> bytes:
    """The event as it is stored: without `seq`, `at` in whole milliseconds."""
    head = b'{"v":%d,"at":%d,' % (VERSION, to_ms(event.at))
    try:
        return head + _EVENTS.dump_json(event, exclude=_STAMPS)[1:]
    except PydanticSerializationError:  # half a surrogate pair: no text, but a channel may send it
        return head + to_json(_whole(_fields(event)))[1:]


def decode(seq: int, data: bytes) -> Event:
    """The event that stands at `seq`. Raises `Unreadable` if this version can not read it."""
    kind = "?"
    try:
        record = from_json(data)
        kind = str(record["kind"])
        if record["v"] > VERSION or kind not in KINDS:
            raise Unreadable(kind)
        return _EVENTS.validate_python({**record, "seq": seq, "at": from_ms(record["at"])})
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unreadable(kind) from error


def external(event: Event) -> dict[str, JsonValue]:
    """The event as others see it: `kind`, `seq`, `at` as ISO 8601 with "Z", then its fields."""
    at = event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"kind": event.kind, "seq": event.seq, "at": at} | _fields(event)


def dumps(value: Mapping[str, JsonValue]) -> bytes:
    """One line of JSON, without its newline."""
    return to_json(value)


def _fields(event: Event) -> dict[str, JsonValue]:
    return _OBJECT.validate_python(_EVENTS.dump_python(event, mode="json", exclude=_STAMPS))


def _whole(value: JsonValue) -> JsonValue:
    """The same with every half surrogate pair replaced by "?"."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {str(_whole(name)): _whole(item) for name, item in value.items()}
    return value
