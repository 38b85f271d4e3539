"""Who may run what, and who may approve it. Pure, and it fails closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from agents.port import Risk
from bot.approval import Approval
from bot.events import Verdict
from bot.rules import Gate, Rule, Rules
from bot.thread import Call
from channels.port import Address

UNKNOWN_RISK = Risk.WRITE
"""What is not known is taken for the worst."""

STRANGER = "you are not in the configuration ([people])"
PRODUCTION = frozenset({"prod", "production"})
"""Words in the name of an environment that only `prod` lets people approve by mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call as policy looks at it: what is called, who wants it, and where they said so.

    args: as the tool itself reads them. requesters: everybody whose words it came from; none means
    that nobody known asked.
    """

    tool: str
    args: Mapping[str, JsonValue]
    requesters: tuple[str, ...]
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What policy says of a call, and by which rule, in words that a log and a person can use.

    approval: what it needs; of a refusal, what it would need of more people than there are.
    """

    verdict: Verdict
    rule: str
    approval: Approval | None = None


# --- before it is asked for ----------------------------------------------------------------------


def judge(rules: Rules, asked: Asked, now: datetime) -> Judgement:
    """Whether a call may run: allowed, after approval, or refused.

    Judged for each requester by everything that matches it; the strictest verdict counts.
    """
    gate = rules.gates.get(asked.tool)
    if gate is None:
        return _refused(f"there is no tool {asked.tool}")
    each = [_for_one(rules, gate, asked, who, now) for who in asked.requesters or (None,)]
    judged = _strictest(gate, each)
    if judged.approval is None:
        return judged
    return _with_enough(rules, gate, asked, judged.approval, now)


def _for_one(rules: Rules, gate: Gate, asked: Asked, who: str | None, now: datetime) -> Judgement:
    """What it would be if only this person had asked."""
    known = who is not None and rules.people.roles(who) is not None
    if not known and not (gate.risk is Risk.READ and rules.unknown == "chat"):
        return _refused(STRANGER)
    matching = [rule for rule in rules.policy if _matches(rule, rules, asked, who, now)]
    if matching:
        return _by_rules(gate, matching)
    if gate.risk is Risk.READ:
        return Judgement(verdict="allowed", rule=f"{asked.tool} only reads")
    if gate.approval is None:
        return _refused(f"{gate.place} names nobody who may approve it")
    return _needs(gate, gate.approval)


def _by_rules(gate: Gate, matching: Sequence[Rule]) -> Judgement:
    """The strictest of the rules; what contradicts itself is refused."""
    refusing, approving, allowing = (
        [rule for rule in matching if rule.verdict == verdict]
        for verdict in ("refuse", "approve", "allow")
    )
    if refusing:
        return _refused(f"{_called(refusing[0])} refuses it")
    if approving and allowing and gate.risk is Risk.WRITE:
        return _contradiction(_called(allowing[0]), _called(approving[0]))
    needed = [_needs(gate, _approval_of(rule)) for rule in approving]
    if needed:
        return _strictest(gate, needed)
    return Judgement(verdict="allowed", rule=f"{_called(allowing[0])} allows it")


def _strictest(gate: Gate, each: Sequence[Judgement]) -> Judgement:
    """One of them; approvals by different people can not be weighed against each other."""
    for judged in each:
        if judged.verdict == "refused":
            return judged
    needed = [judged.approval for judged in each if judged.approval is not None]
    for other in needed[1:]:
        if replace(other, rule="") != replace(needed[0], rule=""):
            return _contradiction(_place(gate, needed[0]), _place(gate, other))
    return _needs(gate, needed[0]) if needed else each[0]


def _with_enough(
    rules: Rules, gate: Gate, asked: Asked, approval: Approval, now: datetime
) -> Judgement:
    """It can be asked for only if enough people may say yes, at once or once it is escalated."""
    may = {*approvers(rules, asked, approval, now), *backup(rules, asked, approval, now)}
    if len(may) >= approval.quorum:
        return _needs(gate, approval)
    besides = "" if approval.self_ else " besides who asked"
    by = " or ".join(name for name in (approval.by, approval.escalate) if name)
    told = f"needs {approval.quorum} of {by}{besides}, and there are {len(may)}"
    return Judgement(verdict="refused", rule=f"{_place(gate, approval)} {told}", approval=approval)


def approvers(rules: Rules, asked: Asked, approval: Approval, now: datetime) -> tuple[str, ...]:
    """The persons who may approve the call if it is asked for now."""
    return _besides(rules.people.who(approval.by, now), asked.requesters, self_=approval.self_)


def backup(rules: Rules, asked: Asked, approval: Approval, now: datetime) -> tuple[str, ...]:
    """The persons who may approve it as well once it is escalated."""
    named = rules.people.who(approval.escalate, now)
    return _besides(named, asked.requesters, self_=approval.self_)


