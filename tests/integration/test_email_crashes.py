"""Mail and crashes: whatever ends where, a mail is one event, and an answer one mail."""

from pathlib import Path

import pytest

from bot import wiring
from tests.email_house import ANN, BEN, EmailHouse, connect_email, email_house, until
from tests.house import runs
from tests.mail_server import dovecot

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

POINTS = ("after_fetch", "after_deliver", "after_seen", "after_put_away", "after_cursor")


class Crash(BaseException):
    """The process is gone: nothing catches it."""


async def heard(lab: EmailHouse) -> list[str]:
    """Which mails are events, by their Message-ID."""
    events = await lab.log("message_received")
    return sorted(str(getattr(event, "ref", "")) for event in events)


async def again(lab: EmailHouse) -> None:
    """Another process reads the mailbox."""
    lab.channel = connect_email(lab.house)
    intake = wiring.build_intake(lab.house.settings, lab.house.store)
    await lab.channel.start(intake.take)


@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_between_fetch_and_ack(tmp_path: Path, point: str) -> None:
    """The mail is taken in by whoever comes next, once, and answered once."""
    async with email_house(tmp_path) as lab:
        await lab.channel.stop()
        crashed: list[str] = []

        def crash(here: str) -> None:
            if here == point and not crashed:
                crashed.append(here)
                raise Crash

        dying = connect_email(lab.house, crash)
        intake = wiring.build_intake(lab.house.settings, lab.house.store)
        await dying.start(intake.take)
        own = lab.post.writes(ANN, "look service=api")
        await until(lambda: bool(crashed), lambda: crashed)
        await again(lab)
        lab.post.writes(ANN, "services")
        await lab.post.got(ANN, 2)
        await lab.post.taken(2)
        assert await heard(lab) == [f"email:{own}", "email:2@team.example"]
        assert len(lab.post.sent(ANN)) == 2
        await dying.stop()


async def test_another_uidvalidity_is_no_other_mail(tmp_path: Path) -> None:
    """UIDs that have lost their meaning: the last days are looked through, and one event stays."""
    async with email_house(tmp_path) as lab:
        own = lab.post.writes(ANN, "look service=api")
        await lab.post.got(ANN)
        await lab.post.taken(1)
        await lab.channel.stop()
        lab.post.box.kill()
        lab.post.box.renumber()
        lab.post.box.put_back("Done")
        lab.post.box.start()
        await again(lab)
        lab.post.writes(ANN, "services")
        await lab.post.got(ANN, 2)
        assert await heard(lab) == [f"email:{own}", "email:2@team.example"]
        assert len(lab.post.sent(ANN)) == 2


async def test_a_mail_that_is_copied_back_to_the_inbox_is_one_event(tmp_path: Path) -> None:
    """Another UID, the same mail: put away again, and not answered again."""
    async with email_house(tmp_path) as lab:
        own = lab.post.writes(ANN, "look service=api")
        await lab.post.got(ANN)
        await lab.post.taken(1)
        lab.post.box.put_back("Done")
        await lab.post.taken(1)
        lab.post.writes(ANN, "services")
        await lab.post.got(ANN, 2)
        await lab.post.taken(2)
        assert await heard(lab) == [f"email:{own}", "email:2@team.example"]
        assert len(lab.post.sent(ANN)) == 2


async def test_an_answer_that_may_have_arrived_is_told_with_the_next(tmp_path: Path) -> None:
    """The server took it and was gone: it is no second mail, and the next one says so."""
    async with email_house(tmp_path) as lab:
        lab.post.mailman.drop = True
        lab.post.writes(ANN, "look service=api")
        (first,) = await lab.post.got(ANN)
        await lab.post.taken(1)
        (row,) = await lab.house.store.threads(limit=10)
        await lab.happened(row.thread, "reply_uncertain")
        lab.post.mailman.drop = False
        lab.post.answers(first, ANN, "services")
        (_, second) = await lab.post.got(ANN, 2)
        assert "may not have arrived" in second.text
        assert "api is fine" in second.text
        assert len(lab.post.sent(ANN)) == 2


async def test_a_card_that_may_have_arrived_can_be_answered(tmp_path: Path) -> None:
    """If it did, its reply counts as ever."""
    async with email_house(tmp_path) as lab:
        lab.post.mailman.drop = True
        lab.post.writes(ANN, "change tag=one")
        (asks,) = await lab.post.got(BEN)
        await lab.happened(await lab.thread(), "reply_uncertain")
        lab.post.mailman.drop = False
        lab.post.answers(asks, BEN, "approve")
        await lab.post.tells(ANN, "Approved by ben. change tag=one")
        assert runs(tmp_path) == ["one"]
