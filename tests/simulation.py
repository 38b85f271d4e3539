"""A random life of one thread, without a store, that its seed repeats: `live(seed)`.

People talk, decide and call off, several at once and from elsewhere; effects end, fail, or are
lost with their worker; time passes; the rules change. What must hold whatever happens is checked
with every commit, and once more when the thread has come to rest (`tests.promises`).
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict, get_args

from agents.agent import Undecidedness
from agents.port import AskPerson, CallTool, Done, HandOver, Later, Route, Say, Step
from bot import events as e
from bot.approval import Approval
from bot.effects import CallAgent, PlanCall, Reaching, RunTool, Send
from bot.planning import called_off, plan, stamp
from bot.reducer import fold
from bot.rules import Rules
from bot.thread import Thread, dump, load
from bot.timers import timers
from channels.port import Address
from tests import promises
from tests.fakes import START, THREAD, author, person, requested, rules, without

HOME = Address(channel="console", room="room")
ELSEWHERE = Address(channel="console", room="elsewhere")
PEOPLE = ("alice", "bob", "dave", "carol", "mallory")
"""Three operators, somebody without a role, and a stranger."""

WORDS = (*["run look"] * 2, *["run change"] * 5, "run nope", "run open", *["hello"] * 3, "say so")
CONTROLS = ("cancel", "pause", "resume", "resume")
ANSWERS = ("done", "not done", *["run again"] * 3, "2", "9")
SPANS = tuple(timedelta(seconds=s) for s in (1, 1, 5, 5, 50, 50, 600, 1900, 90_000, 700_000))
TROUBLES: tuple[Undecidedness, ...] = get_args(Undecidedness)


class Mind(TypedDict):
    prose: str
    agents: Mapping[str, int]


NO_MODEL = Mind(prose="guide", agents={"guide": 1})
TEAM = Mind(prose="classifier", agents=promises.CAPS)
LONGEST_END = 1000
"""Steps in which a thread must come to rest once nobody says anything more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """An effect that a worker performs, and the thread as it was begun on."""

    effect: Reaching
    thread: Thread


