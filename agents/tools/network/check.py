"""`check`: whether an address answers: with what, how fast, from where in the end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.port import Caller, Plan, PlanRefused, Result, Risk, Tool, ToolFailed
from agents.reach import Reach
from agents.tools.network.certificate import trust, validity
from agents.tools.network.target import Target, joined, read_url, same_url, url_within
from agents.tools.network.told import block, in_short, milliseconds, status
from agents.tools.network.way import NotAllowed, Way
from agents.tools.plain import narrowed, plan_of
from agents.tools.redact import Redactor

if TYPE_CHECKING:
    from agents.tools.network.fetching import Reply

NAME = "check"

MOST_REDIRECTS = 5
MOST_BYTES = 1_000_000
WHOLE_TIME = 20.0
"""Redirects that are followed, bytes of a body that are counted, seconds that all may take."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def _an_address(text: str) -> str:
    read_url(text)
    return text


class Check(BaseModel):
    """What to ask for."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    url: Annotated[
        str, AfterValidator(_an_address), Reach("<url>", same=same_url, within=url_within)
    ] = Field(
        description="an address, as https://example.com/health, just as a person wrote it or on"
        " a host of a service"
    )


@dataclass(frozen=True, slots=True)
class _Hop:
    """One address that was asked, and its answer."""

    target: Target
    reply: "Reply"


def check_tool(way: Way, redactor: Redactor) -> Tool:
    """Asks for an address and goes where it is sent, looking at every step of the way."""
    shown = plan_of(NAME)

    async def plan(params: BaseModel) -> Plan:
        target = read_url(narrowed(Check, params).url)
        try:
            way.look_at_host(target.place.host)
        except NotAllowed as fault:
            raise PlanRefused(str(fault)) from None
        return await shown(params)

    async def run(params: BaseModel, caller: Caller) -> Result:
        target = read_url(narrowed(Check, params).url)
        hops: list[_Hop] = []
        try:
            async with asyncio.timeout(WHOLE_TIME):
                await _walk(way, target, hops)
                more = await _certificate(way, hops[-1].target, caller.now)
        except TimeoutError:
            raise _failed(f"no answer within {WHOLE_TIME:g} s", hops, redactor) from None
        except _Stopped as stop:
            raise _failed(str(stop), hops, redactor) from None
        lines = [*_lines(hops), *more]
        return Result(text=redactor.redact(block(lines)))

    return Tool(
        name=NAME,
        summary="Whether an address answers: status, latency, redirects, size, certificate",
        params=Check,
        risk=Risk.READ,
        idempotent=True,
        plan=plan,
        run=run,
        condense=in_short,
    )


class _Stopped(Exception):
    """It goes no further: the text says why."""


async def _walk(way: Way, target: Target, hops: list[_Hop]) -> None:
    """Ask, and go where the answer sends to; every answer is put to the hops."""
    # aiohttp takes long to import: only who needs it waits.
    from agents.tools.network.fetching import NoReply, Request, fetch  # noqa: PLC0415

    while True:
        asked = Request(method="GET", target=target, limit=MOST_BYTES, seconds=WHOLE_TIME)
        try:
            hops.append(_Hop(target, await fetch(way, asked)))
        except NoReply as fault:
            raise _Stopped(str(fault)) from None
        reply = hops[-1].reply
        if reply.status not in _REDIRECTS or not reply.location:
            return
        if len(hops) > MOST_REDIRECTS:
            raise _Stopped(f"it redirects more than {MOST_REDIRECTS} times")
        try:
            target = joined(target, reply.location)
        except ValueError as fault:
            raise _Stopped(f"it redirects to what can not be asked: {fault}") from None


async def _certificate(way: Way, target: Target, now: datetime) -> Sequence[str]:
    """A line about the certificate of an address with one."""
    if target.scheme != "https":
        return ()
    from agents.tools.network import tls  # noqa: PLC0415 - as above

    try:
        seen = await tls.look(way, target.place)
    except tls.NoCertificate as fault:
        return (f"certificate: {fault}",)
    return (f"certificate: {validity(seen, now)}, {trust(seen, target.place.host)}",)


def _lines(hops: Sequence[_Hop]) -> list[str]:
    told = [
        f"{hop.target.url} → {status(hop.reply.status)}, {milliseconds(hop.reply.seconds)}"
        for hop in hops
    ]
    if hops:
        body = hops[-1].reply
        size = f"{len(body.body):,} bytes" if body.whole else f"more than {MOST_BYTES:,} bytes"
        told[-1] += f", {size}"
    return told


def _failed(why: str, hops: Sequence[_Hop], redactor: Redactor) -> ToolFailed:
    """The reason, and how far it came."""
    so_far = f", after:\n{block(_lines(hops))}" if hops else ""
    return ToolFailed(redactor.redact(f"{why}{so_far}"))
