"""An incident on one thread, as it could happen: 31 events and 16 steps of agents.

Look-ups with long outputs, a question, two approvals, a restart that fails and one that works.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from agents.brief import brief
from agents.port import AskPerson, Done, Route, Step
from agents.tools.transcript import excerpt
from bot import events as e
from bot.folding.agents import COMMANDS
from bot.thread import Thread, Turn
from tests.logs import Log

API: Final[Mapping[str, JsonValue]] = {"service": "api", "env": "prod"}
FORCED: Final[Mapping[str, JsonValue]] = {**API, "force": True}

TOLD = (
    e.MessageReceived,
    e.ToolRequested,
    e.ToolReturned,
    e.ToolFailed,
    e.ApprovalRequested,
    e.ApprovalGiven,
    e.ReplyQueued,
)
"""What any bot would show its model; the rest of the log is the loop's own business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step of an agent: what it was asked on, and when."""

    agent: str
    thread: Thread
    turn: Turn
    at: datetime


class Incident(Log):
    """The thread, and every step that a model was asked for on the way."""

    def __init__(self) -> None:
        super().__init__("k3v7q2m9x4ab")
        self.asked: list[Asked] = []

    def step(self, turn: int, step: Step, agent: str) -> int:
        """As in every log; a model takes its time."""
        if agent != COMMANDS:
            asked = self.thread.turn(turn)
            assert asked is not None
            self.asked.append(Asked(agent=agent, thread=self.thread, turn=asked, at=self.now))
            self.wait(3)
        return super().step(turn, step, agent)

    @property
    def told(self) -> list[e.Event]:
        """The events that a model has to know of."""
        return [event for event in self.events if isinstance(event, TOLD)]

    def outcome(self) -> int:
        """The turn of the call that has ended since people were asked."""
        (turn,) = (turn for turn in self.thread.turns if turn.source == "outcome")
        return turn.id

    def ran(self, call: str, output: str, seconds: float) -> None:
        """A runbook ends well: people see the first and the last lines of its output."""
        self.add(e.ToolStarted(call_id=call))
        self.wait(seconds)
        text = excerpt(output)
        self.add(
            e.ToolReturned(
                call_id=call,
                text=text,
                output=output,
                exit_code=0,
                seconds=seconds,
                brief=brief(text),
            )
        )

    def broke(self, call: str, output: str, seconds: float) -> None:
        """A runbook ends badly."""
        self.add(e.ToolStarted(call_id=call))
        self.wait(seconds)
        text = excerpt(output)
        self.add(
            e.ToolFailed(
                call_id=call,
                reason="exit",
                text=text,
                output=output,
                exit_code=1,
                seconds=seconds,
                brief=brief(text),
            )
        )

    def approved(self, call: str, after: float) -> int:
        """People are asked, and bob says yes. Returns the turn of his yes."""
        turn = self.thread.calls[call].report
        request = self.ask(call)
        shown = self.thread.calls[call].shown
        self.reply(turn, f"{shown}\n{request}, digest dddddddddddd")
        self.wait(after)
        self.approve(request)
        return self.thread.turns[-1].id


def incident() -> Incident:
    """All of it."""
    log = Incident()
    _what_is_wrong(log)
    log.wait(30)
    _restart_it(log)
    log.wait(50)
    _by_force(log)
    log.wait(50)
    _is_it_healthy(log)
    log.wait(50)
    _what_was_it(log)
    return log


def _what_is_wrong(log: Incident) -> None:
    turn = log.hear(
        "api in prod has been throwing 502s for about ten minutes, people see errors at checkout."
        " Can you look what is wrong?"
    )
    reason = "wants to know why api in prod fails"
    log.step(turn, Route(to="retriever", reason=reason), "classifier")
    log.ran(log.call(turn, "status", API, agent="retriever"), status(bad=True), 2.1)
    log.ran(log.call(turn, "logs", API, agent="retriever"), logs(), 3.4)
    summary = (
        "status (c3): 4 of 6 pods of api in prod are ready; api-7c9f-2 and api-7c9f-5 are in"
        " CrashLoopBackOff, 14 restarts each. logs (c6): since 14:02 'connection pool exhausted'"
        " and 'upstream timed out' for payments-db, in both pods. Unknown: why the pool filled up."
    )
    log.step(turn, Done(summary=summary), "retriever")
    log.say(
        turn,
        "Two of six pods of api in prod crash and restart (`api-7c9f-2`, `api-7c9f-5`, 14 restarts"
        " each). Since 14:02 both log `connection pool exhausted` for payments-db. What filled the"
        " pool is not in the log; a restart would free the connections.",
        above="status: exit 0, 2.1 s\nlogs: exit 0, 3.4 s",
    )


def _restart_it(log: Incident) -> None:
    turn = log.hear("ok, restart it please")
    log.step(turn, Route(to="executor", reason="wants api restarted"), "classifier")
    question = AskPerson(question="In which environment?", options=("staging", "prod"))
    log.step(turn, question, "executor")
    log.reply(turn, "In which environment?\n1. staging\n2. prod")
    log.wait(15)
    turn = log.hear("prod")
    log.step(turn, Route(to="executor", reason="answers where api is restarted"), "classifier")
    call = log.call(turn, "restart", API, verdict="approval")
    yes = log.approved(call, after=60)
    log.broke(call, drain(), 41.7)
    log.reply(yes, "Approved by bob. restart service=api env=prod: exit 1, 41.7 s")
    turn = log.outcome()
    summary = (
        "restart service=api env=prod was approved by bob and failed, exit 1: pod api-7c9f-2 did"
        " not leave within 30 s, so the rollout was stopped. Nothing else was called."
    )
    log.step(turn, Done(summary=summary), "executor")
    log.say(
        turn,
        "The restart stopped half-way: `api-7c9f-2` did not terminate within 30 s and the script"
        " gave up. A restart with `force=yes` does not wait for it.",
    )


