"""Answers and requests as mails: read back with the standard library as any client would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email import tokens
from channels.email.machines import is_turn
from channels.email.outbound import Answered, From, NoRecipient, chain, letter
from channels.email.parsing import parse
from channels.email.reply.mails import of, with_forwarded
from channels.port import Address, Beside, Card, Outbound

NOW = datetime(2025, 3, 4, 9, 12, tzinfo=UTC)
BOT = From(address="bot@ops.example", secret=b"secret")
BOB = Address(channel="email", room="bob@shop.example", thread="1@shop.example")
ASKED = Answered(
    message_id="1@shop.example", references=("0@shop.example",), subject="api is down", said="Help!"
)
CARD = Card(
    request="r7",
    kind="approval",
    title="Restart api",
    lines=("restart service=api", "digest 1a2b3c", "operators may decide"),
    expires_at=NOW,
    args="service=api",
    beside=(Beside(request="r8", shown="restart service=web"),),
)


def message(text: str = "It is up.", **more: object) -> Outbound:
    """An answer to bob."""
    return replace(Outbound(key="t1:7", address=BOB, text=text), **more)  # type: ignore[arg-type]


def read(one: Outbound, answered: Answered = ASKED) -> EmailMessage:
    """The mail as another program reads it."""
    found = message_from_bytes(letter(one, BOT, answered, NOW).data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(mail: EmailMessage, kind: str) -> str:
    """The plain or the HTML part."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_an_answer_stays_in_its_thread() -> None:
    """It names what it answers and the whole chain, under the subject that it had."""
    mail = read(message())
    assert mail["In-Reply-To"] == "<1@shop.example>"
    assert mail["References"].split() == ["<0@shop.example>", "<1@shop.example>"]
    assert mail["Subject"] == "Re: api is down"
    assert (
        read(message(), replace(ASKED, subject="RE: api is down"))["Subject"] == "RE: api is down"
    )


def test_the_same_message_is_the_same_mail() -> None:
    """Made twice, it has the same Message-ID and the same bytes; another key is another mail."""
    assert letter(message(), BOT, ASKED, NOW) == letter(message(), BOT, ASKED, NOW)
    other = letter(message(key="t1:8"), BOT, ASKED, NOW)
    assert other.message_id != letter(message(), BOT, ASKED, NOW).message_id


def test_machines_do_not_answer_it() -> None:
    """It says that a machine wrote it, so neither an absence nor another bot answers."""
    mail = read(message())
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert read(message(), Answered())["Auto-Submitted"] == "auto-generated"
    assert not is_turn(parse(letter(message(), BOT, ASKED, NOW).data))


def test_a_long_chain_keeps_its_beginning_and_its_newest() -> None:
    """References are capped; what names the conversation stays."""
    ids = tuple(f"{number}@x.example" for number in range(90))
    kept = chain(Answered(message_id="last@x.example", references=ids))
    assert (kept[0], kept[-1], len(kept)) == ("0@x.example", "last@x.example", 20)


def test_both_parts_say_the_same() -> None:
    """Text is there for everybody, and HTML with code and tables."""
    mail = read(message("It is **up**:\n\n```\nok < 3\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
    assert "It is **up**" in body(mail, "plain")
    rich = body(mail, "html")
    assert "<strong>up</strong>" in rich
    assert "ok &lt; 3" in rich
    assert "<td>1</td>" in rich
    assert "&lt;script" not in body(read(message()), "html")


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", "<img src=https://evil.example/x>", "![x](https://evil.example/x.png)"],
)
def test_nothing_of_a_text_is_html(text: str) -> None:
    """No script, and nothing that is loaded when the mail is read."""
    rich = body(read(message(text)), "html")
    assert "<script" not in rich
    assert "<img" not in rich


def test_words_do_not_stand_for_an_address() -> None:
    """A link shows where it leads."""
    rich = body(read(message("[approve](https://evil.example)")), "html")
    assert 'href="https://evil.example"' not in rich
    assert "https://evil.example" in rich


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: eve@evil.example", "a\nBcc: x", "a\x00\rBcc: x", "\r\n\r\nx"]
)
def test_no_header_can_be_added(evil: str) -> None:
    """Line ends in a subject, a name, a text, an id or an address stay where they are."""
    answered = Answered(message_id=evil, references=(evil,), subject=evil, said=evil)
    one = message(evil, card=replace(CARD, title=evil, lines=(evil,)))
    for context in (answered, Answered()):
        mail = letter(one, replace(BOT, name=evil), context, NOW)
        found = message_from_bytes(mail.data, policy=policy.default)
        assert found["Bcc"] is None
        assert mail.recipients == ("bob@shop.example",)
        assert isinstance(found, EmailMessage)
        assert found.get_body(("html",)) is not None


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=30))
def test_whatever_is_said_is_a_mail_of_these_headers(text: str, about: str, name: str) -> None:
    """No text, subject or name changes which headers there are, or whom it goes to."""
    mail = letter(message(text), replace(BOT, name=name), replace(ASKED, subject=about), NOW)
    names = {key for key, _ in parse(mail.data).headers.fields}
    assert names == {
        "content-type", "mime-version", "from", "to", "reply-to", "subject", "date", "message-id",
        "in-reply-to", "references", "auto-submitted", "x-auto-response-suppress",
    }  # fmt: skip
    assert parse(mail.data).sender is not None


