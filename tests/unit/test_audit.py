"""Rows of the audit: what they say, what they never say, and the line that stands for them all."""

import hmac
import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from agents.port import Risk
from bot import audit
from bot import events as e
from bot.audit import FIELDS, INPUTS, Entry, Head, Note, read_head
from bot.codec import KINDS, encode
from channels.port import Address, Author

AT = datetime(2026, 3, 1, 12, 30, 0, 5000, UTC)
BOB = Author(channel="slack", id="T1:U2", name="Bob the Builder")
HERE = Address(channel="slack", room="C1")
WORDS = "xylophone-zeppelin quagmire"
KEY = audit.key("a secret", "test")

EVENTS: tuple[e.Event, ...] = (
    e.ToolRequested(
        call_id="c1",
        turn=1,
        tool="restart",
        args={"reason": WORDS},
        shown=WORDS,
        digest="d" * 64,
        risk=Risk.WRITE,
        verdict="approval",
        rule=WORDS,
        address=HERE,
        requesters=("alice",),
        preface=WORDS,
    ),
    e.ToolReturned(call_id="c1", text=WORDS, output=WORDS, exit_code=0, brief=WORDS),
    e.ToolFailed(call_id="c1", reason="exit", text=WORDS, output=WORDS, exit_code=3),
    e.ApprovalRefused(request_id="t-1", by=BOB, person="bob", via=HERE, reason=WORDS, turn=4),
    e.DecisionRefused(request_id="t-1", by=BOB, person=None, reason=WORDS, turn=4),
    e.ApprovalWithdrawn(request_id="t-1", reason="cancelled", text=WORDS),
    e.QuestionAnswered(request_id="t-1", by=BOB, person="bob", via=HERE, answer=WORDS, turn=4),
    e.HandedOver(turn=1, agent="executor", reason="asked", text=WORDS, summary=WORDS, to=("bob",)),
    e.DeadLettered(reason=WORDS, attempts=5),
)


def row(event: e.Event, seq: int = 7) -> dict[str, JsonValue]:
    """What the row for an event says."""
    data = audit.row("abc", seq, encode(event))
    assert data is not None
    return dict(audit.parsed(data))


def test_every_field_is_one_of_its_event() -> None:
    """The table of what goes into a row names kinds and fields that there are."""
    classes = {get_args(cls.__annotations__["kind"])[0]: cls for cls in get_args(e.Event)}
    assert set(FIELDS) <= set(classes)
    for kind, names in FIELDS.items():
        assert set(names) <= {field.name for field in fields(classes[kind])}, kind
    assert set(FIELDS) >= INPUTS


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event.kind))
def test_a_row_holds_no_word_that_anybody_said(event: e.Event) -> None:
    """Neither what people said, nor arguments, reasons or output, nor their names."""
    told = str(row(event))
    for word in (*WORDS.split(), "Builder"):
        assert word not in told


def test_a_row_says_who_and_what_by_ids() -> None:
    """Where it stands, when, what, who by id and person, and the digest of the stored event."""
    event = e.ApprovalGiven(
        at=AT,
        request_id="t-1",
        by=BOB,
        person="bob",
        via=HERE,
        final=True,
        turn=4,
        counted=("bob",),
    )
    assert row(event) == {
        "v": 1,
        "thread": "abc",
        "seq": 7,
        "at": "2026-03-01T12:30:00.005Z",
        "kind": "approval_given",
        "by": "slack:T1:U2",
        "person": "bob",
        "ids": {"request_id": "t-1", "turn": 4, "final": True, "counted": ["bob"]},
        "event": sha256(encode(event)).hexdigest(),
    }


def test_whose_cap_was_raised_is_not_who_raised_it() -> None:
    """A person that an event is about is among its ids."""
    event = e.CapRaised(call_id="c1", cap="person", usd="5", person="alice", approved_by=("bob",))
    told = row(event)
    assert (told["by"], told["person"]) == ("", "")
    assert told["ids"] == {
        **{"call_id": "c1", "cap": "person", "usd": "5"},
        **{"person": "alice", "approved_by": ["bob"]},
    }


def test_other_arguments_are_told_by_their_digest() -> None:
    """That a vote was for other arguments is in its row, the arguments are in the log."""
    vote = e.ApprovalGiven(request_id="t-1", by=BOB, person="bob", via=HERE, final=False, turn=4)
    plain, other = row(vote)["ids"], row(replace(vote, edited={"env": "prod"}))["ids"]
    assert isinstance(plain, dict)
    assert isinstance(other, dict)
    assert "edited" not in plain
    assert str(other["edited"]).startswith("sha256:")
    assert "prod" not in str(other)


def test_an_id_that_is_none_is_told_by_its_digest() -> None:
    """Whoever gets a sentence into a place for ids has it in the log alone."""
    told = row(e.ToolStarted(call_id=f"so {WORDS}"))
    assert told["ids"] == {"call_id": f"sha256:{sha256(f'so {WORDS}'.encode()).hexdigest()}"}
    noted = audit.noted(1, 0, Note(command="record", person="a\nb", ids={"to": "my file"}))
    assert b"my file" not in noted
    assert b"a\\nb" not in noted


@pytest.mark.parametrize("kind", sorted(KINDS - set(FIELDS)))
def test_what_is_only_talk_is_not_in_the_audit(kind: str) -> None:
    """Messages, replies, timers and what models read have no rows."""
    assert audit.row("abc", 1, b'{"v":1,"at":1,"kind":"%s"}' % kind.encode()) is None


@pytest.mark.parametrize(
    "data",
    [
        b'{"v":9,"at":1,"kind":"teleported"}',
        b'{"v":1,"at":1e99,"kind":"paused","by":7}',
        b'{"v":1,"at":99999999999999999999,"kind":"paused"}',
        b'{"kind":["paused"]}',
        b"[]",
        b"\xff\x00",
        b"",
    ],
)
def test_what_can_not_be_read_has_a_row(data: bytes) -> None:
    """Nobody can say that it would need none: its digest stands for it."""
    found = audit.row("abc", 1, data)
    assert found is not None
    assert audit.parsed(found)["event"] == sha256(data).hexdigest()


def test_a_chain_can_be_verified_by_others() -> None:
    """What the documentation says of rows and MACs is all that a program of one's own needs."""
    found = audit.row("abc", 7, encode(EVENTS[1]))
    assert found is not None
    told = json.loads(found)
    again = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert again == found
    key = hmac.digest(b"a secret", b"watchkeeper audit 1 test", "sha256")
    mac = hmac.digest(key, b"row before\n" + found, "sha256").hex()
    assert audit.mac(KEY, "before", found) == mac


def test_a_key_is_of_one_bot() -> None:
    """Rows of one bot are nothing to another one that has the same secret."""
    assert audit.key("a secret", "one") != audit.key("a secret", "two")


@given(st.lists(st.tuples(st.binary(max_size=20), st.text("0123456789abcdef", max_size=8))))
def test_a_head_is_read_as_it_was_told(rows: list[tuple[bytes, str]]) -> None:
    """The line that people keep elsewhere says all of it."""
    head = Head()
    for number, (data, mac) in enumerate(rows, start=1):
        head = head.after(KEY, Entry(id=f"{number}-0", row=data, mac=mac))
    assert read_head(f"  {head}\n") == head
    assert head.rows == len(rows)


@pytest.mark.parametrize("line", ["", "1-0 2", f"1-0 two {'0' * 64}", f"1-0 2 {'0' * 64} x"])
def test_any_other_line_is_no_head(line: str) -> None:
    """A file that is something else is not taken for an anchor."""
    assert read_head(line) is None
