"""One mail that can not be read, put away or taken in keeps no other out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from channels.email.inbound import Account
from channels.email.parsing import Mail
from channels.email.receiving import Receiver
from channels.email.settings import EmailSettings, Server
from channels.email.threads import Threads
from channels.port import Deliver, Inbound
from tests.integration.test_email_channel import Heard, Memory, mail, until
from tests.mail_server.faulty import Answer, Faulty, Talk, faulty


@pytest.fixture(name="server")
async def _server() -> AsyncIterator[Faulty]:
    async with faulty() as one:
        yield one


@pytest.fixture(name="memory")
def _memory() -> Memory:
    return Memory()


def settings(server: Faulty) -> EmailSettings:
    """A mailbox there whose mails are all taken in."""
    return EmailSettings(
        imap=Server(
            host="127.0.0.1",
            port=server.port,
            user="bot",
            password="x",
            security="plain",
            timeout=2.0,
        ),
        smtp=Server(host="127.0.0.1", port=1, security="plain"),
        account=Account(
            addresses=("bot@ops.example",), mailbox="bot", authserv_id="mx.ops.example"
        ),
        secret=b"secret",
        done="Done",
        failed="Failed",
        backlog=True,
    )


@asynccontextmanager
async def reading(
    told: EmailSettings, memory: Memory, deliver: Deliver
) -> AsyncIterator[asyncio.Task[None]]:
    """Somebody reads the mailbox."""

    async def too_large(_mail: Mail, _key: str) -> None:
        raise AssertionError("nothing is too large here")

    receiver = Receiver(told, memory, Threads(), deliver, too_large)
    running = asyncio.create_task(receiver.run())
    try:
        yield running
    finally:
        await receiver.close(running)


def texts(heard: Heard) -> list[str]:
    """What was heard."""
    return [one.text for one in heard.messages]


def refusing(server: Faulty, word: str, so: Callable[[str], bool] = lambda _: True) -> None:
    """The server says NO to a command."""
    usual: Answer | None = server.answers.get(word)

    async def no(talk: Talk, command: str) -> None:
        if so(command):
            await talk.say(f"{talk.tag} NO [SERVERBUG] no")
        elif usual is not None:
            await usual(talk, command)

    server.answers[word] = no


async def test_a_mail_that_the_server_does_not_give_is_put_aside(
    server: Faulty, memory: Memory
) -> None:
    """A few tries, then it lies in its own folder; what comes behind it is heard."""
    box = server.holds(mail(1, "one"), mail(2, "two"), mail(3, "three"))
    refusing(server, "FETCH", lambda command: command.startswith("UID FETCH 2 (UID BODY"))
    heard = Heard()
    async with reading(settings(server), memory, heard):
        await until(lambda: box.moved == {1: "Done", 2: "Failed", 3: "Done"})
    assert texts(heard) == ["one", "three"]
    assert len([line for line in server.said if line.startswith("UID FETCH 2 (UID BODY")]) == 3


@pytest.mark.parametrize("word", ["MOVE", "STORE"])
async def test_a_mail_that_can_not_be_put_away_is_through_with(
    server: Faulty, memory: Memory, word: str
) -> None:
    """A full or a read-only mailbox: each is heard once, and the connection stays."""
    server.holds(mail(1, "one"), mail(2, "two"))
    refusing(server, word)
    heard = Heard()
    async with reading(settings(server), memory, heard):
        await until(lambda: "IDLE" in server.said)
    assert (texts(heard), heard.calls) == (["one", "two"], 2)
    assert len(server.open) == 1


async def test_a_mail_that_is_never_taken_in_is_put_aside(server: Faulty, memory: Memory) -> None:
    """Whoever takes it in breaks at it each time: a few tries, and those behind it are heard."""
    box = server.holds(mail(1, "poison"), mail(2, "two"))
    heard = Heard()

    async def breaks(inbound: Inbound) -> bool:
        if inbound.text == "poison":
            raise ValueError("poison")
        return await heard(inbound)

    async with reading(settings(server), memory, breaks):
        await until(lambda: box.moved == {1: "Failed", 2: "Done"})
    assert texts(heard) == ["two"]


async def test_a_store_that_is_down_loses_nothing(server: Faulty, memory: Memory) -> None:
    """However often it fails, the mail waits: it is not the mail's fault."""
    box = server.holds(mail(1, "one"))
    heard = Heard(failing=4)
    async with reading(replace(settings(server), failed="Failed"), memory, heard):
        await until(lambda: box.moved == {1: "Done"}, 20.0)
    assert (texts(heard), heard.calls) == (["one"], 5)


async def test_a_wait_that_went_well_keeps_the_connection(server: Faulty, memory: Memory) -> None:
    """After its time it waits again on the same one."""
    server.holds()
    told = replace(settings(server), renew=0.6)
    async with reading(told, memory, Heard()):
        await until(lambda: server.said.count("IDLE") >= 3)
    assert len(server.open) == 1


async def test_a_server_that_always_says_that_something_came_is_asked_seldom(
    server: Faulty, memory: Memory
) -> None:
    """It makes nobody run in circles."""
    asked: list[float] = []

    async def always(talk: Talk, _command: str) -> None:
        asked.append(asyncio.get_running_loop().time())
        await talk.ok("* 3 EXISTS")

    server.holds()
    server.answers["NOOP"] = always
    async with reading(settings(server), memory, Heard()):
        await until(lambda: len(asked) >= 3)
    assert asked[2] - asked[0] >= 1.2
    assert len(server.open) == 1
