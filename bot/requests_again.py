"""Steps of a thread held against what would be asked, and decided, now."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from agents import wire
from agents.agent import Decided, Undecided
from agents.mind import Mind
from agents.model import Account, Failed, ModelCall, Outcome
from bot import changes
from bot import events as e
from bot.sent import Asked, Sent, Unknown
from bot.spend import cap_hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One step. `told` says how its request differs now, "" if it is the very same bytes."""

    step: Asked
    told: str

    @property
    def same(self) -> bool:
        """Whether the same would be sent."""
        return not self.told


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the model decides now. over: a spend cap was hit, so that nothing more is asked."""

    step: Asked
    told: str
    same: bool
    usd: Decimal = Decimal(0)
    over: bool = False


class Unasked:
    """A model for who only wants to know what would be asked."""

    async def ask(self, _call: ModelCall) -> Outcome:
        """No."""
        return Failed(reason="no model is connected", passing=False)


def compare(found: Sent | Unknown, minds: Mapping[str, Mind]) -> Compared:
    """The request as it was sent against the one that this agent would send today."""
    step = found.step
    if isinstance(found, Unknown):
        # What never got an answer has no request to differ from.
        return Compared(step=step, told=found.why if step.request_sha256 else "")
    mind = minds.get(step.agent)
    if mind is None:
        return Compared(step=step, told=f"there is no agent {step.agent} any more")
    now = replace(found, head=mind.head)
    if wire.sha256(now.body) == step.request_sha256:
        return Compared(step=step, told="")
    parts = (changes.of_prompts(step.prompt, mind.ref), changes.of_heads(found.head, mind.head))
    told = f"the request differs: {', '.join(part for part in parts if part)}"
    return Compared(step=step, told=told)


async def decide_again(
    steps: Sequence[Sent | Unknown], minds: Mapping[str, Mind], now: datetime
) -> AsyncIterator[Decision]:
    """Ask the model for each step, with the request of today; nothing of it is done.

    A call that hits a spend cap is the last one.
    """
    for found in steps:
        mind = minds.get(found.step.agent)
        if isinstance(found, Unknown) or mind is None:
            continue
        decision = _decision(found, await mind.step(found.reading), now)
        yield decision
        if decision.over:
            return


def _decision(found: Sent, answer: Decided | Undecided, now: datetime) -> Decision:
    step, spent = found.step, answer.asked.spent if answer.asked else None
    usd = spent.usd if spent else Decimal(0)
    before = _before(step)
    if isinstance(answer, Undecided):
        if answer.over is not None:
            account = Account(thread=found.reading.thread, person=found.reading.person)
            words = cap_hit(answer.over, account, now)
            return Decision(step=step, told=words, same=False, over=True)
        failed = f"{answer.outcome}: {answer.reason}"
        same = isinstance(step, e.ModelFailed) and step.outcome == answer.outcome
        return Decision(step=step, told=f"{before}, now {failed}", same=same, usd=usd)
    if isinstance(step, e.StepDecided) and changes.same_decision(step.step, answer.step):
        told = "the same" if step.step == answer.step else "the same in other words"
        return Decision(step=step, told=told, same=True, usd=usd)
    told = f"{before}, now {changes.told(answer.step)}"
    return Decision(step=step, told=told, same=False, usd=usd)


def _before(step: Asked) -> str:
    if isinstance(step, e.StepDecided):
        return f"decided {changes.told(step.step)}"
    return f"failed with {step.outcome}"
