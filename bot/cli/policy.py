"""`policy explain`: what would become of a call, and by which rule; nothing runs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, get_args

import typer
from pydantic import JsonValue

from agents.durations import format_duration
from agents.options import options
from agents.port import Tool
from agents.words import shown
from bot import policy
from bot.approval import Approval
from bot.cli.job import DONE, NOT_SO, USAGE, Fault, Job
from bot.cli.output import json_line, line
from bot.cli.session import begin
from bot.cli.threads import AsJson
from bot.faults import nearest
from bot.gatekeeper import Admitted, Gatekeeper
from bot.policy import Asked
from bot.rosters import Rosters
from bot.rulebook import build_rules
from bot.rules import Rules
from bot.settings import Settings
from bot.tables import ChannelName
from bot.toolbox import tools_over
from bot.trial import Nowhere
from channels import console
from channels.port import Address

CHANNELS: tuple[str, ...] = get_args(ChannelName)

PersonName = Annotated[str, typer.Argument(metavar="PERSON", help="Who asks, as in [people].")]
ToolName = Annotated[str, typer.Argument(metavar="TOOL", help="What `watchkeeper tools` lists.")]
Args = Annotated[list[str] | None, typer.Argument(metavar="[ARG=VALUE]...")]
ChannelOption = Annotated[
    str | None, typer.Option("--channel", metavar="CHANNEL", help="Where it is said.")
]
RoomOption = Annotated[
    str | None, typer.Option("--room", metavar="ROOM", help="The room's id, or channel:id.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(help="Who may run what.")
    group.command()(explain)
    group.callback()(_group)
    app.add_typer(group, name="policy")


def _group() -> None:
    """A group even with one command in it."""


def explain(
    person: PersonName,
    tool: ToolName,
    args: Args = None,
    channel: ChannelOption = None,
    room: RoomOption = None,
    as_json: AsJson = False,
) -> Job:
    """Say whether a call would run, whom it would need, and which rule says so."""
    return _explain(person, tool, args or [], (channel, room), as_json)


async def _explain(
    person: str,
    name: str,
    words: Sequence[str],
    place: tuple[str | None, str | None],
    as_json: bool,
) -> int:
    settings = begin().settings
    nowhere, named = Nowhere(), dict[str, tuple[str, ...]]()
    built = tools_over(settings, nowhere, nowhere, nowhere)
    tools = {tool.name: tool for tool in built}
    rules = build_rules(settings, built, rosters=named)
    if person not in settings.people:
        raise Fault(f"there is no person {shown(person)}{nearest(person, settings.people)}", USAGE)
    if name not in tools:
        raise Fault(f"there is no tool {shown(name)}{nearest(name, tools)}", USAGE)
    asked = Asked(
        tool=name,
        args=_args(tools[name], rules, words),
        requesters=(person,),
        address=_address(settings, person, *place),
    )
    await Rosters(rules.people, tools, named).refresh()
    now = datetime.now(UTC)
    admitted = await Gatekeeper(tools).admit(rules, asked, now)
    (_tell_json if as_json else _tell)(rules, asked, admitted, now)
    return NOT_SO if admitted.judged.verdict == "refused" else DONE


def _args(tool: Tool, rules: Rules, words: Sequence[str]) -> dict[str, JsonValue]:
    """The arguments as the tool reads them. Raises `Fault`."""
    known = {option.name: option for option in options(tool.params)}
    given: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise Fault(f"{shown(word)} is no argument: write ARG=VALUE", USAGE)
        if key not in known:
            told = f"{tool.name} has no argument {shown(key)}{nearest(key, known)}"
            raise Fault(told, USAGE)
        if key in given:
            raise Fault(f"{key} is given twice", USAGE)
        if known[key].choices and known[key].choice(value) is None:
            hint = nearest(value, known[key].choices) or f", it is {known[key].hint}"
            raise Fault(f"{key} is never {shown(value)}{hint}", USAGE)
        given[key] = value
    read = rules.edit(tool.name, {}, given)
    if isinstance(read, str):
        raise Fault(f"{tool.name}: {read}", USAGE)
    return read


def _address(settings: Settings, person: str, channel: str | None, room: str | None) -> Address:
    """Where it would be said: on the person's own console, if nothing else is named."""
    head, colon, rest = (room or "").partition(":")
    if colon and head in CHANNELS:
        if channel not in {None, head}:
            raise Fault(f"--room {shown(head)}: is not on --channel {shown(channel or '')}", USAGE)
        channel, room = head, rest
    channel = channel or console.NAME
    if channel not in CHANNELS:
        told = f"there is no channel {shown(channel)}{nearest(channel, CHANNELS)}"
        raise Fault(told, USAGE)
    if room is None and channel == console.NAME:
        return console.address(settings.people[person].console or "")
    return Address(channel=channel, room=room or "")


def _tell(rules: Rules, asked: Asked, admitted: Admitted, now: datetime) -> None:
    judged, what = admitted.judged, admitted.resolved.shown
    match judged.verdict, judged.approval:
        case "allowed", _:
            line(f"allowed: {what}\n    {judged.rule}")
        case "approval", Approval() as approval:
            may = policy.approvers(rules, asked, approval, now)
            line(f"needs approval: {what}\n    {judged.rule}\n    {_needed(approval, may)}")
        case _:
            line(f"refused: {what}\n    {judged.rule}")


def _needed(approval: Approval, may: tuple[str, ...]) -> str:
    own = "who asks counts too" if approval.self_ else "who asks does not count"
    parts = [f"{approval.quorum} of {', '.join(may) or 'nobody'}; {own}"]
    if approval.remind is not None:
        parts.append(f"reminded after {format_duration(approval.remind)}")
    if approval.escalate:
        when = "then" if len(may) >= approval.quorum else "at once"
        parts.append(f"{when} {approval.escalate} is asked as well")
    return "; ".join([*parts, f"expires after {format_duration(approval.expire)}"])


def _tell_json(rules: Rules, asked: Asked, admitted: Admitted, now: datetime) -> None:
    judged = admitted.judged
    json_line(
        {
            "person": asked.requesters[0],
            "tool": asked.tool,
            "args": admitted.resolved.args,
            "shown": admitted.resolved.shown,
            "channel": asked.address.channel,
            "room": asked.address.room,
            "risk": admitted.risk.value,
            "verdict": judged.verdict,
            "rule": judged.rule,
            "approve": _fields(rules, asked, judged.approval, now) if judged.approval else None,
        }
    )


def _fields(rules: Rules, asked: Asked, approval: Approval, now: datetime) -> dict[str, JsonValue]:
    return {
        "by": approval.by,
        "persons": list(policy.approvers(rules, asked, approval, now)),
        "quorum": approval.quorum,
        "self": approval.self_,
        "expire": format_duration(approval.expire),
        "remind": format_duration(approval.remind) if approval.remind else None,
        "escalate": approval.escalate or None,
        "later": list(policy.backup(rules, asked, approval, now)),
    }
