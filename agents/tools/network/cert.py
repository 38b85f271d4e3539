"""`cert`: the certificate of a server, also one that nobody would trust."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.port import Caller, Plan, PlanRefused, Result, Risk, Tool, ToolFailed
from agents.reach import Reach
from agents.tools.network.certificate import told
from agents.tools.network.target import place_within, read_place, same_place
from agents.tools.network.told import block, in_short
from agents.tools.network.way import NotAllowed, Way
from agents.tools.plain import narrowed, plan_of
from agents.tools.redact import Redactor

NAME = "cert"


def _a_host(text: str) -> str:
    read_place(text)
    return text


class Cert(BaseModel):
    """Whose certificate."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    host: Annotated[
        str, AfterValidator(_a_host), Reach("<host>", same=same_place, within=place_within)
    ] = Field(
        description="a host, as example.com or example.com:8443, just as a person wrote it or"
        " as it stands with a service"
    )


def cert_tool(way: Way, redactor: Redactor) -> Tool:
    """Shows for whom and how long the certificate is valid, and whether clients trust it."""
    shown = plan_of(NAME)

    async def plan(params: BaseModel) -> Plan:
        place = read_place(narrowed(Cert, params).host)
        try:
            way.look_at_host(place.host)
        except NotAllowed as fault:
            raise PlanRefused(str(fault)) from None
        return await shown(params)

    async def run(params: BaseModel, caller: Caller) -> Result:
        # cryptography and its like take long to import: only who needs them waits.
        from agents.tools.network import tls  # noqa: PLC0415

        place = read_place(narrowed(Cert, params).host)
        try:
            seen = await tls.look(way, place)
        except tls.NoCertificate as fault:
            raise ToolFailed(str(fault)) from None
        told_of = f"The certificate of {place.told(443)}:"
        shows = block(told(seen, place.host, caller.now))
        return Result(text=redactor.redact(f"{told_of}\n{shows}"))

    return Tool(
        name=NAME,
        summary="The TLS certificate of a host: until when it is valid, for whom, and if trusted",
        params=Cert,
        risk=Risk.READ,
        idempotent=True,
        plan=plan,
        run=run,
        condense=in_short,
    )
