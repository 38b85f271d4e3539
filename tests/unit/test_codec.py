"""The codec: every event survives its storage, and nothing unknown is guessed at."""

import json
import types
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.codec import Unreadable, decode, dumps, encode, external, from_ms, to_ms
from bot.events import Event, MessageReceived
from channels.port import Address, Author

AT = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
KINDS = get_args(Event)

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
moments = st.integers(0, 4_000_000_000_000).map(from_ms)
LEAVES: dict[object, st.SearchStrategy[object]] = {
    str: st.text(),
    int: st.integers(-(2**63), 2**70),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    datetime: moments,
    timedelta: st.timedeltas(timedelta(), timedelta(days=366)),
    JsonValue: json_values,
}


def values(hint: object) -> st.SearchStrategy[object]:
    """Anything that a field of this type may hold."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return st.one_of(*map(values, args))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=3)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return LEAVES[hint] if hint in LEAVES else instances(hint)


def instances(hint: object) -> st.SearchStrategy[object]:
    """Anything that a dataclass may be."""
    assert isinstance(hint, type)
    assert is_dataclass(hint)
    hints = get_type_hints(hint)
    given_fields = {
        field.name: values(hints[field.name]) for field in fields(hint) if field.name != "seq"
    }
    return st.builds(hint, **given_fields)


def message(**changes: object) -> MessageReceived:
    """Somebody wrote."""
    said = MessageReceived(
        seq=3,
        at=AT,
        by=Author(channel="slack", id="U1", name="Älice"),
        person=None,
        address=Address(channel="slack", room="C1"),
        text="hi",
        audience=("slack:U1",),
    )
    return replace(said, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    """Whatever it says: stored and read again, it is equal."""
    event = data.draw(values(kind))
    assert isinstance(event, kind)
    assert decode(0, encode(event)) == event
    assert json.loads(encode(event))["kind"] == event.kind
    assert "seq" not in json.loads(encode(event))


def test_the_number_comes_from_where_it_stands() -> None:
    """An event does not carry its number: the log gives it."""
    assert decode(7, encode(message())) == message(seq=7)


def test_time_is_kept_in_whole_milliseconds() -> None:
    """More than the store's clock tells is not kept, and an hour is an hour anywhere."""
    late = AT + timedelta(microseconds=999)
    assert decode(3, encode(message(at=late))).at == AT
    assert json.loads(encode(message()))["at"] == 1_767_323_045_678
    assert from_ms(to_ms(AT)) == AT


def test_what_a_newer_version_added_to_a_known_event_is_ignored() -> None:
    """Fields may be added: an older version reads the rest."""
    record = json.loads(encode(message()))
    record["mood"] = "cheerful"
    record["by"]["shoe_size"] = 42
    assert decode(3, json.dumps(record).encode()) == message()


def test_what_an_older_version_left_out_is_its_default() -> None:
    """A field that was added later has a default for what was written before."""
    record = json.loads(encode(message()))
    del record["via"], record["by"]["bot"]
    assert decode(3, json.dumps(record).encode()) == message()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "teleported"},
        {"v": 2},
        {"text": ["no", "text"]},
        {"at": "soon"},
        {"at": 10**20},
        {"by": None},
    ],
)
def test_what_can_not_be_read_is_named_and_never_guessed(change: dict[str, object]) -> None:
    """A kind, an envelope or a value that this version does not know."""
    record = json.loads(encode(message())) | change
    with pytest.raises(Unreadable) as caught:
        decode(9, json.dumps(record).encode())
    assert caught.value.kind == record["kind"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"{}", b'{"kind":"message_received"}'])
def test_what_is_no_event_is_not_read_either(data: bytes) -> None:
    """Damage stops the one thread that has it, like an event of a newer version."""
    with pytest.raises(Unreadable):
        decode(1, data)


def test_half_a_surrogate_pair_is_stored_as_a_question_mark() -> None:
    """What is no text can not be kept, but must not keep a message out."""
    stored = decode(3, encode(message(text="bad \ud800 emoji", audience=("\udfff",))))
    assert stored == message(text="bad ? emoji", audience=("?",))


def test_others_see_kind_number_and_time_first() -> None:
    """The JSON of the command line is stable: ISO time in UTC with milliseconds and Z."""
    shown = external(message(at=AT.astimezone()))
    assert list(shown)[:3] == ["kind", "seq", "at"]
    assert shown["at"] == "2026-01-02T03:04:05.678Z"
    assert shown["audience"] == ["slack:U1"]
    assert "v" not in shown
    assert json.loads(dumps(shown)) == shown
    assert b"\n" not in dumps(external(message(text="two\nlines")))
