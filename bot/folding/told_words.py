"""What a story tells of what people and agents say, and of hands on the thread itself."""

from dataclasses import replace

from agents.port import AskPerson, Done, HandOver, Route, Say
from bot import events as e
from bot.entry import Entry
from bot.folding.agents import COMMANDS
from bot.folding.telling import (
    LONGEST_WORDS,
    entry,
    listed,
    named,
    said_here,
    trust_in,
    who,
)
from bot.shortening import cut, cut_message, one_line
from bot.thread import Thread

LONGEST_MESSAGE = 8_000
LONGEST_REPLY = 1_000
LONGEST_SUMMARY = 2_000


def message_received(event: e.MessageReceived, _thread: Thread) -> Entry | None:
    """Nothing of what was said elsewhere: the decision that came of it is told."""
    if event.via is not None:
        return None
    text = cut_message(event.text, LONGEST_MESSAGE)
    by, trust = who(event.person, event.by), trust_in(event.person, event.by)
    return entry(event, "message", text, by=by, trust=trust)


def reworded(told: Entry, event: e.MessageEdited | e.MessageDeleted) -> Entry:
    """The message as it stands; of what is taken back, only that it is."""
    if isinstance(event, e.MessageDeleted):
        return replace(told, text="(taken back)", trust="code")
    return replace(told, text=cut_message(event.text, LONGEST_MESSAGE))


def step_decided(event: e.StepDecided, thread: Thread) -> Entry | None:
    """An agent's note for the next one; calls and replies are told by what comes of them."""
    turn = thread.turn(event.turn)
    if event.agent == COMMANDS or turn is None or not said_here(turn, thread):
        return None
    match event.step:
        case Route(to=agent):  # what people want they have said, not who read it first
            text = f"route to {agent}"
        case Done(summary=summary, left_out=left_out):
            left = f"; left out: {one_line(left_out, LONGEST_WORDS)}" if left_out else ""
            text = f"done: {cut(summary, LONGEST_SUMMARY)}{left}"
        case AskPerson(question=question, options=options):
            text = f"ask: {question} {listed(options)}".strip()
        case HandOver(reason=reason):
            text = f"hand over to people: {one_line(reason, LONGEST_WORDS)}"
        case _:
            return None
    return entry(event, "step", text, by=event.agent, trust="model")


def reply_queued(event: e.ReplyQueued, thread: Thread) -> Entry | None:
    """An agent's own words, without the outcomes above them, which are told where they happened.

    What code says by itself is told by its reason, but for what the grammar hints at.
    """
    turn = next((turn for turn in thread.turns if turn.id in event.answers), None)
    if turn is None or not isinstance(turn.step, Say) or not said_here(turn, thread):
        return None
    said = turn.step.text.strip()
    if turn.cancelled or not event.text.endswith(said):
        return None
    if turn.work is None:
        return entry(event, "reply", one_line(said), by=COMMANDS, trust="machine")
    return entry(event, "reply", cut(said, LONGEST_REPLY), by=turn.work.agent, trust="model")


def reply_undelivered(event: e.ReplyUndelivered, _thread: Thread) -> Entry:
    """Who was not reached."""
    text = f"what was written to {one_line(event.address.room)} came back: nothing arrives there"
    return entry(event, "note", text)


def timer_fired(event: e.TimerFired, thread: Thread) -> Entry | None:
    """A reminder came due."""
    turn = thread.turn(event.seq)
    if event.purpose != "later" or turn is None:
        return None
    return entry(event, "note", f"reminded: {cut(turn.text, LONGEST_WORDS)}", trust="machine")


def cancelled(event: e.Cancelled, _thread: Thread) -> Entry:
    """Who called it off."""
    text = "cancelled everything that was asked for or ran"
    return entry(event, "note", text, by=who(event.person, event.by))


def paused(event: e.Paused, _thread: Thread) -> Entry:
    """Who holds it."""
    text = "paused: nothing new starts until it is resumed"
    return entry(event, "note", text, by=who(event.person, event.by))


def resumed(event: e.Resumed, _thread: Thread) -> Entry:
    """Who lets it go on."""
    return entry(event, "note", "resumed", by=who(event.person, event.by))


def handed_over(event: e.HandedOver, _thread: Thread) -> Entry:
    """Where an agent asked for it, its step has said why."""
    why = "" if event.reason == "asked" else f": {one_line(event.text, LONGEST_WORDS)}"
    return entry(event, "note", f"agents stopped, people have to go on{why}")


def handed_back(event: e.HandedBack, _thread: Thread) -> Entry:
    """Who had it meanwhile."""
    return entry(event, "note", "agents go on", by=who(event.person, event.by))


def cap_raised(event: e.CapRaised, _thread: Thread) -> Entry:
    """What may be spent from here on."""
    text = f"the cap of the {event.cap} is raised by {event.usd} US dollars"
    return entry(event, "note", text, by=named(event.approved_by))
