"""Whether each condition of a `[[policy]]` can match: a rule that never does guards nothing."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from agents.options import Option, options
from agents.tools import raise_cap, remind, result, services, threads
from agents.tools.network import cert, check, dns
from agents.tools.values import params_model
from bot.faults import nearest
from bot.groups import groups, nobody
from bot.net_tables import Http
from bot.tables import Policy, Runbook, Tables, listed


class _Nothing(BaseModel):
    """No arguments that a rule could go by."""


OWN: Mapping[str, type[BaseModel]] = {
    "help": _Nothing,
    "services": services.Services,
    "threads": threads.Threads,
    "remind": remind.Remind,
    "result": result.ResultOf,
    raise_cap.NAME: raise_cap.RaiseCap,
    check.NAME: check.Check,
    dns.NAME: dns.Dns,
    cert.NAME: cert.Cert,
}
"""The tools that there are without a runbook, and their arguments."""


def misfits(rule: Policy, tables: Tables) -> Iterator[str]:
    """Every fault of the rule as `KEY: what to mend`."""
    if (rule.verdict == "approve") is not (rule.approve is not None):
        yield _approve_fault(rule)
    for number, name in enumerate(rule.who or ()):
        if name not in groups(tables):
            yield f"who[{number}]: {nobody(name, tables)}"
    known = {*OWN, *tables.runbooks, *tables.tools.http}
    for number, tool in enumerate(rule.tools or ()):
        if tool not in known:
            yield f"tools[{number}]: there is no tool {tool!r}{nearest(tool, known)}"
    for number, room in enumerate(rule.rooms or ()):
        if rule.channels is not None and room.partition(":")[0] not in rule.channels:
            yield f"rooms[{number}]: {room} is on none of the channels of this rule"
    yield from _args(rule, [tool for tool in rule.tools or sorted(known) if tool in known], tables)


def _approve_fault(rule: Policy) -> str:
    if rule.approve is None:
        return 'approve: is missing: the verdict is "approve", so say who must say yes'
    return f'approve: goes with verdict = "approve" alone, and this is "{rule.verdict}"'


def _args(rule: Policy, tools: list[str], tables: Tables) -> Iterator[str]:
    """Tools that are named must have the argument; of all tools, one is enough."""
    for name, values in (rule.args or {}).items():
        takes = {tool: _options(tool, tables) for tool in tools}
        without = next((tool for tool, known in takes.items() if name not in known), None)
        have = [known[name] for known in takes.values() if name in known]
        if without is not None and (rule.tools is not None or not have):
            every = {option for known in takes.values() for option in known}
            who = without if rule.tools is not None else "any tool"
            yield f"args.{name}: is no argument of {who}{nearest(name, every)}"
            continue
        for value in values:
            faults = [_unfit(option, value) for option in have]
            if faults and all(faults):
                yield f"args.{name}: {faults[0]}"
        for tool in tools if rule.tools is not None else ():
            if all(_unfit(takes[tool][name], value) for value in values):
                yield f"args.{name}: {tool} takes none of these values"


def _options(tool: str, tables: Tables) -> Mapping[str, Option]:
    told = tables.runbooks.get(tool) or tables.tools.http.get(tool)
    params = OWN[tool] if told is None else _params(tool, told, tables)
    return {option.name: option for option in options(params)}


def _params(name: str, told: Runbook | Http, tables: Tables) -> type[BaseModel]:
    """The schema of a tool of config; what is wrong with it is told as a fault of the tool."""
    try:
        return params_model(name, told.params, listed(tables.services))
    except ValueError:
        return _Nothing


def _unfit(option: Option, value: str | int) -> str:
    """Why the argument never has that value, "" if it may."""
    if option.kind == "flag":
        return "" if isinstance(value, bool) else "must be true or false"
    if option.choices:
        if value in option.choices:
            return ""
        meant = option.choice(str(value))
        hint = f", did you mean {meant}?" if meant else nearest(str(value), option.choices)
        return f"is never {value!r}{hint}, it is one of {', '.join(option.choices)}"
    if option.hint == "<number>":
        return "" if type(value) is int else "must be a whole number"
    return "" if isinstance(value, str) else "must be a text in quotes"
