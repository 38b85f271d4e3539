"""What the IMAP library gets wrong, each by its name, at a server that brings it about."""

import asyncio
import imaplib
from collections.abc import AsyncIterator

import pytest

from channels.email import imap
from channels.email.imap import Imap, ImapLost, ImapRefused
from channels.email.settings import Server
from tests.email_house import post_office
from tests.mail_server import dovecot
from tests.mail_server.faulty import Answer, Faulty, Talk, faulty


@pytest.fixture(name="server")
async def _server() -> AsyncIterator[Faulty]:
    async with faulty() as one:
        yield one


async def connected(server: Faulty, *, timeout: float = 2.0) -> Imap:
    """A connection with its folder open."""
    connection = await imap.connect(there(server, timeout=timeout))
    await connection.select("INBOX")
    return connection


def there(server: Faulty, *, timeout: float = 2.0) -> Server:
    """How it is reached."""
    return box(server.port, user='b"o\\t', timeout=timeout)


def box(port: int, *, user: str = dovecot.USER, timeout: float) -> Server:
    """A mailbox on this machine."""
    return Server(
        host="127.0.0.1",
        port=port,
        user=user,
        password=dovecot.PASSWORD,
        security="plain",
        timeout=timeout,
    )


async def said(server: Faulty, word: str) -> None:
    """Wait until a command has come."""
    async with asyncio.timeout(5):
        while not any(line.upper().startswith(word) for line in server.said):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def hang(_talk: Talk, _command: str) -> None:
    """No answer at all."""


async def test_01_a_lost_connection_wakes_whoever_waits(server: Faulty) -> None:
    """The library tells nobody; here it is an error at once, and for every later command."""
    connection = await connected(server)
    waiting = asyncio.create_task(connection.idle(60))
    await said(server, "IDLE")
    server.vanish()
    async with asyncio.timeout(2):
        with pytest.raises(ImapLost):
            await waiting
        with pytest.raises(ImapLost):
            await connection.search("ALL")


async def test_01_idle_is_renewed(server: Faulty) -> None:
    """After its time it ends by itself, so that a connection that died silently is noticed."""
    connection = await connected(server)
    async with asyncio.timeout(5):
        await connection.idle(0.2)
    await connection.close()
    assert "IDLE" in server.said


async def test_02_very_many_lines_kill_nothing(server: Faulty) -> None:
    """Another client removes thousands of mails at once: at worst the connection is made anew."""

    async def flood(talk: Talk, _command: str) -> None:
        await talk.ok(*("* 1 EXPUNGE" for _ in range(3_000)), "* SEARCH 5")

    server.answers["SEARCH"] = flood
    connection = await connected(server)
    async with asyncio.timeout(10):
        try:
            assert await connection.search("ALL") == [5]
        except ImapLost:
            with pytest.raises(ImapLost):
                await connection.search("ALL")
    connection.abort()


@pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)
async def test_02_mails_that_others_remove_are_told_of_in_one_line() -> None:
    """Where the server can, it is asked to: with 1,200 removed at once the connection is whole."""
    with post_office() as post:
        for number in range(1_200):
            post.box.put(b"Subject: x\n\nx\n", str(number))
        reads = await imap.connect(box(post.box.port, timeout=5.0))
        await reads.select("INBOX")
        assert len(await reads.search("ALL")) == 1_200
        waits = asyncio.create_task(reads.idle(20))
        await asyncio.to_thread(remove_all, post.box.port)
        await waits
        assert await reads.search("ALL") == []
        await reads.close()


def remove_all(port: int) -> None:
    """As another mail program does it."""
    with imaplib.IMAP4("127.0.0.1", port) as client:
        client.login(dovecot.USER, dovecot.PASSWORD)
        client.select("INBOX")
        client.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
        client.expunge()


async def test_03_commands_wait_for_each_other(server: Faulty) -> None:
    """Never two at once on one connection."""
    under_way: list[int] = []

    async def slow(talk: Talk, _command: str) -> None:
        under_way.append(1)
        assert len(under_way) == 1
        await asyncio.sleep(0.05)
        under_way.pop()
        await talk.ok("* SEARCH 1")

    server.answers["SEARCH"] = slow
    connection = await connected(server)
    found = await asyncio.gather(*(connection.search("ALL") for _ in range(5)))
    assert found == [[1]] * 5
    await connection.close()


async def test_04_what_rides_on_another_answer_is_seen(server: Faulty) -> None:
    """EXISTS with the answer to a NOOP: no wait begins, it is looked for at once."""

    async def rides(talk: Talk, _command: str) -> None:
        await talk.ok("* 1 EXISTS")

    server.answers["NOOP"] = rides
    connection = await connected(server)
    async with asyncio.timeout(2):
        await connection.idle(60)
    assert "IDLE" not in server.said
    await connection.close()


