"""The tables of watchkeeper.toml about the network: `[tools]`, and hosts of services."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, JsonValue, PlainValidator

from agents.tools.network.target import same_place
from bot.shapes import STRICT, Approve, Kind, Name, Span, Text, shaped


def _a_network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(NETWORK) from None


NETWORK = 'must be a network as "10.0.0.0/8", with nothing in the bits behind it'
HEADER_NAME = "write a header's name, as Authorization"
HEADER = 'write one line, or "env:NAME" or "file:PATH" for where a secret is'
LONGEST = timedelta(minutes=10)


def _not_too_long(span: timedelta) -> timedelta:
    if span > LONGEST:
        raise ValueError('must be at most "10m"')
    return span


Host = Annotated[str, AfterValidator(same_place)]
PrivateNetwork = Annotated[IPv4Network | IPv6Network, PlainValidator(_a_network)]
HeaderName = Annotated[str, shaped(r"[A-Za-z][A-Za-z0-9-]*", HEADER_NAME)]
Header = Annotated[str, shaped(r"[!-~]([ -~]*[!-~])?", HEADER)]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class Http(BaseModel):
    """`[tools.http.NAME]`: one HTTP request as a tool. Only GET and HEAD count as reading.

    `url` and the texts in `body` hold `{param}` where a value goes; `body` is sent as JSON. `show`:
    a JSON pointer into the answer, "" for all of it. `approve`: who must say yes to what writes.
    """

    model_config = STRICT

    summary: Text
    method: Method = "GET"
    url: Text
    headers: dict[HeaderName, Header] = {}
    params: dict[str, Kind] = {}
    body: JsonValue = None
    show: str = ""
    timeout: Annotated[Span, AfterValidator(_not_too_long)] = timedelta(seconds=20)
    approve: Approve | None = None


class Tools(BaseModel):
    """`[tools]`. `private`: inner networks that network tools may reach besides the internet."""

    model_config = STRICT

    private: tuple[PrivateNetwork, ...] = ()
    http: dict[Name, Http] = {}
