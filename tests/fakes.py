"""Fakes at the ports, and small builders that tests share."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from agents.port import (
    Caller,
    CallTool,
    Control,
    FailureReason,
    Judge,
    Pass,
    Plan,
    Result,
    Risk,
    Say,
    Step,
)
from bot import events as e
from bot import policy
from bot.approval import Approval
from bot.effects import CallAgent, PlanCall, Reaching, RunTool
from bot.lifecycle import Phase
from bot.people import People, Person
from bot.planning import plan, stamp
from bot.reducer import fold
from bot.rules import Gate, Rules
from bot.thread import Thread
from bot.timers import timers
from channels.port import Address, Author, Connected, Deliver, Outbound, SendFailed

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
THREAD = "abcdefghijkl"


def person(name: str, *roles: str) -> Person:
    """Somebody whom the console knows by the same name."""
    return Person(name=name, ids=frozenset({("console", name)}), roles=frozenset(roles))


def author(name: str, channel: str = "console") -> Author:
    """Whoever writes as `name`."""
    return Author(channel=channel, id=name, name=name)


def read(text: str) -> Step:  # noqa: PLR0911 - one line a command
    """A tiny grammar: `run TOOL`, the decisions, the controls; the rest is prose."""
    words = text.split()
    match words:
        case ["run", tool]:
            return CallTool(tool=tool, args={})
        case ["approve", request, "tag=2"]:
            return Judge(request=request, verdict="approve", edits={"tag": "2"})
        case ["approve", request]:
            return Judge(request=request, verdict="approve")
        case ["deny", request, *reason]:
            return Judge(request=request, verdict="deny", text=" ".join(reason))
        case ["answer", request, *answer]:
            return Judge(request=request, verdict="answer", text=" ".join(answer))
        case ["cancel"]:
            return Control(action="cancel")
        case ["pause"]:
            return Control(action="pause")
        case ["resume"]:
            return Control(action="resume")
        case ["say", *rest]:
            return Say(text=" ".join(rest))
        case _:
            return Pass()


def rules(*people: Person, approval: Approval | None = None) -> Rules:
    """Rules with a tool `look` that reads and `change` that two operators may approve."""
    team = people or (person("alice", "operator"), person("bob", "operator"), person("carol"))
    return Rules(
        people=People(team),
        gates={
            "look": Gate(risk=Risk.READ, idempotent=True),
            "change": Gate(
                risk=Risk.WRITE,
                idempotent=False,
                approval=approval or Approval(by="operator", expire=timedelta(minutes=30)),
            ),
            "open": Gate(risk=Risk.WRITE, idempotent=False),
        },
        read=read,
        edit=lambda _tool, args, edits: {**args, **edits},
    )


def requested(
    thread: Thread, effect: PlanCall, given: Rules, now: datetime = START
) -> e.ToolRequested:
    """What a plan comes to: every tool can be planned, and policy says what it says."""
    turn = thread.turn(effect.turn)
    assert turn is not None, "a plan for words that are dealt with"
    old = thread.calls.get(effect.replaces or "")
    step = turn.step if isinstance(turn.step, CallTool) else CallTool(tool="", args={})
    tool, args = (old.tool, old.edited or old.args) if old else (step.tool, step.args)
    asked = set(old.requesters) if old else set()
    if turn.person and (old is None or old.phase is Phase.AGAIN):
        asked.add(turn.person)
    if old is not None and old.phase is Phase.EDITED:
        asked.add(old.editor)
    call = policy.Asked(
        tool=tool,
        args=args,
        requesters=tuple(sorted(asked)),
        address=old.address if old else turn.address,
    )
    judged = policy.judge(given, call, now)
    return e.ToolRequested(
        call_id=effect.call,
        turn=effect.turn,
        tool=tool,
        args=dict(call.args),
        shown=tool,
        digest="d" * 64,
        risk=given.gates[tool].risk if tool in given.gates else Risk.WRITE,
        verdict=judged.verdict,
        rule=judged.rule,
        approval=judged.approval if judged.verdict == "approval" else None,
        address=call.address,
        requesters=call.requesters,
        replaces=effect.replaces,
        agent=turn.work.agent if old is None and turn.work is not None else "",
    )


class Talk:
    """A thread without a store: the reducer and the decider, with a hand for the performer.

    Runs of tools stay under way until `finish` or `fail` says how they ended.
    """

    def __init__(self, given: Rules | None = None) -> None:
        self.rules = given or rules()
        self.thread = Thread(id=THREAD)
        self.now = START
        self.log: list[e.Event] = []
        self.under_way: dict[str, Reaching] = {}

    # --- what happens to it

    def hear(
        self, text: str, by: str = "alice", *, via: Address | None = None, room: str = "room"
    ) -> int:
        """Somebody writes; what follows is planned. Returns the input's seq."""
        (heard,) = self.tell(self.message(text, by, via=via, room=room))
        return heard

    def message(
        self, text: str, by: str = "alice", *, via: Address | None = None, room: str = "room"
    ) -> e.MessageReceived:
        """Words as they come in, for `tell`."""
        writer = author(by)
        return e.MessageReceived(
            by=writer,
            person=self.rules.people.find(writer),
            address=via or Address(channel="console", room=room),
            text=text,
            audience=(f"console:{by}",),
            via=via,
        )

    def tell(self, *drafts: e.Event) -> tuple[int, ...]:
        """Any events arrive, all of them before a worker looks. Returns their seqs."""
        arrived = self.arrive(*drafts)
        self.go_on()
        return arrived

    def arrive(self, *drafts: e.Event) -> tuple[int, ...]:
        """Any events arrive, and no worker has looked yet. Returns their seqs."""
        before = self.thread.version
        for draft in drafts:
            self._append(draft)
        return tuple(range(before + 1, self.thread.version + 1))

    def wait(self, span: timedelta) -> None:
        """Time passes, and every timer that comes due fires in order, once."""
        until = self.now + span
        fired: set[tuple[datetime, str]] = set()
        while due := self._due(until) - fired:
            at, key = min(due)
            fired.add((at, key))
            self.now = max(self.now, at)
            self.tell(e.TimerFired(id=key, purpose=key.partition(":")[0]))
        self.now = until

    def _due(self, until: datetime) -> set[tuple[datetime, str]]:
        return {(at, key) for key, at in timers(self.thread, self.rules).items() if at <= until}

    def finish(self, call: str, text: str = "fine", *, exit_code: int | None = None) -> None:
        """The run ends well."""
        del self.under_way[f"run:{call}"]
        self.land(e.ToolReturned(call_id=call, text=text, exit_code=exit_code, seconds=1.5))

    def fail(self, call: str, reason: FailureReason = "error", text: str = "broken") -> None:
        """The run ends badly."""
        del self.under_way[f"run:{call}"]
        self.land(e.ToolFailed(call_id=call, reason=reason, text=text, seconds=1.5))

    def die(self) -> None:
        """The worker is killed, and another one opens the thread."""
        self.under_way.clear()
        self.thread = fold(THREAD, self.log)
        self.go_on()

    # --- what it does

    def go_on(self) -> None:
        """Plan and begin, until everything waits for something."""
        self.land()

    def land(self, *outcomes: e.Event) -> None:
        """Outcomes arrive, and what follows is planned and begun."""
        pending: tuple[e.Event, ...] = outcomes
        while True:
            step = plan(
                self.thread,
                pending,
                rules=self.rules,
                now=self.now,
                running=frozenset(self.under_way),
            )
            self.log += step.events
            self.thread = step.thread
            pending = tuple(self._perform(effect) for effect in step.starts if self._quick(effect))
            if not (pending or step.more):
                return

    def _quick(self, effect: Reaching) -> bool:
        if isinstance(effect, PlanCall | CallAgent):
            return True
        self.under_way[effect.id] = effect
        return False

    def _perform(self, effect: Reaching) -> e.Event:
        if isinstance(effect, PlanCall):
            return requested(self.thread, effect, self.rules, self.now)
        assert isinstance(effect, CallAgent)
        return e.StepDecided(
            agent=effect.agent,
            step=Say(text="what?"),
            turn=effect.turn,
            upto=self.thread.version,
        )

    def _append(self, draft: e.Event) -> None:
        (event,) = stamp((draft,), self.thread.version, self.now)
        self.log.append(event)
        self.thread = fold(THREAD, (event,), self.thread)

    # --- what came of it

    @property
    def running(self) -> list[str]:
        """Calls under way."""
        return [effect.call for effect in self.under_way.values() if isinstance(effect, RunTool)]

    def kinds(self, after: int = 0) -> list[str]:
        """Kinds of the events after a version."""
        return [event.kind for event in self.log if event.seq > after]

    def said(self, after: int = 0) -> list[str]:
        """Replies and notices after a version."""
        return [
            event.text
            for event in self.log
            if isinstance(event, e.ReplyQueued | e.NoticeQueued) and event.seq > after
        ]

    def answers(self, turn: int) -> list[str]:
        """What answered an input."""
        return [
            event.text
            for event in self.log
            if isinstance(event, e.ReplyQueued) and turn in event.answers
        ]

    def ended(self, turn: int) -> list[str]:
        """The outcomes recorded for an input: exactly one, once it is over."""
        return [
            event.outcome
            for event in self.log
            if isinstance(event, e.TurnEnded) and event.turn == turn
        ]

    def request(self) -> str:
        """The only open request."""
        (request,) = self.thread.requests
        return request


