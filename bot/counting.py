"""From what was committed to numbers: only what stands in a log counts, and once. Pure."""

from collections.abc import Iterable, Mapping

from bot import events as e
from bot.effects import CallAgent, PlanCall, Reaching, RunTool, Send
from bot.meter import Meter
from bot.thread import Queued, Thread

_SENDS: Mapping[type[e.Event], str] = {
    e.ReplyDelivered: "delivered",
    e.ReplyPostponed: "retried",
    e.ReplyFailed: "failed",
    e.ReplyUncertain: "uncertain",
}
_RUNS: Mapping[type[e.Event], str] = {
    e.ToolReturned: "returned",
    e.ToolFailed: "failed",
    e.ToolUncertain: "uncertain",
}
_REQUESTS: Mapping[type[e.Event], tuple[str, str]] = {
    e.ApprovalRequested: ("approval", "opened"),
    e.ApprovalRefused: ("approval", "refused"),
    e.ApprovalExpired: ("approval", "expired"),
    e.ApprovalWithdrawn: ("approval", "withdrawn"),
    e.QuestionAsked: ("question", "opened"),
    e.QuestionAnswered: ("question", "answered"),
    e.QuestionExpired: ("question", "expired"),
    e.QuestionWithdrawn: ("question", "withdrawn"),
}


def count(meter: Meter, before: Thread, events: Iterable[e.Event]) -> None:
    """Count what one commit says of a thread that was `before`."""
    channels = {queued.id: queued.address.channel for queued in before.outbox}
    for event in events:
        match event:
            case e.ReplyQueued() | e.NoticeQueued():
                channels[event.seq] = event.address.channel
            case e.ReplyDelivered() | e.ReplyPostponed() | e.ReplyFailed() | e.ReplyUncertain():
                meter.count("sends", channels.get(event.reply, ""), _SENDS[type(event)])
            case e.TurnEnded():
                _turn(meter, before, event)
            case _:
                _work(meter, before, event)


def _work(meter: Meter, before: Thread, event: e.Event) -> None:
    """What agents, tools and people who are asked did."""
    match event:
        case e.ToolReturned() | e.ToolFailed() | e.ToolUncertain():
            if call := before.calls.get(event.call_id):
                meter.count("runs", call.risk, _RUNS[type(event)])
        case e.ModelFailed():
            meter.count("model_failures", event.agent, event.outcome)
        case e.ApprovalGiven(final=True):
            meter.count("requests", "approval", "approved")
        case _ if told := _REQUESTS.get(type(event)):
            meter.count("requests", *told)
        case _:
            pass


def _turn(meter: Meter, before: Thread, event: e.TurnEnded) -> None:
    """A message has been dealt with; what a timer or an outcome began is nobody's to wait for."""
    turn = before.turn(event.turn)
    if turn is None or turn.source != "message":
        return
    meter.count("answered", turn.address.channel, event.outcome)
    meter.time("turn", (event.at - turn.at).total_seconds(), turn.address.channel)


def named(thread: Thread, effect: Reaching) -> tuple[str, str]:
    """The kind of an effect, and what does it: an agent, a risk, a channel."""
    match effect:
        case CallAgent():
            return "agent", effect.agent
        case PlanCall():
            return "plan", ""
        case RunTool():
            return "tool", thread.calls[effect.call].risk
        case Send():
            return "send", _channel(thread.outbox, effect.reply)


def _channel(outbox: Iterable[Queued], reply: int) -> str:
    return next((queued.address.channel for queued in outbox if queued.id == reply), "")
