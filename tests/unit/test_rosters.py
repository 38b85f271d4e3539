"""Rotas that a runbook tells: asked when it matters, seldom, and never in anybody's way."""

import asyncio
from dataclasses import dataclass, replace

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs

from agents.port import Caller, Result, Risk, Tool, ToolFailed
from bot import rosters
from bot.people import People, Person
from bot.rosters import KEPT, RETRY, Rosters, read
from bot.rotas import Rota
from tests.fakes import START, never_planned, person

TEAM = (person("alice", "lead"), person("bob"), person("carol"))
ROTAS = {"duty": Rota(runbook="on-duty", fallback="lead")}


class NoParams(BaseModel):
    """No arguments."""


class Book:
    """A runbook that says `said`, or raises it, and counts how often it is asked."""

    def __init__(self, said: str | Exception) -> None:
        self.said = said
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.now = 0.0

    async def run(self, _params: BaseModel, _caller: Caller) -> Result:
        """Answer, once the gate is open."""
        self.asked += 1
        await self.gate.wait()
        if isinstance(self.said, Exception):
            raise self.said
        return Result(text="short", output=self.said, exit_code=0)

    def duty(self) -> "Duty":
        """Who is on duty by this runbook, by a clock that stands at `now`."""
        tool = Tool(
            name="on-duty",
            summary="",
            params=NoParams,
            risk=Risk.READ,
            idempotent=True,
            plan=never_planned,
            run=self.run,
        )
        named: dict[str, tuple[str, ...]] = {}
        people = People(TEAM, ROTAS, named)
        return Duty(people, Rosters(people, {"on-duty": tool}, named, clock=lambda: self.now))


@dataclass(frozen=True)
class Duty:
    """People, and what keeps their rosters."""

    people: People
    rosters: Rosters

    @property
    def now(self) -> tuple[str, ...]:
        """Who is on duty by what is known."""
        return self.people.who("duty", START)


async def test_it_is_asked_once_in_five_minutes() -> None:
    """Everybody who needs it meanwhile has the same answer; then it is asked again."""
    book = Book("bob\n")
    told = book.duty()
    await asyncio.gather(*(told.rosters.ready() for _ in range(20)))
    assert told.now == ("bob",)
    book.said, book.now = "carol\n", KEPT - 1
    await told.rosters.ready()
    assert (told.now, book.asked) == (("bob",), 1)
    book.now = KEPT
    await told.rosters.ready()
    assert (told.now, book.asked) == (("carol",), 2)


async def test_a_runbook_that_fails_leaves_the_fallback_and_a_warning() -> None:
    """Whatever goes wrong: the group decides, the log says why, and soon it is asked again."""
    faults = (
        ToolFailed("no route\nto host", reason="exit"),
        KeyError("x"),
    )
    with capture_logs() as logs:
        for fault in faults:
            book = Book(fault)
            told = book.duty()
            await told.rosters.ready()
            assert told.now == ("alice",)
            book.said, book.now = "carol", RETRY
            await told.rosters.ready()
            assert told.now == ("carol",)
    assert [line["why"] for line in logs] == ["exit: no route", "KeyError: 'x'"]
    assert {line["log_level"] for line in logs} == {"warning"}


async def test_who_was_on_duty_before_is_not_once_nobody_knows() -> None:
    """An old answer is not as good as the fallback."""
    book = Book("bob")
    told = book.duty()
    await told.rosters.ready()
    book.said, book.now = ToolFailed("down"), KEPT
    await told.rosters.ready()
    assert told.now == ("alice",)


async def test_one_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within its time, or the fallback counts; what decides meanwhile is not held up by others."""
    monkeypatch.setattr(rosters, "PATIENCE", 0.05)
    book = Book("bob")
    book.gate.clear()
    told = book.duty()
    assert told.now == ("alice",)
    await asyncio.wait_for(told.rosters.ready(), 5)
    assert told.now == ("alice",)


async def test_who_stops_waiting_stops_nobody_else() -> None:
    """A worker that is called off does not take the answer away from the others."""
    book = Book("bob")
    book.gate.clear()
    told = book.duty()
    one, other = (
        asyncio.create_task(told.rosters.ready()),
        asyncio.create_task(told.rosters.ready()),
    )
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    book.gate.set()
    await other
    assert (told.now, book.asked) == (("bob",), 1)


async def test_without_such_a_rota_nothing_is_asked() -> None:
    """Nobody waits for anything."""
    told = Rosters(People(TEAM, {"duty": Rota(people=("bob",))}), {}, {})
    await told.ready()
    assert told.touch() is None


async def test_what_runs_for_long_gets_new_answers_without_waiting() -> None:
    """Asked anew while work goes on, the answer is there once it is."""
    book = Book("bob")
    told = book.duty()
    await told.rosters.ready()
    book.said, book.now = "carol", KEPT
    asking = told.rosters.touch()
    assert asking is not None
    assert told.rosters.touch() is asking
    assert told.now == ("bob",)
    await asking
    assert told.now == ("carol",)


def test_only_the_first_lines_name_somebody() -> None:
    """Up to one that names nobody known: what stands below may be anything."""
    ids = replace(TEAM[2], ids=frozenset({("slack", "T1/U3"), ("email", "c@example.com")}))
    people = People((*TEAM[:2], ids))
    assert read("bob\nT1/U3\n\nalice\n", people) == ("bob", "carol")
    assert read("\n  C@Example.com \nbob", people) == ("carol", "bob")
    assert read("bob\nbob", people) == ("bob",)
    assert read("On call:\nbob", people) == ()
    assert read("U3\nbob", people) == ()
    assert read("", people) == ()


def test_an_id_names_exactly_one_person() -> None:
    """By name or native id; what could be two people is nobody."""
    one = person("alice")
    other = person("bob")
    odd = People((one, other, person("carol")))
    assert odd.named("alice") == "alice"
    twice = People((one, Person(name="bob", ids=frozenset({("console", "alice")}))))
    assert twice.named("alice") is None
    slack = People((Person(name="bob", ids=frozenset({("slack", "T1/U1")})),))
    assert slack.named("T1/U1") == "bob"
    assert slack.named("U1") is None
    assert slack.named("") is None
