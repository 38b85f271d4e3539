"""Who may run what, and who may approve it. Pure, and it fails closed."""

from dataclasses import dataclass

from agents.port import Risk
from bot.events import Verdict
from bot.rules import Approval, Rules

UNKNOWN_RISK = Risk.WRITE
"""What is not known is taken for the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What policy says of a call, and by which rule, in words that a log and a person can use."""

    verdict: Verdict
    rule: str


def judge(rules: Rules, tool: str, requesters: tuple[str, ...]) -> Judgement:
    """Whether these persons may have `tool` run: allowed, after approval, or refused.

    No requesters means that nobody known asked.
    """
    gate = rules.gates.get(tool)
    if gate is None:
        return Judgement(verdict="refused", rule=f"there is no tool {tool}")
    if not requesters and not (gate.risk is Risk.READ and rules.unknown == "chat"):
        return Judgement(verdict="refused", rule="you are not in the configuration ([people])")
    if gate.risk is Risk.READ:
        return Judgement(verdict="allowed", rule=f"{tool} only reads")
    if gate.approval is None:
        return Judgement(verdict="refused", rule=f"{gate.place} names nobody who may approve it")
    return _needs_approval(rules, tool, gate.place, gate.approval, requesters)


def _needs_approval(
    rules: Rules, tool: str, place: str, approval: Approval, requesters: tuple[str, ...]
) -> Judgement:
    may = deciders(rules, tool, requesters)
    if len(may) < approval.quorum:
        return Judgement(
            verdict="refused",
            rule=f"{place} needs {approval.quorum} of {approval.by}"
            f" besides who asked, and there are {len(may)}",
        )
    return Judgement(verdict="approval", rule=f"{place} by {approval.by}")


def deciders(
    rules: Rules, tool: str, requesters: tuple[str, ...], also: str = ""
) -> tuple[str, ...]:
    """The persons who may approve the tool as of now, without those who asked for it.

    also: a role, rota or person to whom it was escalated; "" for none.
    """
    gate = rules.gates.get(tool)
    if gate is None or gate.approval is None:
        return ()
    named = sorted({*rules.people.who(gate.approval.by), *rules.people.who(also)})
    return tuple(p for p in named if gate.approval.self_ or p not in requesters)


def quorum(rules: Rules, tool: str, asked_for: int) -> int:
    """How many must say yes: what was asked for, or more if the rules want more by now."""
    gate = rules.gates.get(tool)
    now = gate.approval.quorum if gate is not None and gate.approval is not None else asked_for
    return max(asked_for, now)


def checkers(rules: Rules, tool: str, requesters: tuple[str, ...]) -> tuple[str, ...]:
    """The persons who may say what became of a run that nobody saw end."""
    known = {person.name for person in rules.people.everybody}
    asked = {person for person in requesters if person in known}
    return tuple(sorted(asked | set(deciders(rules, tool, ()))))
