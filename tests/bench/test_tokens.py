"""What models are given to read: ours against a plain array of messages, in tokens and in cost.

Everything here is computed, nothing is sent and no clock is read: the figures are ratios, and the
same on every machine.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache

from agents import wire
from agents.head import Head
from agents.mind import head_of
from agents.model import Account
from agents.port import Found, Risk, Service, Tool
from agents.steps import AgentName, offered
from agents.team import KNOWS_ALL, NAMES
from agents.tools.help import help_tool
from agents.tools.raise_cap import raise_cap_tool
from agents.tools.redact import Redactor
from agents.tools.remind import remind_tool
from agents.tools.result import result_tool
from agents.tools.runbook import RunbookSpec, runbook_tool
from agents.tools.services import services_tool
from agents.tools.threads import threads_tool
from agents.wire import dump
from bot import context
from bot import events as e
from bot.codec import external
from prompts.library import load
from tests.bench.accounting import Cache, Counted, tokens
from tests.bench.incident import Asked, Incident, incident
from tests.logs import Log

MOST_OF_NAIVE = 0.45
LEAST_READ = 0.85

SERVICES = (
    Service(name="api", environments=("staging", "prod")),
    Service(name="worker", environments=("staging", "prod")),
    Service(name="web", environments=("staging", "prod"), aliases=("site",)),
    Service(name="payments-db", environments=("prod",)),
)
WHERE: dict[str, str | tuple[str, ...]] = {"service": "service", "env": "environment"}


@dataclass
class Catalogue:
    def services(self) -> tuple[Service, ...]:
        """Four of them."""
        return SERVICES


class Nothing:
    """What the tools would work on; here nobody calls one."""

    async def output(self, thread: str, ref: str) -> str | None:
        """Of an earlier call."""
        raise AssertionError(ref)

    async def search(
        self, query: str, *, audience: tuple[str, ...], limit: int
    ) -> tuple[Found, ...]:
        """Of earlier threads."""
        raise AssertionError(query)

    async def raise_cap(self, cap: str, account: Account, usd: Decimal, *, key: str) -> None:
        """Of models."""
        raise AssertionError(cap)


# --- what is asked -------------------------------------------------------------------------------


def runbook(name: str, summary: str, risk: Risk, **more: str) -> Tool:
    """A program for a service in an environment."""
    words = tuple(f"--{param}={{{param}}}" for param in (*WHERE, *more))
    spec = RunbookSpec(
        name=name,
        summary=summary,
        argv=(f"/opt/runbooks/{name}", *words),
        risk=risk,
        timeout=timedelta(minutes=1),
        params={**WHERE, **more},
    )
    return runbook_tool(spec, Catalogue(), Redactor(()))


@cache
def tools() -> tuple[Tool, ...]:
    """What the bot has by itself, and five runbooks."""
    some = (
        services_tool(Catalogue()),
        threads_tool(Nothing()),
        result_tool(Nothing()),
        remind_tool(),
        raise_cap_tool(Nothing()),
        runbook("status", "How a service is", Risk.READ),
        runbook("logs", "What a service wrote lately", Risk.READ),
        runbook("restart", "Restart a service", Risk.WRITE, force="boolean"),
        runbook("deploy", "Deploy a version of a service", Risk.WRITE, version="text"),
        runbook("scale", "Change the number of pods", Risk.WRITE, pods="integer"),
    )
    return (help_tool(some), *some)


@cache
def head(agent: AgentName) -> Head:
    """What the agent sends with every request."""
    own = offered(agent, tools())
    told = tools() if agent in KNOWS_ALL else own
    return head_of(
        load(agent), bot="watchkeeper", tools=own, told=told, services=SERVICES, models={}
    )


def named(agent: str) -> AgentName:
    """The agent of that name."""
    (found,) = (name for name in NAMES if name == agent)
    return found


# --- ours ----------------------------------------------------------------------------------------


def ours(asked: Asked) -> wire.Request:
    """The request as it is sent."""
    words = context.words(asked.thread, asked.turn)
    return wire.request(head(named(asked.agent)).call("call", words))


def elsewhere(agent: AgentName) -> wire.Request:
    """A request of the same agent on another thread, just before."""
    log = Log("another-thread")
    log.hear("hello")
    words = context.words(log.thread, log.thread.turns[0])
    return wire.request(head(agent).call("call", words))


def counted(log: Incident) -> list[Counted]:
    """Each request of ours, on a cache that other threads keep warm for what all threads share."""
    held = Cache()
    told = []
    for asked in log.asked:
        held.send(elsewhere(named(asked.agent)).params, asked.at)
        told.append(held.send(ours(asked).params, asked.at))
    return told


# --- the plain way -------------------------------------------------------------------------------


def naive(log: Incident, asked: Asked) -> int:
    """Characters of an array of messages: the prompt, then every event so far as pretty JSON."""
    seen = [event for event in log.told if event.seq <= asked.thread.version]
    first = head(named(asked.agent))
    return len(first.system) + len(dump(dict(first.schema))) + sum(map(pretty, seen))


def pretty(event: e.Event) -> int:
    """Characters of an event as it is, with all its output, told once."""
    told = external(event)
    for name in ("text", "brief") if told.get("output") else ():
        del told[name]
    return len(json.dumps(told, indent=2, ensure_ascii=False))


# --- the figures ---------------------------------------------------------------------------------


def test_the_incident_is_the_one_that_is_spoken_of() -> None:
    """31 events, 16 steps of all four agents, and outputs of more than sixty lines."""
    log = incident()
    outputs = [
        event.output for event in log.told if isinstance(event, e.ToolReturned | e.ToolFailed)
    ]
    assert len(log.told) == 31
    assert len(log.asked) == 16
    assert {asked.agent for asked in log.asked} == set(NAMES)
    assert all(60 < len(output.splitlines()) <= 120 for output in outputs)


def test_tokens_and_the_cache() -> None:
    """At most 45 % of the plain way's tokens; 85 % of what may be cached is read from the cache."""
    log = incident()
    mine = counted(log)
    plain = [tokens(naive(log, asked)) for asked in log.asked]
    read, written = sum(one.read for one in mine), sum(one.written for one in mine)
    print("\nstep  agent        plain    ours    read  written   tail")
    for number, (asked, other, one) in enumerate(zip(log.asked, plain, mine, strict=True), start=1):
        print(
            f"{number:>4}  {asked.agent:<10} {other:>7,} {one.tokens:>7,}"
            f" {tokens(one.read):>7,} {tokens(one.written):>8,} {tokens(one.plain):>6,}"
        )
    total, cost = sum(one.tokens for one in mine), sum(one.cost for one in mine)
    print(f" sum             {sum(plain):>7,} {total:>7,}   ratio {total / sum(plain):.1%}")
    print(f"read of what may be cached: {read / (read + written):.1%}")
    print(f"cost, a token read once as 1: {cost:,.0f} ({cost / sum(plain):.1%} of the plain way)")
    assert total <= MOST_OF_NAIVE * sum(plain)
    assert read >= LEAST_READ * (read + written)


def test_requests_begin_with_what_was_sent_before() -> None:
    """Between checkpoints each agent's request begins with its last one, but for the tail."""
    before: dict[str, list[str]] = {}
    for asked in incident().asked:
        told = [block.text for block in context.words(asked.thread, asked.turn) if block.cached]
        last = before.get(asked.agent, [])
        assert told[: len(last)] == last
        before[asked.agent] = told
