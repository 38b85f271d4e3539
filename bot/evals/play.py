"""A house in memory that plays a case: real rules and real agents, tools that only pretend.

Nothing is stored, nothing runs, nobody approves. Equal decisions of the model give equal requests
to it, at whatever time the case is played.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agents.port import Tool
from bot import events as e
from bot.effects import CallAgent, PlanCall, Reaching, RunTool, Send
from bot.evals.case import Answer, Case, Failure, Message
from bot.performer import Performer
from bot.planning import plan, stamp
from bot.reducer import fold
from bot.rules import Rules
from bot.thread import Thread
from channels.port import Address, Author

MORNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When the first message of every case is written; each one after it, ten minutes later."""
BETWEEN = timedelta(minutes=10)
PATIENCE = timedelta(minutes=1)
"""How long a model that asks to be left alone is waited for, all in all."""
SECONDS = 1.0
"""How long every tool takes, as models are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What cases are played on. programs: the tools whose answers come with an exit code."""

    rules: Rules
    tools: Mapping[str, Tool]
    performer: Performer
    programs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Played:
    """The log of a case that was played, and how long that took."""

    log: tuple[e.Event, ...]
    seconds: float


async def play(case: Case, bench: Bench) -> Played:
    """Say every message of the case, each once the one before is dealt with."""
    begun = time.monotonic()
    house = _House(case, bench)
    for message in case.messages:
        await house.hear(message)
    return Played(tuple(house.log), round(time.monotonic() - begun, 3))


class _House:
    """One thread, without a store."""

    def __init__(self, case: Case, bench: Bench) -> None:
        self.log: list[e.Event] = []
        self._bench = bench
        self._answers = {tool: list(answers) for tool, answers in case.results.items()}
        self._thread = Thread(id=thread_of(case))
        self._now = MORNING
        self._waited = timedelta()

    async def hear(self, message: Message) -> None:
        """Somebody writes; returns once all of it waits for people."""
        (event,) = stamp((self._received(message),), self._thread.version, self._now)
        self.log.append(event)
        self._thread = fold(self._thread.id, (event,), self._thread)
        await self._settle()
        self._now = max(self._now, event.at + BETWEEN)

    def _received(self, message: Message) -> e.MessageReceived:
        by = message.by
        known = {person.name for person in self._bench.rules.people.everybody}
        return e.MessageReceived(
            by=Author(channel="console", id=by, name=by),
            person=by if by in known else None,
            address=Address(channel="console", room=by),
            text=message.text,
            audience=(f"console:{by}",),
        )

    async def _settle(self) -> None:
        outcomes: tuple[e.Event, ...] = ()
        while True:
            step = plan(
                self._thread,
                outcomes,
                rules=self._bench.rules,
                now=self._now,
                running=frozenset(),
            )
            self.log += step.events
            self._thread = step.thread
            outcomes = ()
            for effect in step.starts:
                outcomes += await self._perform(effect)
            if not (outcomes or step.more or await self._rested()):
                return

    async def _perform(self, effect: Reaching) -> tuple[e.Event, ...]:
        match effect:
            case CallAgent() | PlanCall():
                return await self._bench.performer.perform(self._thread, effect, self._now)
            case RunTool():
                return (self._ran(effect.call),)
            case Send():
                return (e.ReplyDelivered(reply=effect.reply),)

    def _ran(self, call_id: str) -> e.Event:
        """What the case says that the tool answers."""
        call = self._thread.calls[call_id]
        answer = self._answer(call.tool)
        text = answer.failed if isinstance(answer, Failure) else answer
        tool = self._bench.tools.get(call.tool)
        brief = tool.condense(text) if tool else text
        program = call.tool in self._bench.programs
        if isinstance(answer, Failure):
            return e.ToolFailed(
                call_id=call_id,
                reason="exit" if program else "error",
                text=text,
                exit_code=1 if program else None,
                seconds=SECONDS,
                brief=brief,
            )
        code = 0 if program else None
        return e.ToolReturned(
            call_id=call_id, text=text, exit_code=code, seconds=SECONDS, brief=brief
        )

    def _answer(self, tool: str) -> Answer:
        answers = self._answers.get(tool, ["ok"])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def _rested(self) -> bool:
        """Whether a model has been left alone for as long as it asked, so that it may be asked.

        Where it failed so often that nobody asks it for a while, the case is over.
        """
        works = [turn.work for turn in self._thread.turns if turn.work is not None]
        waits = [work.not_before for work in works if work.failed != "breaker_open"]
        until = min((at for at in waits if at is not None and at > self._now), default=None)
        if until is None or self._waited + (until - self._now) > PATIENCE:
            return False
        await asyncio.sleep((until - self._now).total_seconds())
        self._waited += until - self._now
        self._now = until
        return True


def thread_of(case: Case) -> str:
    """The id of the thread that the case is played on, which looks like any other."""
    return base64.b32encode(hashlib.sha256(case.name.encode()).digest()).decode().lower()[:12]
