"""Approval by mail, and every way in which somebody else could try it."""

from pathlib import Path

import pytest

from tests.email_house import ANN, BEN, BOT, CAS, EVE, PROVEN, EmailHouse, email_house
from tests.house import runs
from tests.mail_server import dovecot

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)


async def waits(lab: EmailHouse, folder: Path, *, taken: int, audited: tuple[str, str]) -> None:
    """Nothing was approved, it is in the audit, and ben can still decide."""
    await lab.post.taken(taken)
    while audited not in await lab.refused():
        assert await lab.log("approval_given") == []
    assert await lab.log("approval_given") == []
    assert runs(folder) == []


async def test_approve_alone_in_the_reply_runs_it_once(tmp_path: Path) -> None:
    """Authenticated, with the token, who may: the request is the one of the mail it answers."""
    async with email_house(tmp_path) as lab:
        _, _, to_ben = await lab.asked()
        lab.post.answers(to_ben, BEN, "Approve\n\nThanks, Ben\n\n> approve X")
        await lab.post.tells(ANN, "Approved by ben. change tag=one")
        assert runs(tmp_path) == ["one"]
        assert await lab.refused() == []


async def test_with_its_id_and_without_any_chain(tmp_path: Path) -> None:
    """The token alone proves it where a mail program has dropped the rest."""
    async with email_house(tmp_path) as lab:
        request, _, to_ben = await lab.asked()
        lab.post.writes(BEN, f"approve {request}", to=to_ben.reply_to[0].address)
        await lab.post.tells(ANN, "Approved by ben. change tag=one")
        assert runs(tmp_path) == ["one"]


async def test_a_denial_says_why(tmp_path: Path) -> None:
    """The words behind it are the reason."""
    async with email_house(tmp_path) as lab:
        _, _, to_ben = await lab.asked()
        lab.post.answers(to_ben, BEN, "deny not before noon")
        await lab.post.tells(ANN, "refused by ben: not before noon")
        assert runs(tmp_path) == []


async def test_attack_a_spoofed_from(tmp_path: Path) -> None:
    """The right token and ben's name, but his mail server does not vouch for it."""
    async with email_house(tmp_path) as lab:
        _, _, to_ben = await lab.asked()
        fail = "mx.ops.example; dmarc=fail header.from=team.example"
        lab.post.answers(to_ben, BEN, "approve", results=fail)
        await waits(lab, tmp_path, taken=2, audited=(f"email:{BEN}", "author"))


async def test_attack_authentication_results_that_the_attacker_added(tmp_path: Path) -> None:
    """Theirs stand below ours, or name another server."""
    async with email_house(tmp_path) as lab:
        _, _, to_ben = await lab.asked()
        fail = "mx.ops.example; dmarc=fail header.from=team.example"
        added = f"Authentication-Results: {PROVEN}\n"
        lab.post.answers(to_ben, BEN, "approve", results=fail, more=added)
        await waits(lab, tmp_path, taken=2, audited=(f"email:{BEN}", "author"))
        other = "mx.evil.example; dmarc=pass header.from=team.example"
        lab.post.answers(to_ben, BEN, "approve", results=other)
        await lab.post.taken(3)
        assert await lab.log("approval_given") == []


async def test_attack_the_token_of_another_thread(tmp_path: Path) -> None:
    """ben may, and has a token, but that mail asked for something else."""
    async with email_house(tmp_path) as lab:
        request, _, _ = await lab.asked()
        lab.post.writes(BEN, "look service=api")
        other = (await lab.post.got(BEN, 2))[1]
        lab.post.answers(other, BEN, f"approve {request}")
        await waits(lab, tmp_path, taken=3, audited=(f"email:{BEN}", "decision_refused"))
        assert "answers another mail" in (await lab.post.got(BEN, 3))[2].text


async def test_attack_the_token_of_another_person(tmp_path: Path) -> None:
    """Passed on, it is worth nothing: neither to whom may not, nor to whom may."""
    async with email_house(tmp_path) as lab:
        request, to_ann, to_ben = await lab.asked()
        lab.post.answers(to_ben, CAS, "approve")
        await waits(lab, tmp_path, taken=2, audited=(f"email:{CAS}", "token"))
        lab.post.answers(to_ann, BEN, f"approve {request}")
        await waits(lab, tmp_path, taken=3, audited=(f"email:{BEN}", "token"))


async def test_attack_a_token_that_is_made_up(tmp_path: Path) -> None:
    """Nobody can sign one but the bot."""
    async with email_house(tmp_path) as lab:
        request, _, to_ben = await lab.asked()
        token = to_ben.reply_to[0].address.partition("+")[2].partition("@")[0]
        made_up = f"bot+{token[:-1]}{'a' if token[-1] != 'a' else 'b'}@ops.example"
        lab.post.writes(BEN, f"approve {request}", to=made_up)
        await waits(lab, tmp_path, taken=2, audited=(f"email:{BEN}", "token"))


