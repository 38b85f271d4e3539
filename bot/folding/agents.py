"""What agents' steps do to a thread."""

from dataclasses import replace

from bot import events as e
from bot.folding.lookup import turn_of
from bot.thread import Handed, Thread
from bot.work import Work

COMMANDS = "commands"
"""The agent that reads every message first: the command grammar. What it reads is a person's own
step, so nothing is kept of how far it came."""


def step_decided(event: e.StepDecided, thread: Thread) -> Thread:
    """The turn knows what it is about."""
    turn = turn_of(thread, event.turn)
    if event.agent == COMMANDS:
        return thread.with_turn(replace(turn, step=event.step))
    work = (turn.work or Work()).stepped(event.agent)
    return thread.with_turn(replace(turn, step=event.step, call=None, work=work))


def model_failed(event: e.ModelFailed, thread: Thread) -> Thread:
    """One attempt less."""
    turn = turn_of(thread, event.turn)
    work = (turn.work or Work()).stumbled(event.outcome, event.reason, event.until)
    return thread.with_turn(replace(turn, work=work))


def handed_over(event: e.HandedOver, thread: Thread) -> Thread:
    """Whoever is asked has it; where nobody is, the answer that says so is all."""
    return replace(thread, handed=Handed(to=event.to, at=event.at)) if event.to else thread


def handed_back(_event: e.HandedBack, thread: Thread) -> Thread:
    """The bot answers again."""
    return replace(thread, handed=None)
