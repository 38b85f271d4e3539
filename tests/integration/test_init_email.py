"""`init email` at a local mail server, as a person goes through it."""

import re
import stat
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from channels.email import trial
from channels.email.inbound import Account
from channels.email.parsing import parse
from channels.email.settings import EmailSettings, Server
from channels.email.vouching import faults
from tests.bot_process import Bots, ended
from tests.email_house import ANN, BOT, PROVEN, Post, post_office
from tests.email_process import email_bots
from tests.integration.test_init_slack import CONFIG, command, until
from tests.mail_server import dovecot
from tests.warm_child import Child

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

TAGGED = "bot+watchkeeper-trial@ops.example"


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[tuple[Post, Bots]]:
    """Servers where mail to the bot arrives, and a configuration that knows nothing of it."""
    with post_office() as post:

        def route(_people: list[str], mail: bytes) -> None:
            post.count += 1
            post.box.put(mail, f"self{post.count}")

        post.mailman.route = route
        bots = email_bots(folder, post)
        (folder / "watchkeeper.toml").write_text(CONFIG)
        async with ended(bots):
            yield post, bots


async def told_code(child: Child) -> str:
    """What is to be sent."""
    return (await until(child, "watch-")).rpartition(" ")[2]


def written(folder: Path) -> dict[str, dict[str, object]]:
    """The configuration."""
    return tomllib.loads((folder / "watchkeeper.toml").read_text())


async def test_from_servers_to_an_admin(tmp_path: Path) -> None:
    """Both ways tried, who vouches confirmed; whoever sends the code, proven, is the admin."""
    async with office(tmp_path) as (post, bots):
        child = await command(bots, "init", "email", typed="yes\n")
        await until(child, "the IMAP server has IDLE, MOVE, UIDPLUS, ENABLE, QRESYNC")
        await until(child, f"a mail to {BOT} arrived")
        await until(child, "bot+anything@ops.example arrives as well")
        post.writes(ANN, "watch-00000000")
        post.writes(ANN, await told_code(child))
        await until(child, "mx.ops.example says of your mail: dmarc=pass")
        await until(child, "mx.ops.example says nothing of SPF")
        await until(child, f"You are {ANN}: written as people.me")
        assert await child.wait() == 0
        secrets = tmp_path / ".env"
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
        assert "IMAP_URL=imap://" in secrets.read_text()
        found = written(tmp_path)
        assert found["email"] == {"authserv_id": "mx.ops.example"}
        assert found["people"]["me"] == {
            "console": "@me",
            "roles": ["operator", "admin"],
            "email": ANN,
        }
        assert [name for name in post.box.holds() if name.startswith("self")] == []


async def test_without_plus_addressing_it_is_written_so(tmp_path: Path) -> None:
    """The tagged address is refused: replies will carry no token."""
    async with office(tmp_path) as (post, bots):
        post.mailman.recipient[TAGGED] = "550 nobody of that name"
        child = await command(bots, "init", "email", typed="yes\n")
        await until(child, "plus_addressing = false")
        post.writes(ANN, "", subject=await told_code(child))
        assert await child.wait() == 0
        assert written(tmp_path)["email"] == {
            "plus_addressing": False,
            "authserv_id": "mx.ops.example",
        }


@pytest.mark.parametrize(
    ("typed", "results", "said"),
    [
        ("no\n", PROVEN, "is not trusted yet"),
        ("", PROVEN, "is not trusted yet"),
        ("yes\n", "", "no mail server has said"),
        ("yes\n", "mx.ops.example; dmarc=fail header.from=team.example", "does not vouch for it"),
    ],
)
async def test_nobody_is_written_down_without_proof(
    tmp_path: Path, typed: str, results: str, said: str
) -> None:
    """Anybody can write any address into From, and any server's name into a header."""
    async with office(tmp_path) as (post, bots):
        child = await command(bots, "init", "email", typed=typed)
        post.writes(ANN, await told_code(child), results=results)
        await until(child, said)
        assert await child.wait() == 1
        assert written(tmp_path)["people"] == tomllib.loads(CONFIG)["people"]


async def test_wrong_credentials_are_not_kept(tmp_path: Path) -> None:
    """They are tried before they are written down, and not repeated."""
    async with office(tmp_path) as (post, bots):
        bots.env["IMAP_URL"] = f"imap://bot:hush-hush@127.0.0.1:{post.box.port}"
        child = await command(bots, "init", "email")
        line = await until(child, "email: the IMAP server")
        assert "hush" not in line
        assert await child.wait() == 2
        assert not (tmp_path / ".env").exists()


async def test_a_tag_that_is_swallowed_does_not_arrive() -> None:
    """Some servers take such mail, and nobody gets it: that is seen, and the trial goes on."""
    with post_office() as post:

        def route(people: list[str], mail: bytes) -> None:
            if TAGGED not in people:
                post.count += 1
                post.box.put(mail, f"self{post.count}")

        post.mailman.route = route
        async with trial.trying(settings(post)) as tried:
            assert not await tried.to_itself(tagged=True, seconds=0.5)
            assert await tried.to_itself(tagged=False, seconds=20)
            assert await tried.hears("watch-1", 0.5) is None
            post.writes(ANN, "Here: watch-1")
            post.writes(ANN, "watch-1\n-- \nAnn")
            heard = await tried.hears("watch-1", 20)
            assert heard is not None
            assert heard.message_id == f"{post.count}@team.example"


def settings(post: Post) -> EmailSettings:
    """The mailbox there."""
    reads = Server(
        host="127.0.0.1",
        port=post.box.port,
        user=dovecot.USER,
        password=dovecot.PASSWORD,
        security="plain",
        timeout=5.0,
    )
    sends = replace(reads, port=post.port, user="", password="")
    return EmailSettings(imap=reads, smtp=sends, account=Account(addresses=(BOT,), mailbox=BOT))


@pytest.mark.parametrize(
    ("results", "authserv_id", "told"),
    [
        (PROVEN, "", r'authserv_id is not set \(`authserv_id = "mx.ops.example"`'),
        ("", "", "authserv_id is not set, so nobody is known"),
        (PROVEN, "mx.old.example", "the newest mails carry results of mx.ops.example"),
        ("mx.ops.example; spf=pass", "mx.ops.example", "says nothing of DKIM and DMARC"),
        ("mx.ops.example; dmarc=pass; dkim=pass", "MX.ops.example", ""),
        ("", "mx.ops.example", ""),
    ],
)
def test_what_is_amiss_with_who_vouches(results: str, authserv_id: str, told: str) -> None:
    """Doctor says it, from the newest mails in the box."""
    head = f"Authentication-Results: {results}\n" if results else ""
    found = faults((parse(f"{head}From: {ANN}\n\nx\n".encode()),), authserv_id)
    assert bool(found) is bool(told)
    assert not told or re.search(told, found[0])
