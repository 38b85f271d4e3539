"""The audit: which events are in it, what a row says, and how rows are chained. Pure.

A row tells who did what to which call or request, by ids and digests alone: no word that anybody
said, no argument and no output. The rows of a thread are a chain: the MAC of each covers the MAC
of the one before it. What operators do to the whole bot is a chain of its own, of thread "".
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue
from pydantic_core import from_json

from bot.codec import KINDS, from_ms

FORMAT = 1
BOT = ""
"""The chain of what concerns the whole bot."""

SEALED = "audit seal"
"""The kind of the row that vouches for all rows before it, also those of another secret."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "tool_requested": (
        *("call_id", "turn", "tool", "digest", "risk", "verdict"),
        *("agent", "asked_by", "requesters", "replaces"),
    ),
    "tool_started": ("call_id",),
    "tool_returned": ("call_id", "exit_code"),
    "tool_failed": ("call_id", "reason", "exit_code"),
    "tool_uncertain": ("call_id",),
    "uncertainty_resolved": ("call_id", "outcome"),
    "approval_requested": ("request_id", "call_id", "digest", "by", "approvers", "quorum"),
    "approval_given": ("request_id", "turn", "final", "counted", "edited"),
    "approval_refused": ("request_id", "turn"),
    "approval_expired": ("request_id",),
    "approval_withdrawn": ("request_id", "reason"),
    "decision_refused": ("request_id", "turn"),
    "question_asked": ("request_id", "call_id", "turn", "answerers"),
    "question_answered": ("request_id", "turn"),
    "question_expired": ("request_id",),
    "question_withdrawn": ("request_id", "reason"),
    "cap_raised": ("call_id", "cap", "usd", "person", "approved_by"),
    "human_reminded": ("request_id", "to"),
    "human_escalated": ("request_id", "name", "to"),
    "handed_over": ("turn", "agent", "reason", "to"),
    "handed_back": (),
    "paused": (),
    "resumed": (),
    "cancelled": ("turn",),
    "dead_lettered": ("attempts",),
}
"""What is in the audit: kind of event -> the fields whose values are ids, digests or numbers."""

INPUTS = frozenset({"paused", "resumed", "cancelled", "handed_back"})
"""Kinds that may stand on a thread before a worker has taken them into the audit."""

_ID = re.compile(r"\S{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row as the audit's stream holds it: the stream's id, the row's bytes, its MAC in hex."""

    id: str
    row: bytes
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """How far the chain of a thread is: `version` of its log, `upto` covered, the last MAC.

    last: the id at which the audit's stream ended at the same moment. Of the bot's own chain,
    `upto` is the number of its rows and `version` is 0.
    """

    version: int
    upto: int
    mac: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that an operator did to the bot: `command`, by whom, and the ids it is about."""

    command: str
    by: str = ""
    person: str = ""
    ids: Mapping[str, str | int] = field(default_factory=dict)


# --- rows ----------------------------------------------------------------------------------------


def row(thread: str, seq: int, event: bytes) -> bytes | None:
    """The row for an event as it is stored; None if events of its kind are not audited.

    An event of a newer version is: nobody can say that it would not be.
    """
    record = parsed(event)
    kind = str(record.get("kind", "?"))
    if kind in KINDS and kind not in FIELDS:
        return None
    author, by, person = record.get("by"), "", ""
    if isinstance(author, dict):
        by = f"{author.get('channel')}:{author.get('id')}"
        person = str(record.get("person") or "")
    told: dict[str, JsonValue] = {
        "thread": thread,
        "seq": seq,
        "at": _iso(record.get("at")),
        "kind": _id(kind),
        "by": _id(by),
        "person": _id(person),
        "ids": _named({name: record.get(name) for name in FIELDS.get(kind, ())}),
        "event": hashlib.sha256(event).hexdigest(),
    }
    return _written(told)


def noted(seq: int, at: int, note: Note) -> bytes:
    """The row number `seq` of the bot's own chain; `at` in ms."""
    told: dict[str, JsonValue] = {
        "thread": BOT,
        "seq": seq,
        "at": _iso(at),
        "kind": note.command,
        "by": _id(note.by),
        "person": _id(note.person),
        "ids": _named(note.ids),
        "event": "",
    }
    return _written(told)


def parsed(data: bytes) -> Mapping[str, JsonValue]:
    """A JSON object; an empty one if it is none."""
    try:
        found: JsonValue = from_json(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _written(told: Mapping[str, JsonValue]) -> bytes:
    """In the one form that everybody who has the fields can write again: JSON, keys sorted."""
    whole = {"v": FORMAT, **told}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _iso(ms: JsonValue) -> str:
    try:
        at = from_ms(ms if isinstance(ms, int) else 0)
    except OverflowError:
        at = from_ms(0)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _named(ids: Mapping[str, JsonValue]) -> JsonValue:
    return {name: _value(value) for name, value in ids.items() if value not in (None, "", [])}


def _value(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, dict):
        value = json.dumps(value, sort_keys=True, separators=(", ", ": "))
    return value if isinstance(value, bool | int) else _id(str(value))


def _id(word: str) -> str:
    """An id is one word. What is none may be what somebody said: only its digest goes in."""
    if not word or (_ID.fullmatch(word) and word.isprintable()):
        return word
    return f"sha256:{hashlib.sha256(word.encode('utf-8', 'surrogatepass')).hexdigest()}"


# --- the chain -----------------------------------------------------------------------------------


def key(secret: str, bot: str) -> bytes:
    """The key of the audit's MACs: of this bot and for nothing else."""
    return hmac.digest(secret.encode(), f"watchkeeper audit 1 {bot}".encode(), "sha256")


def mac(key: bytes, before: str, row: bytes) -> str:
    """The MAC of a row that follows the one with the MAC `before` ("" for the first)."""
    return hmac.digest(key, b"row %s\n%s" % (before.encode(), row), "sha256").hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands for the whole stream up to the row `id`: how many rows, and their rolling MAC.

    Kept elsewhere it is an anchor: rows that are cut off afterwards are missed.
    """

    id: str = "0-0"
    rows: int = 0
    hash: str = "0" * 64

    def after(self, key: bytes, entry: Entry) -> "Head":
        """With one row more."""
        told = f"head {self.hash} {entry.id} {entry.mac}\n".encode() + entry.row
        rolled = hmac.digest(key, told, "sha256").hex()
        return replace(self, id=entry.id, rows=self.rows + 1, hash=rolled)

    def __str__(self) -> str:
        """One line, which `read_head` reads."""
        return f"{self.id} {self.rows} {self.hash}"


_HEAD = re.compile(r"(\d{1,20}-\d{1,20}) (\d{1,18}) ([0-9a-f]{64})")


def read_head(line: str) -> Head | None:
    """The head that `audit head` wrote as this line, None for any other text."""
    found = _HEAD.fullmatch(" ".join(line.split()))
    return Head(id=found[1], rows=int(found[2]), hash=found[3]) if found else None
