"""What values of watchkeeper.toml look like, and what several of its tables hold."""

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
from bot import spend

STRICT = ConfigDict(frozen=True, extra="forbid")

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


def shaped(pattern: str, told: str) -> AfterValidator:
    """A text that is all of this pattern; `told` says to people how it has to be."""

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
Room = Annotated[str, shaped(r"(console|slack|discord|email):[!-~]+", ROOM)]
Folder = Annotated[str, shaped(r"[^\x00-\x1f\x7f]*", NO_CONTROLS)]
ModelId = Annotated[str, shaped(r"[!-~]+", MODEL)]
Cap = Annotated[Decimal | None, PlainValidator(_a_cap)]


class Approve(BaseModel):
    """Who must say yes. `by`: a role, a rota or a person; `self_`: the requester counts too.

    remind: after how long; escalate: who is asked as well, half way from there to the expiry.
    """

    model_config = STRICT

    by: Name
    quorum: Annotated[StrictInt, Field(ge=1)] = 1
    self_: StrictBool = Field(default=False, alias="self")
    expire: Span = timedelta(minutes=30)
    remind: Span | None = None
    escalate: Name | None = None
