"""How agents go on with somebody's words: who is next, what stops them. Pure.

Every limit stands here in code: how many steps, how many attempts, what is going round in circles.
What stops them is recorded as `handed_over` and told to people, never passed over.
"""

from collections.abc import Iterator
from datetime import timedelta

from agents.port import AskPerson, CallTool, Done, HandOver, Pass, Route, Say
from bot import answers, requests
from bot import events as e
from bot.agent_events import HandOverReason
from bot.effects import CallAgent, Effect, PlanCall, Record
from bot.lifecycle import ENDED
from bot.moment import Moment
from bot.thread import Turn
from bot.work import Work, fingerprint, spinning

ATTEMPTS = 3
"""How often a model that does not answer is asked for one step."""
BAD_ATTEMPTS = 2
"""How often one that answers with something unfit is."""
LONGEST_DEFERRAL = timedelta(days=1)
"""How long after the words a model that asks to wait is waited for."""

RESPONDER = "responder"


def go_on(m: Moment, turn: Turn) -> Effect | None:
    """What follows on the turn, that agents deal with; None if something is to be waited for."""
    return _quiet(m, turn) or _follow(m, turn)


def _follow(m: Moment, turn: Turn) -> Effect | None:
    match turn.step:
        case Say() | AskPerson() | HandOver() as last:
            return _to_people(m, turn, last)
        case Done(left_out=left_out):
            return _through(m, turn, left_out)
        case CallTool() as called:
            return _called(m, turn, called)
        case Route(to=agent):
            return _ask(m, turn, agent)
        case Pass():
            return _supersede(m, turn) or _ask(m, turn, m.rules.prose)
        case _:
            return _hear_outcome(m, turn)


def _quiet(m: Moment, turn: Turn) -> Effect | None:
    """Persons have the thread: whoever writes there is told so once, then the bot keeps quiet."""
    handed = m.thread.handed
    if handed is None or (turn.work is not None and turn.at <= handed.at):
        return None
    if handed.told or turn.source != "message":
        return Record(events=(e.TurnEnded(turn=turn.id, outcome="waiting"),))
    return _reply(turn, answers.with_people(handed))


def _supersede(m: Moment, turn: Turn) -> Effect | None:
    """Who goes on talking instead of answering is read anew: their open questions are over."""
    open_ = requests.theirs(m.thread, turn.person) if turn.work is None else ()
    older = [request for request in open_ if request.seq < turn.id]
    return (
        Record(
            events=tuple(
                e.QuestionWithdrawn(request_id=request.id, reason="superseded") for request in older
            )
        )
        if older
        else None
    )


def _to_people(m: Moment, turn: Turn, step: Say | AskPerson | HandOver) -> Effect:
    match step:
        case Say(text=text):
            return _reply(turn, answers.said(m.thread, turn, text, m.rules))
        case AskPerson():
            text = answers.asked(m.thread, turn, step, m.rules)
            return Record(events=requests.ask_person(m.thread, turn, step, text, m.now))
        case HandOver(reason=reason):
            return _hand_over(m, turn, "asked", reason)


def _hear_outcome(m: Moment, turn: Turn) -> Effect | None:
    """Who called hears what became of it; where nobody is left to hear it, people know it all."""
    agent = turn.work.agent if turn.work else ""
    return _next_step(m, turn, agent) if agent in m.rules.agents else _end(turn)


def _called(m: Moment, turn: Turn, step: CallTool) -> Effect | None:
    done = turn.work or Work()
    call = m.thread.calls.get(turn.call or "")
    if call is None:
        if fingerprint(step.tool, step.args) in done.refused:
            text = f"{step.tool} was asked for again, after it had been refused"
            return _hand_over(m, turn, "refused", text)
        return PlanCall(turn=turn.id, call=f"c{turn.id}.{len(done.calls) + 1}")
    if call.phase not in ENDED:
        return None
    if call.ungrounded:
        return _reply(turn, answers.which(m.thread, turn, call))
    return _next_step(m, turn, done.agent)


def _next_step(m: Moment, turn: Turn, agent: str) -> Effect | None:
    """One more step of the agent whose call has ended, unless it leads nowhere."""
    stuck = spinning(turn.work.trail) if turn.work else ""
    return _hand_over(m, turn, "spinning", stuck) if stuck else _ask(m, turn, agent)


def _through(m: Moment, turn: Turn, left_out: str) -> Effect | None:
    """The responder tells people, unless code has told them everything."""
    done = turn.work or Work()
    told = not done.calls and not left_out and not _went_wrong(done)
    if turn.source == "outcome" and told:
        return _end(turn)
    return _ask(m, turn, RESPONDER)


def _went_wrong(done: Work) -> bool:
    """Whether the last call ran and failed, so that there is something to explain."""
    last = done.trail[-1:]
    return bool(last) and last[0].failed and last[0].call not in done.refused


# --- asking an agent -----------------------------------------------------------------------------


def _ask(m: Moment, turn: Turn, agent: str) -> Effect | None:
    done = turn.work or Work()
    if agent not in m.rules.agents:  # the bot was started without a model since
        agent = m.rules.prose
    if done.failed and (stopped := _stopped(m, turn, done)) is not None:
        return stopped
    if done.not_before is not None and m.now < done.not_before:
        return None
    cap = m.rules.agents[agent]
    if done.steps.get(agent, 0) >= cap:
        return _hand_over(m, turn, "cap", f"the {agent} has taken all of its {cap} steps")
    return CallAgent(turn=turn.id, agent=agent)


def _stopped(m: Moment, turn: Turn, done: Work) -> Effect | None:
    """What people are told of a model that will not be asked again; None if it will."""
    match done.failed:
        case "transient" | "breaker_open" if done.failures < ATTEMPTS:
            return None
        case "deferred" if (done.not_before or m.now) < turn.at + LONGEST_DEFERRAL:
            return None
        case "bad_output" if done.bad < BAD_ATTEMPTS:
            return None
        case "bad_output":
            return _hand_over(m, turn, "bad_output", "the model's answers could not be used")
        case _:
            return _reply(turn, answers.unread(m.thread, turn, done, m.rules))


# --- what is recorded ----------------------------------------------------------------------------


def _reply(turn: Turn, text: str) -> Effect:
    return Record(events=(e.ReplyQueued(address=turn.address, text=text, answers=(turn.id,)),))


def _end(turn: Turn) -> Effect:
    return Record(events=(e.TurnEnded(turn=turn.id, outcome="replied"),))


def _hand_over(m: Moment, turn: Turn, reason: HandOverReason, text: str) -> Effect:
    people = m.rules.people
    handed = e.HandedOver(
        turn=turn.id,
        agent=turn.work.agent if turn.work else "",
        reason=reason,
        text=text,
        summary=answers.summary(m.thread, turn),
        to=people.who(m.rules.handover, m.now) if m.rules.handover else (),
    )
    told = answers.handed_over(m.thread, turn, handed, m.rules)
    reply = e.ReplyQueued(address=turn.address, text=told, answers=(turn.id,))
    return Record(events=(handed, reply, *_summoned(m, turn, handed)))


def _summoned(m: Moment, turn: Turn, handed: e.HandedOver) -> Iterator[e.Event]:
    """Each person is told where they are; those who have not seen the thread, not what it says."""
    people = m.rules.people
    for person in handed.to:
        seen = people.in_audience(person, m.thread.audience)
        text = answers.summons(m.thread, handed) if seen else answers.summons_unseen(m.thread, turn)
        for place in people.places(person):
            if place != turn.address:
                yield e.ReplyQueued(address=place, text=text, answers=())
