"""`replay`: a thread folded again, its requests written again, its model asked again."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from agents import team
from agents.mind import Mind
from agents.model import Model
from agents.steps import ALLOWED
from bot import replay as replaying
from bot import sent
from bot.cli.files import load
from bot.cli.job import DONE, NOT_SO, USAGE, Fault, Job
from bot.cli.output import flush, json_line, line
from bot.cli.session import begin
from bot.cli.threads import AsJson, ThreadId, known
from bot.lifecycle import IllegalEvent
from bot.requests_again import Compared, Decision, Unasked, compare, decide_again
from bot.rulebook import build_rules
from bot.settings import Settings
from bot.spend import money
from bot.store.port import ThreadStore
from bot.toolbox import build_tools
from bot.wiring import build_team, connect, connect_model
from prompts.library import Prompt, PromptError, read_prompt

PromptFile = Annotated[
    Path | None,
    typer.Option("--prompt", metavar="FILE", help="In place of the packaged prompt of its name."),
]
Live = Annotated[bool, typer.Option("--live", help="Ask the model again; no tool runs.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    thread: ThreadId, prompt: PromptFile = None, live: Live = False, as_json: AsJson = False
) -> Job:
    """Fold a thread again and compare; say which requests to models would differ today."""
    return _replay(thread, prompt, live, as_json)


async def _replay(thread: str, prompt: Path | None, live: bool, as_json: bool) -> int:
    session = begin()
    settings = session.settings
    texts = _texts(prompt)
    if live and settings.secrets.anthropic_api_key is None:
        raise Fault("replay --live asks the model again: set ANTHROPIC_API_KEY", USAGE)
    async with connect(settings) as store, _model(settings, live) as model:
        events = await known(store, thread)
        minds = _minds(settings, store, model, texts)
        tools = build_tools(settings, store)
        try:
            found = await replaying.check(store, build_rules(settings, tools), thread)
            steps = await sent.written_again(store, thread, events, sent.asked(events))
        except IllegalEvent as illegal:
            raise Fault(f"{thread} can not be folded: {illegal}") from None
        requests = [compare(step, minds) for step in steps]
        if live:
            await session.audit(store, "replay --live", thread=thread)
        if not as_json:
            _told(thread, found, requests)
        again = await _again(steps, minds, store, as_json) if live else ()
    if as_json:
        json_line(_fields(thread, found, requests, again if live else None))
    elif live:
        line(f"asked again: {len(again)} of {len(steps)} steps, {_cost(again)}")
    return DONE if _right(found, requests, again) else NOT_SO


def _right(
    found: replaying.Replayed, requests: Sequence[Compared], again: Sequence[Decision]
) -> bool:
    return found.ok and all(one.same for one in requests) and all(one.same for one in again)


@asynccontextmanager
async def _model(settings: Settings, live: bool) -> AsyncIterator[Model]:
    """Without `--live` nothing is asked, whatever key there is."""
    if not live:
        yield Unasked()
        return
    async with connect_model(settings) as model:
        yield model or Unasked()


def _texts(file: Path | None) -> Mapping[str, Prompt]:
    """The packaged prompts, with one in place of that of its name."""
    packaged = team.prompts()
    if file is None:
        return packaged
    try:
        prompt = read_prompt(load(file), str(file))
    except PromptError as error:
        raise Fault(str(error), USAGE) from None
    allowed = next((ALLOWED[name] for name in team.NAMES if name == prompt.name), None)
    if allowed is None:
        agents = ", ".join(team.NAMES)
        raise Fault(f"{file}: name: there is no agent {prompt.name}, there are {agents}", USAGE)
    if wrong := sorted(set(prompt.steps) - allowed):
        raise Fault(f"{file}: steps: {prompt.name} may not {' or '.join(wrong)}", USAGE)
    return {**packaged, prompt.name: prompt}


def _minds(
    settings: Settings, store: ThreadStore, model: Model, texts: Mapping[str, Prompt]
) -> Mapping[str, Mind]:
    tools, books = build_tools(settings, store), store.books(settings.limits)
    try:
        return build_team(settings, tools, model, books, store.keep, texts=texts)
    except PromptError as error:
        raise Fault(str(error), USAGE) from None


async def _again(
    steps: Sequence[sent.Sent | sent.Unknown],
    minds: Mapping[str, Mind],
    store: ThreadStore,
    as_json: bool,
) -> tuple[Decision, ...]:
    """Ask again, and tell each step as it is decided."""
    decisions: list[Decision] = []
    async for decision in decide_again(steps, minds, store.now()):
        decisions.append(decision)
        if not as_json:
            line(f"{_step(decision)}: {decision.told}")
            flush()
    return tuple(decisions)


# --- what is told --------------------------------------------------------------------------------


def _told(thread: str, found: replaying.Replayed, requests: Sequence[Compared]) -> None:
    for difference in found.differences:
        line(f"{thread}: {difference}")
    for compared in requests:
        if not compared.same:
            line(f"{_step(compared)}: {compared.told}")
    if found.ok:
        line(f"{thread}: {found.events} events, all as stored")
    sent_ones = [compared for compared in requests if compared.step.request_sha256]
    if sent_ones:
        same = sum(compared.same for compared in sent_ones)
        line(f"{thread}: {same} of {len(sent_ones)} requests to models would be the same today")


def _step(one: Compared | Decision) -> str:
    return f"step {one.step.seq} ({one.step.agent})"


def _cost(again: Sequence[Decision]) -> str:
    return money(sum((one.usd for one in again), Decimal(0)))


def _fields(
    thread: str,
    found: replaying.Replayed,
    requests: Sequence[Compared],
    again: Sequence[Decision] | None,
) -> Mapping[str, JsonValue]:
    by_seq = {one.step.seq: one for one in again or ()}
    steps: list[JsonValue] = [_step_fields(one, by_seq.get(one.step.seq)) for one in requests]
    whole: dict[str, JsonValue] = {
        "thread": thread,
        "ok": _right(found, requests, again or ()),
        "events": found.events,
        "differences": list(found.differences),
        "steps": steps,
    }
    if again is not None:
        whole["usd"] = f"{sum((one.usd for one in again), Decimal(0)):f}"
    return whole


def _step_fields(compared: Compared, decision: Decision | None) -> JsonValue:
    told: dict[str, JsonValue] = {
        "seq": compared.step.seq,
        "agent": compared.step.agent,
        "same": compared.same,
        "told": compared.told,
    }
    if decision is not None:
        told["live"] = {"same": decision.same, "told": decision.told, "usd": f"{decision.usd:f}"}
    return told
