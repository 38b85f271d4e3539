"""The tables of watchkeeper.toml, as frozen models: what may be written, key by key."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
)

from agents.durations import Duration
from agents.port import Risk
from bot import spend
from bot.process_tables import Console, Log
from bot.rules import ByMail, Unknown

_STRICT = ConfigDict(frozen=True, extra="forbid")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]


def _a_second(span: timedelta) -> timedelta:
    if span < timedelta(seconds=1):
        raise ValueError('must be at least "1s"')
    return span


def _a_kind(value: object) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(choice, str) for choice in value):
        return tuple(value)
    raise ValueError('must be a kind as "service", or a list of choices in quotes')


def _a_cap(value: object) -> Decimal | None:
    """Dollars, or None for no cap. By way of text: 0.1 is meant as it is written, not as stored."""
    if value == "none":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        usd = Decimal(str(value))
        if usd.is_finite() and 0 <= usd <= spend.MOST:
            return usd
    raise ValueError(f'must be dollars from 0 to {spend.MOST:,}, or "none" for no cap')


def _a_clock(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return time.fromisoformat(value)
    raise ValueError('must be a time as "22:00"')


def _a_day(value: object) -> date:
    if type(value) is date:
        return value
    raise ValueError("must be a date without quotes, as 2026-01-05")


def _some_values(value: object) -> tuple[str | int, ...]:
    """One value of an argument, or a list of them. A bool is an int, and stays one."""
    values = value if isinstance(value, list | tuple) else [value]
    if values and all(isinstance(one, str | int) for one in values):
        return tuple(values)
    raise ValueError('must be a value as "prod", or a list of values')


def _shaped(pattern: str, told: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(told)
        return text

    return AfterValidator(check)


SLACK = "write TEAM/USER, as T0123ABCD/U0123ABCD"
DISCORD = "write the numeric user id, as 123456789012345678"
EMAIL = "write one address, as a@example.com"
AUTHSERV = "write the server's name as it stands first in Authentication-Results"
NO_CONTROLS = "must be on one line"
MODEL = "write a model's id, as claude-haiku-5-5"
ROOM = "write the channel and the room's id, as slack:C0123ABCD"

Kind = Annotated[str | tuple[str, ...], PlainValidator(_a_kind)]
Span = Annotated[Duration, AfterValidator(_a_second)]
Clock = Annotated[time, PlainValidator(_a_clock)]
Day = Annotated[date, PlainValidator(_a_day)]
Values = Annotated[tuple[str | int, ...], PlainValidator(_some_values)]
Text = Annotated[str, Field(min_length=1)]
ChannelName = Literal["console", "slack", "discord", "email"]
Room = Annotated[str, _shaped(r"(console|slack|discord|email):[!-~]+", ROOM)]
Folder = Annotated[str, _shaped(r"[^\x00-\x1f\x7f]*", NO_CONTROLS)]
ModelId = Annotated[str, _shaped(r"[!-~]+", MODEL)]
Cap = Annotated[Decimal | None, PlainValidator(_a_cap)]


class Bot(BaseModel):
    """`[bot]`. `drain` is how long a stop waits for what runs; None: longer than any runbook.

    `handover`: the role, rota or person who is asked to go on where agents stop; None for nobody.
    """

    model_config = _STRICT

    name: Name = "watchkeeper"
    timezone: str = "UTC"
    lease: Span = timedelta(seconds=30)
    drain: Duration | None = None
    handover: Name | None = None


class Access(BaseModel):
    """`[access]`. `unknown`: what strangers get."""

    model_config = _STRICT

    unknown: Unknown = "notice"


class Person(BaseModel):
    """`[people.NAME]`: one human and their ids, each None where they have none."""

    model_config = _STRICT

    slack: Annotated[str, _shaped(r"[A-Z0-9]+/[A-Z0-9]+", SLACK)] | None = None
    discord: Annotated[str, _shaped(r"[0-9]+", DISCORD)] | None = None
    email: Annotated[str, _shaped(r"[^@\s<>,;]+@[^@\s<>,;]+", EMAIL)] | None = None
    console: Text | None = None
    roles: tuple[Name, ...] = ()


class Rota(BaseModel):
    """`[rotas.NAME]`: who is on duty, a week each, or whoever the runbook names.

    `week_of`: the day on which the first week of the first person begins, at `handover` in the
    bot's time zone. `fallback`: who counts while the runbook names nobody.
    """

    model_config = _STRICT

    people: tuple[Name, ...] = ()
    week_of: Day | None = None
    handover: Clock = time(0)
    runbook: Name | None = None
    fallback: Name | None = None


class Service(BaseModel):
    """`[services.NAME]`: something the team runs. `aliases`: other words people use for it."""

    model_config = _STRICT

    environments: Annotated[tuple[Name, ...], Field(min_length=1)]
    aliases: tuple[Name, ...] = ()


class Approve(BaseModel):
    """Who must say yes. `by`: a role, a rota or a person; `self_`: the requester counts too.

    remind: after how long; escalate: who is asked as well, half way from there to the expiry.
    """

    model_config = _STRICT

    by: Name
    quorum: Annotated[StrictInt, Field(ge=1)] = 1
    self_: StrictBool = Field(default=False, alias="self")
    expire: Span = timedelta(minutes=30)
    remind: Span | None = None
    escalate: Name | None = None


class Policy(BaseModel):
    """`[[policy]]`: what becomes of the calls that every condition matches; None matches all.

    `who`: roles, rotas or persons who ask. `args`: argument -> the values that match. `approve`
    says who must say yes, if the verdict is "approve".
    """

    model_config = _STRICT

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

    model_config = _STRICT

    summary: Text
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    params: dict[str, Kind] = {}
    risk: Risk
    approve: Approve | None = None
    timeout: Span = timedelta(seconds=60)
    stdin: str | None = None


class Models(BaseModel):
    """`[models]`: which model each agent asks, None for the one that its prompt names."""

    model_config = _STRICT

    classifier: ModelId | None = None
    retriever: ModelId | None = None
    executor: ModelId | None = None
    responder: ModelId | None = None


class Limits(BaseModel):
    """`[limits]`: what models may cost in US dollars, None for no cap.

    `turns_per_person_hour`: messages of one person that are taken in an hour, None for any number.
    `approve`: who may say yes to raising a cap; None: nobody.
    """

    model_config = _STRICT

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

    model_config = _STRICT

    may_approve: tuple[ByMail, ...] = ()
    authserv_id: Annotated[str, _shaped(r"[!-~]*", AUTHSERV)] = ""
    name: Annotated[str, _shaped(r"[^\x00-\x1f\x7f]*", NO_CONTROLS)] = "Watchkeeper"
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

    model_config = _STRICT

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")


class Tables(BaseModel):
    """Everything that the file may say."""

    model_config = _STRICT

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
    log: Log = Log()