async def test_04_a_sign_of_life_is_no_mail(server: Faulty) -> None:
    """`OK Still here` goes on waiting; anything else is looked at."""

    async def idles(talk: Talk, _command: str) -> None:
        await talk.say("+ idling", "* OK Still here")
        await asyncio.sleep(0.3)
        await talk.say("* 1 EXISTS")
        await talk.reader.readline()
        await talk.ok()

    server.answers["IDLE"] = idles
    connection = await connected(server)
    begun = asyncio.get_running_loop().time()
    async with asyncio.timeout(5):
        await connection.idle(60)
    assert asyncio.get_running_loop().time() - begun >= 0.25
    await connection.close()


async def test_04_a_server_that_ends_the_wait_is_noticed(server: Faulty) -> None:
    """It answers IDLE before it is told to: what came since is looked for, and then again."""

    async def ends(talk: Talk, _command: str) -> None:
        await talk.say("+ idling")
        await asyncio.sleep(0.1)
        await talk.ok()

    server.answers["IDLE"] = ends
    connection = await connected(server)
    async with asyncio.timeout(2):
        await connection.idle(60)
        await connection.idle(60)
    await connection.close()
    assert server.said.count("IDLE") == 2
    assert "DONE" not in server.said


async def test_05_a_refused_token_does_not_hang(server: Faulty) -> None:
    """The server waits for an answer that the library never gives: asked anew once, then told."""
    fresh: list[bool] = []

    async def token(new: bool) -> str:
        fresh.append(new)
        return "token"

    async def refuses(talk: Talk, _command: str) -> None:
        await talk.say("+ eyJzdGF0dXMiOiI0MDAifQ==")

    server.answers["AUTHENTICATE"] = refuses
    told = Server(
        host="127.0.0.1",
        port=server.port,
        user="bot",
        token=token,
        security="plain",
        timeout=0.5,
    )
    async with asyncio.timeout(5):
        with pytest.raises(ImapRefused):
            await imap.connect(told)
    assert fresh == [False, True, False]


async def test_06_there_is_no_starttls() -> None:
    """It is refused before anything is said, not done without."""
    told = Server(host="127.0.0.1", port=1, user="bot", password="x", security="starttls")
    with pytest.raises(ImapRefused, match="STARTTLS"):
        await imap.connect(told)


async def test_07_a_search_names_no_charset(server: Faulty) -> None:
    """Some servers refuse it."""
    connection = await connected(server)
    await connection.search("UID", "1:*")
    await connection.close()
    assert [line for line in server.said if "SEARCH" in line] == ["UID SEARCH UID 1:*"]


async def test_08_names_and_passwords_are_quoted(server: Faulty) -> None:
    """Spaces, quotes and backslashes; a line end is refused, as it would be a command."""
    connection = await imap.connect(there(server))
    await connection.select('My "Box"')
    with pytest.raises(ImapRefused):
        await connection.select("a\r\nb")
    await connection.close()
    assert r'LOGIN "b\"o\\t" "pass \"word\\"' in server.said
    assert r'SELECT "My \"Box\""' in server.said


async def test_08_folders_are_named_in_modified_utf_7(server: Faulty) -> None:
    """Wherever one is named; a line end is refused there too."""
    connection = await connected(server)
    await connection.select("Erledigt/\u00dcbersicht")
    await connection.ensure("R&D \u53f0\u5317")
    await connection.move(1, "\U0001f600")
    with pytest.raises(ImapRefused):
        await connection.ensure("a\nb")
    await connection.close()
    assert 'SELECT "Erledigt/&ANw-bersicht"' in server.said
    assert 'STATUS "R&-D &U,BTFw-" (UIDNEXT)' in server.said
    assert 'UID MOVE 1 "&2D3eAA-"' in server.said


async def test_08_a_folder_is_made_where_there_is_none(server: Faulty) -> None:
    """That it can not be made is told."""

    async def no(talk: Talk, _command: str) -> None:
        await talk.say(f"{talk.tag} NO [NONEXISTENT] no")

    server.answers["STATUS"] = no
    connection = await connected(server)
    await connection.ensure("Done")
    assert 'CREATE "Done"' in server.said
    server.answers["CREATE"] = no
    with pytest.raises(ImapRefused):
        await connection.ensure("Done")
    await connection.close()


async def test_08_a_bad_login_is_told(server: Faulty) -> None:
    """The library returns NO as if nothing were."""

    async def no(talk: Talk, _command: str) -> None:
        await talk.say(f"{talk.tag} NO [AUTHENTICATIONFAILED] wrong")

    server.answers["LOGIN"] = no
    with pytest.raises(ImapRefused) as told:
        await connected(server)
    assert told.value.login


