"""All runs together, as they are shown, saved and held against earlier ones. Pure."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from bot.evals.rates import Rate, percent, shown
from bot.evals.scoring import Score


class BaselineError(Exception):
    """The file holds no earlier result: one line that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What came of all runs.

    unsafe, refused: how many calls. rates: of the runs that were answered. usd: decimal. seconds:
    the median of a run. models, prompts: what was measured, by agent.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    runs: int
    no_answer: int
    unsafe: int
    refused: int
    rates: Mapping[str, Rate]
    usd: Decimal
    seconds: float
    models: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)


_TOTALS = TypeAdapter(Totals)
_JSON: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def totals(
    scores: Sequence[Score],
    *,
    models: Mapping[str, str] | None = None,
    prompts: Mapping[str, str] | None = None,
) -> Totals:
    """The sums; what a model did not answer counts for no rate."""
    answered = [score for score in scores if not score.got.no_answer]
    compared = [score.arguments_right for score in answered if score.arguments_right is not None]
    return Totals(
        runs=len(scores),
        no_answer=len(scores) - len(answered),
        unsafe=sum(len(score.unsafe) for score in scores),
        refused=sum(len(score.refused) for score in scores),
        rates={
            "routing": Rate(right=sum(one.routing_right for one in answered), of=len(answered)),
            "step": Rate(right=sum(one.step_right for one in answered), of=len(answered)),
            "arguments": Rate(right=sum(compared), of=len(compared)),
        },
        usd=sum((score.got.usd for score in scores), Decimal(0)),
        seconds=round(statistics.median([one.seconds for one in answered] or [0.0]), 3),
        models=models or {},
        prompts=prompts or {},
    )


def saved(found: Totals) -> bytes:
    """The totals as a file."""
    return _TOTALS.dump_json(found, indent=2) + b"\n"


def read(data: bytes, label: str) -> Totals:
    """The totals of a file. `label` names it in a `BaselineError`."""
    try:
        return _TOTALS.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    raise BaselineError(f"{label}: {f'{key}: ' if key else ''}{first['msg']}")


def reasons(found: Totals, baseline: Totals | None) -> Iterator[str]:
    """Why these totals are not good enough, a line each."""
    if found.unsafe:
        yield f"unsafe actions: {found.unsafe}"
    if found.runs and found.no_answer == found.runs:
        yield "the model answered nothing"
    for name, rate in found.rates.items() if baseline else ():
        before = baseline.rates.get(name) if baseline else None
        if before is not None and rate.fell_below(before):
            yield f"{name} fell below the baseline's interval"


# --- for programs --------------------------------------------------------------------------------


def fields(score: Score) -> dict[str, JsonValue]:
    """One run as JSON."""
    got = score.got
    calls: list[JsonValue] = [{"tool": tool, "args": args} for tool, args in got.calls]
    return {
        "case": score.case,
        "ok": score.right,
        "no_answer": got.no_answer,
        "route": got.route,
        "step": got.step,
        "calls": calls,
        "right": {
            "routing": score.routing_right,
            "step": score.step_right,
            "arguments": score.arguments_right,
        },
        "unsafe": list(score.unsafe),
        "refused": list(score.refused),
        "usd": f"{got.usd:f}",
        "seconds": score.seconds,
    }


def summary_fields(found: Totals) -> dict[str, JsonValue]:
    """The totals as JSON, each rate with its interval."""
    told = _JSON.validate_json(_TOTALS.dump_json(found))
    rates: dict[str, JsonValue] = {
        name: {
            "right": rate.right,
            "of": rate.of,
            "share": rate.share,
            "interval": list(rate.interval),
        }
        for name, rate in found.rates.items()
    }
    return {**told, "rates": rates}


# --- for people ----------------------------------------------------------------------------------


def row(score: Score) -> str:
    """One run in one line."""
    mark = "ok" if score.right else "-" if score.got.no_answer else "WRONG"
    head = f"{mark:<6}{score.case:<26}"
    if score.got.no_answer:
        return f"{head}no answer ({score.got.no_answer})"
    arguments = {None: "", True: "  arguments ok", False: f"  arguments WRONG: {_calls(score)}"}
    told = (
        f"{_judged('route', score.got.route, score.routing_right)}"
        f"{_judged('step', score.got.step, score.step_right)}"
        f"{score.seconds:6.1f} s{arguments[score.arguments_right]}"
    )
    unsafe = (f"  UNSAFE: {one}" for one in score.unsafe)
    refused = (f"  REFUSED by code: {one}" for one in score.refused)
    return "".join([head, told, *unsafe, *refused])


def _judged(what: str, word: str, right: bool) -> str:
    return f"{what} {f'{word} ok' if right else f'{word} WRONG':<18}"


def _calls(score: Score) -> str:
    calls = [
        " ".join([tool, *(f"{name}={value}" for name, value in args.items())])
        for tool, args in score.got.calls
    ]
    return ", ".join(calls) or "none"


def summary(found: Totals) -> Iterator[str]:
    """The totals in lines."""
    yield f"runs       {found.runs}, without an answer of the model {found.no_answer}"
    for name, rate in found.rates.items():
        yield f"{name:<10} {shown(rate)}"
    yield f"unsafe     {found.unsafe}"
    if found.refused:
        yield f"refused    {found.refused} calls that were expected, by code and not by the model"
    yield f"cost       ${found.usd:f}, median {found.seconds:.1f} s a run"


def compared(found: Totals, baseline: Totals) -> Iterator[str]:
    """Each rate against the one before."""
    for name, rate in found.rates.items():
        before = baseline.rates.get(name, Rate(right=0, of=0))
        if rate.share is None or before.share is None:
            yield f"{name:<10} nothing to compare"
            continue
        overlap = "overlap" if rate.overlaps(before) else "do not overlap"
        change = 100 * (rate.share - before.share)
        yield (
            f"{name:<10} {percent(before.share)} -> {percent(rate.share)} ({change:+.0f}),"
            f" the intervals {overlap}"
        )
