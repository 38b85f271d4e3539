"""`eval`: how well the configured model decides, on cases."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from agents.model import Model
from bot.cli import files
from bot.cli.job import DONE, NOT_SO, USAGE, Fault, Job
from bot.cli.output import flush, json_line, line, warn
from bot.cli.session import Session, begin
from bot.cli.threads import AsJson
from bot.evals import report
from bot.evals.case import Case, CaseError, read, unknown_tool
from bot.evals.play import Bench, play
from bot.evals.report import BaselineError, Totals
from bot.evals.scoring import Score, score
from bot.trial import asked_model, build_bench, example, measured, packaged

LANES = 4
"""Cases that are played at once."""

Cases = Annotated[
    list[Path] | None, typer.Argument(metavar="[CASES]...", help="Files (default: the packaged).")
]
Repeat = Annotated[int, typer.Option("--repeat", min=1, max=1000, help="How often each is run.")]
Baseline = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help="An earlier result to compare.")
]
Save = Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Keep the result.")]
Record = Annotated[
    Path | None, typer.Option("--record", metavar="FILE", help="Add the model's answers to a file.")
]
Recordings = Annotated[
    Path | None,
    typer.Option("--recordings", metavar="FILE", help="Ask such a file instead of the model."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    baseline: Path | None
    save: Path | None
    record: Path | None
    recordings: Path | None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval")(evaluate)


def evaluate(
    cases: Cases = None,
    repeat: Repeat = 1,
    baseline: Baseline = None,
    save: Save = None,
    record: Record = None,
    recordings: Recordings = None,
    as_json: AsJson = False,
) -> Job:
    """Measure how well the model decides: routes, steps, arguments, and nothing unsafe."""
    named = _Files(baseline=baseline, save=save, record=record, recordings=recordings)
    return _evaluate(cases or [], repeat, named, as_json)


async def _evaluate(paths: Sequence[Path], repeat: int, named: _Files, as_json: bool) -> int:
    session = begin()
    cases = _cases(paths)
    before = _baseline(named.baseline)
    if named.save is not None:
        files.check_place(named.save)
    scores: list[Score] = []
    async with AsyncExitStack() as stack:
        benches = _benches(session, await _model(session, named, stack))
        _check(cases, paths, benches)
        async for one in _scores([case for case in cases for _ in range(repeat)], benches):
            scores.append(one)
            _tell(one, as_json)
    models, prompts = measured(session.settings)
    found = report.totals(scores, models=models, prompts=prompts)
    reasons = list(report.reasons(found, before))
    _sum_up(found, before, reasons, as_json)
    if named.save is not None:
        files.replace(named.save, report.saved(found))
    return NOT_SO if reasons else DONE


def _cases(paths: Sequence[Path]) -> tuple[Case, ...]:
    try:
        named = tuple(read(files.load(path), str(path)) for path in paths)
        return named or packaged()
    except CaseError as error:
        raise Fault(str(error), USAGE) from None


def _baseline(path: Path | None) -> Totals | None:
    try:
        return report.read(files.load(path), str(path)) if path is not None else None
    except BaselineError as error:
        raise Fault(str(error), USAGE) from None


async def _model(session: Session, named: _Files, stack: AsyncExitStack) -> Model:
    if named.record is not None and named.recordings is not None:
        raise Fault("--record needs the model, and --recordings asks none: leave one out", USAGE)
    asking = asked_model(session.settings, record=named.record, recordings=named.recordings)
    try:
        model = await stack.enter_async_context(asking)
    except ValueError as error:
        raise Fault(str(error), USAGE) from None
    if model is None:
        told = "eval asks the model: set ANTHROPIC_API_KEY, or give --recordings"
        raise Fault(told, USAGE)
    return model


def _benches(session: Session, model: Model) -> Mapping[str, Bench]:
    settings = session.settings
    return {
        "settings": build_bench(settings, model),
        "example": build_bench(example(settings, session.user), model),
    }


def _check(cases: Sequence[Case], paths: Sequence[Path], benches: Mapping[str, Bench]) -> None:
    """Raises `Fault` for a case about a tool that is not there."""
    labels = [str(path) for path in paths] or [f"{case.name}.json" for case in cases]
    for case, label in zip(cases, labels, strict=True):
        if fault := unknown_tool(case, frozenset(benches[case.catalogue].tools)):
            raise Fault(f"{label}: {fault} ({case.catalogue})", USAGE)


async def _scores(cases: Sequence[Case], benches: Mapping[str, Bench]) -> AsyncIterator[Score]:
    """Each as it is played, in the order of the cases, a few at once."""
    lanes = asyncio.Semaphore(LANES)

    async def run(case: Case) -> Score:
        async with lanes:
            played = await play(case, benches[case.catalogue])
        return score(case, played.log, played.seconds)

    tasks = [asyncio.create_task(run(case)) for case in cases]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# --- what is told --------------------------------------------------------------------------------


def _tell(one: Score, as_json: bool) -> None:
    if as_json:
        json_line(report.fields(one))
    else:
        line(report.row(one))
    flush()


def _sum_up(found: Totals, before: Totals | None, reasons: Sequence[str], as_json: bool) -> None:
    if as_json:
        why: list[JsonValue] = list(reasons)
        json_line({"summary": report.summary_fields(found), "reasons": why})
        return
    line("")
    for told in report.summary(found):
        line(told)
    if before is not None:
        line("against the baseline:")
        for told in report.compared(found, before):
            line(f"  {told}")
    for reason in reasons:
        warn(reason)
