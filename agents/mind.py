"""An agent that asks a language model: one prompt, one set of steps, one request an attempt."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from agents import head as heads
from agents import wire
from agents.agent import Asked, Decided, PromptRef, Reading, Undecided
from agents.head import Head
from agents.model import (
    Account,
    Answered,
    BadOutput,
    Budget,
    Declined,
    Deferred,
    Failed,
    Model,
    Outcome,
    OverBudget,
)
from agents.port import Service, Tool
from agents.steps import Unfit, as_step, read_step, wire_schema
from agents.usage import usage
from prompts.library import Prompt, render

log = logging.getLogger(__name__)

Keep = Callable[[bytes], Awaitable[str]]
"""Keeps bytes for good under their hex SHA-256, which it returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What all minds of a process share.

    bot: what it is called. models: the settings' choice of a model, by the prompt's key.
    """

    model: Model
    budget: Budget
    keep: Keep
    bot: str
    services: tuple[Service, ...] = ()
    models: Mapping[str, str]


def head_of(
    prompt: Prompt,
    *,
    bot: str,
    tools: Sequence[Tool],
    told: Sequence[Tool],
    services: Sequence[Service],
    models: Mapping[str, str],
) -> Head:
    """What the agent of this prompt sends with every request; it may call `tools`, knows `told`."""
    values = {
        "bot": bot,
        "tools": [f"{usage(tool)} ({tool.risk}): {tool.summary}" for tool in told],
        "services": [_service(one) for one in services],
    }
    return Head(
        agent=prompt.name,
        model=models.get(prompt.model.key, prompt.model.default),
        effort=prompt.effort,
        max_tokens=prompt.max_tokens,
        system=render(prompt, values),
        schema=wire_schema(prompt.steps, tools),
    )


def _service(service: Service) -> str:
    also = f" (also {', '.join(service.aliases)})" if service.aliases else ""
    at = f" at {', '.join(service.hosts)}" if service.hosts else ""
    return f"{service.name}{also}: {', '.join(service.environments)}{at}"


class Mind:
    """Reads by its prompt; may answer with the prompt's steps and call `tools`, nothing else.

    head: what it sends with every request.
    """

    def __init__(self, prompt: Prompt, head: Head, tools: Sequence[Tool], kit: Kit) -> None:
        self.head = head
        self._prompt = prompt
        self._tools = tuple(tools)
        self._kit = kit
        self._kept = ""

    async def step(self, reading: Reading) -> Decided | Undecided:
        """Book the worst case, ask once, settle what it cost, validate the answer."""
        call = self.head.call(reading.id, reading.words, reading.feedback)
        asked = Asked(prompt=self.ref, head=await self._keep())
        account = Account(thread=reading.thread, person=reading.person)
        over = await self._kit.budget.reserve(call.id, account, wire.worst_case(call))
        if over is not None:
            return _without_answer(over, asked)
        outcome = await self._kit.model.ask(call)
        await self._settle(call.id, account, outcome)
        return self._answer(outcome, asked)

    async def _keep(self) -> str:
        """Keep the head before anything is asked with it: once a process is enough."""
        self._kept = self._kept or await self._kit.keep(heads.write(self.head))
        return self._kept

    @property
    def ref(self) -> PromptRef:
        """Which prompt it reads by."""
        prompt = self._prompt
        return PromptRef(name=prompt.name, version=prompt.version, sha256=prompt.sha256)

    async def _settle(self, call: str, account: Account, outcome: Outcome) -> None:
        cost = _cost(outcome)
        if cost is None:
            return
        try:
            await self._kit.budget.settle(call, account, cost)
        except Exception:
            # The answer is worth more than the difference: what was booked stays charged.
            log.exception("call %s is not settled", call)

    def _answer(self, outcome: Outcome, asked: Asked) -> Decided | Undecided:
        match outcome:
            case Answered():
                asked = _paid(asked, outcome)
                step = read_step(outcome.step, self._prompt.steps, self._tools)
                if isinstance(step, Unfit):
                    return Undecided(outcome="bad_output", reason=step.reason, asked=asked)
                return Decided(step=as_step(step), asked=asked)
            case BadOutput():
                asked = _paid(asked, outcome)
                return Undecided(outcome="bad_output", reason=outcome.reason, asked=asked)
            case Declined():
                asked = _paid(asked, outcome)
                return Undecided(outcome="refused", reason=outcome.reason, asked=asked)
            case _:
                return _without_answer(outcome, asked)


def _without_answer(outcome: Deferred | Failed | OverBudget, asked: Asked) -> Undecided:
    match outcome:
        case Deferred():
            return Undecided(
                outcome="breaker_open" if outcome.resting else "deferred",
                reason=outcome.reason,
                asked=asked,
                after=outcome.after,
            )
        case Failed():
            return Undecided(
                outcome="transient" if outcome.passing else "permanent",
                reason=outcome.reason,
                asked=asked,
            )
        case OverBudget():
            reason = f"the {outcome.cap} cap is reached"
            return Undecided(outcome="over_budget", reason=reason, asked=asked, over=outcome)


def _paid(asked: Asked, outcome: Answered | BadOutput | Declined) -> Asked:
    return replace(asked, request_sha256=outcome.request_sha256, spent=outcome.spent)


def _cost(outcome: Outcome) -> Decimal | None:
    """What the call really cost; None if nobody can tell, so that what was booked stays."""
    match outcome:
        case Answered() | BadOutput() | Declined():
            return outcome.spent.usd
        case Failed(charged=True):
            return None
        case _:
            return Decimal(0)
