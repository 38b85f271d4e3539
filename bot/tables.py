"""The tables of watchkeeper.toml, as frozen models: what may be written, key by key."""

from collections.abc import Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt

from agents import port
from agents.durations import Duration
from agents.port import Risk
from bot.net_tables import Host, Tools
from bot.process_tables import Console, Log
from bot.rules import ByMail, Unknown
from bot.shapes import (
    AUTHSERV,
    DISCORD,
    EMAIL,
    NO_CONTROLS,
    SLACK,
    STRICT,
    Approve,
    Cap,
    ChannelName,
    Clock,
    Day,
    Folder,
    Kind,
    ModelId,
    Name,
    Room,
    Span,
    Text,
    Values,
    shaped,
)

__all__ = ["Approve", "ChannelName"]
"""What is looked for here and stands in `shapes`, which other tables need as well."""


class Bot(BaseModel):
    """`[bot]`. `drain` is how long a stop waits for what runs; None: longer than any runbook.

    `handover`: the role, rota or person who is asked to go on where agents stop; None for nobody.
    """

    model_config = STRICT

    name: Name = "watchkeeper"
    timezone: str = "UTC"
    lease: Span = timedelta(seconds=30)
    drain: Duration | None = None
    handover: Name | None = None


class Access(BaseModel):
    """`[access]`. `unknown`: what strangers get."""

    model_config = STRICT

    unknown: Unknown = "notice"


class Person(BaseModel):
    """`[people.NAME]`: one human and their ids, each None where they have none."""

    model_config = STRICT

    slack: Annotated[str, shaped(r"[A-Z0-9]+/[A-Z0-9]+", SLACK)] | None = None
    discord: Annotated[str, shaped(r"[0-9]+", DISCORD)] | None = None
    email: Annotated[str, shaped(r"[^@\s<>,;]+@[^@\s<>,;]+", EMAIL)] | None = None
    console: Text | None = None
    roles: tuple[Name, ...] = ()


class Rota(BaseModel):
    """`[rotas.NAME]`: who is on duty, a week each, or whoever the runbook names.

    `week_of`: the day on which the first week of the first person begins, at `handover` in the
    bot's time zone. `fallback`: who counts while the runbook names nobody.
    """

    model_config = STRICT

    people: tuple[Name, ...] = ()
    week_of: Day | None = None
    handover: Clock = time(0)
    runbook: Name | None = None
    fallback: Name | None = None


class Service(BaseModel):
    """`[services.NAME]`: something the team runs. `aliases`: other words people use for it.

    `hosts`: where it is on the network: what network tools may always be asked about.
    """

    model_config = STRICT

    environments: Annotated[tuple[Name, ...], Field(min_length=1)]
    aliases: tuple[Name, ...] = ()
    hosts: tuple[Host, ...] = ()


def listed(services: Mapping[str, Service]) -> tuple[port.Service, ...]:
    """The services as tools know them, in the order of the file."""
    return tuple(
        port.Service(name=name, environments=one.environments, aliases=one.aliases, hosts=one.hosts)
        for name, one in services.items()
    )


class Policy(BaseModel):
    """`[[policy]]`: what becomes of the calls that every condition matches; None matches all.

    `who`: roles, rotas or persons who ask. `args`: argument -> the values that match. `approve`
    says who must say yes, if the verdict is "approve".
    """

    model_config = STRICT

    name: Name
    verdict: Literal["allow", "approve", "refuse"]
    who: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    tools: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    args: Annotated[dict[str, Values], Field(min_length=1)] | None = None
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1)] | None = None
    rooms: Annotated[tuple[Room, ...], Field(min_length=1)] | None = None
    approve: Approve | None = None


class Runbook(BaseModel):
    """`[runbooks.NAME]`: a program, and the words it is called with."""

    model_config = STRICT

    summary: Text
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    params: dict[str, Kind] = {}
    risk: Risk
    approve: Approve | None = None
    timeout: Span = timedelta(seconds=60)
    stdin: str | None = None


class Models(BaseModel):
    """`[models]`: which model each agent asks, None for the one that its prompt names."""

    model_config = STRICT

    classifier: ModelId | None = None
    retriever: ModelId | None = None
    executor: ModelId | None = None
    responder: ModelId | None = None


class Limits(BaseModel):
    """`[limits]`: what models may cost in US dollars, None for no cap.

    `turns_per_person_hour`: messages of one person that are taken in an hour, None for any number.
    `approve`: who may say yes to raising a cap; None: nobody.
    """

    model_config = STRICT

    thread_usd: Cap = Decimal("0.50")
    person_day_usd: Cap = Decimal(5)
    day_usd: Cap = Decimal(20)
    turns_per_person_hour: Annotated[StrictInt, Field(ge=1)] | None = None
    approve: Approve | None = None


class Email(BaseModel):
    """`[email]`. `may_approve`: what may be approved by mail: risks, and "prod" for production.

    authserv_id: our mail server's name in Authentication-Results; without it nobody is known.
    name: what the bot is called in From. done, failed: folders for what was taken in, and for what
    can not be; sent: where the server keeps what was sent; each "" for none. backlog: the first
    start takes in what is in the box already. largest: bytes of the largest mail that is read.
    per_hour: mails to one place in an hour. plus_addressing: mail to bot+anything@ arrives; without
    it nothing is approved by mail. ca: a file of certificates that are trusted as well.
    """

    model_config = STRICT

    may_approve: tuple[ByMail, ...] = ()
    authserv_id: Annotated[str, shaped(r"[!-~]*", AUTHSERV)] = ""
    name: Annotated[str, shaped(r"[^\x00-\x1f\x7f]*", NO_CONTROLS)] = "Watchkeeper"
    inbox: Folder = "INBOX"
    done: Folder = ""
    failed: Folder = ""
    sent: Folder = ""
    backlog: StrictBool = False
    largest: Annotated[StrictInt, Field(ge=1024)] = 25 * 1024 * 1024
    per_hour: Annotated[StrictInt, Field(ge=1)] = 20
    plus_addressing: StrictBool = True
    ca: str = ""


class Quiet(BaseModel):
    """`[quiet]`: hours in which reminders wait, in the bot's time zone; `end` is written `to`."""

    model_config = STRICT

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")


class Tables(BaseModel):
    """Everything that the file may say."""

    model_config = STRICT

    bot: Bot = Bot()
    console: Console = Console()
    access: Access = Access()
    people: dict[Name, Person] = {}
    rotas: dict[Name, Rota] = {}
    policy: tuple[Policy, ...] = ()
    email: Email = Email()
    quiet: Quiet | None = None
    services: dict[Name, Service] = {}
    runbooks: dict[Name, Runbook] = {}
    models: Models = Models()
    limits: Limits = Limits()
    tools: Tools = Tools()
    log: Log = Log()
