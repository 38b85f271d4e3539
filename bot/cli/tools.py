"""`tools`: what the bot can do, how it is called, and who must say yes."""

import typer
from pydantic import JsonValue

from agents.durations import format_duration
from agents.port import Tool
from agents.usage import usage
from bot.approval import Approval
from bot.cli.job import DONE, Job
from bot.cli.output import json_line, line
from bot.cli.session import begin
from bot.cli.threads import AsJson
from bot.rulebook import build_rules
from bot.rules import Rules
from bot.toolbox import build_tools
from bot.wiring import connect


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(tools)


def tools(as_json: AsJson = False) -> Job:
    """List what the bot can do: usage, risk, and who approves it."""
    return _tools(as_json)


async def _tools(as_json: bool) -> int:
    settings = begin().settings
    async with connect(settings) as store:
        built = build_tools(settings, store)
    rules = build_rules(settings, built)
    for tool in built:
        if as_json:
            json_line(_fields(tool, rules))
        else:
            line(f"{usage(tool)}\n    {tool.summary} ({_gate(tool, rules)})")
    return DONE


def _fields(tool: Tool, rules: Rules) -> dict[str, JsonValue]:
    approval = rules.gates[tool.name].approval
    return {
        "name": tool.name,
        "summary": tool.summary,
        "usage": usage(tool),
        "aliases": list(tool.aliases),
        "schema": tool.params.model_json_schema(),
        "risk": tool.risk.value,
        "approve": _approval(approval) if approval else None,
    }


def _approval(approval: Approval) -> dict[str, JsonValue]:
    return {
        "by": approval.by,
        "quorum": approval.quorum,
        "self": approval.self_,
        "expire": format_duration(approval.expire),
    }


def _gate(tool: Tool, rules: Rules) -> str:
    approval = rules.gates[tool.name].approval
    if approval is None:
        return f"{tool.risk.value}, no approval"
    many = f"{approval.quorum} of " if approval.quorum > 1 else ""
    own = ", who asked may too" if approval.self_ else ""
    return f"{tool.risk.value}, approved by {many}{approval.by}{own}"
