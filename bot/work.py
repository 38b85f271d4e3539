"""How far agents have come with somebody's words: what they did, and how it went. Pure.

Folded from events, so that no restart forgets a step, an error or a refusal.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from agents.agent import Undecidedness

IN_A_ROW = 3
"""Equal calls with equal results, or errors, after which agents stop."""
REMEMBERED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One call that has ended: hashes of what was called and of what came of it."""

    call: str
    result: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What agents have done so far.

    agent: who stepped last. steps: how many each of them took. calls: ids of the calls made for
    the turn, oldest first. trail: the last calls and how they ended. refused: hashes of calls that
    policy or a person refused. failures: attempts at the next step that came to nothing, but for
    `bad`, those that brought bad output, and `deferrals`, those that were put off; `failed` how the
    last one ended and `why`, for people. feedback: what was wrong with the last bad one.
    not_before: it is tried again then.
    """

    agent: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    trail: tuple[Trace, ...] = ()
    refused: tuple[str, ...] = ()
    failures: int = 0
    bad: int = 0
    deferrals: int = 0
    feedback: str = ""
    failed: Undecidedness | Literal[""] = ""
    why: str = ""
    not_before: datetime | None = None

    def stepped(self, agent: str) -> "Work":
        """After one more step: what failed before it is over."""
        steps = {**self.steps, agent: self.steps.get(agent, 0) + 1}
        return Work(
            agent=agent,
            steps=steps,
            calls=self.calls,
            trail=self.trail,
            refused=self.refused,
        )

    def stumbled(self, how: Undecidedness, why: str, until: datetime | None) -> "Work":
        """After one more attempt that brought no step; a model that asks to wait has not failed."""
        bad = self.bad + (how == "bad_output")
        failures = self.failures + (how not in {"bad_output", "deferred"})
        return replace(
            self,
            failures=failures,
            bad=bad,
            deferrals=self.deferrals + (how == "deferred"),
            feedback=why if how == "bad_output" else self.feedback,
            failed=how,
            why=why,
            not_before=until,
        )

    def called(self, call: str) -> "Work":
        """After one more call was asked for."""
        return replace(self, calls=(*self.calls, call))

    def ended(self, trace: Trace, *, refused: bool = False) -> "Work":
        """After one more call has ended; `refused`: it never ran, somebody is against it."""
        hashes = (*self.refused, trace.call) if refused else self.refused
        return replace(self, trail=(*self.trail, trace)[-REMEMBERED:], refused=hashes)


def fingerprint(*parts: JsonValue) -> str:
    """A short hash of these values: equal values, whatever the order of their keys, are equal."""
    told = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def spinning(trail: tuple[Trace, ...]) -> str:
    """Why going on would lead nowhere, for people; "" if it might."""
    last = trail[-IN_A_ROW:]
    if len(last) == IN_A_ROW:
        if all(one.failed for one in last):
            return f"{IN_A_ROW} calls in a row went wrong"
        if len({(one.call, one.result) for one in last}) == 1:
            return f"the same call gave the same result {IN_A_ROW} times"
    pairs = [one.call for one in trail[-2 * IN_A_ROW :]]
    if len(pairs) == 2 * IN_A_ROW and len({*pairs[::2]}) == len({*pairs[1::2]}) == 1:
        return f"the same two calls took turns {IN_A_ROW} times"
    return ""