class Simulation:
    """One thread, its log as the store holds it, and the worker that works on it just now."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._first_rules = self._made_up_rules()
        self._rules = self._first_rules
        self._thread = Thread(id=THREAD)
        self._armed: dict[str, datetime] = {}
        self._under_way: dict[str, UnderWay] = {}
        self._told_to_stop: set[str] = set()
        self._outcomes: tuple[e.Event, ...] = ()
        self.log: list[e.Event] = []
        self.now = START

    def _made_up_rules(self) -> Rules:
        approval = Approval(
            by="operator",
            quorum=self._random.choice((1, 1, 2)),
            self_=self._random.random() < 0.3,
            expire=timedelta(minutes=30),
        )
        team = [person(name, "operator") for name in PEOPLE[:3]]
        made = rules(*team, person("carol"), approval=approval)
        return replace(
            made,
            at_once=frozenset(("console",)[: self._random.randrange(2)]),
            unknown=self._random.choice(("notice", "chat")),
            **self._random.choice((NO_MODEL, TEAM)),
        )

    # --- what happens

    def happen(self) -> None:
        """Something happens, and most often a worker looks at it at once."""
        acts: dict[Callable[[], None], int] = {
            self._people_talk: 40,
            self._effect_ends: 35,
            self._time_passes: 12,
            self._worker_dies: 8,
            self._rules_change: 3,
            self._operator_cancels: 1,
        }
        (act,) = self._random.choices(list(acts), list(acts.values()))
        act()
        if self._random.random() < 0.7:
            self._work()

    def _people_talk(self) -> None:
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            (by,) = self._random.choices(PEOPLE, (6, 6, 6, 2, 1))
            via = ELSEWHERE if self._random.random() < 0.15 else None
            self._say(self._made_up_words(), by, via)

    def _made_up_words(self) -> str:
        return self._random.choices(
            (self._random.choice(WORDS), self._random.choice(CONTROLS), self._decision()),
            (3, 1, 5 if self._thread.requests else 1),
        )[0]

    def _decision(self) -> str:
        """Mostly on what is open; sometimes of the wrong kind, or on what is closed or unknown."""
        known = [*self._thread.requests.values()]
        if not known or self._random.random() < 0.1:
            return f"approve {THREAD}-{self._random.randint(1, 5)}"
        request = self._random.choice(known)
        edit = " tag=2" if self._random.random() < 0.2 else ""
        approve, deny = f"approve {request.id}{edit}", f"deny {request.id} no"
        answer = f"answer {request.id} {self._random.choice(ANSWERS)}"
        likely = {"approval": (6, 1, 1), "question": (1, 1, 6)}[request.kind]
        return self._random.choices((approve, deny, answer), likely)[0]

    def _say(self, text: str, by: str, via: Address | None = None) -> None:
        writer = author(by)
        self._append(
            e.MessageReceived(
                by=writer,
                person=self._rules.people.find(writer),
                address=via or HOME,
                text=text,
                audience=(f"console:{by}",),
                via=via,
            )
        )

    def _operator_cancels(self) -> None:
        """From the command line: an event, not a message."""
        if self.log:
            self._append(e.Cancelled(by=author("bob"), person="bob"))

    def _effect_ends(self) -> None:
        if self._under_way:
            self._land(self._random.choice(list(self._under_way)))

    def _time_passes(self) -> None:
        self.now += self._random.choice(SPANS)
        self._fire()

    def _worker_dies(self) -> None:
        """What it performed is lost; the next one has the log, or a snapshot."""
        self._under_way.clear()
        self._told_to_stop.clear()
        self._outcomes = ()
        snapshot = load(dump(self._thread))
        self._thread = snapshot if snapshot and self._random.random() < 0.5 else Thread(id=THREAD)

    def _rules_change(self) -> None:
        gates = self._first_rules.gates
        self._rules = self._random.choice(
            (
                *[self._first_rules] * 4,
                without(self._first_rules, "bob", "operator"),
                replace(self._first_rules, gates={"look": gates["look"]}),
                self._with_change(None),
                self._with_change(Approval(by="operator", quorum=2)),
            )
        )

    def _with_change(self, approval: Approval | None) -> Rules:
        """The first rules, with another approval for `change`."""
        gates = self._first_rules.gates
        changed = replace(gates["change"], approval=approval)
        return replace(self._first_rules, gates={**gates, "change": changed})

    # --- the store

    def _append(self, draft: e.Event) -> None:
        self.log += stamp((draft,), len(self.log), self.now)

    def _fire(self) -> None:
        """As the store's scripts do: due timers become events, once."""
        for key, at in sorted(self._armed.items(), key=lambda timer: timer[1]):
            if at <= self.now:
                del self._armed[key]
                self._append(e.TimerFired(id=key, purpose=key.partition(":")[0]))

    # --- the worker

    def _work(self) -> None:
        """Fold what has come, plan, commit and begin, as the loop does."""
        more = True
        while more:
            base = fold(THREAD, self.log[self._thread.version :], self._thread)
            running = frozenset(self._under_way)
            step = plan(base, self._outcomes, rules=self._rules, now=self.now, running=running)
            promises.check_commit(base, step, self._rules)
            self.log += step.events
            self._thread, self._outcomes, more = step.thread, (), step.more
            self._armed = dict(timers(step.thread, self._rules))
            self._told_to_stop |= called_off(step.thread, frozenset(self._under_way))
            for start in step.starts:
                assert start.id not in self._under_way, f"{start.id} is under way twice"
                self._under_way[start.id] = UnderWay(effect=start, thread=step.thread)

    def _land(self, key: str) -> None:
        """An effect comes to an end; its outcome waits for the worker to look."""
        landed = self._under_way.pop(key)
        stopped = key in self._told_to_stop and self._random.random() < 0.8
        self._told_to_stop.discard(key)
        match landed.effect:
            case RunTool(call=call) if stopped:
                self._outcomes += (e.ToolFailed(call_id=call, reason="cancelled", text=""),)
            case CallAgent() if stopped:
                pass
            case RunTool(call=call):
                self._outcomes += (self._ran(call, landed.thread),)
            case CallAgent() as asked:
                self._outcomes += (self._read(asked, landed.thread),)
            case PlanCall() as planned:
                self._outcomes += (requested(landed.thread, planned, self._rules, self.now),)
            case Send(reply=reply):
                self._outcomes += (self._sent(reply),)

    def _ran(self, call: str, thread: Thread) -> e.Event:
        luck = self._random.random()
        if luck < 0.5:
            at = self.now + timedelta(minutes=5)
            later = Later(at=at, text="tea") if self._random.random() < 0.3 else None
            return e.ToolReturned(call_id=call, text="ok", exit_code=0, later=later)
        if luck < 0.7 or not thread.calls[call].approved_by:
            return e.ToolFailed(call_id=call, reason="exit", text="bad", exit_code=1)
        return e.ToolFailed(call_id=call, reason="changed", text="it has changed")

    def _read(self, asked: CallAgent, thread: Thread) -> e.Event:
        if self._random.random() < 0.2:
            return self._misread(asked, thread)
        step = self._random.choice(self._steps(asked.agent))
        return e.StepDecided(agent=asked.agent, step=step, turn=asked.turn, upto=thread.version)

    def _steps(self, agent: str) -> tuple[Step, ...]:
        tool = self._random.choice(("look", "change", "open", "nope"))
        call = CallTool(tool=tool, args={})
        question = AskPerson(question="which?", options=("this", "that"))
        match agent:
            case "classifier":
                others = ("retriever", "executor", "executor", "responder")
                routes = tuple(Route(to=other) for other in others)
                return (*routes, Say(text="hello"), question, HandOver(reason="hm"))
            case "retriever":
                look = CallTool(tool="look", args={})
                return (look, look, Done(summary="seen"), question)
            case "executor":
                return (call, call, call, Done(summary="asked for"), question)
            case _:
                return (Say(text="so be it"), call) if agent == "guide" else (Say(text="so"),)

    def _misread(self, asked: CallAgent, thread: Thread) -> e.Event:
        how = self._random.choice(TROUBLES)
        waits = how in {"transient", "deferred", "breaker_open"}
        span = timedelta(seconds=self._random.choice((1, 30, 3600)))
        return e.ModelFailed(
            agent=asked.agent,
            turn=asked.turn,
            upto=thread.version,
            outcome=how,
            reason="no luck",
            until=self.now + span if waits else None,
        )

    def _sent(self, reply: int) -> e.Event:
        luck = self._random.random()
        if luck < 0.15:
            until = self.now + timedelta(seconds=10)
            return e.ReplyPostponed(reply=reply, until=until, reason="down")
        if luck < 0.2:
            return e.ReplyFailed(reply=reply, reason="gone")
        if luck < 0.23:
            return e.ReplyUncertain(reply=reply, reason="cut off")
        return e.ReplyDelivered(reply=reply)

    # --- the end

    def come_to_rest(self) -> None:
        """Nobody says anything more: everything ends, and every promise has been kept."""
        self._say("resume", "alice")
        for _ in range(LONGEST_END):
            self._work()
            if self._under_way:
                self._land(next(iter(self._under_way)))
            elif self._armed:
                self.now = max(self.now, *self._armed.values())
                self._fire()
            else:
                break
        else:
            raise AssertionError("it never comes to rest")
        assert fold(THREAD, self.log) == self._thread
        promises.check_rest(self._thread, self.log)


def live(seed: int, *, happenings: int = 60) -> Simulation:
    """A whole life. Raises `AssertionError`, or what a defect raises; the seed repeats it."""
    life = Simulation(seed)
    for _ in range(happenings):
        life.happen()
    life.come_to_rest()
    return life