def test_a_request_says_all_that_is_needed_to_decide() -> None:
    """What runs, its digest, who may, until when, what else waits, and the first lines."""
    mail = read(message("", card=CARD))
    for part in (body(mail, "plain"), body(mail, "html")):
        for told in (*CARD.lines, "2025-03-04 09:12 UTC", "approve r7", "deny r7 REASON", "r8"):
            assert told in part
        assert "href" not in part
    closed = body(read(message("", card=replace(CARD, outcome="approved by bob"))), "plain")
    assert "approved by bob" in closed
    assert "approve r7" not in closed


def test_a_quoted_request_decides_nothing() -> None:
    """The examples of a request that is quoted below nothing are not the answerer's words."""
    shown = body(read(message("", card=CARD)), "plain")
    raw = f"From: bob@shop.example\n\n\n{shown}".encode()
    told = with_forwarded(of(parse(raw)))
    assert all(line.startswith(">") for line in told.splitlines() if "approve" in line)


def test_what_is_for_one_goes_to_one() -> None:
    """`only` is told in a mail to nobody else."""
    everybody = replace(BOB, room="bob@shop.example,carol@shop.example")
    both = letter(message(address=everybody), BOT, ASKED, NOW)
    assert both.recipients == ("bob@shop.example", "carol@shop.example")
    one = letter(message(address=everybody, only="carol@shop.example"), BOT, ASKED, NOW)
    assert one.recipients == ("carol@shop.example",)


@pytest.mark.parametrize("room", ["", "nobody", "a b@x.example", "bob@shop.example\r\nBcc: x"])
def test_what_is_no_address_is_refused(room: str) -> None:
    """Nothing is sent where nobody can be."""
    with pytest.raises(NoRecipient):
        letter(message(address=replace(BOB, room=room)), BOT, ASKED, NOW)


def test_who_has_answers_sent_elsewhere_may_answer_from_their_own_address() -> None:
    """The token is good for both addresses, then."""
    sent = parse(letter(message(), BOT, replace(ASKED, by="bob@home.example"), NOW).data)
    text = sent.reply_to[0].address.rpartition("@")[0].partition("+")[2]
    token = tokens.verified(b"secret", text, NOW)
    assert token is not None
    assert token.is_for("bob@home.example")
    assert token.is_for("bob@shop.example")


def test_a_reply_comes_back_with_a_token() -> None:
    """It names that very mail and the person, fits into an address, and expires."""
    sent = parse(letter(message(), BOT, ASKED, NOW).data)
    found = sent.reply_to[0].address
    local, _, domain = found.rpartition("@")
    assert domain == "ops.example"
    assert len(local) <= 64
    text = local.partition("+")[2]
    token = tokens.verified(b"secret", text.upper(), NOW)
    assert token is not None
    assert token.thread == tokens.thread_of(
        parse(letter(message(), BOT, ASKED, NOW).data).message_id
    )
    assert token.is_for("Bob@shop.example")
    assert not token.is_for("eve@evil.example")
    assert tokens.verified(b"secret", text, NOW + timedelta(days=32)) is None
    assert tokens.verified(b"other", text, NOW) is None
    assert tokens.verified(b"secret", "b" + text[1:], NOW) is None or text[0] == "b"


@given(st.text(max_size=80))
def test_no_token_can_be_made_up(text: str) -> None:
    """Whatever stands behind the plus."""
    assert tokens.verified(b"secret", text, NOW) is None
