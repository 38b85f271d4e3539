"""A runbook: a program of the team's own, called with checked words, as a tool."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel, JsonValue

from agents.port import Caller, Catalogue, Plan, PlanRefused, Result, Risk, Tool, ToolFailed
from agents.tools.argv import checked, filled
from agents.tools.process import Ending, run_program
from agents.tools.program import fingerprint
from agents.tools.redact import Redactor
from agents.tools.transcript import Transcript, excerpt
from agents.tools.values import params_model
from agents.usage import arguments, rendered
from agents.words import is_name


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookSpec:
    """A runbook as it is configured.

    argv: the program's absolute path and its words, with `{param}` where a value goes. params:
    name -> "service", "environment", "text", "integer", "boolean" or a tuple of choices. stdin:
    the text param that the program reads there. max_output: bytes of output that are kept.
    """

    name: str
    summary: str
    argv: tuple[str, ...]
    risk: Risk
    timeout: timedelta
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    stdin: str | None = None
    max_output: int = 256 * 1024

    @property
    def idempotent(self) -> bool:
        """Whether it may run again after a crash: only what changes nothing."""
        return self.risk is Risk.READ


@dataclass(frozen=True, slots=True)
class _Call:
    """A runbook with its values in place."""

    args: Mapping[str, JsonValue]
    argv: tuple[str, ...]
    stdin: str | None

    def line(self, name: str) -> str:
        told = f"{rendered(name, self.args)} → {shlex.join(self.argv)}"
        return told if self.stdin is None else f"{told} (stdin: {shlex.quote(self.stdin)})"


def runbook_tool(spec: RunbookSpec, catalogue: Catalogue, redactor: Redactor) -> Tool:
    """The tool that runs it. Services and environments are the catalogue's of this moment.

    Raises `ValueError` with one line that names the runbook and what to mend. A failed run raises
    `ToolFailed` with its output; so does a cancelled one, once the program's whole process group is
    dead. A secret of the bot's is never handed to a program: such a plan is refused.
    """
    params_type = _checked(spec, catalogue)

    async def plan(params: BaseModel) -> Plan:
        call = _resolved(spec, params)
        program = await fingerprint(spec.argv[0], spec.name)
        return Plan(line=_shown(spec, call, redactor), facts=_facts(spec, call, program))

    async def run(params: BaseModel, caller: Caller) -> Result:  # noqa: ARG001
        call = _resolved(spec, params)
        transcript = Transcript(redactor, spec.max_output)
        ending = await run_program(
            call.argv, stdin=call.stdin, timeout=spec.timeout, take=transcript.feed
        )
        return _outcome(spec, ending, transcript.close())

    return Tool(
        name=spec.name,
        summary=spec.summary,
        params=params_type,
        risk=spec.risk,
        idempotent=spec.idempotent,
        plan=plan,
        run=run,
    )


def _checked(spec: RunbookSpec, catalogue: Catalogue) -> type[BaseModel]:
    """The schema of its arguments, if everything about the runbook fits together."""
    try:
        if not is_name(spec.name):
            raise ValueError("its name must be lower case words joined by '-'")
        if spec.timeout <= timedelta() or spec.max_output <= 0:
            raise ValueError("timeout and max_output must be more than nothing")
        checked(spec.argv, spec.params, spec.stdin)
        return params_model(spec.name, spec.params, catalogue.services())
    except ValueError as error:
        raise ValueError(f"runbook {spec.name}: {error}") from None


def _resolved(spec: RunbookSpec, params: BaseModel) -> _Call:
    args = arguments(params)
    words = {name: _word(value) for name, value in args.items()}
    stdin = None if spec.stdin is None else words[spec.stdin]
    return _Call(args=args, argv=filled(spec.argv, words), stdin=stdin)


def _shown(spec: RunbookSpec, call: _Call, redactor: Redactor) -> str:
    """The line that people see. What can not be shown to them as it would run is refused."""

    def secret(text: str) -> bool:
        return redactor.redact(text) != text

    for name, value in call.args.items():
        if secret(_word(value)):
            raise PlanRefused(f"the value of {name} holds a secret of the bot's: leave it out")
    line = call.line(spec.name)
    if any(secret(text) for text in (line, *call.argv)):
        told = f"runbook {spec.name}: its command line holds a secret of the bot's: leave it out"
        raise PlanRefused(told)
    return line


def _word(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _kind(kind: str | tuple[str, ...]) -> JsonValue:
    return kind if isinstance(kind, str) else [*kind]


def _facts(spec: RunbookSpec, call: _Call, program: str) -> dict[str, JsonValue]:
    """Everything that decides what runs; the environment is empty and no secret is handed over."""
    definition: dict[str, JsonValue] = {
        "name": spec.name,
        "summary": spec.summary,
        "argv": [*spec.argv],
        "params": {name: _kind(kind) for name, kind in spec.params.items()},
        "risk": spec.risk.value,
        "timeout": spec.timeout.total_seconds(),
        "stdin": spec.stdin,
        "max_output": spec.max_output,
    }
    return {
        "tool": spec.name,
        "argv": [*call.argv],
        "stdin": call.stdin,
        "program": program,
        "definition": definition,
        "environment": [],
        "secrets": [],
    }


def _outcome(spec: RunbookSpec, ending: Ending, output: str) -> Result:
    """The result, or the failure, of a program that ended so: what it said is its text."""
    said = excerpt(output) or "No output."
    if ending == 0:
        return Result(text=said, output=output, exit_code=0)
    if isinstance(ending, str):
        raise ToolFailed(said, reason=ending, output=output)
    if ending < 0:
        told = f"the guard of {spec.name} was killed: what it started may still run"
        raise ToolFailed(told, output=output)
    raise ToolFailed(said, reason="exit", output=output, exit_code=ending)
