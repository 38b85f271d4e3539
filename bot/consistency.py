"""What no single key can show: whether the tables of the configuration fit together."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from agents.decisions import CONTROLS, VERBS
from agents.port import Risk
from agents.tools.argv import checked
from agents.tools.network import cert, check, declared, dns
from agents.tools.values import params_model
from bot.conditions import misfits
from bot.faults import dotted, nearest
from bot.groups import groups, nobody
from bot.net_tables import Http
from bot.secrets_env import Secrets
from bot.tables import Approve, Policy, Rota, Runbook, Tables, listed

RESERVED = frozenset({*CONTROLS, "help", "services", "threads", "remind", "result", "raise-cap"})
"""What a runbook can not be called: the bot has a meaning for it already."""

REPLACEABLE = frozenset({check.NAME, dns.NAME, cert.NAME})
"""Names of tools of ours in whose place a runbook or a declared tool comes that is called so."""

ME = "@me"
"""As a person's `console`: whoever runs the bot."""


def clashes(tables: Tables, secrets: Secrets, user: str) -> Iterator[str]:
    """Every fault as `KEY: what to mend`, with `user` as the OS user who runs it."""
    yield from _timezone(tables.bot.timezone)
    yield from _named(("bot", "handover"), tables.bot.handover, tables)
    if tables.quiet is not None and tables.quiet.start == tables.quiet.end:
        yield "quiet.to: must not be the same as from"
    if tables.email.ca and not Path(tables.email.ca).is_file():
        yield f"email.ca: there is no file {tables.email.ca}"
    yield from _impersonation(tables, secrets)
    yield from _identities(tables, secrets, user)
    yield from _names(tables)
    for name, rota in tables.rotas.items():
        for fault in _rota_faults(rota, tables):
            yield f"{dotted(('rotas', name))}.{fault}"
    yield from _aliases(tables)
    yield from _runbooks(tables)
    yield from _declared(tables)
    if tables.limits.approve is not None:
        yield from _approvers(("limits", "approve"), tables.limits.approve, tables)
    for number, rule in enumerate(tables.policy):
        for fault in misfits(rule, tables):
            yield f"policy[{number}].{fault}"
        if rule.approve is not None:
            yield from _approvers(("policy", number, "approve"), rule.approve, tables)
    yield from _twice(tables)


def _runbooks(tables: Tables) -> Iterator[str]:
    for name, book in tables.runbooks.items():
        if fault := _name_fault(name) or _words_fault(name, book, tables):
            yield f"{dotted(('runbooks', name))}: {fault}"
        yield from _approval(("runbooks", name, "approve"), book.risk, book.approve, tables)


def _declared(tables: Tables) -> Iterator[str]:
    for name, told in tables.tools.http.items():
        place = ("tools", "http", name)
        if fault := _name_fault(name) or _request_fault(name, told, tables):
            yield f"{dotted(place)}: {fault}"
        if name in tables.runbooks:
            yield f"{dotted(place)}: is also a runbook, rename one of them"
        risk = Risk.READ if told.method in declared.READS else Risk.WRITE
        yield from _approval((*place, "approve"), risk, told.approve, tables)


def _approval(
    place: tuple[str, ...], risk: Risk, approve: Approve | None, tables: Tables
) -> Iterator[str]:
    """What writes says who approves it, and nothing else does."""
    if risk is Risk.WRITE and approve is None:
        kind = "a runbook" if place[0] == "runbooks" else "a tool"
        yield f"{dotted(place)}: is missing: {kind} that writes must say who approves it"
    if risk is Risk.READ and approve is not None:
        fault = "what only reads runs at once: leave it out, or write a [[policy]]"
        yield f"{dotted(place)}: {fault}"
    if approve is not None:
        yield from _approvers(place, approve, tables)


def _timezone(name: str) -> Iterator[str]:
    if name == "UTC":
        return
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        hint = nearest(name, available_timezones()) or ", write one as Europe/Berlin or UTC"
        yield f"bot.timezone: {name!r} is not a time zone{hint}"


def _impersonation(tables: Tables, secrets: Secrets) -> Iterator[str]:
    shared = ["REDIS_URL"] if secrets.redis_url is not None else []
    outside = [*shared, *(name for _, name in secrets.credentials())]
    if tables.console.impersonate and outside:
        yield f"console.impersonate: is for trying things out alone, and {outside[0]} is set"


def _identities(tables: Tables, secrets: Secrets, user: str) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for name, person in tables.people.items():
        ids = person.model_dump(exclude={"roles"}, exclude_none=True)
        for kind, one in ids.items():
            same = user if one == ME else one.casefold() if kind == "email" else one
            other = seen.setdefault((kind, same), name)
            if other != name:
                yield f"people.{name}.{kind}: is the same as people.{other}.{kind}"
        if person.console == ME and secrets.redis_url is not None:
            yield f'people.{name}.console: "{ME}" can not go with REDIS_URL, write the OS user name'


