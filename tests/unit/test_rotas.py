"""Who is on duty: by the week, over changes of the clock, and by a runbook."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from structlog.testing import capture_logs

from agents.port import Caller, Plan, Result, Risk, Tool, ToolFailed
from bot.approval import Approval
from bot.people import People, Person
from bot.rosters import Rosters
from bot.rotas import Rota
from bot.rules import Rules
from channels.port import Author
from tests.fakes import START, Talk, person, rules

BERLIN = ZoneInfo("Europe/Berlin")
MONDAYS = Rota(
    people=("ann", "bob", "cal"), week_of=date(2026, 1, 5), handover=time(9), zone=BERLIN
)
A_SECOND = timedelta(seconds=1)


def berlin(text: str) -> datetime:
    """The moment at which the clock in Berlin shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "before", "after"),
    [
        ("2026-01-05T09:00", "cal", "ann"),
        ("2026-01-12T09:00", "ann", "bob"),
        ("2026-01-26T09:00", "cal", "ann"),
        ("2026-03-23T09:00", "bob", "cal"),
        ("2026-03-30T09:00", "cal", "ann"),
        ("2026-10-19T09:00", "bob", "cal"),
        ("2026-10-26T09:00", "cal", "ann"),
        ("2025-12-29T09:00", "bob", "cal"),
    ],
)
def test_a_week_begins_at_nine_by_the_clock_on_the_wall(
    begins: str, before: str, after: str
) -> None:
    """To the second, in winter and in summer, and before the first week as well."""
    at = berlin(begins)
    assert MONDAYS.on_duty(at - A_SECOND) == before
    assert MONDAYS.on_duty(at) == after
    assert MONDAYS.on_duty(at.astimezone(ZoneInfo("Asia/Tokyo"))) == after


