"""Whom the runbooks of rotas name: asked when somebody needs to know, and then remembered.

Deciding itself stays pure and waits for nobody: it looks at what the runbooks last said.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog

from agents.port import Caller, Tool, ToolFailed
from bot.people import People

log = structlog.get_logger()

KEPT = 300.0
RETRY = 60.0
"""Seconds for which an answer is good, and after which a runbook that gave none is asked again."""
PATIENCE = 10.0
"""Seconds that a runbook has to answer: whoever waits for a decision waits for it."""
MOST = 50
"""Lines of an answer that are read."""


class Rosters:
    """Asks the runbooks of `people.rotas`, and keeps what they say in `named`.

    `named` is what `people` looks into at every decision. A rota whose runbook fails, or names
    nobody known, is not in it: then the rota's fallback counts, and the log says why.
    """

    def __init__(
        self,
        people: People,
        tools: Mapping[str, Tool],
        named: dict[str, tuple[str, ...]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._people = people
        self._tools = tools
        self._named = named
        self._clock = clock
        self._books = {name: rota.runbook for name, rota in people.rotas.items() if rota.runbook}
        self._until: float | None = None
        self._asking: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Wait until what is known is fresh enough to decide by. Raises nothing."""
        asking = self.touch()
        if asking is not None:
            await asyncio.wait({asking})  # others wait for it too: it outlives who stops waiting

    def touch(self) -> asyncio.Task[None] | None:
        """Have it asked for if it is too old; the task that asks."""
        if not self._books or (self._until is not None and self._clock() < self._until):
            return None
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self.refresh())
        return self._asking

    async def refresh(self) -> None:
        """Ask every runbook once, all at the same time. Raises nothing."""
        books = sorted({*self._books.values()})
        said = dict(zip(books, await asyncio.gather(*map(self._said, books)), strict=True))
        for rota, book in self._books.items():
            if said[book]:
                self._named[rota] = said[book]
            else:
                self._named.pop(rota, None)
        self._until = self._clock() + (KEPT if all(said.values()) else RETRY)

    async def _said(self, book: str) -> tuple[str, ...]:
        """The persons that the runbook names; none if it fails."""
        try:
            found = read(await _output(self._tools[book]), self._people)
            why = "" if found else "its first line names nobody in the configuration"
        except ToolFailed as fault:
            first, _, _ = fault.text.partition("\n")
            found, why = (), f"{fault.reason}: {first}"
        except TimeoutError:
            found, why = (), f"it has not answered within {PATIENCE:g} s"
        except Exception as fault:  # noqa: BLE001 - whatever it is, the fallback counts
            found, why = (), f"{type(fault).__name__}: {fault}"
        if why:
            rotas = [rota for rota, one in self._books.items() if one == book]
            log.warning("rota.unknown", runbook=book, rotas=rotas, why=why)
        return found


def read(output: str, people: People) -> tuple[str, ...]:
    """The persons that the first lines name, by name or native id, up to one that names nobody.

    Who stands behind somebody unknown is not who is on duty.
    """
    found: list[str] = []
    for line in output.strip().splitlines()[:MOST]:
        person = people.named(line.strip())
        if person is None:
            break
        found.append(person)
    return tuple(dict.fromkeys(found))


async def _output(tool: Tool) -> str:
    now = datetime.now(UTC)
    key = f"roster:{tool.name}:{now.isoformat()}"
    caller = Caller(thread="", key=key, person=None, audience=(), now=now)
    async with asyncio.timeout(PATIENCE):
        return (await tool.run(tool.params.model_validate({}), caller)).output
