"""A house with mail in it: a real Dovecot and SMTP server, the real channel, a worker, people."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bot import events as e
from bot import wiring
from bot.audit import parsed
from bot.postbox import postbox
from bot.sending import Sending
from channels.email.adapter import Email
from channels.email.parsing import Mail, parse
from channels.email.receiving import Point, nothing
from channels.port import Connected, Deliver
from tests.house import RUNBOOKS, House, open_house
from tests.mail_server.dovecot import PASSWORD, USER, Dovecot
from tests.mail_server.smtp import Mailman, serve

BOT = "bot@ops.example"
ANN, BEN, CAS, EVE = (f"{name}@team.example" for name in ("ann", "ben", "cas", "eve"))
TEAM = f"""
[email]
authserv_id = "mx.ops.example"
may_approve = ["write"]
done = "Done"
failed = "Failed"
[people.ann]
email = "{ANN}"
roles = ["operator"]
[people.ben]
email = "{BEN}"
roles = ["operator"]
[people.cas]
email = "{CAS}"
"""
"""ann and ben are operators, cas is not; eve is nobody."""

PROVEN = "mx.ops.example; dmarc=pass header.from=team.example"


@dataclass
class Post:
    """The servers. What people write arrives in the box; what the bot sends is kept by mailman."""

    box: Dovecot
    mailman: Mailman
    port: int
    address: str = BOT
    count: int = 0

    @property
    def env(self) -> dict[str, str]:
        """How a bot gets here."""
        login = f"{USER}:{quote(PASSWORD, safe='')}"
        return {
            "EMAIL_ADDRESS": self.address,
            "IMAP_URL": f"imap://{login}@127.0.0.1:{self.box.port}",
            "SMTP_URL": f"smtp://127.0.0.1:{self.port}",
        }

    def writes(
        self,
        by: str,
        text: str,
        *,
        to: str = "",
        subject: str = "api",
        results: str = PROVEN,
        more: str = "",
    ) -> str:
        """Somebody's mail arrives; its Message-ID. results: what our mail server says of it."""
        self.count += 1
        own = f"{self.count}@team.example"
        vouched = f"Authentication-Results: {results}\n" if results else ""
        head = (
            f"From: {by}\nTo: {to or self.address}\nSubject: {subject}\nMessage-ID: <{own}>\n{more}"
        )
        self.box.put(f"{vouched}{head}\n{text}\n".encode(), str(self.count))
        return own

    def answers(
        self, sent: Mail, by: str, text: str, *, to: str = "", results: str = PROVEN, more: str = ""
    ) -> str:
        """Somebody answers a mail of the bot as mail programs do."""
        chain = " ".join(f"<{one}>" for one in (*sent.references, sent.message_id))
        thread = f"In-Reply-To: <{sent.message_id}>\nReferences: {chain}\n"
        place = to or sent.reply_to[0].address
        subject = f"Re: {sent.subject}"
        more = thread + more
        return self.writes(by, text, to=place, subject=subject, results=results, more=more)

    def sent(self, to: str) -> list[Mail]:
        """What the bot has sent to somebody."""
        mails = (parse(raw) for raw in list(self.mailman.mails))
        return [mail for mail in mails if to in {one.address for one in mail.to}]

    async def got(self, to: str, count: int = 1) -> list[Mail]:
        """The same, once it is so many."""
        await until(lambda: len(self.sent(to)) >= count, lambda: self.sent(to))
        return self.sent(to)

    async def tells(self, to: str, words: str) -> None:
        """Wait until somebody was sent a mail with these words."""
        await until(lambda: any(words in one.text for one in self.sent(to)), lambda: self.sent(to))

    async def taken(self, count: int) -> None:
        """Wait until so many mails have been put away."""
        await until(lambda: len(self.box.holds("Done")) >= count, self.box.holds)


async def until(so: Callable[[], bool], told: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for what other processes bring about."""
    try:
        async with asyncio.timeout(seconds):
            while not so():  # noqa: ASYNC110 - nothing there can be awaited
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"it never came: {told()!r}") from None


@contextmanager
def post_office(address: str = BOT) -> Iterator[Post]:
    """Servers of its own."""
    # Not below pytest's own folder, which Dovecot's helpers may not enter.
    root = Path(tempfile.mkdtemp(prefix="box"))
    root.chmod(0o755)
    box, mailman = Dovecot(root), Mailman()
    box.start()
    controller, port = serve(mailman)
    try:
        yield Post(box, mailman, port, address)
    finally:
        controller.stop()
        box.kill()
        shutil.rmtree(root, ignore_errors=True)


@dataclass
class EmailHouse:
    """One process of a bot that reads mail."""

    post: Post
    house: House
    channel: Email
    connected: Connected

    async def asked(self) -> tuple[str, Mail, Mail]:
        """ann asks for a change; the request's id, and the mails that ask her and ben."""
        self.post.writes(ANN, "change tag=one")
        (to_ann,), (to_ben,) = await self.post.got(ANN), await self.post.got(BEN)
        thread = await self.thread()
        return f"{thread}-1", to_ann, to_ben

    async def thread(self) -> str:
        """The conversation in which something was asked for."""
        (row,) = await self.house.store.threads(limit=10, waiting=True)
        return row.thread

    async def log(self, kind: str) -> list[e.Event]:
        """All events of that kind, wherever."""
        rows = await self.house.store.threads(limit=50)
        logs = [await self.house.store.events(row.thread) for row in rows]
        return [event for log in logs for event in log if event.kind == kind]

    async def happened(self, thread: str, kind: str) -> e.Event:
        """Wait for the first event of that kind."""
        async for event in self.house.store.follow(thread, after=0):
            if event.kind == kind:
                return event
        raise AssertionError("the log ended")

    async def refused(self) -> list[tuple[str, str]]:
        """Who decided in vain, and why, as the audit has it."""
        rows = [parsed(one.row) for one in await self.house.store.trail.newest(200)]
        kinds = {"decision_refused", "decision not heard"}
        found = [row for row in rows if row.get("kind") in kinds]
        return [(str(row["by"]), str(_ids(row).get("why", row["kind"]))) for row in found]


def _ids(row: object) -> dict[str, object]:
    ids = row.get("ids") if isinstance(row, dict) else None
    return ids if isinstance(ids, dict) else {}


@asynccontextmanager
async def email_house(
    folder: Path,
    *,
    workers: int = 1,
    deliver: Callable[[Deliver], Deliver] = lambda one: one,
    address: str = BOT,
    team: str = TEAM,
) -> AsyncIterator[EmailHouse]:
    """Everything is connected inside of the block. deliver: what stands before the intake."""
    with post_office(address) as post:
        (folder / ".env").write_text("".join(f"{key}='{one}'\n" for key, one in post.env.items()))
        async with open_house(folder, workers=0, runbooks=RUNBOOKS + team) as house:
            channel = connect_email(house)
            for _ in range(workers):
                house.hire(channels={"email": channel})
            intake = wiring.build_intake(house.settings, house.store)
            connected = await channel.start(deliver(intake.take))
            try:
                yield EmailHouse(post, house, channel, connected)
            finally:
                await channel.stop()


def connect_email(house: House, at: Point = nothing) -> Email:
    """One process's mailbox, not started yet."""
    mailbox, store = house.settings.secrets.mailbox, house.store
    assert mailbox is not None
    told = postbox(house.settings, mailbox, store.trail.key)
    return Email(told, store, Sending(store), at=at)
