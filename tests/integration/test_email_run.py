"""`watchkeeper run` at a local mail server, as people start it: processes, signals and kills."""

import signal
from pathlib import Path

import pytest

from tests.email_house import ANN, BEN
from tests.email_process import bots
from tests.house import runs
from tests.mail_server import dovecot

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)


async def test_run_connects_answers_and_runs_once(tmp_path: Path) -> None:
    """A mail gets one reply in its thread; a reply of who may, with its token, runs it once."""
    async with bots(tmp_path) as (post, bot):
        await bot.start()
        own = post.writes(ANN, "look service=api", subject="Is api up?")
        (answer,) = await post.got(ANN)
        assert "api is fine" in answer.text
        assert (answer.subject, answer.in_reply_to) == ("Re: Is api up?", (own,))
        post.answers(answer, ANN, "change tag=one")
        (asks,) = await post.got(BEN)
        post.answers(asks, BEN, "approve")
        await post.tells(ANN, "Approved by ben. change tag=one")
        assert runs(tmp_path) == ["one"]


async def test_killed_between_approval_and_run(tmp_path: Path) -> None:
    """The reply is durable before it leaves the inbox: whoever comes next runs it, once."""
    async with bots(tmp_path) as (post, bot):
        worker = await bot.start()
        post.writes(ANN, "change tag=one")
        (asks,) = await post.got(BEN)
        await post.taken(1)
        await bot.kill(worker)
        intake = await bot.start("--only", "intake")
        post.answers(asks, BEN, "approve")
        await post.taken(2)
        await bot.kill(intake)
        assert runs(tmp_path) == []
        await bot.start()
        await post.tells(ANN, "Approved by ben. change tag=one")
        assert runs(tmp_path) == ["one"]


async def test_what_came_while_it_was_dead_is_answered_once(tmp_path: Path) -> None:
    """Mail waits in the box, before and behind what was answered."""
    async with bots(tmp_path) as (post, bot):
        first = await bot.start()
        post.writes(ANN, "look service=api")
        await post.got(ANN)
        await bot.kill(first)
        post.writes(ANN, "look service=web")
        await bot.start()
        told = await post.got(ANN, 2)
        assert [any(name in one.text for one in told) for name in ("api is", "web is")] == [
            True
        ] * 2
        post.writes(ANN, "services")
        assert len(await post.got(ANN, 3)) == 3


async def test_sigterm_finishes_what_was_taken_in(tmp_path: Path) -> None:
    """The answer goes out, then it ends with 0."""
    async with bots(tmp_path) as (post, bot):
        child = await bot.start()
        post.writes(ANN, "look service=api")
        await post.taken(1)
        child.send_signal(signal.SIGTERM)
        assert await child.wait() == 0
        assert "api is fine" in post.sent(ANN)[0].text


async def test_a_wrong_password_is_one_line_and_2(tmp_path: Path) -> None:
    """It says which server, and nothing of the password."""
    async with bots(tmp_path) as (post, bot):
        bot.env["IMAP_URL"] = f"imap://bot:hush-hush@127.0.0.1:{post.box.port}"
        child = await bot.start(connected=False)
        assert await child.wait() == 2
        assert "email: the IMAP server: " in bot.said()
        assert "Traceback" not in bot.said()
        assert "hush" not in bot.said()


async def test_doctor_says_what_is_amiss_with_the_mailbox(tmp_path: Path) -> None:
    """It logs in both ways, and takes nothing in."""
    async with bots(tmp_path) as (post, bot):
        post.writes(ANN, "services")
        child = await bot.command("doctor")
        assert child.stdout is not None
        said = (await child.stdout.read()).decode()
        assert "email: is bot@ops.example" in said
        assert (post.box.holds("Done"), post.mailman.mails) == ([], [])
