"""`prompt`: what agents are told, and what exactly a model was asked for one step."""

import sys
from collections.abc import Mapping
from typing import Annotated

import typer
from pydantic import JsonValue

from agents import team
from agents.wire import dump
from bot import sent
from bot.cli.job import DONE, NOT_SO, Fault, Job
from bot.cli.output import STEERING, flush, json_line, line, writing
from bot.cli.session import begin
from bot.cli.threads import AsJson, ThreadId, known
from bot.lifecycle import IllegalEvent
from bot.settings import Settings
from bot.wiring import connect
from prompts.library import Prompt

Seq = Annotated[int, typer.Option("--step", metavar="N", help="The seq of a step of a model.")]
Tokens = Annotated[bool, typer.Option("--tokens", help="How long each part is, not the request.")]
A_TOKEN = 3.5
"""Characters of a token, about."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    prompt = typer.Typer(help="What models are told.")
    prompt.command("list")(list_prompts)
    prompt.command()(show)
    app.add_typer(prompt, name="prompt")


def list_prompts(as_json: AsJson = False) -> Job:
    """List the prompts of the agents, and which model reads each."""
    return _list(as_json)


async def _list(as_json: bool) -> int:
    settings = begin().settings
    for prompt in team.prompts().values():
        if as_json:
            json_line(_fields(prompt, settings))
        else:
            line(
                f"{prompt.name:<11}{prompt.version:>3}  {prompt.sha256[:12]}"
                f"  {_model(prompt, settings)}, effort {prompt.effort or 'of the model'},"
                f" at most {prompt.cap} steps: {', '.join(prompt.steps)}"
            )
    return DONE


def _fields(prompt: Prompt, settings: Settings) -> Mapping[str, JsonValue]:
    return {
        "name": prompt.name,
        "version": prompt.version,
        "sha256": prompt.sha256,
        "model": _model(prompt, settings),
        "effort": prompt.effort,
        "max_tokens": prompt.max_tokens,
        "cap": prompt.cap,
        "steps": list(prompt.steps),
    }


def _model(prompt: Prompt, settings: Settings) -> str:
    return settings.models.get(prompt.model.key, prompt.model.default)


# --- one request ---------------------------------------------------------------------------------


def show(thread: ThreadId, step: Seq, as_json: AsJson = False, tokens: Tokens = False) -> Job:
    """Show what a model was asked for a step, byte for byte."""
    return _show(thread, step, as_json, tokens)


async def _show(thread: str, seq: int, as_json: bool, tokens: bool) -> int:
    async with connect(begin().settings) as store:
        events = await known(store, thread)
        steps = sent.asked(events)
        step = next((step for step in steps if step.seq == seq), None)
        if step is None:
            raise Fault(_no_step(thread, seq, [step.seq for step in steps]))
        try:
            (found,) = await sent.written_again(store, thread, events, (step,))
        except IllegalEvent as illegal:
            raise Fault(f"{thread} can not be folded: {illegal}") from None
    if isinstance(found, sent.Unknown):
        raise Fault(f"{thread}: step {seq}: {found.why}", NOT_SO)
    parts = _parts(found)
    if as_json:
        sizes: dict[str, JsonValue] = dict(parts)
        json_line({**_about(thread, found), **({"characters": sizes} if tokens else _body(found))})
    elif tokens:
        for name, size in parts.items():
            line(f"{name:<10}{size:>9,} characters, about {size / A_TOKEN:,.0f} tokens")
    else:
        _write(found.body)
    return DONE


def _no_step(thread: str, seq: int, seqs: list[int]) -> str:
    if not seqs:
        return f"no model was asked anything on {thread}"
    told = ", ".join(str(one) for one in seqs)
    return f"event {seq} of {thread} is no step of a model, these are: {told}"


def _about(thread: str, found: sent.Sent) -> dict[str, JsonValue]:
    step, prompt = found.step, found.step.prompt
    return {
        "thread": thread,
        "seq": step.seq,
        "agent": step.agent,
        "turn": step.turn,
        "prompt": {"name": prompt.name, "version": prompt.version, "sha256": prompt.sha256}
        if prompt
        else None,
        "way": found.way,
        "request_sha256": step.request_sha256,
    }


def _body(found: sent.Sent) -> dict[str, JsonValue]:
    return {"body": found.body.decode()}


def _parts(found: sent.Sent) -> dict[str, int]:
    """How long each part is as it is sent, in characters."""
    call = found.call
    *story, tail = [len(dump(block.text)) - 2 for block in call.words]
    return {
        "system": sum(len(dump(block.text)) - 2 for block in call.system),
        "schema": len(dump(dict(call.schema))),
        "story": sum(story),
        "tail": tail + len(dump(call.feedback)) - 2,
        "all": len(found.body.decode()),
    }


def _write(body: bytes) -> None:
    """The very bytes; a terminal, which some characters steer, gets these as JSON escapes them."""
    flush()
    if sys.stdout.isatty():
        told = STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", body.decode())
        body = told.encode()
    with writing():
        sys.stdout.buffer.write(body + b"\n")
        sys.stdout.buffer.flush()
