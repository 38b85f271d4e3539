"""The composition root of evals: cases are played on the house's own parts, without a store."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agents import team
from agents.model import Account, Model, OverBudget
from agents.port import Found
from bot.delivery import Delivery
from bot.evals.case import Case, read
from bot.evals.play import Bench
from bot.performer import Performer
from bot.rulebook import build_rules
from bot.settings import EXAMPLE, Settings, load
from bot.thinking import Thinking
from bot.toolbox import tools_over
from bot.wiring import build_team

if TYPE_CHECKING:
    from anthropic import AsyncMiddlewareCallable

NO_KEY = "nothing-is-sent-with-it"
"""In place of a key, where nothing is sent."""


class Nowhere:
    """Stands where the store does: it finds and keeps nothing, and no cap holds."""

    async def search(
        self, _query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """No thread."""
        del audience, limit
        return ()

    async def output(self, _thread: str, _ref: str) -> str | None:
        """No result."""
        return None

    async def raise_cap(
        self,
        cap: Literal["thread", "person", "day"],
        account: Account,
        usd: Decimal,
        *,
        key: str,
    ) -> None:
        """No cap."""

    async def reserve(self, _call: str, _account: Account, _usd: Decimal) -> OverBudget | None:
        """Nothing is booked: what it costs stands in the log of the case."""
        return None

    async def settle(self, _call: str, _account: Account, _usd: Decimal) -> None:
        """As little."""

    async def keep(self, data: bytes) -> str:
        """Its name, and nothing kept under it."""
        return hashlib.sha256(data).hexdigest()


def example(settings: Settings, user: str) -> Settings:
    """The packaged example's people, services and runbooks, with the models of `settings`."""
    packaged = load({"WATCHKEEPER_CONFIG": str(EXAMPLE)}, EXAMPLE.parent, user)
    return replace(packaged, models=settings.models, secrets=settings.secrets)


def build_bench(settings: Settings, model: Model) -> Bench:
    """What cases are played on, with these settings and this model."""
    nowhere = Nowhere()
    tools = tools_over(settings, nowhere, nowhere, nowhere)
    rules = build_rules(settings, tools, thinks=True)
    by_name = {tool.name: tool for tool in tools}
    agents = build_team(settings, tools, model, nowhere, nowhere.keep)
    performer = Performer(
        rules=rules, tools=by_name, thinking=Thinking(agents), delivery=Delivery({})
    )
    programs = frozenset(settings.runbooks)
    return Bench(rules=rules, tools=by_name, performer=performer, programs=programs)


def packaged() -> tuple[Case, ...]:
    """The packaged cases, by name. Raises `CaseError`."""
    found = tuple(files("prompts").joinpath("cases").iterdir())
    named = {file.name: file.read_bytes() for file in found if file.name.endswith(".json")}
    return tuple(read(data, name) for name, data in sorted(named.items()))


def measured(settings: Settings) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Which model each agent asks, and which prompt it reads by."""
    texts = team.prompts()
    models = {
        name: settings.models.get(prompt.model.key, prompt.model.default)
        for name, prompt in texts.items()
    }
    told = {name: f"{prompt.version} {prompt.sha256}" for name, prompt in texts.items()}
    return models, told


@asynccontextmanager
async def asked_model(
    settings: Settings, *, record: Path | None = None, recordings: Path | None = None
) -> AsyncIterator[Model | None]:
    """The configured model, None without a key, which `recordings` do not need.

    record: each of its answers is written there. recordings: it is not asked, this file answers.
    Raises `RecordingError` for a file that can not be used, `ValueError` for a bad key or address.
    """
    key, url = settings.secrets.anthropic_api_key, settings.secrets.anthropic_base_url
    if key is None and recordings is None:
        yield None
        return
    # The SDK takes a second to import: only who asks a model waits for it.
    from agents.anthropic_model import connect  # noqa: PLC0415

    secret = NO_KEY if recordings or key is None else key.get_secret_value()
    address = url.get_secret_value() if url and not recordings else None
    model = connect(secret, address, middleware=_middleware(record, recordings))
    try:
        yield model
    finally:
        await model.close()


def _middleware(
    record: Path | None, recordings: Path | None
) -> "tuple[AsyncMiddlewareCallable, ...]":
    from agents.recording import Recorder, Replayer, read  # noqa: PLC0415 - as above

    if recordings is not None:
        return (Replayer(read(recordings), str(recordings)),)
    return (Recorder(record),) if record is not None else ()
