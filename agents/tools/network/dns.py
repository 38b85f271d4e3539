"""`dns`: what nameservers say of a name, each record with how long it may be remembered."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.port import Caller, Result, Risk, Tool, ToolFailed
from agents.reach import Reach
from agents.tools.network.addresses import Network, unfit
from agents.tools.network.target import name_within, read_place, same_name
from agents.tools.network.told import block, in_short
from agents.tools.plain import narrowed, plan_of
from agents.tools.redact import Redactor

if TYPE_CHECKING:
    from agents.tools.network.nameservers import Found, Resolver

NAME = "dns"

_MOST = 40
_ADDRESSES = frozenset({"A", "AAAA"})
_WHOLE_TIME = 15.0


def _a_name(text: str) -> str:
    read_place(text)
    return text


class Dns(BaseModel):
    """Which name."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Annotated[
        str, AfterValidator(_a_name), Reach("<name>", same=same_name, within=name_within)
    ] = Field(
        description="a name, as example.com, or an address whose names to find, just as a person"
        " wrote it or as it stands with a service"
    )


def dns_tool(
    private: Sequence[Network], redactor: Redactor, resolver: "Resolver | None" = None
) -> Tool:
    """Asks nameservers, by default those of this machine, and tells addresses of inner networks."""

    async def run(params: BaseModel, caller: Caller) -> Result:  # noqa: ARG001
        # dnspython takes long to import: only who needs it waits.
        from agents.tools.network import nameservers  # noqa: PLC0415

        name = read_place(narrowed(Dns, params).name).host
        try:
            async with asyncio.timeout(_WHOLE_TIME):
                found = await nameservers.records(name, resolver or nameservers.of_system)
        except nameservers.NoSuchName:
            raise ToolFailed(f"there is no name {name}, the nameservers say") from None
        except nameservers.NoNameservers as fault:
            raise ToolFailed(str(fault)) from None
        except TimeoutError:
            raise ToolFailed(f"no nameserver answered within {_WHOLE_TIME:g} s") from None
        if not found.records and found.unknown:
            raise ToolFailed(f"nothing is known of {name}: {found.unknown[0][1]}")
        return Result(text=redactor.redact(_told(name, found, private)))

    return Tool(
        name=NAME,
        summary="What DNS says of a name: addresses, mail servers, texts, nameservers",
        params=Dns,
        risk=Risk.READ,
        idempotent=True,
        plan=plan_of(NAME),
        run=run,
        condense=in_short,
    )


def _told(name: str, found: "Found", private: Sequence[Network]) -> str:
    lines = list(_lines(found, private))
    if not lines:
        return f"{name} exists, and has no records of the usual kinds."
    more = len(lines) - _MOST
    shown = [*lines[:_MOST], f"… {more:,} more …"] if more > 0 else lines
    return f"{name}:\n{block(shown)}"


def _lines(found: "Found", private: Sequence[Network]) -> Iterator[str]:
    for one in found.records:
        kind = unfit(one.value, private) if one.kind in _ADDRESSES else ""
        yield f"{one.kind} {one.value} (TTL {one.ttl:,} s{f', {kind}' if kind else ''})"
    for kind, fault in found.unknown:
        yield f"{kind}: {fault}"
