"""What happens next: `decide(thread, rules, …) -> effect`, pure, as a list of small rules.

The first rule that has something to do decides. What people do with the thread itself and what
they decide comes before the work that waits, so it acts at once while something runs.
"""

from collections.abc import Callable, Iterable

from agents.decisions import decision, first_line, implied
from agents.port import Judge
from bot import context, decisions, nagging, outgoing, requests, sentences
from bot import events as e
from bot.conduct import go_on
from bot.discretion import discreet
from bot.effects import CallAgent, Effect, PlanCall, Record, RunTool, Wait
from bot.folding.agents import COMMANDS
from bot.lifecycle import ENDED, REPLANNED, Phase
from bot.moment import Moment
from bot.owing import owning_up
from bot.people import MAIL
from bot.thread import Call, Thread, Turn


def decide(moment: Moment) -> Effect:
    """The next thing to do; `Wait` when it is somebody else's turn."""
    for rule in _RULES:
        effect = rule(moment)
        if effect is not None:
            return owning_up(moment.thread, discreet(moment.thread, effect))
    return Wait()


# --- words ---------------------------------------------------------------------------------------


def _read(m: Moment) -> Effect | None:
    """Every message is read as a command first."""
    for turn in m.thread.turns:
        if turn.source == "message" and turn.step is None:
            step = m.rules.read(turn.text)
            if step.kind in {"pass", "say"}:
                step = _by_mail(m.thread, turn) or _answer(m.thread, turn) or step
            return Record(
                events=(
                    e.StepDecided(agent=COMMANDS, step=step, turn=turn.id, upto=m.thread.version),
                )
            )
    return None


def _answer(thread: Thread, turn: Turn) -> Judge | None:
    """A message that is nothing but an option, or its number, answers the one open question."""
    open_ = requests.theirs(thread, turn.person) if turn.person and not turn.doubt else ()
    if len(open_) != 1 or decisions.option(open_[0], turn.text) is None:
        return None
    return Judge(request=open_[0].id, verdict="answer", text=turn.text.strip())


def _by_mail(thread: Thread, turn: Turn) -> Judge | None:
    """The first line of a mail decides; on what the mail that it answers asks, without an id."""
    if turn.by is None or turn.by.channel != MAIL:
        return None
    line = first_line(turn.text)
    shown = (one.card for one in thread.cards if turn.answers and one.ref == turn.answers)
    asked = next(shown, None)
    judged = implied(line, asked.request) if asked is not None else None
    if judged is None or asked is None:
        return decision(line)
    return judged if (judged.verdict == "answer") is (asked.kind == "question") else None


def _hands(m: Moment) -> Effect | None:
    """What people do with the thread and what they decide, in the order in which they said it."""
    for turn in m.unanswered():
        if turn.step is not None and turn.step.kind == "control":
            return Record(events=_controlled(m.thread, turn, turn.step.action))
        if turn.step is not None and turn.step.kind == "judge" and turn.call is None:
            return Record(events=decisions.settle(m.thread, turn, turn.step, m.rules, m.now))
    return None


def _controlled(thread: Thread, turn: Turn, action: str) -> tuple[e.Event, ...]:
    name = turn.person
    if turn.by is None or name is None:
        text = "Not done: I do not know you, and only people I know may do that."
        return (e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
    event: e.Event
    match action:
        case "cancel":
            event = e.Cancelled(by=turn.by, person=turn.person, turn=turn.id)
            text = sentences.called_off(thread)
        case "handback":
            event = e.HandedBack(by=turn.by, person=turn.person)
            text = sentences.handed_back(thread)
        case "pause":
            event = e.Paused(by=turn.by, person=turn.person)
            text = f"Paused by {name}: nothing new starts here until `resume`."
        case _:
            event = e.Resumed(by=turn.by, person=turn.person)
            text = f"Resumed by {name}."
    return (event, e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)))


# --- requests ------------------------------------------------------------------------------------


def _close_requests(m: Moment) -> Effect | None:
    for request in m.thread.requests.values():
        if request.due or request.cancelled:
            return Record(events=requests.close_due(m.thread, request))
    return None


def _nag(m: Moment) -> Effect | None:
    for request in m.thread.requests.values():
        if request.nag:
            return Record(events=nagging.nag(m.thread, request, m.rules, m.now))
    return None


def _ask(m: Moment) -> Effect | None:
    for call in m.thread.calls.values():
        if call.phase is Phase.GATED:
            return Record(events=_ask_approval(m, call))
        if call.phase is Phase.UNCERTAIN:
            return Record(events=requests.ask_what_became(m.thread, call, m.rules, m.now))
    return None


