"""`watchkeeper run` over a real Dovecot and a real SMTP server: processes, and kills."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.bot_process import Bots, ended
from tests.house import RUNBOOKS, runs, write_config
from tests.mail_server import dovecot
from tests.mail_server.dovecot import Dovecot
from tests.mail_server.smtp import Mailman, serve

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

TEAM = """
[people.ann]
email = "ann@shop.example"
[people.ben]
email = "ben@shop.example"
roles = ["operator"]
[email]
authserv_id = "mx.ops.example"
may_approve = ["write"]
done = "Done"
"""
BELIEVED = "Authentication-Results: mx.ops.example; dmarc=pass header.from=shop.example\n"


@dataclass
class Post:
    """A box that mails come into, what was sent out of it, and the bot between them."""

    box: Dovecot
    mailman: Mailman
    bot: Bots
    count: int = 0

    def write(
        self, by: str, text: str, *, to: str = "bot@ops.example", answers: str = "", head: str = ""
    ) -> None:
        """A mail arrives, believed unless `head` says otherwise."""
        self.count += 1
        threaded = f"In-Reply-To: {answers}\nReferences: {answers}\n" if answers else ""
        raw = (
            f"{head or BELIEVED}From: {by.title()} <{by}@shop.example>\nTo: {to}\n"
            f"Subject: about api\nMessage-ID: <{self.count}@shop.example>\n{threaded}\n{text}\n"
        )
        self.box.put(raw.encode(), str(self.count))

    async def sent(self, count: int) -> list[Message]:
        """Wait until so many mails have gone out."""
        await until(lambda: len(self.mailman.mails) >= count)
        return [message_from_bytes(one) for one in self.mailman.mails]

    async def says(self, words: str) -> None:
        """Wait until a mail says this."""

        def told() -> list[str]:
            return [text_of(message_from_bytes(one)) for one in self.mailman.mails]

        await until(lambda: any(words in one for one in told()))


async def until(so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for it."""
    async with asyncio.timeout(seconds):
        while not so():  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.02)


def text_of(mail: Message) -> str:
    """Its plain text."""
    part = next(one for one in mail.walk() if one.get_content_type() == "text/plain")
    return bytes(part.get_payload(decode=True)).decode()


def _folder() -> Path:
    """Not below pytest's own folder, which Dovecot's helpers may not enter."""
    root = Path(tempfile.mkdtemp(prefix="box"))
    root.chmod(0o755)
    return root


@asynccontextmanager
async def post(folder: Path) -> AsyncIterator[Post]:
    """Nothing is running yet."""
    root = _folder()
    box, mailman = Dovecot(root), Mailman()
    box.start()
    controller, port = serve(mailman)
    write_config(folder, lease="2s", runbooks=RUNBOOKS + TEAM)
    channel = {
        "EMAIL_ADDRESS": "bot@ops.example",
        "IMAP_URL": f"imap://{dovecot.USER}:{dovecot.PASSWORD}@127.0.0.1:{box.port}",
        "SMTP_URL": f"smtp://127.0.0.1:{port}",
    }
    bot = Bots(folder, channel, "email: connected as bot@ops.example")
    try:
        async with ended(bot):
            yield Post(box, mailman, bot)
    finally:
        controller.stop()
        box.kill()
        shutil.rmtree(root, ignore_errors=True)


async def test_a_mail_is_answered_and_a_reply_approves(tmp_path: Path) -> None:
    """One answer in the mail's thread; `approve` by who may runs it once, by who may not never."""
    async with post(tmp_path) as lab:
        await lab.bot.start()
        lab.write("ann", "look service=api")
        [answer] = await lab.sent(1)
        assert "api is fine" in text_of(answer)
        assert answer["In-Reply-To"] == "<1@shop.example>"
        lab.write("ann", "change tag=one")
        [_, asked] = await lab.sent(2)
        words = text_of(asked).split()
        request = next(word for word in words if word.rstrip(".,)").endswith("-1")).strip("().,")
        lab.write("ann", f"approve {request}", to=asked["Reply-To"], answers=asked["Message-ID"])
        await lab.sent(3)
        assert runs(tmp_path) == []
        lab.write("ben", f"approve {request}", to=asked["Reply-To"], answers=asked["Message-ID"])
        lab.write("ben", "look service=web")
        await lab.says("web is fine")
        assert runs(tmp_path) == []  # that token was ann's
        lab.write("ben", f"approve {request}", answers=asked["Message-ID"])
        await until(lambda: runs(tmp_path) == ["one"])
        await lab.says("Approved by ben")


async def test_a_kill_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Mails that come while nobody is there are answered once each."""
    async with post(tmp_path) as lab:
        child = await lab.bot.start()
        lab.write("ann", "look service=api")
        await lab.sent(1)
        await lab.bot.kill(child)
        lab.write("ann", "look service=web")
        lab.write("ben", "services")
        await lab.bot.start()
        answers = [text_of(one) for one in await lab.sent(3)]
        lab.write("ben", "look service=api")
        await lab.sent(4)
        assert len(lab.mailman.mails) == 4
        assert sum("web is fine" in one for one in answers) == 1
        assert sum("staging" in one for one in answers) == 1


async def test_a_spoofed_sender_approves_nothing(tmp_path: Path) -> None:
    """Nobody vouches for it, or only the attacker's own header does."""
    async with post(tmp_path) as lab:
        await lab.bot.start()
        lab.write("ann", "change tag=one")
        [asked] = await lab.sent(1)
        words = text_of(asked).split()
        request = next(word for word in words if word.rstrip(".,)").endswith("-1")).strip("().,")
        for head in ("X-Nothing: at all\n", BELIEVED.replace("mx.ops", "mx.evil")):
            lab.write("ben", f"approve {request}", answers=asked["Message-ID"], head=head)
        lab.write("ben", "look service=web")
        await lab.says("web is fine")
        assert runs(tmp_path) == []
