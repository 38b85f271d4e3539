"""Whom the runbooks of rotas name: asked now and then, so that deciding itself waits for nobody."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from agents.port import Caller, Tool, ToolFailed
from bot.people import People
from bot.rotas import Rota

log = structlog.get_logger()

EVERY = 300.0
"""Seconds after which a rota's runbook is asked again."""


class Rosters:
    """Asks the runbooks of `people.rotas`, and keeps what they say in `named`.

    `named` is what `people` looks into at every decision. What names nobody known, or fails, is
    not in it: then the rota's fallback counts, and the log says why.
    """

    def __init__(
        self, people: People, tools: Mapping[str, Tool], named: dict[str, tuple[str, ...]]
    ) -> None:
        self._people = people
        self._tools = tools
        self._named = named

    async def run(self) -> None:
        """Ask again and again, until cancelled."""
        while any(rota.runbook for rota in self._people.rotas.values()):
            await self.refresh()
            await asyncio.sleep(EVERY)

    async def refresh(self) -> None:
        """Ask every runbook once, all at the same time. Raises nothing."""
        rotas = {name: rota for name, rota in self._people.rotas.items() if rota.runbook}
        await asyncio.gather(*(self._ask(name, rota) for name, rota in rotas.items()))

    async def _ask(self, name: str, rota: Rota) -> None:
        try:
            said = await self._output(name, rota)
            found = tuple(dict.fromkeys(filter(None, map(self._person, said.splitlines()))))
            why = "" if found else "it names nobody in the configuration"
        except ToolFailed as failed:
            found, why = (), f"{failed.reason}: {failed.text}"
        except Exception as fault:  # noqa: BLE001 - whatever it is, the fallback counts
            found, why = (), f"{type(fault).__name__}: {fault}"
        if found:
            self._named[name] = found
            return
        self._named.pop(name, None)
        log.warning(
            "rota.unknown", rota=name, runbook=rota.runbook, fallback=rota.fallback, why=why
        )

    async def _output(self, name: str, rota: Rota) -> str:
        tool, now = self._tools[rota.runbook], datetime.now(UTC)
        params = tool.params.model_validate({})
        key = f"rota:{name}:{now.isoformat()}"
        caller = Caller(thread="", key=key, person=None, audience=(), now=now)
        return (await tool.run(params, caller)).output

    def _person(self, line: str) -> str | None:
        """Who is meant by a line: by name, or by a native id."""
        return self._people.named(line.strip()) if line.strip() else None
