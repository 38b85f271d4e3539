"""One line of a thread's story: what happened, as a model is told it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EntryKind = Literal[
    "message", "step", "call", "result", "failure", "request", "decision", "reply", "note"
]
Trust = Literal["person", "stranger", "machine", "model", "code"]
"""Whose words it holds: somebody in the configuration, who is not, a program or a bot, an agent,
or nobody's but ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`seq` is the event that it tells. by: the person, agent or tool.

    ref: the call or request that it is about. text: untrusted unless `trust` is "code": whoever
    renders it escapes it.
    """

    seq: int
    kind: EntryKind
    text: str
    at: datetime
    by: str = ""
    trust: Trust = "code"
    ref: str = ""
