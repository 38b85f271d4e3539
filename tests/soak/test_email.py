"""Mail at length: a burst, and bots that are killed while they take it in and answer it."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import events as e
from bot import wiring
from bot.cli.session import os_user
from bot.settings import load
from bot.store.port import ThreadStore
from channels.email.parsing import Mail, parse
from tests.bot_process import Bots, ended
from tests.email_house import Post, post_office, until
from tests.email_process import email_bots
from tests.house import RUNBOOKS, write_config
from tests.mail_server import dovecot

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

MAILS, PEOPLE = 3_000, 30
WORDS = {
    "look service=api": "api is fine",
    "look service=web": "web is fine",
    "services": "staging",
}
"""What is written, and what its answer has in it."""

TEAM = '\n[email]\nauthserv_id = "mx.ops.example"\ndone = "Done"\n' + "".join(
    f'[people.p{number}]\nemail = "p{number}@team.example"\n' for number in range(PEOPLE)
)


@pytest.mark.timeout(0)
async def test_a_burst_of_three_thousand_mails(tmp_path: Path) -> None:
    """Each is one event and is answered once; of what a kill left unclear the next mail tells."""
    chance = random.Random(7)
    with post_office() as post:
        bot = email_bots(tmp_path, post)
        write_config(tmp_path, lease="2s", runbooks=RUNBOOKS + TEAM)
        async with ended(bot), opened(bot) as store:
            for _ in range(2):
                await bot.start()
            written = dict(write(post, chance) for _ in range(MAILS))
            killing = asyncio.create_task(kill(bot, chance))
            try:
                # Not by what is done: two who move a mail at once leave two copies of it.
                await until(lambda: not post.box.holds(), post.box.holds, 1_800)
                assert not killing.done(), killing.exception()
            finally:
                killing.cancel()
                await asyncio.gather(killing, return_exceptions=True)
            logs = await settled(store, list(written))
            unclear = check(post, written, logs)
            assert len(unclear) < MAILS / 50  # a kill cuts off what goes out at that moment
            await tells_of(post, unclear)


def write(post: Post, chance: random.Random) -> tuple[str, str]:
    """Somebody's mail: its Message-ID, and what it says."""
    words = chance.choice(list(WORDS))
    return post.writes(f"p{chance.randrange(PEOPLE)}@team.example", words), words


async def kill(bot: Bots, chance: random.Random) -> None:
    """One of the two is killed every now and then, and started again."""
    while True:
        await asyncio.sleep(chance.uniform(0.5, 4.0))
        place = chance.randrange(2)
        await bot.kill(bot.running[place])
        again = await bot.start()
        bot.running.remove(again)
        bot.running[place] = again


@asynccontextmanager
async def opened(bot: Bots) -> AsyncIterator[ThreadStore]:
    """The store of those bots."""
    async with wiring.connect(load(bot.env, bot.folder, os_user())) as store:
        yield store


async def settled(store: ThreadStore, written: list[str]) -> Mapping[str, tuple[e.Event, ...]]:
    """The log of each mail's thread, once everything that is to be sent was sent or is unclear."""
    logs: dict[str, tuple[e.Event, ...]] = {}
    async with asyncio.timeout(600):
        while open_ := [one for one in written if not _is_over(logs.get(one, ()))]:
            await asyncio.sleep(0.5)
            for one in open_:
                thread = await store.find(f"email:{one}")
                assert thread is not None, one
                logs[one] = await store.events(thread)
    return logs


def _is_over(log: tuple[e.Event, ...]) -> bool:
    return any(isinstance(event, e.ReplyDelivered | e.ReplyUncertain) for event in log)


def check(
    post: Post, written: Mapping[str, str], logs: Mapping[str, tuple[e.Event, ...]]
) -> list[Mail]:
    """Each mail is heard once and answered once in its thread; what only may have been answered."""
    answers: dict[str, list[Mail]] = {one: [] for one in written}
    for raw in post.mailman.mails:
        mail = parse(raw)
        answers[mail.in_reply_to[0]].append(mail)
    for one, words in written.items():
        kinds = Counter(event.kind for event in logs[one])
        assert kinds["message_received"] == 1, logs[one]
        assert kinds["reply_queued"] == 1, logs[one]
        assert kinds["reply_delivered"] + kinds["reply_uncertain"] == 1, logs[one]
        assert len(answers[one]) <= 1
        assert all(WORDS[words] in mail.text for mail in answers[one])
        assert answers[one] or kinds["reply_uncertain"], one
    done = {mail.message_id: mail for mail in map(parse, _raw(post))}
    return [mail for one, mail in done.items() if not answers[one]]


def _raw(post: Post) -> list[bytes]:
    place = post.box.root / "mail" / ".Done" / "cur"
    return [file.read_bytes() for file in place.iterdir()]


async def tells_of(post: Post, unclear: list[Mail]) -> None:
    """Who got no answer writes again, and is told."""
    for mail in unclear:
        by = mail.senders[0].address
        chain = f"In-Reply-To: <{mail.message_id}>\nReferences: <{mail.message_id}>\n"
        own = post.writes(by, "services", more=chain)
        await _told(post, own)


async def _told(post: Post, own: str) -> None:
    await until(lambda: bool(_answers(post, own)), lambda: own, 60)
    assert "may not have arrived" in _answers(post, own)[0].text


def _answers(post: Post, own: str) -> list[Mail]:
    return [mail for mail in map(parse, list(post.mailman.mails)) if own in mail.in_reply_to]
