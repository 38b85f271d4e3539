"""What the bot can do: every tool, from the settings and what stands behind them."""

from collections.abc import Iterator
from typing import Literal

from agents.model import CapRaiser
from agents.options import Option, options
from agents.port import Outputs, ThreadSearch, Tool
from agents.tools.help import help_tool
from agents.tools.network.cert import cert_tool
from agents.tools.network.check import check_tool
from agents.tools.network.declared import HttpSpec, http_tool
from agents.tools.network.dns import dns_tool
from agents.tools.network.way import Way
from agents.tools.raise_cap import raise_cap_tool
from agents.tools.redact import Redactor
from agents.tools.remind import remind_tool
from agents.tools.result import result_tool
from agents.tools.runbook import RunbookSpec, runbook_tool
from agents.tools.services import services_tool
from agents.tools.threads import threads_tool
from bot import net_tables, tables
from bot.results import Results
from bot.rulebook import Catalogue
from bot.search import Search
from bot.settings import Settings, secret_values
from bot.store.port import ThreadStore
from channels.port import CommandParam, CommandSpec


def build_tools(settings: Settings, store: ThreadStore) -> tuple[Tool, ...]:
    """Everything that the bot can do. Raises `ValueError` for a tool that makes no sense."""
    return tools_over(settings, Search(store), Results(store), store.books(settings.limits))


def tools_over(
    settings: Settings, search: ThreadSearch, outputs: Outputs, caps: CapRaiser
) -> tuple[Tool, ...]:
    """The same on whatever stands behind them."""
    catalogue = Catalogue(settings.services)
    redactor = Redactor(secret_values(settings))
    runbooks = tuple(
        runbook_tool(_spec(name, book), catalogue, redactor)
        for name, book in settings.runbooks.items()
    )
    tools = (
        services_tool(catalogue),
        *runbooks,
        *_network(settings, catalogue, redactor),
        threads_tool(search),
        remind_tool(),
        result_tool(outputs),
        raise_cap_tool(caps),
    )
    return (help_tool(tools), *tools)


def _network(settings: Settings, catalogue: Catalogue, redactor: Redactor) -> Iterator[Tool]:
    """What asks other machines. A name that config uses is the tool that config says."""
    way, declared = Way(private=settings.tools.private), settings.tools.http
    ours = (
        check_tool(way, redactor),
        dns_tool(way.private, redactor),
        cert_tool(way, redactor),
    )
    for tool in ours:
        if tool.name not in {*settings.runbooks, *declared}:
            yield tool
    for name, told in declared.items():
        yield http_tool(_http_spec(name, told, settings), catalogue, way, redactor)


def _http_spec(name: str, told: net_tables.Http, settings: Settings) -> HttpSpec:
    held = {of: one for (tool, of), one in settings.held.items() if tool == name}
    return HttpSpec(
        name=name,
        summary=told.summary,
        method=told.method,
        url=told.url,
        timeout=told.timeout,
        headers={**told.headers, **{of: one.whole for of, one in held.items()}},
        secrets={of: one.reference for of, one in held.items()},
        params=told.params,
        body=told.body,
        show=told.show,
    )


def _spec(name: str, book: tables.Runbook) -> RunbookSpec:
    return RunbookSpec(
        name=name,
        summary=book.summary,
        argv=book.argv,
        params=book.params,
        risk=book.risk,
        timeout=book.timeout,
        stdin=book.stdin,
    )


def command(tool: Tool) -> CommandSpec:
    """The tool as a channel may offer it by name."""
    params = tuple(map(_param, options(tool.params)))
    return CommandSpec(name=tool.name, summary=tool.summary, params=params)


def _param(option: Option) -> CommandParam:
    kind: Literal["text", "integer", "boolean"] = "boolean" if option.kind == "flag" else "text"
    return CommandParam(
        name=option.name,
        kind=kind,
        meaning=option.meaning,
        required=option.required,
        choices=option.choices,
    )
