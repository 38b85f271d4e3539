"""A thread written by hand, event by event, for tests of what is told of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from agents.port import CallTool, FailureReason, Pass, Risk, Say, Step
from agents.usage import rendered
from bot import context
from bot import events as e
from bot.entry import Entry
from bot.folding.agents import COMMANDS
from bot.planning import stamp
from bot.reducer import evolve
from bot.thread import Thread
from channels.port import Address
from tests.fakes import START, THREAD, author

ROOM = Address(channel="console", room="room")
ELSEWHERE = Address(channel="console", room="elsewhere")
TEAM = frozenset({"alice", "bob", "carol"})
DIGEST = "d" * 64
NO_ARGS: Mapping[str, JsonValue] = {}


class Log:
    """Events that follow one another, and the thread that they make."""

    def __init__(self, thread: str = THREAD) -> None:
        self.thread = Thread(id=thread)
        self.events: list[e.Event] = []
        self.now = START

    def add(self, *drafts: e.Event) -> int:
        """What happens next. Returns the seq of the last of it."""
        for draft in drafts:
            (event,) = stamp((draft,), self.thread.version, self.now)
            self.events.append(event)
            self.thread = evolve(self.thread, event)
        return self.thread.version

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    @property
    def story(self) -> tuple[Entry, ...]:
        """What models are told so far."""
        return self.thread.story

    def last(self) -> Entry:
        """The newest entry."""
        return self.thread.story[-1]

    def condense(self) -> bool:
        """A checkpoint, if one is due."""
        if not context.due(self.thread):
            return False
        self.add(context.condensed(self.thread))
        return True

    # --- people

    def hear(self, text: str, by: str = "alice", *, via: Address | None = None) -> int:
        """Somebody writes, and the grammar makes nothing of it."""
        person = by if by in TEAM else None
        heard = self.add(
            e.MessageReceived(
                by=author(by),
                person=person,
                address=via or ROOM,
                text=text,
                audience=(f"console:{by}",),
                via=via,
            )
        )
        self.step(heard, Pass(), COMMANDS)
        return heard

    def approve(self, request: str, by: str = "bob", *, via: Address | None = None) -> int:
        """A yes that lets the call run."""
        heard = self.hear(f"approve {request}", by, via=via)
        at = via or ROOM
        return self.add(
            e.ApprovalGiven(
                request_id=request, by=author(by), person=by, via=at, final=True, turn=heard
            )
        )

    # --- agents

    def step(self, turn: int, step: Step, agent: str) -> int:
        """An agent, or the grammar, reads the turn."""
        upto = self.thread.version
        return self.add(e.StepDecided(agent=agent, step=step, turn=turn, upto=upto))

    def say(self, turn: int, text: str, agent: str = "responder", above: str = "") -> int:
        """An agent answers, under what code says; the turn is over."""
        self.step(turn, Say(text=text), agent)
        return self.reply(turn, f"{above}\n\n{text}".strip())

    def reply(self, turn: int, text: str) -> int:
        """The turn is answered, and over."""
        queued = self.add(e.ReplyQueued(address=ROOM, text=text, answers=(turn,)))
        self.add(e.ReplyDelivered(reply=queued), e.TurnEnded(turn=turn, outcome="replied"))
        return queued

    # --- tools

    def call(
        self,
        turn: int,
        tool: str,
        args: Mapping[str, JsonValue] = NO_ARGS,
        *,
        agent: str = "executor",
        verdict: e.Verdict = "allowed",
    ) -> str:
        """An agent asks for a call, or a person if there is no agent. Returns its id."""
        self.step(turn, CallTool(tool=tool, args=dict(args)), agent or COMMANDS)
        call = f"c{self.thread.version}"
        self.add(
            e.ToolRequested(
                call_id=call,
                turn=turn,
                tool=tool,
                args=dict(args),
                shown=rendered(tool, args),
                digest=DIGEST,
                risk=Risk.READ if verdict == "allowed" else Risk.WRITE,
                verdict=verdict,
                rule="by rule",
                address=ROOM,
                requesters=("alice",),
                agent=agent,
            )
        )
        return call

    def ask(self, call: str, *, minutes: int = 30) -> str:
        """People are asked whether the call may run. Returns the request's id."""
        request = f"{self.thread.id}-{self.thread.asked + 1}"
        until: datetime = self.now + timedelta(minutes=minutes)
        self.add(
            e.ApprovalRequested(
                request_id=request,
                call_id=call,
                shown=self.thread.calls[call].shown,
                digest=DIGEST,
                by="operator",
                approvers=("alice", "bob"),
                quorum=1,
                expires_at=until,
            )
        )
        return request

    def finish(self, call: str, output: str = "", *, exit_code: int = 0, text: str = "") -> int:
        """The call runs and ends well; people see `text`, or all of it."""
        return self.add(
            e.ToolStarted(call_id=call),
            e.ToolReturned(
                call_id=call,
                text=text or output,
                output=output,
                exit_code=exit_code,
                seconds=1.5,
            ),
        )

    def fail(self, call: str, text: str = "broken", reason: FailureReason = "exit") -> int:
        """The call runs and ends badly."""
        return self.add(
            e.ToolStarted(call_id=call),
            e.ToolFailed(call_id=call, reason=reason, text=text, exit_code=1, seconds=2.0),
        )

    def look(self, turn: int, tool: str, output: str, agent: str = "retriever") -> str:
        """A call that is allowed, and ends well. Returns its id."""
        call = self.call(turn, tool, agent=agent)
        self.finish(call, output)
        return call