def _ask_approval(m: Moment, call: Call) -> tuple[e.Event, ...]:
    """Who has approved it already, by changing it to this, is not shown it again."""
    asked, *shown = requests.ask_approval(m.thread, call, m.rules, m.now)
    if not call.editor or not isinstance(asked, e.ApprovalRequested):
        return (asked, *shown)
    vote = decisions.approved_by_editing(
        m.thread, call, requests.approval_of(asked), m.rules, m.now
    )
    final = any(isinstance(event, e.ApprovalGiven) and event.final for event in vote)
    return (asked, *vote) if final else (asked, *vote, *shown)


# --- calls ---------------------------------------------------------------------------------------


def _orphan(m: Moment) -> Effect | None:
    """A call that is running, but not here: its worker died."""
    for call in m.thread.calls.values():
        if call.phase is not Phase.RUNNING or f"run:{call.id}" in m.running:
            continue
        gate = m.rules.gates.get(call.tool)
        if gate is not None and gate.idempotent:
            return _repeat(call)
        return Record(events=(e.ToolUncertain(call_id=call.id),))
    return None


def _repeat(call: Call) -> Effect:
    if not call.cancelled_by:
        return RunTool(call=call.id, started=True)
    failed = e.ToolFailed(call_id=call.id, reason="cancelled", text="cancelled")
    return Record(events=(failed,))


def _run(m: Moment) -> Effect | None:
    if m.thread.paused_by:
        return None
    for call in m.thread.calls.values():
        if call.phase in {Phase.ALLOWED, Phase.APPROVED}:
            return RunTool(call=call.id)
        if call.phase in REPLANNED:
            plan = PlanCall(turn=call.report, call=f"{call.id}r", replaces=call.id)
            if plan.id not in m.running:
                return plan
    return None


def _report(m: Moment) -> Effect | None:
    """The turn whose call has ended answers with what became of it; agents do so themselves."""
    for turn in m.unanswered():
        call = m.thread.calls.get(turn.call or "")
        if turn.work is None and call is not None and call.phase in ENDED:
            return Record(events=_outcome(turn, call))
    return None


def _outcome(turn: Turn, call: Call) -> tuple[e.Event, ...]:
    text = sentences.outcome(call)
    reply = e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,))
    denied = call.phase is Phase.REFUSED and call.request is not None  # was told as it was said
    if call.address == turn.address or denied:
        return (reply,)
    return (reply, e.ReplyQueued(address=call.address, text=text, answers=()))


# --- turns ---------------------------------------------------------------------------------------


def _condense(m: Moment) -> Effect | None:
    """A story that has grown long is told shorter, but not while an agent reads it."""
    reading = any(effect.startswith("agent:") for effect in m.running)
    if reading or not context.due(m.thread):
        return None
    return Record(events=(context.condensed(m.thread),))


def _next(m: Moment) -> Effect | None:
    """The oldest message that nobody works on, one at a time.

    Where a model has to be waited for, the commands behind it go first.
    """
    if m.thread.paused_by:
        return None
    turns = [turn for turn in m.unanswered() if not turn.cancelled]
    turn = next(iter(turns), None)
    if turn is None:
        return None
    effect = go_on(m, turn) if _is_prose(turn) else _command(turn)
    if effect is None and _waits_for_a_model(turn, m):
        turn = next((other for other in turns if not _is_prose(other)), None)
        effect = _command(turn) if turn is not None else None
    return None if isinstance(effect, CallAgent | PlanCall) and effect.id in m.running else effect


def _command(turn: Turn) -> Effect | None:
    if turn.call is not None or turn.step is None:
        return None
    match turn.step.kind:
        case "say":
            text = turn.step.text
            return Record(
                events=(e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
            )
        case "call":
            return PlanCall(turn=turn.id, call=f"c{turn.id}")
        case _:
            return None


def _is_prose(turn: Turn) -> bool:
    """Whether agents deal with it."""
    begun = turn.work is not None or turn.source == "outcome"
    return begun or (turn.step is not None and turn.step.kind == "pass")


def _waits_for_a_model(turn: Turn, m: Moment) -> bool:
    until = turn.work.not_before if turn.work is not None else None
    return until is not None and m.now < until and f"agent:{turn.id}" not in m.running


_RULES: Iterable[Callable[[Moment], Effect | None]] = (
    _read,
    _hands,
    _close_requests,
    _nag,
    _orphan,
    _ask,
    outgoing.send,
    _run,
    outgoing.called_off,
    _report,
    outgoing.remind,
    outgoing.settle,
    outgoing.end,
    _condense,
    _next,
    outgoing.notice,
)
"""In this order: words, decisions, what is due, what runs, what is said, what comes next."""