def without(given: Rules, name: str, role: str) -> Rules:
    """The rules after somebody lost a role."""
    team = tuple(
        replace(one, roles=one.roles - {role}) if one.name == name else one
        for one in given.people.everybody
    )
    return replace(given, people=People(team))


# --- a channel -----------------------------------------------------------------------------------


Take = Callable[[Outbound], Awaitable[None]]
"""What a channel does with a message before it has it: wait, raise, or nothing."""


async def accept(_message: Outbound) -> None:
    """Takes everything."""


async def down(_message: Outbound) -> None:
    """Takes nothing for now."""
    raise SendFailed("503", transient=True)


async def archived(_message: Outbound) -> None:
    """Takes nothing any more."""
    raise SendFailed("the room is archived", transient=False)


async def broken(_message: Outbound) -> None:
    """A defect of the adapter."""
    raise KeyError("ts")


async def silent(_message: Outbound) -> None:
    """Never answers."""
    await asyncio.Event().wait()


class FakeChannel:
    """A channel that keeps what it is given, unless `take`, which a test may replace, raises."""

    def __init__(self, take: Take = accept, *, name: str = "slack") -> None:
        self.name = name
        self.take = take
        self.tried: list[Outbound] = []
        self.sent: list[Outbound] = []
        self.shown: list[tuple[Address, str]] = []

    async def start(self, deliver: Deliver) -> Connected:
        """Delivers nothing by itself."""
        return Connected(name=f"@{self.name}")

    async def check(self) -> Connected:
        """Nothing is amiss."""
        return Connected(name=f"@{self.name}")

    async def send(self, message: Outbound) -> str:
        """Sent, unless `take` has something against it."""
        self.tried.append(message)
        await self.take(message)
        self.sent.append(message)
        return f"{self.name}:{len(self.sent)}"

    async def busy(self, address: Address, doing: str) -> None:
        """Kept in order."""
        self.shown.append((address, doing))

    async def ready(self) -> bool:
        """Always."""
        return True

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def close(self) -> None:
        """Nor to let go of."""

    @property
    def keys(self) -> list[str]:
        """The keys of everything that was tried, in order."""
        return [message.key for message in self.tried]


async def never_planned(_params: BaseModel) -> Plan:
    """The plan of a tool that a test only reads of."""
    raise AssertionError("nobody plans this")


async def never_run(_params: BaseModel, _caller: Caller) -> Result:
    """The run of a tool that a test only reads of."""
    raise AssertionError("nobody runs this")