async def test_attack_the_token_of_another_request_of_the_thread(tmp_path: Path) -> None:
    """Whoever was asked for one has not been asked for the other by that mail."""
    async with email_house(tmp_path) as lab:
        request, to_ann, to_ben = await lab.asked()
        lab.post.answers(to_ann, ANN, "change tag=two")
        asks = (await lab.post.got(BEN, 2))[1]
        second = request.removesuffix("1") + "2"
        lab.post.answers(to_ben, BEN, f"approve {second}")
        await waits(lab, tmp_path, taken=3, audited=(f"email:{BEN}", "decision_refused"))
        lab.post.answers(asks, BEN, f"approve {second}")
        await lab.post.tells(ANN, "Approved by ben. change tag=two")
        assert runs(tmp_path) == ["two"]


async def test_attack_no_token(tmp_path: Path) -> None:
    """Authenticated, in the conversation, by its id: still ordinary chat, which decides nothing."""
    async with email_house(tmp_path) as lab:
        request, _, to_ben = await lab.asked()
        lab.post.answers(to_ben, BEN, f"approve {request}", to=BOT)
        await waits(lab, tmp_path, taken=2, audited=(f"email:{BEN}", "decision_refused"))
        assert "only a reply to the mail that asks" in (await lab.post.got(BEN, 2))[1].text


async def test_attack_a_quoted_approve(tmp_path: Path) -> None:
    """What a mail quotes is not its author's word, above theirs or below; both are in the log."""
    async with email_house(tmp_path) as lab:
        request, _, to_ben = await lab.asked()
        lab.post.answers(to_ben, BEN, f"Not sure yet.\n\n> approve {request}\n> approve")
        lab.post.answers(to_ben, BEN, f"> approve {request}\n\nWhat is this?")
        await lab.post.got(BEN, 3)
        await waits(lab, tmp_path, taken=3, audited=(f"email:{BEN}", "quoted"))
        heard = await lab.log("message_received")
        assert len(heard) == 3


async def test_attack_an_absence_with_approve_in_its_subject(tmp_path: Path) -> None:
    """A machine decides nothing, and is not answered."""
    async with email_house(tmp_path) as lab:
        request, _, to_ben = await lab.asked()
        away = "Auto-Submitted: auto-replied\n"
        place = to_ben.reply_to[0].address
        for subject in ("approve", f"approve {request}"):
            lab.post.writes(BEN, "I am away.", to=place, subject=subject, more=away)
        await waits(lab, tmp_path, taken=3, audited=(f"email:{BEN}", "machine"))
        assert len(lab.post.sent(BEN)) == 1


async def test_attack_by_who_may_not(tmp_path: Path) -> None:
    """A token is no right: cas was copied in by ann, and is no operator; ann asked herself."""
    async with email_house(tmp_path) as lab:
        request, to_ann, _ = await lab.asked()
        lab.post.answers(to_ann, ANN, "approve")
        await waits(lab, tmp_path, taken=2, audited=(f"email:{ANN}", "decision_refused"))
        lab.post.writes(EVE, f"approve {request}")
        await lab.post.taken(3)
        assert runs(tmp_path) == []


async def test_a_reply_beside_the_conversation_shows_nothing_of_it(tmp_path: Path) -> None:
    """ben was asked in private: his prose opens a thread of his own, the talk stays ann's."""
    async with email_house(tmp_path) as lab:
        _, _, to_ben = await lab.asked()
        lab.post.answers(to_ben, BEN, "services")
        await lab.post.got(BEN, 2)
        thread = await lab.house.thread(await lab.thread())
        assert thread.audience == (f"email:{ANN}",)


async def test_a_mail_that_came_back_marks_its_address(tmp_path: Path) -> None:
    """The thread knows, ann is told with her next answer, and ben is mailed no more."""
    async with email_house(tmp_path) as lab:
        _, to_ann, to_ben = await lab.asked()
        thread = await lab.thread()
        lab.post.box.put(returned(to_ben.message_id, BEN), "bounce")
        await lab.post.taken(2)
        lab.post.answers(to_ann, ANN, "look service=api")
        told = (await lab.post.got(ANN, 2))[1]
        assert f"What I wrote to {BEN} came back" in told.text
        assert (await lab.house.thread(thread)).undelivered == (f"email:{BEN}",)
        lab.post.answers(to_ann, ANN, "cancel")
        failed = await lab.happened(thread, "reply_failed")
        assert f"what was sent to {BEN} before came back" in str(failed)
        assert len(lab.post.sent(BEN)) == 1


def returned(message_id: str, address: str) -> bytes:
    """As a mail server tells that it could not deliver."""
    return (
        "From: MAILER-DAEMON@mx.ops.example\nTo: bot@ops.example\nSubject: Undelivered Mail\n"
        "Message-ID: <b@mx.ops.example>\nReturn-Path: <>\nAuto-Submitted: auto-replied\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nI could not deliver it.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.ops.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{message_id}>\n--b--\n"
    ).encode()
