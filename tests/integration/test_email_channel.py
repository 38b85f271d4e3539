"""The channel over a real Dovecot and a real SMTP server."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from pathlib import Path

import pytest

from channels.email import imap
from channels.email.adapter import Email
from channels.email.inbound import Account
from channels.email.parsing import Mail, parse
from channels.email.settings import EmailSettings, Server
from channels.port import Address, CannotConnect, Inbound, Outbound, SendFailed, SendUnclear
from tests.mail_server import dovecot
from tests.mail_server.dovecot import Dovecot
from tests.mail_server.smtp import Mailman, serve

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

BOB = Address(channel="email", room="bob@shop.example", thread="1@shop.example")


@dataclass
class Memory:
    """A store that forgets nothing while the test runs: `Cursors` and `SentLog`."""

    cursors: dict[str, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0

    async def cursor(self, name: str) -> str | None:
        """See `Cursors`."""
        return self.cursors.get(name)

    async def set_cursor(self, name: str, value: str) -> None:
        """See `Cursors`."""
        self.cursors[name] = value

    async def begin(self, key: str) -> bool:
        """See `SentLog`."""
        before = key in self.begun
        self.begun.add(key)
        return before

    async def kept_back(self, key: str) -> None:
        """See `SentLog`."""
        self.begun.discard(key)

    async def name(self, key: str, references: tuple[str, ...]) -> None:
        """See `SentLog`."""
        self.names |= dict.fromkeys(references, key)

    async def pace(self, room: str, interval: float, *, burst: int = 1) -> float:
        """See `SentLog`."""
        return self.wait


@dataclass
class Heard:
    """Takes what is delivered, once each; `failing` times it is not durable."""

    messages: list[Inbound] = field(default_factory=list)
    beside: list[Inbound] = field(default_factory=list)
    failing: int = 0
    calls: int = 0

    async def __call__(self, inbound: Inbound) -> bool:
        """See `Deliver`."""
        self.calls += 1
        if self.failing:
            self.failing -= 1
            raise ConnectionError("the store is down")
        if any(one.dedupe == inbound.dedupe for one in self.messages):
            return False
        if inbound.change != "said":
            self.beside.append(inbound)
            return True
        self.messages.append(inbound)
        return True

    async def wait(self, count: int, seconds: float = 15.0) -> list[Inbound]:
        """What was heard, once that is so many."""
        await until(lambda: len(self.messages) >= count, seconds)
        return self.messages


async def until(so: Callable[[], bool], seconds: float = 15.0) -> None:
    """Waits for it."""
    async with asyncio.timeout(seconds):
        while not so():  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.02)


def mail(number: int, text: str = "Is api up?", more: str = "") -> bytes:
    """One from bob."""
    return (
        f"Authentication-Results: mx.ops.example; dmarc=pass header.from=shop.example\n"
        f"From: Bob <bob@shop.example>\nTo: bot@ops.example\nSubject: api is down\n"
        f"Message-ID: <{number}@shop.example>\n{more}\n{text}\n"
    ).encode()


@pytest.fixture(name="box")
def _box() -> Iterator[Dovecot]:
    # Not below pytest's own folder, which Dovecot's helpers may not enter.
    root = Path(tempfile.mkdtemp(prefix="box"))
    root.chmod(0o755)
    server = Dovecot(root)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(name="mailman")
def _mailman() -> Mailman:
    return Mailman()


@pytest.fixture(name="settings")
def _settings(box: Dovecot, mailman: Mailman) -> Iterator[EmailSettings]:
    controller, port = serve(mailman)
    yield EmailSettings(
        imap=Server(
            host="127.0.0.1",
            port=box.port,
            user=dovecot.USER,
            password=dovecot.PASSWORD,
            security="plain",
            timeout=5.0,
        ),
        smtp=Server(host="127.0.0.1", port=port, security="plain", timeout=3.0),
        account=Account(
            addresses=("bot@ops.example",), mailbox="bot", authserv_id="mx.ops.example"
        ),
        secret=b"secret",
        done="Done",
        failed="Failed",
    )
    controller.stop()


@pytest.fixture(name="memory")
def _memory() -> Memory:
    return Memory()


async def started(settings: EmailSettings, memory: Memory, heard: Heard) -> Email:
    """A channel that listens."""
    channel = Email(settings, memory, memory)
    await channel.start(heard)
    return channel


async def test_a_mail_is_heard_then_marked_and_moved(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """What arrives is delivered from its authenticated author, and then lies in its folder."""
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(1), "1")
    (one,) = await heard.wait(1)
    assert one.text == "Is api up?"
    assert one.author.id == "bob@shop.example"
    assert one.author.authenticated
    # Moving is a copy and then a removal: both are looked for.
    await until(lambda: len(box.holds("Done")) == 1 and not box.holds())
    assert box.holds("Done")[0].endswith("S")
    await channel.stop()


async def test_what_was_there_before_is_not_answered_unless_told(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """The first start leaves the backlog alone; with `backlog` it takes it in."""
    box.put(mail(1, "old"), "1")
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(2, "new"), "2")
    assert [one.text for one in await heard.wait(1)] == ["new"]
    await channel.stop()
    again = Heard()
    channel = await started(replace(settings, backlog=True), Memory(), again)
    assert [one.text for one in await again.wait(1)] == ["old"]
    await channel.stop()


async def test_what_came_while_it_was_away_is_heard(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """The cursor says where it stopped reading."""
    heard = Heard()
    await (await started(settings, memory, heard)).stop()
    for number in range(5):
        box.put(mail(number, f"text {number}"), str(number))
    channel = await started(settings, memory, heard)
    assert len(await heard.wait(5)) == 5
    await channel.stop()


async def test_a_killed_server_is_connected_again(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """The loss is noticed at once, and the next mail is heard once the server is back."""
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(1), "1")
    await heard.wait(1)
    box.kill()
    box.put(mail(2, "while it was down"), "2")
    await asyncio.sleep(0.3)
    box.start()
    assert (await heard.wait(2))[1].text == "while it was down"
    await channel.stop()


async def test_what_is_not_durable_stays_in_the_box(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """Neither marked nor moved before the store has it; it is tried again and heard once."""
    heard = Heard(failing=2)
    channel = await started(settings, memory, heard)
    box.put(mail(1), "1")
    await until(lambda: heard.calls == 1)
    assert box.holds("Done") == []
    assert not any(name.endswith("S") for name in box.holds())
    await heard.wait(1)
    await until(lambda: len(box.holds("Done")) == 1)
    assert heard.calls == 3
    await channel.stop()


async def test_new_uids_repeat_nothing(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """Another UIDVALIDITY: the last days are looked through, and what was heard is known."""
    heard = Heard()
    settings = replace(settings, done="")
    channel = await started(settings, memory, heard)
    box.put(mail(1, "first"), "1")
    await heard.wait(1)
    await channel.stop()
    box.kill()
    box.renumber()
    box.put(mail(2, "second"), "2")
    box.start()
    channel = await started(settings, memory, heard)
    assert [one.text for one in await heard.wait(2)] == ["first", "second"]
    await channel.stop()


async def test_new_uids_bring_up_nothing_that_the_first_start_left_alone(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """Another UIDVALIDITY soon after it: what lay there is left alone still, and new mail heard."""
    heard = Heard()
    box.put(mail(1, "old"), "1")
    await asyncio.sleep(1.1)  # mailboxes know their mails' times by the second
    await (await started(settings, memory, heard)).stop()
    box.kill()
    box.renumber()
    box.start()
    channel = await started(settings, memory, heard)
    box.put(mail(2, "new"), "2")
    assert [one.text for one in await heard.wait(1)] == ["new"]
    await channel.stop()


async def test_a_burst_is_heard_once_each(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """Many at once, while it listens."""
    heard = Heard()
    channel = await started(settings, memory, heard)
    for number in range(150):
        box.put(mail(number, f"text {number}"), str(number))
    found = await heard.wait(150, 60.0)
    assert len({one.dedupe for one in found}) == 150
    await channel.stop()


async def test_a_machine_is_not_heard(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """An absence is put away, and what comes behind it is heard."""
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(1, "I am away: approve", "Auto-Submitted: auto-replied\n"), "1")
    await until(lambda: len(box.holds("Done")) == 1)
    box.put(mail(2), "2")
    assert len(await heard.wait(1)) == 1
    await channel.stop()


async def test_a_mail_that_is_too_large_is_told_once(
    box: Dovecot,
    settings: EmailSettings,
    memory: Memory,
    mailman: Mailman,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its body is not read; its sender is told once a day, in the end, and nobody in whose name."""
    monkeypatch.setattr("channels.email.adapter.TOLD_AGAIN", (0.05,))
    mailman.data = ["451 later"]
    heard = Heard()
    channel = await started(replace(settings, largest=2_000), memory, heard)
    box.put(mail(1, "x" * 5_000), "1")
    await until(lambda: len(mailman.mails) == 1)
    box.put(mail(2, "x" * 5_000), "2")
    box.put(mail(3, "x" * 5_000).replace(b"bob@", b"eve@").replace(b"=pass", b"=fail"), "3")
    await until(lambda: len(box.holds("Failed")) == 3)
    assert "too large" in parse(mailman.mails[0]).text
    assert heard.messages == []
    await channel.stop()
    assert len(mailman.mails) == 1


