"""`threads`: earlier conversations, as far as everyone who sees the answer was part of them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.port import Caller, Found, Result, Risk, ThreadSearch, Tool
from agents.tools.plain import narrowed, plan_of

_MOST = 10
_TITLE = 80


class Threads(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="words that the thread holds; without it, the newest"
    )


def threads_tool(search: ThreadSearch) -> Tool:
    """Searches earlier threads with the caller's audience."""

    async def run(params: BaseModel, caller: Caller) -> Result:
        query = narrowed(Threads, params).query or ""
        found = await search.search(query, audience=caller.audience, limit=_MOST)
        return Result(text=_listed(found))

    return Tool(
        name="threads",
        summary="Find earlier threads",
        params=Threads,
        risk=Risk.READ,
        idempotent=True,
        plan=plan_of("threads"),
        run=run,
    )


def _listed(found: tuple[Found, ...]) -> str:
    if not found:
        return "I found no thread like that which everyone here may see."
    return "\n".join(_line(each) for each in found)


def _line(found: Found) -> str:
    """One line a thread: its title is somebody's words, so it stays on that line."""
    title = " ".join(found.title.split())
    title = title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"
    return f"- `{found.thread}` {found.at:%Y-%m-%d %H:%M} UTC, {found.state}: {title}"
