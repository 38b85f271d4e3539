"""A tool that config declares: one HTTP request to one place, with checked values in it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, JsonValue

from agents.brief import brief
from agents.port import (
    Caller,
    Catalogue,
    Plan,
    PlanRefused,
    Result,
    Risk,
    Service,
    Tool,
    ToolFailed,
)
from agents.tools.network import pointer
from agents.tools.network.answered import answered
from agents.tools.network.target import Target
from agents.tools.network.template import body_with, checked, with_values
from agents.tools.network.way import NotAllowed, Way
from agents.tools.redact import Redactor
from agents.tools.values import params_model
from agents.usage import arguments, rendered
from agents.words import is_name

if TYPE_CHECKING:
    from agents.tools.network.fetching import Request

READS = frozenset({"GET", "HEAD"})
"""Methods that change nothing; all others are taken to."""

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSpec:
    """A request as it is configured.

    url, body: with `{param}` where a value goes. headers: as they are sent, secrets and all.
    secrets: name of a header -> where its secret comes from, as "env:TOKEN". params: as a
    runbook's. show: a JSON pointer into the answer, "" for all of it.
    """

    name: str
    summary: str
    method: str
    url: str
    timeout: timedelta
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    body: JsonValue = None
    show: str = ""

    @property
    def risk(self) -> Risk:
        """Whether it may change something, by its method."""
        return Risk.READ if self.method in READS else Risk.WRITE


@dataclass(frozen=True, slots=True)
class _Call:
    """The request with its values in place."""

    args: Mapping[str, JsonValue]
    target: Target
    body: JsonValue

    def line(self, spec: HttpSpec) -> str:
        body = f" {json.dumps(self.body, ensure_ascii=False)}" if spec.body is not None else ""
        return f"{rendered(spec.name, self.args)} → {spec.method} {self.target.url}{body}"


def http_tool(spec: HttpSpec, catalogue: Catalogue, way: Way, redactor: Redactor) -> Tool:
    """The tool that sends it; no redirect is followed, so its headers go nowhere else.

    Raises `ValueError` with one line that names the tool and what to mend.
    """
    try:
        params_type = checked_params(spec, catalogue.services())
    except ValueError as fault:
        raise ValueError(f"http tool {spec.name}: {fault}") from None

    async def plan(params: BaseModel) -> Plan:
        call = _resolved(spec, params, way)
        return Plan(line=_shown(spec, call, redactor), facts=_facts(spec, call))

    async def run(params: BaseModel, caller: Caller) -> Result:  # noqa: ARG001
        # aiohttp takes long to import: only who needs it waits.
        from agents.tools.network.fetching import NoReply, fetch  # noqa: PLC0415

        call = _resolved(spec, params, way)
        try:
            reply = await fetch(way, _request(spec, call))
        except NoReply as fault:
            raise ToolFailed(redactor.redact(_doubt(str(fault), spec, sent=fault.sent))) from None
        except asyncio.CancelledError:
            raise _called_off(spec) from None
        return answered(reply, spec.show, redactor)

    return Tool(
        name=spec.name,
        summary=spec.summary,
        params=params_type,
        risk=spec.risk,
        idempotent=spec.risk is Risk.READ,
        plan=plan,
        run=run,
        condense=brief,
    )


def checked_params(spec: HttpSpec, services: Sequence[Service]) -> type[BaseModel]:
    """The schema of its arguments, if everything about it fits together. Raises `ValueError`."""
    if not is_name(spec.name):
        raise ValueError("its name must be lower case words joined by '-'")
    if spec.body is not None and spec.method in READS:
        raise ValueError(f"body: {spec.method} has none")
    if fault := pointer.unfit(spec.show):
        raise ValueError(f"show: {fault}")
    if spec.show and spec.method == "HEAD":
        raise ValueError("show: the answer to HEAD has nothing to show")
    checked(spec.url, spec.body, spec.params)
    return params_model(spec.name, spec.params, tuple(services))


def _resolved(spec: HttpSpec, params: BaseModel, way: Way) -> _Call:
    """Raises `PlanRefused` for values that do not fit, and an address that may not be reached."""
    args = arguments(params)
    words = {name: _word(value) for name, value in args.items()}
    try:
        target = with_values(spec.url, words)
        way.look_at_host(target.place.host)
    except (ValueError, NotAllowed) as fault:
        raise PlanRefused(str(fault)) from None
    return _Call(args=args, target=target, body=body_with(spec.body, args, words))


def _word(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _shown(spec: HttpSpec, call: _Call, redactor: Redactor) -> str:
    """The line that people see. What can not be shown to them as it would be sent is refused."""
    line = call.line(spec)
    if redactor.redact(line) != line:
        raise PlanRefused("it would show a secret of the bot's: secrets belong into headers")
    return line


def _facts(spec: HttpSpec, call: _Call) -> dict[str, JsonValue]:
    """Everything that decides what is sent; of secrets, where they come from."""
    plain = {name: value for name, value in spec.headers.items() if name not in spec.secrets}
    return {
        "tool": spec.name,
        "args": dict(call.args),
        "method": spec.method,
        "url": call.target.url,
        "body": call.body,
        "headers": {**plain},
        "secrets": dict(spec.secrets),
        "show": spec.show,
        "timeout": spec.timeout.total_seconds(),
    }


def _request(spec: HttpSpec, call: _Call) -> "Request":
    from agents.tools.network.fetching import Request  # noqa: PLC0415 - as above

    body = None if spec.body is None else json.dumps(call.body, ensure_ascii=False).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    return Request(
        method=spec.method,
        target=call.target,
        limit=MOST_BYTES,
        seconds=spec.timeout.total_seconds(),
        headers={**kind, **spec.headers},
        body=body,
    )


def _called_off(spec: HttpSpec) -> BaseException:
    """Cancelled while it was under way: what may have changed something has to say so."""
    task = asyncio.current_task()
    if spec.risk is Risk.READ or task is None:
        return asyncio.CancelledError()
    task.uncancel()
    return ToolFailed(_doubt("it was called off", spec, sent=True), reason="cancelled")


def _doubt(why: str, spec: HttpSpec, *, sent: bool) -> str:
    if not sent or spec.risk is Risk.READ:
        return why
    return f"{why}: whether {spec.method} was carried out is not known"
