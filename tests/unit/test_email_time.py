"""No small mail takes long: what is slow is done for so much of it and no more."""

import time
from datetime import UTC, datetime

import pytest

from channels.email.inbound import Account
from channels.email.parsing import MOST_TEXT, parse
from channels.email.taking import take

ACCOUNT = Account(addresses=("bot@ops.example",), mailbox="bot", authserv_id="mx.ops.example")
HEAD = b"From: ann@team.example\nTo: bot@ops.example\nMessage-ID: <1@x>\n"
MIXED = b"Content-Type: multipart/mixed; boundary=B\n\n"
UNKNOWN = "Voil\xe0 l'\xe9t\xe9 \xe0 la plage. ".encode("cp1252") * 300
FRAME = b"-" * 60 + b" " * 80 + b"x" + b" " * 80 + b"-" * 30 + b"y\n"


def parts(content: bytes, count: int, kind: bytes = b"text/plain") -> bytes:
    """A mail of many parts."""
    one = b"--B\nContent-Type: " + kind + b"\n\n" + content + b"\n"
    return HEAD + MIXED + one * count + b"--B--\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(HEAD + b"References: " + b"a" * 65_000 + b"\n\nhi\n", id="bare ids"),
        pytest.param(parts(UNKNOWN, 60, b"text/plain; charset=x-none"), id="charsets"),
        pytest.param(HEAD + b"\n" + FRAME * 1_000, id="frames"),
        pytest.param(
            HEAD + b"\n" + b"On 1 Jan 2024 at 10:00 x@y.z wrote\n" * 9_999, id="attributions"
        ),
    ],
)
def test_a_small_mail_takes_no_time(raw: bytes) -> None:
    """Each took half a minute and more; the bound leaves room for a slow machine."""
    begun = time.process_time()
    take(parse(raw), ACCOUNT, b"s" * 32, datetime.now(UTC))
    assert time.process_time() - begun < 10.0


def test_all_text_of_a_mail_has_one_bound() -> None:
    """However many parts it is spread over; files whose text is left out are named all the same."""
    found = parse(parts(b"<p>a</p>" * 50_000, 24, b"text/html"))
    assert len(found.html) <= MOST_TEXT + 24
    files = parse(parts(b"x" * 60_000, 30, b"text/plain; name=a.txt")).attachments
    assert len(files) == 30
    assert sum(len(one.text or "") for one in files) <= MOST_TEXT
    assert files[0].text is not None
    assert files[-1].text is None


def test_what_says_nothing_of_its_charset_is_found_out_a_few_times() -> None:
    """The first parts are looked at; the others are read as Western European."""
    russian = "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440. ".encode("koi8-r") * 50
    texts = [one.text or "" for one in parse(parts(russian, 9, b"text/plain; name=a")).attachments]
    assert texts[0] != texts[-1]
    assert texts[-1] == russian.decode("cp1252")