def _names(tables: Tables) -> Iterator[str]:
    for name, person in tables.people.items():
        for role in person.roles:
            if role in tables.people:
                yield f"people.{name}.roles: {role} is also a person, rename one of them"
            if role in tables.rotas:
                yield f"people.{name}.roles: {role} is also a rota, rename one of them"
    for name in tables.rotas:
        if name in tables.people:
            yield f"rotas.{name}: is also a person, rename one of them"


def _twice(tables: Tables) -> Iterator[str]:
    names: dict[str, int] = {}
    for number, rule in enumerate(tables.policy):
        first = names.setdefault(rule.name, number)
        if first != number:
            yield f"policy[{number}].name: {rule.name} is the name of policy[{first}] already"
        earlier = tables.policy[:number]
        if twin := next((one for one in earlier if _conditions(one) == _conditions(rule)), None):
            yield f"policy[{number}]: has the same conditions as {twin.name}, make one rule of them"


def _conditions(rule: Policy) -> Mapping[str, object]:
    return rule.model_dump(exclude={"name", "verdict", "approve"})


def _rota_faults(rota: Rota, tables: Tables) -> Iterator[str]:
    """What is wrong with it, as `KEY: what to mend`."""
    if rota.runbook is not None:
        yield from _by_runbook(rota, rota.runbook, tables)
        return
    if not rota.people:
        yield "people: is missing: name people, or a runbook that does"
    for number, one in enumerate(rota.people):
        if one not in tables.people:
            hint = nearest(one, tables.people) or ", add them under [people]"
            yield f"people[{number}]: there is no person {one!r}{hint}"
    if len(rota.people) > 1 and rota.week_of is None:
        yield "week_of: is missing: add the date on which the first person's week begins"
    if rota.fallback is not None:
        yield "fallback: goes with a runbook, remove it"


def _by_runbook(rota: Rota, name: str, tables: Tables) -> Iterator[str]:
    if rota.people or rota.week_of is not None or rota.handover != time(0):
        yield "runbook: says who is on duty, remove people, week_of and handover"
    book = tables.runbooks.get(name)
    if book is None:
        yield f"runbook: there is no runbook {name!r}{nearest(name, tables.runbooks)}"
    elif book.risk is not Risk.READ or any(kind != "boolean" for kind in book.params.values()):
        yield f"runbook: {name} must only read, and need no params"
    if rota.fallback is None:
        yield "fallback: is missing: say who counts while the runbook names nobody"
    elif rota.fallback in tables.rotas or rota.fallback not in groups(tables):
        among = groups(tables) - tables.rotas.keys()
        hint = nearest(rota.fallback, among) or ", give somebody that role"
        yield f"fallback: nobody is {rota.fallback!r} or has that role{hint}"


def _aliases(tables: Tables) -> Iterator[str]:
    seen: dict[str, str] = {name: name for name in tables.services}
    for name, service in tables.services.items():
        for alias in service.aliases:
            if seen.setdefault(alias, f"an alias of {name}") != f"an alias of {name}":
                yield f"services.{name}.aliases: {alias} already is {seen[alias]}"


def _name_fault(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        return "must not end with -, nor hold two of them in a row"
    if name in RESERVED or name.split("-", maxsplit=1)[0] in VERBS:
        return "is a word of the bot's own, take another name"
    return ""


def _words_fault(name: str, book: Runbook, tables: Tables) -> str:
    """What is wrong with the command line and its params, as the tool that runs it says."""
    try:
        checked(book.argv, book.params, book.stdin)
        params_model(name, book.params, listed(tables.services))
    except ValueError as fault:
        return str(fault)
    return ""


def _request_fault(name: str, told: Http, tables: Tables) -> str:
    """What is wrong with the request and its params, as the tool that sends it says."""
    spec = declared.HttpSpec(
        name=name,
        summary=told.summary,
        method=told.method,
        url=told.url,
        timeout=told.timeout,
        params=told.params,
        body=told.body,
        show=told.show,
    )
    try:
        declared.checked_params(spec, listed(tables.services))
    except ValueError as fault:
        return str(fault)
    return ""


def _approvers(place: tuple[str | int, ...], approve: Approve, tables: Tables) -> Iterator[str]:
    many = _most(approve.by, tables)
    if approve.by not in groups(tables):
        yield f"{dotted((*place, 'by'))}: {nobody(approve.by, tables)}"
    elif approve.quorum > many:
        told = f"is {approve.quorum}, but {approve.by} is only {many}"
        yield f"{dotted((*place, 'quorum'))}: {told}"
    if approve.remind is not None and approve.remind >= approve.expire:
        yield f"{dotted((*place, 'remind'))}: must be before expire"
    yield from _named((*place, "escalate"), approve.escalate, tables)


def _named(place: tuple[str | int, ...], name: str | None, tables: Tables) -> Iterator[str]:
    """Whether somebody is meant by the name, where there is one."""
    if name is not None and name not in groups(tables):
        yield f"{dotted(place)}: {nobody(name, tables)}"


def _most(name: str, tables: Tables) -> int:
    """How many persons the name can stand for at one time; nobody knows what a runbook says."""
    if (rota := tables.rotas.get(name)) is not None:
        return 1 if rota.runbook is None else len(tables.people)
    return sum(name in (one, *person.roles) for one, person in tables.people.items())
