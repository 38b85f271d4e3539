"""Having an agent read a turn: what it is given, and its answer as an event."""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypedDict

import structlog

from agents.agent import Agent, Asked, Decided, PromptRef, Reading, Undecided
from agents.model import Account, Usage
from agents.port import AskPerson, CallTool, Done, HandOver, Route, Say
from bot import context, sentences
from bot import events as e
from bot.effects import CallAgent
from bot.spend import cap_hit
from bot.store.port import StoreError
from bot.thread import Thread, Turn
from bot.work import Work

log = structlog.get_logger()

TIME = 120.0
"""Seconds after which an agent that should have answered has not."""

FIRST = timedelta(seconds=0.5)
"""Pause after the first attempt that failed; each one after it waits four times as long, about."""

LONGEST_PAUSE = timedelta(minutes=10)
"""Who is put off again and again asks less and less often, up to this."""

Prefetch = Callable[[Thread, Turn], Awaitable[tuple[str, ...]]]
"""What will surely be needed, as lines; within the thread's audience."""
Alert = Callable[[str, str, datetime], Awaitable[object]]
"""Tells the admins once: a key that names the trouble, the words, and when it is."""


async def nothing_known(_thread: Thread, _turn: Turn) -> tuple[str, ...]:
    """For agents that need nothing looked up."""
    return ()


async def nobody_told(key: str, text: str, _now: datetime) -> None:
    """Where there are no admins: the log."""
    log.error("alert.nobody", alert=key, words=text)


class Thinking:
    """The agents of this process, and what they are given to read."""

    def __init__(
        self,
        agents: Mapping[str, Agent],
        *,
        prefetch: Prefetch = nothing_known,
        alert: Alert = nobody_told,
    ) -> None:
        self._agents = agents
        self._prefetch = prefetch
        self._alert = alert

    async def step(self, thread: Thread, effect: CallAgent, now: datetime) -> e.Event:
        """`step_decided` or `model_failed`. Raises only what the thread is tried again for."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(TIME):
                return await self._step(thread, effect, now, begun)
        except StoreError:
            raise
        except Exception:
            # One agent's fault must not end what runs beside it: people hear of it, the log too.
            log.exception("agent.broke", thread=thread.id, agent=effect.agent)
            return e.StepDecided(
                agent=effect.agent,
                step=Say(text=sentences.NOT_READ),
                turn=effect.turn,
                upto=thread.version,
            )

    async def _step(
        self, thread: Thread, effect: CallAgent, now: datetime, begun: float
    ) -> e.Event:
        turn = thread.turn(effect.turn)
        if turn is None:
            raise LookupError(f"turn {effect.turn} is over")
        prefetched = await self._prefetch(thread, turn)
        answer = await self._agents[effect.agent].step(reading(thread, turn, prefetched))
        known = _Known(agent=effect.agent, turn=turn.id, upto=thread.version)
        if isinstance(answer, Decided):
            if not isinstance(answer.step, CallTool | Say | Route | AskPerson | Done | HandOver):
                # Deciding and cancelling is for people: an agent that tries to is broken.
                raise TypeError(f"agent {effect.agent} answered with a {answer.step.kind}")
            asked = _asked(answer.asked, prefetched)
            return e.StepDecided(**known, **asked, step=answer.step)
        passed = timedelta(seconds=time.monotonic() - begun)
        return await self._failed(thread, turn, answer, known, prefetched, now + passed)

    async def _failed(
        self,
        thread: Thread,
        turn: Turn,
        answer: Undecided,
        known: "_Known",
        prefetched: tuple[str, ...],
        now: datetime,
    ) -> e.Event:
        reason = answer.reason
        if answer.over is not None:
            account = Account(thread=thread.id, person=turn.person)
            reason = cap_hit(answer.over, account, now)
        if answer.outcome == "permanent":
            text = f"The model can not be used until somebody mends it: {reason}."
            await self._alert(f"model: {reason}", text, now)
        return e.ModelFailed(
            **known,
            **_asked(answer.asked, prefetched),
            outcome=answer.outcome,
            reason=reason,
            until=_until(answer, turn.work or Work(), now),
        )


def reading(thread: Thread, turn: Turn, prefetched: tuple[str, ...]) -> Reading:
    """What an agent is given of the turn, as of now."""
    work = turn.work or Work()
    return Reading(
        thread=thread.id,
        text=turn.text,
        person=turn.person,
        id=f"{thread.id}:{turn.id}:{thread.version}:{secrets.token_hex(8)}",
        words=context.words(thread, turn, prefetched),
        feedback=work.feedback,
    )


def _until(answer: Undecided, work: Work, now: datetime) -> datetime | None:
    """When it is tried again, by a timer, so that nobody is held up; None for at once or never."""
    if answer.after is not None:
        spaced = min(timedelta(seconds=1 << min(work.deferrals, 16)), LONGEST_PAUSE)
        return now + max(answer.after, spaced)
    if answer.outcome != "transient":
        return None
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - spreads the load, no secret
    return now + FIRST * jitter * (1 << 2 * work.failures)


class _Known(TypedDict):
    agent: str
    turn: int
    upto: int


class _AskedFields(TypedDict, total=False):
    prompt: PromptRef
    head: str
    prefetched: tuple[str, ...]
    request_sha256: str
    model: str
    usage: Usage
    usd: str


def _asked(asked: Asked | None, prefetched: tuple[str, ...]) -> _AskedFields:
    """What was asked, as events hold it."""
    if asked is None:
        return {}
    fields = _AskedFields(
        prompt=asked.prompt,
        head=asked.head,
        prefetched=prefetched,
        request_sha256=asked.request_sha256,
    )
    if asked.spent is not None:
        fields["model"] = asked.spent.model
        fields["usage"] = asked.spent.usage
        fields["usd"] = f"{asked.spent.usd:f}"
    return fields