async def test_an_answer_goes_on_with_its_thread(
    box: Dovecot, settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """Subject and chain of what is answered, even by a process that never read that mail."""
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(1, more="References: <0@shop.example>\n"), "1")
    (one,) = await heard.wait(1)
    await until(lambda: len(box.holds("Done")) == 1)
    await channel.stop()
    later = Email(settings, memory, memory)
    for number, sender in enumerate((channel, later)):
        await sender.send(Outbound(key=f"t:{number}", address=one.address, text="It is up."))
        found = message_from_bytes(mailman.mails[number])
        assert found["Subject"] == "Re: api is down"
        assert found["References"].split() == ["<0@shop.example>", "<1@shop.example>"]


async def test_what_is_answered_is_looked_up_by_its_whole_name(
    box: Dovecot, settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """The server finds every mail whose id the one looked for is a part of."""
    for number in (1, 11, 21):
        box.put(mail(number, f"number {number}"), str(number))
    await Email(settings, memory, memory).send(Outbound(key="t:1", address=BOB, text="It is up."))
    (sent,) = mailman.mails
    assert message_from_bytes(sent)["In-Reply-To"] == "<1@shop.example>"


async def test_a_reply_with_a_token_finds_its_thread_without_any_chain(
    box: Dovecot, settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """The address alone says which thread; given to somebody else it makes them a stranger."""
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(1), "1")
    (asked,) = await heard.wait(1)
    await channel.send(Outbound(key="t:1", address=asked.address, text="Restart?"))
    token = parse(mailman.mails[0]).reply_to[0].address
    reply = mail(2, "yes").replace(b"To: bot@ops.example", f"To: {token}".encode())
    box.put(reply, "2")
    answer = (await heard.wait(2))[1]
    assert answer.author.authenticated
    assert memory.names[answer.references[0]] == memory.names[answer.proof] == "t:1"
    assert (answer.doubt, answer.answers) == ("", "")
    eve = reply.replace(b"bob@", b"eve@").replace(b"<2@", b"<3@")
    box.put(eve, "3")
    forged = (await heard.wait(3))[2]
    assert not forged.author.authenticated
    assert not set(memory.names) & {*forged.references, forged.proof}
    assert forged.doubt == "token"
    await channel.stop()


async def test_a_message_is_one_mail(
    settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """Sent again, nobody can tell whether it arrived: it is unclear, and no second mail."""
    message = Outbound(key="t:1", address=BOB, text="It is up.")
    await Email(settings, memory, memory).send(message)
    with pytest.raises(SendUnclear):
        await Email(settings, memory, memory).send(message)
    assert len(mailman.mails) == 1


async def test_a_drop_behind_the_mail_is_unclear(
    settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """The server has it but did not say so: never sent again."""
    mailman.drop = True
    channel = Email(settings, memory, memory)
    message = Outbound(key="t:1", address=BOB, text="It is up.")
    for _ in range(2):
        with pytest.raises(SendUnclear) as told:
            await channel.send(message)
        assert not told.value.transient
    assert len(mailman.mails) == 1


@pytest.mark.parametrize(("answer", "transient"), [("451 later", True), ("554 never", False)])
async def test_a_refused_mail_was_not_sent(
    settings: EmailSettings, memory: Memory, mailman: Mailman, answer: str, transient: bool
) -> None:
    """The server says so; what may work later is tried again, by any process, and arrives."""
    mailman.data = [answer]
    message = Outbound(key="t:1", address=BOB, text="It is up.")
    with pytest.raises(SendFailed) as told:
        await Email(settings, memory, memory).send(message)
    assert told.value.transient is transient
    await Email(settings, memory, memory).send(message)
    assert len(mailman.mails) == 1


async def test_one_refused_recipient_keeps_nobody_else_from_it(
    settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """The others get it; if nobody is taken it has failed for good."""
    mailman.recipient = {"bob@shop.example": "550 unknown"}
    channel = Email(settings, memory, memory)
    both = replace(BOB, room="bob@shop.example,carol@shop.example")
    await channel.send(Outbound(key="t:1", address=both, text="x"))
    with pytest.raises(SendFailed) as told:
        await channel.send(Outbound(key="t:2", address=BOB, text="x"))
    assert not told.value.transient
    assert len(mailman.mails) == 1


@pytest.mark.parametrize("answer", ["450 greylisted", "550 unknown"])
async def test_one_who_is_refused_for_now_keeps_nobody_from_it(
    settings: EmailSettings, memory: Memory, mailman: Mailman, answer: str
) -> None:
    """It is one mail: whoever is taken gets it, and it is tried again only where nobody was."""
    mailman.recipient = {"bob@shop.example": "450 later", "carol@shop.example": answer}
    channel = Email(settings, memory, memory)
    three = replace(BOB, room="bob@shop.example,carol@shop.example,dan@shop.example")
    await channel.send(Outbound(key="t:1", address=three, text="x"))
    two = replace(BOB, room="carol@shop.example,bob@shop.example")
    with pytest.raises(SendFailed) as told:
        await channel.send(Outbound(key="t:2", address=two, text="x"))
    assert told.value.transient
    assert len(mailman.mails) == 1


async def test_a_mail_arrives_as_it_was_written(
    settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """Lines that begin with a point, and one that is nothing else."""
    text = ".one\n.\n..two\nthree."
    await Email(settings, memory, memory).send(Outbound(key="t:1", address=BOB, text=text))
    assert text in parse(mailman.mails[0]).text


async def test_too_many_mails_to_one_thread_have_to_wait(
    settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """Whatever two machines do to each other stays few."""
    memory.wait = 180.0
    with pytest.raises(SendFailed) as told:
        await Email(settings, memory, memory).send(Outbound(key="t:1", address=BOB, text="x"))
    assert (told.value.transient, told.value.after) == (True, 180.0)
    assert mailman.mails == []


async def test_a_wrong_password_says_so(settings: EmailSettings, memory: Memory) -> None:
    """It does not hang, and no later try helps."""
    wrong = replace(settings, imap=replace(settings.imap, password="wrong"))
    with pytest.raises(CannotConnect) as told:
        await Email(wrong, memory, memory).start(Heard())
    assert not told.value.transient


async def test_a_server_that_is_not_there_may_come(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """Nothing listens: a later try may succeed."""
    box.kill()
    with pytest.raises(CannotConnect) as told:
        await Email(settings, memory, memory).start(Heard())
    assert told.value.transient


@pytest.mark.parametrize("server", ["imap", "smtp"])
async def test_plain_text_leaves_this_machine_never(
    settings: EmailSettings, memory: Memory, server: str
) -> None:
    """Without encryption only loopback is spoken to."""
    far = Server(host="mail.example", port=143, user="u", security="plain")
    with pytest.raises(CannotConnect) as told:
        await Email(replace(settings, **{server: far}), memory, memory).start(Heard())  # type: ignore[arg-type]
    assert "encrypted" in told.value.reason
    assert not told.value.transient


async def test_concurrent_commands_wait_for_each_other(
    box: Dovecot, settings: EmailSettings
) -> None:
    """The library mixes them up; here each has its own answer."""
    for number in range(3):
        box.put(mail(number, f"text {number}"), str(number))
    connection = await imap.connect(settings.imap)
    await connection.select("INBOX")
    uids = await connection.search("ALL")
    raws = await asyncio.gather(*(connection.fetch(uid) for uid in uids * 3))
    assert sorted({parse(raw or b"").text.strip() for raw in raws}) == [
        "text 0",
        "text 1",
        "text 2",
    ]
    await connection.close()


async def test_a_lost_connection_ends_the_wait_at_once(
    box: Dovecot, settings: EmailSettings
) -> None:
    """Whoever waits for mail is told, and no later command hangs."""
    connection = await imap.connect(settings.imap)
    await connection.select("INBOX")
    waiting = asyncio.create_task(connection.idle(60))
    await asyncio.sleep(0.3)
    box.kill()
    async with asyncio.timeout(2):
        with pytest.raises(imap.ImapLost):
            await waiting
        with pytest.raises(imap.ImapLost):
            await connection.search("ALL")
    connection.abort()


async def test_a_check_logs_in_both_ways_and_delivers_nothing(
    box: Dovecot, settings: EmailSettings, memory: Memory, mailman: Mailman
) -> None:
    """What `doctor` asks: nothing is taken in, nothing is sent, no cursor is set."""
    box.put(mail(1), "1")
    told = await Email(settings, memory, memory).check()
    assert (told.name, told.faults) == ("bot@ops.example", ())
    assert (memory.cursors, mailman.mails, len(box.holds())) == ({}, [], 1)
    assert not any(name.endswith("S") for name in box.holds())


async def test_a_check_says_what_is_amiss(settings: EmailSettings, memory: Memory) -> None:
    """Nobody is known without authserv_id, and nothing is decided without tokens."""
    account = replace(settings.account, authserv_id="")
    told = await Email(replace(settings, account=account, secret=b""), memory, memory).check()
    assert [line.partition(" ")[0] for line in told.faults] == ["[email]", "[email]"]


async def test_a_check_says_what_the_server_lacks(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """Without IDLE mail is late; without MOVE and UIDPLUS the folders mean nothing."""
    box.kill()
    box.capabilities = "IMAP4rev1 LITERAL+"
    box.start()
    told = await Email(settings, memory, memory).check()
    assert [line for word in ("IDLE", "MOVE", "UIDPLUS") for line in told.faults if word in line]
    assert len(told.faults) == 3
    plain = await Email(replace(settings, done="", failed=""), memory, memory).check()
    assert len(plain.faults) == 1


@pytest.mark.parametrize("server", ["imap", "smtp"])
async def test_a_check_fails_where_connecting_would(
    settings: EmailSettings, memory: Memory, server: str
) -> None:
    """A wrong password and a server that is not there are told by their server's name."""
    gone = replace(settings, smtp=replace(settings.smtp, port=dovecot.free_port()))
    wrong = replace(settings, imap=replace(settings.imap, password="wrong"))
    with pytest.raises(CannotConnect) as told:
        await Email(wrong if server == "imap" else gone, memory, memory).check()
    assert f"the {server.upper()} server" in told.value.reason
    assert told.value.transient is (server == "smtp")


async def test_a_mail_that_breaks_its_reader_keeps_no_other_out(
    box: Dovecot, settings: EmailSettings, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in its own folder, and what comes behind it is heard."""

    def breaks(raw: bytes) -> Mail:
        if b"poison" in raw:
            raise RecursionError
        return parse(raw)

    monkeypatch.setattr("channels.email.receiving.parse", breaks)
    heard = Heard()
    channel = await started(settings, memory, heard)
    box.put(mail(1, "poison"), "1")
    await until(lambda: len(box.holds("Failed")) == 1)
    box.put(mail(2), "2")
    assert len(await heard.wait(1)) == 1
    await channel.stop()


async def test_folders_are_made_whatever_their_names(
    box: Dovecot, settings: EmailSettings, memory: Memory
) -> None:
    """A check and a start make them, and say which can not be made; mails lie there then."""
    told = replace(settings, done="Erledigt \u00dc & mehr", failed="a" * 300)
    channel = Email(told, memory, memory)
    for connected in (await channel.check(), await channel.start(heard := Heard())):
        assert [line.partition(":")[0] for line in connected.faults] == ["[email] failed"]
    box.put(mail(1), "1")
    await heard.wait(1)
    await until(lambda: len(box.holds("Erledigt &ANw- &- mehr")) == 1)
    await channel.stop()
