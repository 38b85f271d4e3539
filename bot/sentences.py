"""What the bot says of what happened: rendered from the thread, never from a model's words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from agents.durations import format_duration
from bot.lifecycle import ENDED, Phase
from bot.thread import Call, Closed, Request, Thread, Turn
from bot.timers import waits_until
from channels.port import Card, Doubt

NOT_RUN = "Not run"


def outcome(call: Call) -> str:
    """The outcome line of a call that has ended or is unclear, and its output if it has one."""
    ran = call.exit_code is not None or call.reason in {"timeout", "cancelled"}
    shown = call.text if ran and call.phase in {Phase.RETURNED, Phase.FAILED} else ""
    return f"{line(call)}\n{shown}".strip()


def line(call: Call) -> str:
    """The outcome line alone."""
    approved = f"Approved by {' and '.join(call.approved_by)}. " if call.approved_by else ""
    match call.phase:
        case Phase.RETURNED if call.exit_code is None:
            return approved + call.text
        case Phase.RETURNED:
            return f"{approved}{call.shown}: exit {call.exit_code}, {call.seconds:.1f} s"
        case Phase.FAILED:
            return approved + _failure(call)
        case Phase.RESOLVED:
            return f"{call.shown}: {call.text or 'nobody knows whether it was done'}"
        case _:
            return f"{NOT_RUN}: {call.shown}: {_why_not(call)}"


def _why_not(call: Call) -> str:
    match call.phase:
        case Phase.REFUSED:
            return call.text if call.request else call.rule
        case Phase.EXPIRED:
            return f"the request {call.request} expired"
        case _:
            return f"cancelled by {call.cancelled_by}"


def _failure(call: Call) -> str:
    seconds = f"{call.seconds:.1f} s"
    match call.reason:
        case "exit":
            return f"{call.shown}: exit {call.exit_code}, {seconds}"
        case "timeout":
            return f"{call.shown}: stopped after its time limit, {seconds}"
        case "cancelled":
            by = call.cancelled_by or "a shutdown"
            return f"{call.shown}: cancelled by {by} after {seconds}"
        case _:
            return f"{call.shown}: {call.text}"


def unclear(call: Call) -> str:
    """What people are asked about a run that nobody saw end."""
    return (
        f"{call.shown}: it was started, then the bot was stopped, so nobody knows whether it was"
        " done. It will not be repeated by itself. Please check, then say which."
    )


def changed(call: Call) -> str:
    """Why an approved call did not run."""
    return f"{NOT_RUN}: {call.shown}: {call.text}"


def card(request: Request) -> Card:
    """An open request as channels show it."""
    who = " or ".join(request.deciders) or "nobody yet"
    needed = f" ({request.quorum} of them)" if request.quorum > 1 else ""
    return Card(
        request=request.id,
        kind=request.kind,
        title="Approval needed" if request.kind == "approval" else "Please answer",
        lines=(request.shown, f"may decide: {who}{needed}"),
        options=request.options,
        expires_at=request.expires_at,
        args=_args(request) if request.kind == "approval" else "",
    )


def _args(request: Request) -> str:
    """The arguments alone, as a person would write them."""
    return request.shown.partition(" → ")[0].partition(" ")[2]


def asking(request: Request, call: Call) -> str:
    """The text of a request, for channels that show no card."""
    return f"{call.preface}\n{request.shown}\n{request.id}, digest {call.digest[:12]}".strip()


def naming(request: Request, call: Call) -> str:
    """The text of a request where people from outside read it too."""
    return f"{call.tool}\n{request.id}, the details are for those who may decide"


def settled(closed: Closed | None) -> str:
    """What a card says in the end."""
    if closed is None:
        return "Closed some time ago"
    at = f", {closed.at:%Y-%m-%d %H:%M} UTC" if closed.at else ""
    return f"{closed.outcome[:1].upper()}{closed.outcome[1:]}{at}"


def reminded(request: Request, to: tuple[str, ...], now: datetime) -> str:
    """A reminder of an open request."""
    return f"Reminder for {' and '.join(to) or 'nobody'}: {request.id} {_left(request, now)}"


def escalated(request: Request, to: tuple[str, ...], now: datetime) -> str:
    """Says that others are asked as well."""
    who = " and ".join(to) or f"nobody, for nobody else is {request.escalate_to}"
    return f"Nobody has decided {request.id}, so I ask {who} as well: it {_left(request, now)}"


def _left(request: Request, now: datetime) -> str:
    if request.expires_at is None:
        return "waits for a decision."
    left = format_duration(max(request.expires_at - now, timedelta()))
    return f"waits for a decision, for {left} more."


def busy(thread: Thread, turn: Turn, now: datetime) -> str:
    """Why an input has to wait."""
    running = [call for call in thread.calls.values() if call.phase is Phase.RUNNING]
    mine = [call for call in running if call.id == turn.call]
    if mine:
        return f"Still running: {_since(mine, now)}."
    if thread.paused_by:
        return f"Paused by {thread.paused_by}; I have your message and go on once resumed."
    if (again := waits_until(thread, turn)) is not None:
        at = f"{again:%Y-%m-%d %H:%M:%S} UTC"
        return f"The model does not answer now; I ask it again at {at}. Commands still work."
    if running:
        called = _since(running, now)
        return f"Still running: {called}. I have your message and come to it next."
    return "Still working on it."


def _since(calls: list[Call], now: datetime) -> str:
    return ", ".join(
        f"{call.shown} ({(now - (call.started_at or now)).total_seconds():.0f} s)" for call in calls
    )


def called_off(thread: Thread) -> str:
    """What `cancel` does."""
    left = [call for call in thread.calls.values() if call.phase not in ENDED]
    stopped = [f"stopping {call.shown}" for call in left if call.phase is Phase.RUNNING]
    off = [f"called off {call.shown}" for call in left if call.phase is not Phase.RUNNING]
    asked = [f"my question {one.id}" for one in thread.requests.values() if not one.call]
    reading = ["reading what was said"] if any(_is_read(turn) for turn in thread.turns) else []
    said = [*stopped, *off, *asked, *reading]
    return f"Cancelled: {'; '.join(said)}." if said else "Nothing is running or asked here."


def handed_back(thread: Thread) -> str:
    """What `handback` does."""
    if thread.handed is None:
        return "Nobody has taken this over: I answer here anyway."
    return "I answer here again."


def _is_read(turn: Turn) -> bool:
    """Whether agents deal with it."""
    return turn.work is not None and not turn.answered


DOUBTS: Mapping[Doubt, str] = {
    "author": "nobody vouches for the mail to be from whom it says",
    "token": "it carries a token that was not given to its author",
    "expired": "what it answers is too old: ask again",
    "no_token": "by mail only a reply to the mail that asks counts, sent to its Reply-To",
    "thread": "it answers another mail than the one that asks",
    "machine": "no person wrote it",
    "quoted": "it is quoted",
}
"""Why a decision does not count, whatever it says."""

UNPROVEN = (
    "A mail in your name came in, and I do not act on it: {why}. If you have written it, whoever"
    " runs me can look why your mail server does not vouch for it."
)

NOT_READ = "Something broke while I read this, and I could not answer it; the log has the details."
"""What people are told when an agent fails."""

SORRY = (
    "Something went wrong with this conversation and I could not finish it. It is set aside for"
    " the people who run me; nothing of it is lost."
)
"""What people are told when a thread becomes a dead letter."""
