"""The summary of a thread, for lists and searches: what the store keeps beside it, derived."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.lifecycle import Phase
from bot.thread import Request, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An open request: `kind` is approval or question, `asked_by` the persons who asked.

    tool: what would run, "" for an agent's question.
    """

    id: str
    kind: str
    shown: str
    asked_by: tuple[str, ...]
    deciders: tuple[str, ...]
    quorum: int
    votes: tuple[str, ...]
    options: tuple[str, ...]
    expires_at: datetime | None
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """`state` is one word: new, idle, waiting (for a decision), running, working or paused."""

    title: str
    state: str
    audience: tuple[str, ...]
    version: int
    requests: tuple[Open, ...]


_ABOUT = TypeAdapter(About)
_NEW = About(title="", state="new", audience=(), version=0, requests=())


def about(thread: Thread) -> About:
    """The summary of a thread as folded."""
    return About(
        title=thread.title,
        state=_state(thread),
        audience=thread.audience,
        version=thread.version,
        requests=tuple(
            Open(
                id=request.id,
                kind=request.kind,
                shown=request.shown,
                asked_by=_asked_by(thread, request),
                deciders=request.deciders,
                quorum=request.quorum,
                votes=request.votes,
                options=request.options,
                expires_at=request.expires_at,
                tool=thread.calls[request.call].tool if request.call else "",
            )
            for request in thread.requests.values()
        ),
    )


def _asked_by(thread: Thread, request: Request) -> tuple[str, ...]:
    if request.asker is not None:
        return (request.asker.work.agent,) if request.asker.work else ()
    return thread.calls[request.call].requesters


def _state(thread: Thread) -> str:
    if thread.paused_by:
        return "paused"
    if any(call.phase is Phase.RUNNING for call in thread.calls.values()):
        return "running"
    if thread.turns:
        return "working"
    return "waiting" if thread.requests else "idle"


def unanswered(thread: Thread) -> datetime | None:
    """Since when somebody waits for an answer; nobody does on a thread that is paused."""
    waits = [turn.at for turn in thread.turns if not turn.cancelled]
    return None if thread.paused_by else min(waits, default=None)


def write(thread: Thread) -> bytes:
    """The summary as the store keeps it."""
    return _ABOUT.dump_json(about(thread))


def read(data: bytes) -> About:
    """A summary from the store; of a thread that no worker has looked at yet there is none."""
    return _ABOUT.validate_json(data) if data else _NEW
