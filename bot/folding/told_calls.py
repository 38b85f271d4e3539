"""What a story tells of tool calls: what was called, and how it ended, in short.

What code says stands first, on a line where nothing that a tool or an argument holds can stand.
"""

from agents.brief import brief
from agents.usage import rendered
from bot import events as e
from bot.entry import Entry, EntryKind, Trust
from bot.folding.telling import entry, trust_in, who
from bot.shortening import cut, one_line, unfenced, untraced
from bot.thread import Thread

LONGEST_CALL = 600
LONGEST = 8_000
"""Characters of what a tool's own `condense` made; what `brief` makes is much shorter."""


def tool_requested(event: e.ToolRequested, thread: Thread) -> Entry:
    """The call as people can send it, and what keeps it from running."""
    turn = thread.turn(event.turn)
    by, trust = event.agent, _model_or_code(event.agent)
    if not event.agent and turn is not None and turn.by is not None:
        by, trust = who(turn.person, turn.by), trust_in(turn.person, turn.by)
    again = f"in place of {event.replaces}: " if event.replaces else ""
    call = cut(rendered(event.tool, event.args), LONGEST_CALL)
    text = f"{again}{_verdict(event)}{call}"
    return entry(event, "call", text, by=by, trust=trust, ref=event.call_id)


def _model_or_code(agent: str) -> Trust:
    return "model" if agent else "code"


def _verdict(event: e.ToolRequested) -> str:
    if event.ungrounded:
        return f"not run, nobody wrote {', '.join(event.ungrounded)}: "
    match event.verdict:
        case "refused":
            return f"refused, {one_line(event.rule)}: "
        case "approval":
            return "needs approval: "
        case _:
            return ""


def tool_returned(event: e.ToolReturned, thread: Thread) -> Entry:
    """It succeeded."""
    ended = "ok" if event.exit_code is None else f"exit {event.exit_code}"
    return _ended(event, thread, "result", _told(f"{ended}, {event.seconds:.1f} s", event))


def tool_failed(event: e.ToolFailed, thread: Thread) -> Entry:
    """It did not."""
    return _ended(event, thread, "failure", _told(_failure(event), event))


def tool_uncertain(event: e.ToolUncertain, thread: Thread) -> Entry:
    """Nobody knows."""
    text = "it was started and nobody saw it end: whether it was done is not known"
    return _ended(event, thread, "failure", text)


def uncertainty_resolved(event: e.UncertaintyResolved, thread: Thread) -> Entry:
    """Somebody looked."""
    kind: EntryKind = "result" if event.outcome == "done" else "failure"
    text = f"{event.outcome}, says {who(event.person, event.by)}, who looked"
    return _ended(event, thread, kind, text)


_Ended = e.ToolReturned | e.ToolFailed | e.ToolUncertain | e.UncertaintyResolved


def _ended(event: _Ended, thread: Thread, kind: EntryKind, text: str) -> Entry:
    call = thread.calls.get(event.call_id)
    tool = call.tool if call is not None else ""
    return entry(event, kind, text, by=tool, trust="machine", ref=event.call_id)


def _failure(event: e.ToolFailed) -> str:
    seconds = f"{event.seconds:.1f} s"
    match event.reason:
        case "exit":
            return f"exit {event.exit_code}, {seconds}"
        case "timeout":
            return f"stopped after its time limit, {seconds}"
        case "cancelled":
            return f"cancelled after {seconds}"
        case "changed":
            return "not run, what would run has changed"
        case _:
            return f"failed, {seconds}"


def _told(line: str, event: e.ToolReturned | e.ToolFailed) -> str:
    """The line; whether more can be read, and how; the tool's words."""
    whole = unfenced(event.output or event.text).strip()
    words = unfenced(untraced(event.brief or brief(untraced(whole))))
    words = cut(words.strip(), LONGEST)
    if len(whole) > len(words):
        line = f"{line}, shortened: result ref={one_line(event.call_id)}"
    return f"{line}\n{words}".strip()