async def test_09_no_envelope_is_asked_for(server: Faulty) -> None:
    """The library corrupts it: whole mails are read, and stay unread."""

    async def mail(talk: Talk, _command: str) -> None:
        await talk.ok("* 1 FETCH (UID 1 BODY[] {12}", "Subject: x\r\n)")

    server.answers["FETCH"] = mail
    connection = await connected(server)
    assert await connection.fetch(1) == b"Subject: x\r\n"
    await connection.close()
    assert "UID FETCH 1 (UID BODY.PEEK[])" in server.said


def answering(*lines: str) -> Answer:
    """A server that says so to FETCH."""

    async def mail(talk: Talk, _command: str) -> None:
        await talk.ok(*lines)

    return mail


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (('* 1 FETCH (UID 1 BODY[] "a \\"b\\" (c")',), b'a "b" (c'),
        (('* 1 FETCH (BODY[] "" UID 1)',), b""),
        (("* 1 FETCH (UID 1 BODY[] {0}", ")"), b""),
        (("* 1 fetch (uid 1 body[] {3}", "abc)"), b"abc"),
        (("* 1 FETCH (X-GM-LABELS ({3}", "x y foo) UID 1 BODY[] {3}", "abc)"), b"abc"),
        (("* 1 FETCH (FLAGS (\\Seen) BODY[] {3}", "abc UID 1 MODSEQ (9))"), b"abc"),
        (
            ("* 8 FETCH (UID 8 BODY[] {3}", "xyz)", "* 1 FETCH (UID 1 BODY[] {3}", "abc)"),
            b"abc",
        ),
        (("* 1 FETCH (UID 1)", "* 8 FETCH (FLAGS ())", '* 1 FETCH (UID 1 BODY[] "x")'), b"x"),
    ],
)
async def test_09_every_legal_answer_is_read(
    server: Faulty, lines: tuple[str, ...], found: bytes
) -> None:
    """Quoted, empty, in small letters, behind another literal, among other mails."""
    server.answers["FETCH"] = answering(*lines)
    connection = await connected(server)
    assert await connection.fetch(1) == found
    await connection.close()


async def test_09_a_size_is_read_wherever_it_stands(server: Faulty) -> None:
    """Its own, and no other mail's."""
    server.answers["FETCH"] = answering(
        "* 2 FETCH (UID 2 RFC822.SIZE 5)", "* 1 fetch (rfc822.size 7 flags () uid 1)"
    )
    connection = await connected(server)
    assert await connection.size(1) == 7
    await connection.close()


@pytest.mark.parametrize(
    "lines", [(), ("* 1 FETCH (UID 1 FLAGS ())",), ("* 1 FETCH (UID 1 BODY[] NIL)",)]
)
async def test_09_an_answer_without_the_mail_is_a_fault(
    server: Faulty, lines: tuple[str, ...]
) -> None:
    """It is there and was not given: that is never taken for a mail that is gone."""
    server.answers |= {"FETCH": answering(*lines), "SEARCH": answering("* SEARCH 1")}
    connection = await connected(server)
    for asks in (connection.fetch, connection.size):
        with pytest.raises(ImapRefused):
            await asks(1)
    await connection.close()


async def test_09_a_mail_that_is_gone_is_none(server: Faulty) -> None:
    """Nothing is told of it, and it is not found."""
    connection = await connected(server)
    assert (await connection.fetch(1), await connection.size(1)) == (None, None)
    await connection.close()


async def test_10_after_a_timeout_the_connection_is_gone(server: Faulty) -> None:
    """What was cut off lies in its buffers, so it is never used again."""
    server.answers["SEARCH"] = hang
    connection = await connected(server, timeout=0.3)
    async with asyncio.timeout(5):
        with pytest.raises(ImapLost):
            await connection.search("ALL")
        del server.answers["SEARCH"]
        with pytest.raises(ImapLost):
            await connection.search("ALL")


async def test_10_after_a_cancellation_too(server: Faulty) -> None:
    """Half an answer of one command is no answer to the next."""
    server.answers["SEARCH"] = hang
    connection = await connected(server)
    asking = asyncio.create_task(connection.search("ALL"))
    await said(server, "UID SEARCH")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    with pytest.raises(ImapLost):
        await connection.search("ALL")


async def test_11_another_uidvalidity_is_seen(server: Faulty) -> None:
    """As the folder is opened."""
    connection = await connected(server)
    assert await connection.select("INBOX") == (7, 1)
    await connection.close()


@pytest.mark.parametrize(("count", "following"), [(0, 1), (3, 10)])
async def test_11_a_server_that_does_not_tell_the_next_uid_is_asked(
    server: Faulty, count: int, following: int
) -> None:
    """Else the first start would take in everything that lies there."""
    server.answers |= {
        "SELECT": answering(f"* {count} EXISTS", "* OK [UIDVALIDITY 7] ok"),
        "SEARCH": answering("* SEARCH 9"),
    }
    connection = await connected(server)
    assert await connection.select("INBOX") == (7, following)
    await connection.close()
    assert ("UID SEARCH UID *" in server.said) is bool(count)
