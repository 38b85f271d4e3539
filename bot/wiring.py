"""The composition root: alone names concrete adapters, and puts the house together."""

import asyncio
import os
import secrets as random
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from agents import team
from agents.agent import Agent
from agents.claude import Claude
from agents.guide import Guide
from agents.mind import Keep, Kit, Mind
from agents.model import Budget, Model
from agents.port import Tool
from agents.tools.redact import Redactor
from bot import secret_file
from bot.alerts import Alerts
from bot.consoles import Consoles
from bot.delivery import Delivery
from bot.intake import Intake
from bot.meter import Meter
from bot.performer import Performer
from bot.pool import Pool
from bot.prefetch import Prefetch
from bot.rosters import Rosters
from bot.rulebook import GUIDE, Catalogue, build_people, build_rules
from bot.sending import Sending
from bot.settings import Settings, secret_values
from bot.signs import SOON, Signs
from bot.store import embedded, redis
from bot.store.port import ThreadStore
from bot.store.roster import Neighbours, Roster, Unseen
from bot.thinking import Thinking
from bot.toolbox import build_tools, command
from bot.worker import Point, Worker, nothing
from channels import console
from channels.port import Channel
from prompts.library import Prompt

if TYPE_CHECKING:
    from bot.web import Handler

log = structlog.get_logger()

SLOTS = 64
"""Threads that one process works on at once."""

NO_MODEL = "No model is connected (ANTHROPIC_API_KEY is not set), so I only understand commands."


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[redis.RedisStore]:
    """The bot's store, its own Valkey or the one that REDIS_URL names. Raises `StoreError`."""
    async with AsyncExitStack() as closing:
        url, revive = settings.secrets.redis_url, None
        secret = settings.secrets.watchkeeper_secret
        if url is None:
            server = await embedded.start(settings.data_dir)
            closing.callback(server.close)
            url, revive = SecretStr(server.url), server.revive
            secret = secret or SecretStr(secret_file.made(settings.data_dir))
        store = await redis.connect(
            url.get_secret_value(),
            bot=settings.bot.name,
            secret=secret.get_secret_value() if secret else None,
            lease=settings.bot.lease.total_seconds(),
            revive=revive,
        )
        closing.push_async_callback(store.close)
        yield store


@asynccontextmanager
async def connect_model(settings: Settings) -> AsyncIterator[Model | None]:
    """The model that reads prose, None without a key. Nothing is sent before it is asked."""
    key, url = settings.secrets.anthropic_api_key, settings.secrets.anthropic_base_url
    if key is None:
        yield None
        return
    model = Claude(key.get_secret_value(), url.get_secret_value() if url else None)
    try:
        yield model
    finally:
        await model.close()


@dataclass(frozen=True, slots=True)
class Outside:
    """The channels that have credentials, and what they want posted to the bot: path -> handler."""

    channels: tuple[Channel, ...] = ()
    posts: "Mapping[str, Handler]" = field(default_factory=dict)

    async def close(self) -> None:
        """Nothing is sent any more."""
        await asyncio.gather(*(channel.close() for channel in self.channels))


def build_channels(settings: Settings, store: ThreadStore) -> Outside:
    """Every channel with credentials, not connected yet. Its library is only imported then."""
    asked_for = {channel for channel, _ in settings.secrets.credentials()}
    makers = {"slack": _slack, "discord": _discord, "email": _email}
    found = [make(settings, store) for name, make in makers.items() if name in asked_for]
    return Outside(
        tuple(channel for one in found for channel in one.channels),
        {path: handler for one in found for path, handler in one.posts.items()},
    )


def _slack(settings: Settings, store: ThreadStore) -> Outside:
    from channels.slack import adapter  # noqa: PLC0415 - its SDK takes a second to import

    told = settings.secrets
    slack = adapter.Slack(
        adapter.SlackSettings(
            bot_token=_value(told.slack_bot_token),
            app_token=_value(told.slack_app_token),
            signing_secret=_value(told.slack_signing_secret),
            url=_value(told.slack_api_url) or None,
        ),
        store,
        Sending(store),
    )
    posts: dict[str, Handler] = {adapter.PATH: slack.http} if told.slack_signing_secret else {}
    return Outside((slack,), posts)


