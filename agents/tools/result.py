"""`result`: what an earlier call on this thread gave, in full: a window of it, or a search."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agents.port import Caller, Outputs, Result, Risk, Tool, ToolFailed
from agents.tools.plain import narrowed, plan_of
from agents.tools.transcript import fenced
from agents.words import shown

NAME = "result"

_MOST_LINES = 200
_WIDEST = 500
_MOST = 7_600  # characters of lines: with all around them they stay below 8,000
_MOST_FOR_MODELS = 6_000

_Ref = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=40)
]
_Numbered = tuple[int, str]


class ResultOf(BaseModel):
    """Which call, and what of its output."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ref: _Ref = Field(description="the id of the call, like c12 or c12.2")
    first: Annotated[int, Field(ge=1)] = Field(
        default=1, alias="from", description="the first line to show"
    )
    lines: Annotated[int, Field(ge=1, le=_MOST_LINES)] = Field(
        default=60, description=f"how many lines, at most {_MOST_LINES}"
    )
    find: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="only lines that hold this text, whatever its case"
    )


def result_tool(outputs: Outputs) -> Tool:
    """Shows what a call on the caller's thread gave: numbered lines, and what was left out."""

    async def run(params: BaseModel, caller: Caller) -> Result:
        told = narrowed(ResultOf, params)
        output = await outputs.output(caller.thread, told.ref)
        if output is None:
            raise ToolFailed(f"there is no call {shown(told.ref)} on this thread that has ended")
        return Result(text=_page(told, output.rstrip("\n")))

    return Tool(
        name=NAME,
        summary="All that an earlier call here gave, line by line",
        params=ResultOf,
        risk=Risk.READ,
        idempotent=True,
        plan=plan_of(NAME),
        run=run,
        condense=_condensed,
    )


def _page(told: ResultOf, output: str) -> str:
    if not output:
        return f"{told.ref} gave no output."
    every = list(enumerate(output.split("\n"), start=1))
    wanted = [one for one in every[told.first - 1 :] if _fits(told.find, one[1])]
    if not wanted:
        return _nothing(told, len(every))
    page = _fitting(wanted[: told.lines])
    last, left = page[-1][0], len(wanted) - len(page)
    more = f"; {left:,} more, go on with `from={last + 1}`" if left else ""
    if told.find is None:
        head = f"{told.ref}, lines {page[0][0]:,} to {last:,} of {len(every):,}"
    else:
        head = f"{told.ref}, lines with {_sought(told)}: {len(wanted):,} of {len(every):,}"
    width = len(str(last))
    body = "\n".join(f"{number:>{width}}  {line}" for number, line in page)
    return f"{head}{more}\n{fenced(body)}"


def _nothing(told: ResultOf, count: int) -> str:
    if told.first > count:
        return f"{told.ref} ends with line {count:,}."
    return f"{told.ref}, lines with {_sought(told)}: none of {count:,}"


def _sought(told: ResultOf) -> str:
    since = f" from line {told.first:,} on" if told.first > 1 else ""
    return f"{shown(told.find or '')}{since}"


def _fits(find: str | None, line: str) -> bool:
    return find is None or find.casefold() in line.casefold()


def _fitting(lines: Iterable[_Numbered]) -> list[_Numbered]:
    """As many of the first lines as there is room for, each of them cut where it is too wide."""
    page: list[_Numbered] = []
    room = _MOST
    for number, line in lines:
        told = _narrow(line)
        room -= len(told) + told.count("`") + 10  # with its number, and what keeps a fence closed
        if room < 0 and page:
            break
        page.append((number, told))
    return page


def _narrow(line: str) -> str:
    if len(line) <= _WIDEST:
        return line
    return f"{line[:_WIDEST]}… {len(line) - _WIDEST:,} more characters"


def _condensed(text: str) -> str:
    """For a model, which asked for just this: nearly all of it."""
    if len(text) <= _MOST_FOR_MODELS:
        return text
    cut = text.rfind("\n", 0, _MOST_FOR_MODELS - 100)
    return f"{text[:cut]}\n… {len(text) - cut:,} characters left out: ask for fewer lines …"
