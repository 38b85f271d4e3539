"""Machines that write to each other: it ends, whether or not they own up to be machines."""

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot import intake
from tests.email_house import ANN, BOT, PROVEN, TEAM, EmailHouse, email_house
from tests.mail_server import dovecot
from tests.mail_server.smtp import Route

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

OTHER = "other@ops.example"
VOUCHED = b"Authentication-Results: mx.ops.example; dmarc=pass header.from=ops.example\n"
MARKS = re.compile(rb"^(?:Auto-Submitted|X-Auto-Response-Suppress):.*\r?\n", re.M)
KNOWS = '[people.other]\nemail = "{}"\n'
FEW = TEAM.replace("[people.ann]", "per_hour = 3\n[people.ann]", 1)


async def two(stack: AsyncExitStack, folder: Path, *, marked: bool) -> tuple[EmailHouse, ...]:
    """Two bots whose mails reach each other, and who know each other."""
    found: list[EmailHouse] = []
    for own, there in ((BOT, OTHER), (OTHER, BOT)):
        place = folder / own.partition("@")[0]
        place.mkdir()
        team = FEW + KNOWS.format(there)
        found.append(await stack.enter_async_context(email_house(place, address=own, team=team)))
    for here, other in (found, found[::-1]):
        here.post.mailman.route = _route(other, marked=marked)
    return tuple(found)


def _route(there: EmailHouse, *, marked: bool) -> Route:
    local, _, domain = there.post.address.partition("@")

    def route(people: list[str], mail: bytes) -> None:
        if any(one.partition("+")[0].startswith(local) and domain in one for one in people):
            there.post.count += 1
            told = mail if marked else MARKS.sub(b"", mail)
            there.post.box.put(VOUCHED + told.replace(b"\r\n", b"\n"), str(there.post.count))

    return route


async def test_two_watchkeepers_are_silent_at_once(tmp_path: Path) -> None:
    """One gets the other's answer, and has nothing to say to a machine."""
    async with AsyncExitStack() as stack:
        one, other = await two(stack, tmp_path, marked=True)
        one.post.writes(ANN, "services", more=f"Reply-To: {OTHER}\n")
        await other.post.taken(1)
        await other.house.rest()
        assert len(one.post.mailman.mails) == 1
        assert other.post.mailman.mails == []


async def test_two_that_do_not_own_up_stay_within_the_cap(tmp_path: Path) -> None:
    """Every mail of theirs looks like a person's: of one thread only so many go out in an hour."""
    async with AsyncExitStack() as stack:
        one, other = await two(stack, tmp_path, marked=False)
        one.post.writes(ANN, "services", more=f"Reply-To: {OTHER}\n")
        await held_back(one, other)
        for house in (one, other):
            assert 1 <= len(house.post.mailman.mails) <= 3


async def test_an_autoresponder_that_does_not_own_up_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says the same again and again, each time as a new mail: then it is heard no more."""
    monkeypatch.setattr(intake, "SAME", 3)
    async with email_house(tmp_path) as house:
        house.post.mailman.route = lambda people, _mail: None if ANN not in people else _away(house)
        house.post.writes(ANN, "services")
        await house.post.taken(6)
        await house.house.rest()
        assert len(house.post.box.holds("Done")) == 6
        told = [mail.text for mail in house.post.sent(ANN)]
        assert len(told) == 5
        assert "as machines say it" in told[-1]


def _away(house: EmailHouse) -> None:
    house.post.writes(ANN, "I am at the seaside until Monday.", subject="Away", results=PROVEN)


async def held_back(*houses: EmailHouse) -> None:
    """Wait until an answer has to wait for its turn."""
    async with asyncio.timeout(20):
        while not any([await house.log("reply_postponed") for house in houses]):  # noqa: ASYNC110 - two logs
            await asyncio.sleep(0.05)
