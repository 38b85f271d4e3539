"""What happens next: `decide(thread, rules, …) -> effect`, pure, as a list of small rules.

The first rule that has something to do decides. What people do with the thread itself and what
they decide comes before the work that waits, so it acts at once while something runs.
"""

from collections.abc import Callable, Iterable, Iterator

from agents.port import Judge
from bot import answers, context, decisions, nagging, requests, sentences
from bot import events as e
from bot.conduct import go_on
from bot.effects import CallAgent, Effect, PlanCall, Record, RunTool, Send, Wait
from bot.folding.agents import COMMANDS
from bot.lifecycle import ASKING, ENDED, REPLANNED, Phase
from bot.moment import Moment
from bot.thread import Call, Queued, Thread, Turn
from bot.timers import wait_is_over


def decide(moment: Moment) -> Effect:
    """The next thing to do; `Wait` when it is somebody else's turn."""
    for rule in _RULES:
        effect = rule(moment)
        if effect is not None:
            return effect
    return Wait()


# --- words ---------------------------------------------------------------------------------------


def _read(m: Moment) -> Effect | None:
    """Every message is read as a command first."""
    for turn in m.thread.turns:
        if turn.source == "message" and turn.step is None:
            step = m.rules.read(turn.text)
            if step.kind in {"pass", "say"}:
                step = _answer(m.thread, turn) or step
            return Record(
                events=(
                    e.StepDecided(agent=COMMANDS, step=step, turn=turn.id, upto=m.thread.version),
                )
            )
    return None


def _answer(thread: Thread, turn: Turn) -> Judge | None:
    """A message that is nothing but an option, or its number, answers the one open question."""
    open_ = requests.theirs(thread, turn.person) if turn.person else ()
    if len(open_) != 1 or decisions.option(open_[0], turn.text) is None:
        return None
    return Judge(request=open_[0].id, verdict="answer", text=turn.text.strip())


def _hands(m: Moment) -> Effect | None:
    """What people do with the thread and what they decide, in the order in which they said it."""
    for turn in _unanswered(m):
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
            return Record(events=requests.ask_approval(m.thread, call, m.rules, m.now))
        if call.phase is Phase.UNCERTAIN:
            return Record(events=requests.ask_what_became(m.thread, call, m.rules, m.now))
    return None


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
    for turn in _unanswered(m):
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


def _called_off(m: Moment) -> Effect | None:
    for turn in _unanswered(m):
        call = m.thread.calls.get(turn.call or "")
        if turn.cancelled and (call is None or call.phase in ENDED):
            text = answers.called_off(m.thread, turn)
            return Record(
                events=(e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
            )
    return None


def _remind(m: Moment) -> Effect | None:
    for turn in _unanswered(m):
        if turn.source == "timer":
            text = f"Reminder: {turn.text}"
            return Record(
                events=(e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),)
            )
    return None


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
    turns = [turn for turn in _unanswered(m) if not turn.cancelled]
    turn = next(iter(turns), None)
    if turn is not None and _waits_for_a_model(turn, m):
        turn = next((other for other in turns if not _is_prose(other)), None)
    if turn is None:
        return None
    effect = go_on(m, turn) if _is_prose(turn) else _command(turn)
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


def _end(m: Moment) -> Effect | None:
    """A turn is over once its answer is with people."""
    on_its_way = {turn for queued in m.thread.outbox for turn in queued.answers}
    for turn in m.thread.turns:
        if turn.answered and turn.id not in on_its_way:
            return Record(events=(e.TurnEnded(turn=turn.id, outcome=_ended(m.thread, turn)),))
    return None


def _ended(thread: Thread, turn: Turn) -> e.Outcome:
    if turn.undelivered:
        return "failed"
    if turn.cancelled:
        return "cancelled"
    call = thread.calls.get(turn.call or "")
    return "waiting" if call is not None and call.phase in ASKING else "replied"


# --- answers -------------------------------------------------------------------------------------


def _send(m: Moment) -> Effect | None:
    """In order, one at a time; where a committed reply is with its reader, that is all."""
    if not m.thread.outbox:
        return None
    queued = m.thread.outbox[0]
    send = Send(reply=queued.id)
    if send.id in m.running:
        return None
    if _is_with_its_reader(m, queued):
        return Record(events=(e.ReplyDelivered(reply=queued.id),))
    early = queued.not_before is not None and m.now < queued.not_before
    return None if early else send


def _is_with_its_reader(m: Moment, queued: Queued) -> bool:
    """Whoever reads the thread's own log: who wrote there, from wherever, and nobody else."""
    if queued.address.channel not in m.rules.at_once:
        return False
    here = m.thread.address in (None, queued.address)
    return here or bool(queued.answers) or queued.address in {t.address for t in m.thread.turns}


def _notice(m: Moment) -> Effect | None:
    """Who has to wait is told once what for, and who has waited long is told again."""
    for turn in _unanswered(m):
        if turn.due or (turn.notice == "" and wait_is_over(m.thread, turn, m.rules, m.now)):
            text = sentences.busy(m.thread, turn, m.now)
            return Record(events=(e.NoticeQueued(address=turn.address, text=text, turn=turn.id),))
    return None


def _unanswered(m: Moment) -> Iterator[Turn]:
    return (turn for turn in m.thread.turns if not turn.answered)


_RULES: Iterable[Callable[[Moment], Effect | None]] = (
    _read,
    _hands,
    _close_requests,
    _nag,
    _orphan,
    _ask,
    _send,
    _run,
    _called_off,
    _report,
    _remind,
    _end,
    _condense,
    _next,
    _notice,
)
"""In this order: words, decisions, what is due, what runs, what is said, what comes next."""
