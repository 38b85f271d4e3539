"""From settings to the rules that everything is decided by."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from types import MappingProxyType

from agents import guide, team
from agents.commands import Grammar
from agents.port import Service, Tool
from agents.tools import raise_cap
from bot import tables
from bot.approval import Approval
from bot.people import People, Person
from bot.rotas import ANY_WEEK, Rota
from bot.rules import Gate, Quiet, Rule, Rules
from bot.settings import Settings
from channels import console
from channels.port import Address

CHATS = ("slack", "discord", "email")
"""Where a person is told something in private: the first of these."""

_DIRECT = {"discord": "@"}
"""What stands before a person's id where a room is one person, if not the id alone."""

GUIDE = "guide"
"""The agent for prose where there is no model."""


class Catalogue:
    """What the configuration says there is to act on."""

    def __init__(self, services: Mapping[str, tables.Service]) -> None:
        self._services = tables.listed(services)

    def services(self) -> tuple[Service, ...]:
        """Every service, in the order of the file."""
        return self._services


Rosters = Mapping[str, tuple[str, ...]]
"""Rota -> whom its runbook names as of now: looked at again for every decision."""

NO_ROSTERS: Rosters = MappingProxyType({})


def build_rules(
    settings: Settings,
    tools: tuple[Tool, ...],
    *,
    thinks: bool = False,
    rosters: Rosters = NO_ROSTERS,
) -> Rules:
    """The rules that this configuration makes; `thinks`: there is a model for prose."""
    grammar = Grammar(tools, names=(settings.bot.name,))
    return Rules(
        people=build_people(settings, rosters),
        gates={tool.name: _gate(tool, settings) for tool in tools},
        policy=tuple(_rule(told) for told in settings.policy),
        mail=frozenset(settings.email.may_approve),
        read=grammar.read,
        edit=grammar.edit,
        prose=team.FIRST if thinks else GUIDE,
        agents=team.caps(team.prompts()) if thinks else {GUIDE: 1},
        offers=partial(guide.offers, tools),
        services=Catalogue(settings.services).services(),
        handover=settings.bot.handover or "",
        quiet=_quiet(settings),
        turns_per_hour=settings.turns_per_person_hour,
        unknown=settings.access.unknown,
    )


def _quiet(settings: Settings) -> Quiet | None:
    told = settings.quiet
    return Quiet(start=told.start, end=told.end, zone=settings.zone) if told else None


def build_people(settings: Settings, rosters: Rosters = NO_ROSTERS) -> People:
    """Everybody in the configuration, and who is on duty when."""
    return People(
        tuple(_person(name, one, settings) for name, one in settings.people.items()),
        rotas={name: _rota(told, settings) for name, told in settings.rotas.items()},
        rosters=rosters,
    )


def _rota(told: tables.Rota, settings: Settings) -> Rota:
    return Rota(
        people=told.people,
        week_of=told.week_of or ANY_WEEK,
        handover=told.handover,
        zone=settings.zone,
        runbook=told.runbook or "",
        fallback=told.fallback or "",
    )


def _rule(told: tables.Policy) -> Rule:
    return Rule(
        name=told.name,
        verdict=told.verdict,
        approval=_approval(told.approve, told.name) if told.approve else None,
        who=told.who,
        tools=told.tools,
        args=told.args,
        channels=told.channels,
        rooms=told.rooms,
    )


def _person(name: str, one: tables.Person, settings: Settings) -> Person:
    ids = {"console": one.console, "slack": one.slack, "discord": one.discord, "email": one.email}
    return Person(
        name=name,
        ids=frozenset((channel, native) for channel, native in ids.items() if native),
        roles=frozenset(one.roles),
        places=tuple(_places(ids, settings)),
    )


def _places(ids: Mapping[str, str | None], settings: Settings) -> Iterator[Address]:
    """The console, and the first channel that reaches the person in private and is connected."""
    if user := ids["console"]:
        yield console.address(user)
    connected = {channel for channel, _ in settings.secrets.credentials()}
    chat = (channel for channel in CHATS if channel in connected and ids[channel])
    for channel in islice(chat, 1):
        yield Address(channel=channel, room=f"{_DIRECT.get(channel, '')}{ids[channel]}")


def _gate(tool: Tool, settings: Settings) -> Gate:
    place, approve = f"runbooks.{tool.name}.approve", None
    if tool.name == raise_cap.NAME:
        place, approve = "limits.approve", settings.limits_approve
    elif (book := settings.runbooks.get(tool.name)) is not None:
        approve = book.approve
    elif (declared := settings.tools.http.get(tool.name)) is not None:
        place, approve = f"tools.http.{tool.name}.approve", declared.approve
    return Gate(
        risk=tool.risk,
        idempotent=tool.idempotent,
        approval=_approval(approve) if approve else None,
        place=place,
    )


def _approval(approve: tables.Approve, rule: str = "") -> Approval:
    return Approval(
        by=approve.by,
        quorum=approve.quorum,
        self_=approve.self_,
        expire=approve.expire,
        remind=approve.remind,
        escalate=approve.escalate or "",
        rule=rule,
    )