def _matches(rule: Rule, rules: Rules, asked: Asked, who: str | None, now: datetime) -> bool:
    """Whether every condition of the rule holds for this person's call."""
    channel, room = asked.address.channel, asked.address.room
    return (
        (rule.who is None or any(who in rules.people.who(name, now) for name in rule.who))
        and (rule.tools is None or asked.tool in rule.tools)
        and (rule.channels is None or channel in rule.channels)
        and (rule.rooms is None or f"{channel}:{room}" in rule.rooms)
        and all(_is_one_of(asked.args.get(key), of) for key, of in (rule.args or {}).items())
    )


def _is_one_of(value: JsonValue, values: Iterable[JsonValue]) -> bool:
    """As JSON, where 1 is not true."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)


# --- words for it --------------------------------------------------------------------------------


def _refused(rule: str) -> Judgement:
    return Judgement(verdict="refused", rule=rule)


def _needs(gate: Gate, approval: Approval) -> Judgement:
    by = f"{_place(gate, approval)} by {approval.by}"
    return Judgement(verdict="approval", rule=by, approval=approval)


def _contradiction(one: str, other: str) -> Judgement:
    return _refused(f"{one} and {other} contradict each other")


def _called(rule: Rule) -> str:
    return f"policy {rule.name}"


def _place(gate: Gate, approval: Approval) -> str:
    return f"policy {approval.rule}" if approval.rule else gate.place


def _approval_of(rule: Rule) -> Approval:
    """A rule that says nobody means nobody."""
    return replace(rule.approval or Approval(by=""), rule=rule.name)


# --- while it waits ------------------------------------------------------------------------------


def deciders(rules: Rules, call: Call, now: datetime, also: str = "") -> tuple[str, ...]:
    """The persons who may approve the call as of now, without those who asked for it.

    Nobody may where what asked for the approval is gone, or a rule refuses such calls by now.
    also: a role, rota or person to whom it was escalated; "" for none.
    """
    wanted = _wanted(rules, call)
    if wanted is None or _refused_by_now(rules, call, now):
        return ()
    self_ = wanted.self_ and (call.approval or wanted).self_
    return _besides(_named(rules, call, wanted, now, also), call.requesters, self_=self_)


def quorum(rules: Rules, call: Call, asked_for: int) -> int:
    """How many must say yes: what was asked for, or more if the same rule wants more by now."""
    wanted = _wanted(rules, call)
    return asked_for if wanted is None else max(asked_for, wanted.quorum)


def checkers(rules: Rules, call: Call, now: datetime) -> tuple[str, ...]:
    """The persons who may say what became of a run that nobody saw end."""
    wanted = _wanted(rules, call)
    asked = {person for person in call.requesters if rules.people.roles(person) is not None}
    may = _named(rules, call, wanted, now) if wanted is not None else ()
    return tuple(sorted({*asked, *may}))


def _wanted(rules: Rules, call: Call) -> Approval | None:
    """What the rule that asked for the approval wants by now; None if it is gone."""
    gate = rules.gates.get(call.tool)
    if gate is None:
        return None
    rule = call.approval.rule if call.approval is not None else ""
    if not rule:
        return gate.approval
    asking = (one.approval for one in rules.policy if (one.name, one.verdict) == (rule, "approve"))
    return next(asking, None)


def _named(
    rules: Rules, call: Call, wanted: Approval, now: datetime, also: str = ""
) -> tuple[str, ...]:
    """Who was meant when it was asked, and still is; they and whom it was escalated to."""
    who = rules.people.who
    meant = {*who(wanted.by, now)} & {*who((call.approval or wanted).by, now)}
    return tuple(sorted(meant | {*who(also, now)}))


def _refused_by_now(rules: Rules, call: Call, now: datetime) -> bool:
    asked = Asked(tool=call.tool, args=call.args, requesters=call.requesters, address=call.address)
    return any(
        rule.verdict == "refuse" and _matches(rule, rules, asked, who, now)
        for rule in rules.policy
        for who in asked.requesters or (None,)
    )


def _besides(
    persons: Iterable[str], requesters: tuple[str, ...], *, self_: bool
) -> tuple[str, ...]:
    return tuple(person for person in persons if self_ or person not in requesters)


# --- by mail -------------------------------------------------------------------------------------


def unfit_for_mail(rules: Rules, call: Call) -> str:
    """Why the call can not be approved by mail; "" if it can."""
    if call.risk.value not in rules.mail:
        return f"by mail nothing that may {call.risk.value} is approved ([email] may_approve)"
    if "prod" not in rules.mail and any(_is_production(value) for value in call.args.values()):
        return "by mail nothing in production is approved ([email] may_approve)"
    return ""


def _is_production(value: JsonValue) -> bool:
    """Whether it is the name of such an environment, whatever the argument is called."""
    return isinstance(value, str) and bool(PRODUCTION & {*value.casefold().split("-")})