def _discord(settings: Settings, store: ThreadStore) -> Outside:
    from channels.discord import adapter  # noqa: PLC0415 - its library takes a second to import

    told = settings.secrets
    discord = adapter.Discord(
        adapter.DiscordSettings(
            token=_value(told.discord_bot_token),
            api_url=_value(told.discord_api_url),
            gateway_url=_value(told.discord_gateway_url),
            commands=[command(tool) for tool in build_tools(settings, store)],
        ),
        store,
        Sending(store),
    )
    return Outside((discord,))


def _email(settings: Settings, store: ThreadStore) -> Outside:
    from bot.postbox import postbox  # noqa: PLC0415 - with what reads mails, it takes a while
    from channels.email import adapter  # noqa: PLC0415

    mailbox = settings.secrets.mailbox
    if mailbox is None:
        return Outside()
    # The key of the audit is the bot's own secret, wherever it is kept; nothing shows it.
    told = postbox(settings, mailbox, store.trail.key)
    return Outside((adapter.Email(told, store, Sending(store)),))


def _value(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def build_intake(settings: Settings, store: ThreadStore, meter: Meter | None = None) -> Intake:
    """Where channels deliver to."""
    rules = build_rules(settings, build_tools(settings, store))
    return Intake(
        store,
        rules,
        names=(settings.bot.name,),
        redact=Redactor(secret_values(settings)).redact,
        meter=meter,
    )


def build_worker(  # noqa: PLR0913 - whatever differs between a process and a test
    settings: Settings,
    store: ThreadStore,
    *,
    channels: Mapping[str, Channel] | None = None,
    model: Model | None = None,
    prose: Agent | None = None,
    at: Point = nothing,
    signs_after: float = SOON,
    meter: Meter | None = None,
) -> Pool:
    """One process's share of the work.

    model: reads what is no command, by way of the four agents; without it the guide does, or
    `prose`. at: is told each named point, so that a test can end the process there. signs_after:
    seconds before people are shown that it is at work. meter: who takes the numbers.
    """
    tools = build_tools(settings, store)
    named: dict[str, tuple[str, ...]] = {}
    rules = build_rules(settings, tools, thinks=model is not None, rosters=named)
    by_name = {tool.name: tool for tool in tools}
    places = {console.NAME: Consoles(store), **(channels or {})}
    performer = Performer(
        rules=rules,
        tools=by_name,
        thinking=_thinking(settings, store, tools, model, prose),
        delivery=Delivery(places),
        signs=Signs(places, after=signs_after),
        meter=meter,
    )
    name = worker_name()
    worker = Worker(
        store,
        performer,
        rules,
        name=name,
        lease=settings.bot.lease.total_seconds(),
        at=at,
    )
    neighbours = _neighbours(settings, store, name)
    drain = settings.drain.total_seconds()
    rosters = Rosters(rules.people, by_name, named)
    return Pool(store, worker, neighbours, slots=SLOTS, drain=drain, rosters=rosters, meter=meter)


def _thinking(
    settings: Settings,
    store: ThreadStore,
    tools: tuple[Tool, ...],
    model: Model | None,
    prose: Agent | None,
) -> Thinking:
    """Who reads prose."""
    if model is None:
        return Thinking({GUIDE: prose or Guide(tools, reason=NO_MODEL)})
    people, services = build_people(settings), Catalogue(settings.services).services()
    return Thinking(
        build_team(settings, tools, model, store.books(settings.limits), store.keep),
        prefetch=Prefetch(store, people, services).lines,
        alert=Alerts(store, people).raise_alert,
    )


def build_team(
    settings: Settings,
    tools: Sequence[Tool],
    model: Model,
    budget: Budget,
    keep: Keep,
    *,
    texts: Mapping[str, Prompt] | None = None,
) -> Mapping[str, Mind]:
    """The four agents, with the packaged prompts or these. Raises `PromptError`."""
    kit = Kit(
        model=model,
        budget=budget,
        keep=keep,
        bot=settings.bot.name,
        services=Catalogue(settings.services).services(),
        models=settings.models,
    )
    return team.team(texts or team.prompts(), kit, [tool for tool in tools if tool.name != "help"])


def _neighbours(settings: Settings, store: ThreadStore, name: str) -> Neighbours:
    """The workers of this bot on this machine; nobody where there is no place to write."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Roster(settings.data_dir / "workers" / settings.bot.name, store, name)
    except OSError as fault:
        log.info("roster.none", why=str(fault))
        return Unseen()


def worker_name() -> str:
    """Unique for this run of this process: tokens of two workers never meet."""
    return f"{socket.gethostname()}.{os.getpid()}.{random.token_hex(4)}"