def test_the_weeks_in_which_the_clock_changes_are_an_hour_shorter_and_longer() -> None:
    """Nobody's duty begins an hour off because of it."""
    spring = berlin("2026-03-30T09:00") - berlin("2026-03-23T09:00")
    autumn = berlin("2026-10-26T09:00") - berlin("2026-10-19T09:00")
    assert (spring, autumn) == (timedelta(hours=167), timedelta(hours=169))
    assert berlin("2026-03-30T09:00") == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert berlin("2026-03-23T09:00") == datetime(2026, 3, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("handover", "day", "changes"),
    [
        # On that Sunday the clock goes from 02:00 to 03:00: 02:30 is never shown.
        (time(2, 30), date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # On this one it goes from 03:00 back to 02:00: the first 02:30 of the two counts.
        (time(2, 30), date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_duty_changes_once_where_the_clock_jumps(
    handover: time, day: date, changes: datetime
) -> None:
    """A time that is shown twice or never hands over once."""
    rota = Rota(people=("ann", "bob"), week_of=day, handover=handover, zone=BERLIN)
    around = [changes + timedelta(minutes=minute) for minute in range(-180, 181)]
    duty = [rota.on_duty(at) for at in around]
    assert duty == ["bob"] * 180 + ["ann"] * 181


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.times(),
)
def test_everybody_has_a_week_in_turn(at: datetime, zone: str, handover: time) -> None:
    """A week later it is the next person's turn, give or take the change of a clock."""
    rota = Rota(
        people=("ann", "bob", "cal"),
        week_of=date(2026, 1, 5),
        handover=handover.replace(microsecond=0),
        zone=ZoneInfo(zone),
    )
    turns = [rota.on_duty(at + timedelta(hours=hour)) for hour in range(3 * 168 + 2)]
    changed = [n for n, (one, other) in enumerate(pairwise(turns)) if one != other]
    assert 2 <= len(changed) <= 4
    assert all(166 <= later - sooner <= 170 for sooner, later in pairwise(changed))
    order = "ann bob cal ann bob cal ann"
    told = [turns[0], *(turns[n + 1] for n in changed)]
    assert " ".join(told) in order


def test_a_rota_without_people_is_nobody() -> None:
    """No name is made up."""
    assert Rota().on_duty(START) == ""
    assert People(rotas={"none": Rota()}).who("none", START) == ()


def test_whose_week_it_is_may_approve_as_of_now() -> None:
    """A request that was asked in one week is decided by whoever is on duty in the next."""
    team = (person("alice"), person("bob"), person("carol"))
    talk = Talk(rules(*team, approval=Approval(by="night", expire=timedelta(days=9))))
    rota = Rota(people=("bob", "carol"), week_of=START.date())
    talk.rules = rules_with(talk, rota)
    talk.hear("run change")
    request = talk.thread.requests[talk.request()]
    assert request.deciders == ("bob",)
    talk.now += timedelta(days=7)
    talk.hear(f"approve {request.id}", "bob")
    assert talk.running == []
    talk.hear(f"approve {request.id}", "carol")
    assert len(talk.running) == 1


def rules_with(talk: Talk, rota: Rota) -> Rules:
    """The rules of a talk, with a rota `night`."""
    people = replace(talk.rules.people, rotas={"night": rota})
    return replace(talk.rules, people=people)


# --- by a runbook --------------------------------------------------------------------------------

PEOPLE = (
    Person(name="ann", ids=frozenset({("slack", "T1/U1"), ("email", "ann@example.com")})),
    Person(name="bob", ids=frozenset({("slack", "T1/U2")})),
    Person(name="cal", roles=frozenset({"lead"})),
)


class Nothing(BaseModel):
    """No arguments."""


class Desk:
    """A rota whose runbook says what the test wants."""

    def __init__(self) -> None:
        self.says: str | Exception = ""
        self.asked = 0
        self.named: dict[str, tuple[str, ...]] = {}
        rota = Rota(runbook="oncall", fallback="lead")
        self.people = People(PEOPLE, rotas={"duty": rota}, rosters=self.named)
        self.rosters = Rosters(self.people, {"oncall": self.tool()}, self.named)

    def tool(self) -> Tool:
        """The runbook."""

        async def plan(params: BaseModel) -> Plan:
            raise AssertionError("nobody looks at it")

        async def run(params: BaseModel, caller: Caller) -> Result:
            self.asked += 1
            if isinstance(self.says, Exception):
                raise self.says
            return Result(text="as it may be condensed", output=self.says)

        return Tool(
            name="oncall",
            summary="who",
            params=Nothing,
            risk=Risk.READ,
            idempotent=True,
            plan=plan,
            run=run,
        )

    async def who(self, says: str | Exception) -> tuple[str, ...]:
        """Who is on duty once the runbook has said this."""
        self.says = says
        await self.rosters.refresh()
        return self.people.who("duty", START)


@pytest.mark.parametrize(
    ("says", "who"),
    [
        ("bob\n", ("bob",)),
        ("T1/U1", ("ann",)),
        ("\nANN@Example.com\r\n  bob  \n\n-- \nann", ("ann", "bob")),
        ("nobody known\nbob", ("cal",)),
        ("bob\nnobody known\nann", ("bob",)),
        ("T2/U1\nU1\n@bob\n", ("cal",)),
        ("", ("cal",)),
        (ToolFailed("exit 1", reason="exit"), ("cal",)),
        (OSError("no such program"), ("cal",)),
    ],
)
async def test_a_runbook_names_people_by_line(says: str | Exception, who: tuple[str, ...]) -> None:
    """The first lines count, up to one that names nobody; where it is the very first, or the
    runbook fails, the fallback does.
    """
    desk = Desk()
    assert desk.people.who("duty", START) == ("cal",)
    with capture_logs() as logs:
        assert await desk.who(says) == who
    assert [log["event"] for log in logs] == (["rota.unknown"] if who == ("cal",) else [])


async def test_yesterdays_answer_does_not_outlive_a_failure() -> None:
    """Who was on duty once is not taken for who is: the fallback counts until it is known."""
    desk = Desk()
    assert await desk.who("bob") == ("bob",)
    assert await desk.who(ToolFailed("timeout", reason="timeout")) == ("cal",)
    assert await desk.who("ann") == ("ann",)


async def test_deciding_asks_no_runbook() -> None:
    """Looking who may decide reads what is known; it is asked beside the work alone."""
    desk = Desk()
    await desk.who("bob")
    for _ in range(100):
        desk.people.who("duty", START)
    assert desk.asked == 1


# --- who is nobody -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stranger",
    [
        Author(channel="slack", id="T1/U1", bot=True),
        Author(channel="slack", id="T1/U1", authenticated=False),
        Author(channel="slack", id="T2/U1"),
        Author(channel="slack", id="U1"),
        Author(channel="slack", id="t1/u1"),
        Author(channel="discord", id="T1/U1"),
        Author(channel="email", id="ann@example.com", authenticated=False),
        Author(channel="email", id="ann@example.com.evil.org"),
        Author(channel="console", id="ann", name="ann"),
    ],
)
def test_bots_other_teams_and_unproven_senders_are_nobody(stranger: Author) -> None:
    """An id counts on its own channel and in its own team alone, and a name never does."""
    people = People(PEOPLE)
    assert people.find(Author(channel="slack", id="T1/U1")) == "ann"
    assert people.find(Author(channel="email", id="Ann@Example.com")) == "ann"
    assert people.find(stranger) is None
