"""What a thread keeps to, whatever happens to it: checked on its log by the simulation."""

from collections import Counter
from collections.abc import Iterator, Sequence

from agents.port import Risk
from bot import events as e
from bot import policy
from bot.planning import Step
from bot.reducer import evolve
from bot.rules import Rules
from bot.thread import Thread, dump, load
from bot.timers import timers

Log = Sequence[e.Event]
CAPS = {"classifier": 5, "retriever": 6, "executor": 8, "responder": 4}
"""Steps that each agent may take for one message."""


# --- with every commit ---------------------------------------------------------------------------


def check_commit(base: Thread, step: Step, rules: Rules) -> None:
    """What is about to be written, and the thread that it leaves."""
    before = base
    for event in step.events:
        _allowed(before, event, rules)
        before = evolve(before, event)
    assert before == step.thread
    assert load(dump(step.thread)) == step.thread
    _nobody_is_forgotten(step.thread, rules)


def _allowed(thread: Thread, event: e.Event, rules: Rules) -> None:
    """Nothing starts, and nothing counts, that may not as of now."""
    match event:
        case e.ToolStarted():
            call = thread.calls[event.call_id]
            assert not thread.paused_by, f"{call.id} starts while paused"
            assert not call.cancelled_by, f"{call.id} starts though it is cancelled"
            assert call.risk is Risk.READ or call.approved_by, f"nobody has approved {call.id}"
        case e.ApprovalGiven(final=True):
            call = thread.calls[thread.requests[event.request_id].call]
            may = policy.deciders(
                rules, call, event.at, thread.requests[event.request_id].escalated
            )
            assert set(event.counted) <= set(may), f"{event.counted} counted, {may} may"
            assert len(set(event.counted)) >= policy.quorum(rules, call, 1)
        case e.QuestionAnswered() if not thread.requests[event.request_id].call:
            assert event.person in thread.requests[event.request_id].deciders
        case e.QuestionAnswered():
            call = thread.calls[thread.requests[event.request_id].call]
            assert event.person in policy.checkers(rules, call, event.at)


def _nobody_is_forgotten(thread: Thread, rules: Rules) -> None:
    """Who waits for an answer will hear something, and the call that it takes is there."""
    armed = timers(thread, rules)
    for turn in thread.turns:
        if turn.answered:
            continue
        assert turn.call is None or turn.call in thread.calls, f"no call for turn {turn.id}"
        assert thread.paused_by or f"watch:{turn.id}" in armed, f"nothing watches turn {turn.id}"


# --- at rest -------------------------------------------------------------------------------------


def check_rest(thread: Thread, log: Log) -> None:
    """Nobody says anything more, and everything that was begun has ended."""
    left = (thread.turns, thread.calls, thread.requests, thread.reminders, thread.outbox)
    assert not any(left), left
    _every_input_is_answered_once(log)
    _every_answer_goes_where_it_was_asked_for(log)
    _every_call_runs_at_most_once(log)
    _every_request_is_closed_once(log)
    _every_word_goes_out_once_in_order(log)
    _every_reminder_is_said(log)
    _what_is_called_off_stays_so(log)
    _agents_keep_to_their_caps(log)


def _agents_keep_to_their_caps(log: Log) -> None:
    """No agent steps for one message more often than it may, nor after a person has to go on."""
    steps: Counter[tuple[int, str]] = Counter()
    over: set[int] = set()
    for event in log:
        match event:
            case e.HandedOver():
                over.add(event.turn)
            case e.StepDecided(agent=agent) if agent in CAPS:
                assert event.turn not in over
                steps[event.turn, agent] += 1
                assert steps[event.turn, agent] <= CAPS[agent]


def _every_input_is_answered_once(log: Log) -> None:
    """Where agents hear of an outcome that people know, they may end without a word."""
    heard = {event.seq for event in log if isinstance(event, e.MessageReceived)}
    ended = Counter(event.turn for event in log if isinstance(event, e.TurnEnded))
    answered = Counter(
        turn for event in log if isinstance(event, e.ReplyQueued) for turn in event.answers
    )
    outcome = (
        e.ToolReturned
        | e.ToolFailed
        | e.ApprovalRefused
        | e.ApprovalExpired
        | e.QuestionExpired
        | e.UncertaintyResolved
    )
    outcomes = {event.seq for event in log if isinstance(event, outcome)}
    assert heard <= set(answered)
    assert not answered - ended
    assert set(ended - answered) <= outcomes
    assert set(ended.values()) <= {1}, ended


def _every_answer_goes_where_it_was_asked_for(log: Log) -> None:
    asked = {
        event.seq: event.via or event.address
        for event in log
        if isinstance(event, e.MessageReceived)
    }
    for event in log:
        if isinstance(event, e.ReplyQueued):
            assert {asked.get(turn, event.address) for turn in event.answers} <= {event.address}


def _every_call_runs_at_most_once(log: Log) -> None:
    starts = Counter(event.call_id for event in log if isinstance(event, e.ToolStarted))
    known = e.ToolReturned | e.ToolFailed | e.ToolUncertain
    ends = Counter(event.call_id for event in log if isinstance(event, known))
    assert set(starts.values()) <= {1}, starts
    assert ends == starts


def _every_request_is_closed_once(log: Log) -> None:
    opened = [
        event.request_id
        for event in log
        if isinstance(event, e.ApprovalRequested | e.QuestionAsked)
    ]
    assert sorted(_closed(log)) == sorted(opened)
    assert len(set(opened)) == len(opened)


def _closed(log: Log) -> Iterator[str]:
    for event in log:
        match event:
            case e.ApprovalGiven(final=False, edited=None):
                pass
            case e.ApprovalGiven() | e.ApprovalRefused() | e.QuestionAnswered():
                yield event.request_id
            case e.ApprovalExpired() | e.ApprovalWithdrawn():
                yield event.request_id
            case e.QuestionExpired() | e.QuestionWithdrawn():
                yield event.request_id


def _every_word_goes_out_once_in_order(log: Log) -> None:
    queued = [event.seq for event in log if isinstance(event, e.ReplyQueued | e.NoticeQueued)]
    ends = e.ReplyDelivered | e.ReplyFailed | e.ReplyUncertain
    gone = [event.reply for event in log if isinstance(event, ends)]
    assert gone == queued


def _every_reminder_is_said(log: Log) -> None:
    asked = [event.later.text for event in log if isinstance(event, e.ToolReturned) and event.later]
    fired = {
        event.seq for event in log if isinstance(event, e.TimerFired) and event.purpose == "later"
    }
    said = [
        event.text for event in log if isinstance(event, e.ReplyQueued) and fired & {*event.answers}
    ]
    assert sorted(said) == sorted(f"Reminder: {text}" for text in asked)


def _what_is_called_off_stays_so(log: Log) -> None:
    """What was asked for before a `cancelled` neither starts after it nor is asked for again."""
    off: set[str] = set()
    open_calls: set[str] = set()
    for event in log:
        match event:
            case e.ToolRequested():
                assert event.replaces not in off, f"{event.replaces} was cancelled, and comes again"
                open_calls.add(event.call_id)
            case e.ToolStarted():
                assert event.call_id not in off, f"{event.call_id} was cancelled, and starts"
            case e.UncertaintyResolved(outcome="run again"):
                off.discard(event.call_id)  # somebody has said so since
            case e.Cancelled():
                off |= open_calls
