"""Fakes at the ports, and small builders that tests share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agents.port import CallTool, Control, FailureReason, Judge, Pass, Risk, Say, Step
from bot import events as e
from bot import policy
from bot.effects import CallAgent, PlanCall, Reaching, RunTool
from bot.people import People, Person
from bot.planning import plan, stamp
from bot.reducer import fold
from bot.rules import Approval, Gate, Rules
from bot.thread import Thread
from bot.timers import timers
from channels.port import Address, Author

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
        writer = author(by)
        home = Address(channel="console", room=room)
        self._append(
            e.MessageReceived(
                by=writer,
                person=self.rules.people.find(writer),
                address=via or home,
                text=text,
                audience=(f"console:{by}",),
                via=via,
            )
        )
        heard = self.thread.version
        self.go_on()
        return heard

    def tell(self, draft: e.Event) -> None:
        """Any other event arrives."""
        self._append(draft)
        self.go_on()

    def wait(self, span: timedelta) -> None:
        """Time passes, and every timer that comes due fires in order."""
        until = self.now + span
        while True:
            due = sorted(
                (at, key) for key, at in timers(self.thread, self.rules).items() if at <= until
            )
            if not due:
                break
            at, key = due[0]
            self.now = max(self.now, at)
            self.tell(e.TimerFired(id=key, purpose=key.partition(":")[0]))
        self.now = until

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
            if not pending:
                return

    def _quick(self, effect: Reaching) -> bool:
        if isinstance(effect, PlanCall | CallAgent):
            return True
        self.under_way[effect.id] = effect
        return False

    def _perform(self, effect: Reaching) -> e.Event:
        turn = self.thread.turn(effect.turn if isinstance(effect, PlanCall | CallAgent) else 0)
        assert turn is not None
        if isinstance(effect, CallAgent):
            return e.StepDecided(
                agent=effect.agent,
                step=Say(text="what?"),
                turn=effect.turn,
                upto=self.thread.version,
            )
        assert isinstance(effect, PlanCall)
        old = self.thread.calls.get(effect.replaces or "")
        tool = old.tool if old else turn.step.tool if isinstance(turn.step, CallTool) else ""
        asked = old.requesters if old else (turn.person,) if turn.person else ()
        judged = policy.judge(self.rules, tool, asked)
        return e.ToolRequested(
            call_id=effect.call,
            turn=effect.turn,
            tool=tool,
            args={},
            shown=tool,
            digest="d" * 64,
            risk=self.rules.gates[tool].risk if tool in self.rules.gates else Risk.WRITE,
            verdict=judged.verdict,
            rule=judged.rule,
            address=old.address if old else turn.address,
            requesters=asked,
            replaces=effect.replaces,
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