def _by_force(log: Incident) -> None:
    turn = log.hear("api-7c9f-2 hangs on its connections, do it again with force=yes")
    reason = "wants the restart repeated with force"
    log.step(turn, Route(to="executor", reason=reason), "classifier")
    call = log.call(turn, "restart", FORCED, verdict="approval")
    yes = log.approved(call, after=45)
    log.ran(call, rollout(), 52.3)
    log.reply(yes, "Approved by bob. restart service=api env=prod force=yes: exit 0, 52.3 s")
    turn = log.outcome()
    summary = "restart service=api env=prod force=yes was approved by bob and ended with exit 0."
    log.step(turn, Done(summary=summary), "executor")
    log.add(e.TurnEnded(turn=turn, outcome="replied"))


def _is_it_healthy(log: Incident) -> None:
    """A command: no model reads it."""
    turn = log.hear("status service=api env=prod", "carol")
    log.ran(log.call(turn, "status", API, agent=""), status(bad=False), 1.9)
    log.reply(turn, "status service=api env=prod: exit 0, 1.9 s")


def _what_was_it(log: Incident) -> None:
    turn = log.hear("thanks. So what was it? Sum it up for the channel, and what is still open")
    reason = "the thread holds what happened"
    log.step(turn, Route(to="responder", reason=reason), "classifier")
    log.say(
        turn,
        "api in prod ran out of connections to payments-db from 14:02 on; two of six pods crashed"
        " again and again. A first restart failed, because `api-7c9f-2` did not terminate; with"
        " `force=yes` it went through, and all six pods are ready. Still open: what filled the"
        " connection pool.",
    )


# --- what the runbooks wrote ---------------------------------------------------------------------


def status(*, bad: bool) -> str:
    """Six pods, their checks and their last events: 86 lines."""
    lines = ["NAME          READY  STATUS            RESTARTS  AGE   CPU   MEMORY"]
    for pod in range(1, 7):
        sick = bad and pod in {2, 5}
        state = "CrashLoopBackOff" if sick else "Running"
        restarts = 14 if sick else 0
        lines.append(
            f"api-7c9f-{pod}    {0 if sick else 1}/1    {state:<16}  {restarts:<8}  6d4h "
            f" {112 + 17 * pod}m  {410 + 31 * pod}Mi"
        )
        for number, check in enumerate(("http", "database", "queue", "disk", "memory", "config")):
            failed = sick and check in {"http", "database"}
            word = "FAIL" if failed else "ok"
            took = 30_000 if failed else 4 + 3 * number + pod
            lines.append(f"  check {check:<9} {word:<4} {took} ms, last at 14:1{number}:0{pod}")
        for number in range(6):
            lines.append(
                f"  event 14:0{number}:{10 + pod}  {'Warning' if sick else 'Normal '}"
                f"  {'BackOff restarting failed container' if sick else 'Probe succeeded'}"
                f" (x{number + pod})"
            )
    lines.append(f"{4 if bad else 6} of 6 pods ready")
    return "\n".join(lines)


def logs() -> str:
    """What the service wrote lately: 120 lines."""
    lines = []
    for number in range(120):
        at = f"2026-01-02T14:{number // 10:02}:{number * 7 % 60:02}.{number * 37 % 1000:03}Z"
        pod = f"api-7c9f-{number % 6 + 1}"
        if number % 6 in {1, 4} and number > 20:
            lines.append(
                f"{at} ERROR {pod} db.pool connection pool exhausted (50/50 in use, waited"
                f" {3000 + number} ms) host=payments-db-1 request=req-{number * 7919 % 100_000:05}"
            )
        else:
            lines.append(
                f"{at} INFO  {pod} http POST /v1/checkout {502 if number % 5 == 0 else 200}"
                f" {40 + number * 13 % 400} ms request=req-{number * 7919 % 100_000:05}"
            )
    return "\n".join(lines)


def drain() -> str:
    """A rollout that is given up: 64 lines and a traceback."""
    lines = [f"14:16:{number:02} draining api-7c9f-{number % 6 + 1}" for number in range(24)]
    lines += [f"14:17:{number:02} waiting for api-7c9f-2, {number} s" for number in range(31)]
    lines += [
        "Traceback (most recent call last):",
        '  File "/opt/runbooks/restart.py", line 88, in <module>',
        "    main()",
        '  File "/opt/runbooks/restart.py", line 71, in main',
        "    wait_gone(pod, timeout=30)",
        '  File "/opt/runbooks/restart.py", line 40, in wait_gone',
        "    raise StuckPod(pod)",
        "StuckPod: api-7c9f-2 is still terminating after 30 s",
    ]
    return "\n".join(lines)


def rollout() -> str:
    """A rollout that goes through: 74 lines."""
    lines = []
    for pod in range(1, 7):
        lines.append(f"14:20:{pod:02} deleting api-7c9f-{pod} (grace period 0 s)")
        lines += [
            f"14:20:{10 + pod + step} api-8d1a-{pod}: {word}"
            for step, word in enumerate(
                (
                    "scheduled",
                    "pulling image registry.example.com/api:2026.1.2",
                    "image pulled",
                    "created",
                    "started",
                    "waiting for readiness, 1 s",
                    "waiting for readiness, 2 s",
                    "waiting for readiness, 3 s",
                    "readiness probe ok",
                    "registered with the load balancer",
                    "ready",
                )
            )
        ]
    lines += ["6 of 6 pods ready", "rollout complete"]
    return "\n".join(lines)
