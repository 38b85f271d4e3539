"""Whatever bytes arrive as a mail: nothing raises, and nothing is made up."""

from hypothesis import given
from hypothesis import strategies as st

from channels.email.authentication import verdict
from channels.email.inbound import Account, received, tokens
from channels.email.machines import bounce, kind
from channels.email.parsing import parse
from channels.email.reply.extraction import extract
from channels.email.reply.mails import html

ACCOUNT = Account(addresses=("bot@ops.example",), mailbox="bot", authserv_id="mx.ops.example")

NAMES = st.sampled_from(
    ["From", "To", "Cc", "Subject", "Message-ID", "References", "Date", "Content-Type",
     "Content-Transfer-Encoding", "Authentication-Results", "Auto-Submitted", "Delivered-To"]
)  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"<[x]@a.example>", b"(c):", b'"', b"text/plain; name*", b"multipart/mixed; boundary=b",
         b"text/plain; charset=X-UNKNOWN", b"=?x?q?=?=", b"base64", b"quoted-printable",
         b"mx.ops.example; dmarc=pass", b"bot+x@ops.example", b"text/html", b"\xff <a@b.example>"]
    ),
)  # fmt: skip
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=12)
LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["On 3/4/25 09:12, Bob wrote:", "> quoted", "-- ", "From: a@b.example", "", "--b",
             "Sent: Tuesday", "To: c", "-----Original Message-----", "Regards", "| bar", "```"]
        ),
    ),
    max_size=30,
)  # fmt: skip


BODIES = LINES.map(lambda some: "\n".join(some).encode("utf-8", "replace"))


@given(FIELDS, st.one_of(st.binary(max_size=200), BODIES))
def test_no_mail_raises(fields: list[tuple[str, bytes]], body: bytes) -> None:
    """Everything that is asked of a mail has an answer, and the same one again."""
    raw = b"".join(name.encode() + b": " + value + b"\n" for name, value in fields) + b"\n" + body
    mail = parse(raw)
    first = received(mail, ACCOUNT)
    assert first == received(parse(raw), ACCOUNT)
    assert kind(mail) == first.kind
    assert all("\n" not in one for one in tokens(mail, ACCOUNT))
    bounce(mail)
    verdict(mail, "mx.ops.example")


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    """Bytes that are no mail at all."""
    received(parse(raw), ACCOUNT)


@given(LINES)
def test_nothing_is_made_up(lines: list[str]) -> None:
    """Whatever a reply says stands in the mail."""
    text = "\n".join(lines)
    found = extract(text)
    letters = {char for char in text if char.isalnum()}
    assert {char for char in found.text if char.isalnum()} <= letters


@given(st.text(max_size=300))
def test_no_html_raises(source: str) -> None:
    """HTML of any kind is read."""
    html(source)
    html(f"<div>{source}</div><blockquote>{source}")


@given(LINES)
def test_a_quoted_line_never_decides(lines: list[str]) -> None:
    """A mail of nothing but quotes shows none of them as its writer's own words."""
    found = extract("\n".join(f"> {' '.join(line.split())}" for line in lines))
    assert all(line.startswith(">") for line in found.text.splitlines() if line.strip())
