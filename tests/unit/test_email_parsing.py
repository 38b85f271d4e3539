"""A raw mail as plain data: whatever real programs send, and nothing that it raises on."""

import pytest

from channels.email.parsing import parse

CRASHERS = {
    "an id in brackets": b"Message-ID: <[0123abcd]@shop.example>\nFrom: b@shop.example",
    "a group that is none": b"From: b@shop.example\nTo: (c):",
    "an open quote": b'From: b@shop.example\nTo: "',
    "a parameter without a value": b"From: b@shop.example\nContent-Type: text/plain; name*",
    "an unknown charset": b"From: b@shop.example\nContent-Type: text/plain; charset=X-UNKNOWN",
    "no charset at all": b"From: b@shop.example\nContent-Type: text/plain; charset=",
    "an encoded word of nothing": b"From: b@shop.example\nSubject: =?utf-8?b?=?=",
    "an unknown encoding": b"From: b@shop.example\nContent-Transfer-Encoding: x-uuencode",
    "an impossible date": b"From: b@shop.example\nDate: Tue, 99 Zzz 2025 99:99:99 +9999",
    "a date far away": b"From: b@shop.example\nDate: Mon, 1 Jan 99999999 00:00:00 +0000",
    "raw bytes": b"From: B\xf6b <b@shop.example>\nSubject: \xff\xfe",
    "an empty boundary": b'From: b@shop.example\nContent-Type: multipart/mixed; boundary=""',
    "nul": b"From: b@shop.example\nSubject: a\x00b",
    "broken base64": b"From: b@shop.example\nContent-Transfer-Encoding: base64",
}


@pytest.mark.parametrize("headers", CRASHERS.values(), ids=CRASHERS.keys())
def test_what_breaks_other_readers_is_read(headers: bytes) -> None:
    """Its sender and its text are there, whatever else is broken."""
    found = parse(headers + b"\n\nHello there\n")
    assert found.sender is not None
    assert found.sender.address == "b@shop.example"
    assert isinstance(found.text, str)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n\r\n", b":", b"\x00" * 50, b"\xff" * 50])
def test_what_is_no_mail_is_an_empty_one(raw: bytes) -> None:
    """Bytes that are no mail have no sender."""
    assert parse(raw).sender is None


CHARSETS = [("utf-8", "Grüße"), ("iso-8859-1", "Grüße"), ("windows-1252", "10 €"), ("koi8-r", "да")]


@pytest.mark.parametrize(("charset", "text"), CHARSETS)
def test_a_declared_charset_is_decoded(charset: str, text: str) -> None:
    """The text reads as it was written."""
    head = f"From: b@x.example\nContent-Type: text/plain; charset={charset}\n\n".encode()
    assert parse(head + text.encode(charset)).text == text


def test_text_that_is_utf8_whatever_it_says_is_read_as_such() -> None:
    """An unknown charset is no reason to lose words."""
    head = b"From: b@x.example\nContent-Type: text/plain; charset=x-unknown\n\n"
    assert parse(head + "Grüße".encode()).text == "Grüße"


def test_flowed_lines_are_put_together() -> None:
    """format=flowed breaks lines where the writer did not."""
    head = b"From: b@x.example\nContent-Type: text/plain; format=flowed\n\n"
    assert parse(head + b"Restart \nit now.\n\nThanks.\n").text.split("\n")[0] == "Restart it now."


def test_a_name_can_not_stand_for_an_address() -> None:
    """What is shown as a name never decides who wrote."""
    found = parse(b'From: "boss@shop.example" <mallory@evil.example>\n\nx')
    assert found.sender is not None
    assert found.sender.address == "mallory@evil.example"


@pytest.mark.parametrize(
    "given",
    [
        b"From: a@x.example\nFrom: b@x.example",
        b"From: a@x.example, b@x.example",
        b"From: a@x.example <b@x.example> <c@x.example>",
        b"Subject: nobody",
    ],
)
def test_two_senders_are_none(given: bytes) -> None:
    """Where two readers could see two people, nobody is trusted."""
    assert parse(given + b"\n\nx").sender is None


def test_files_come_along_by_name_and_small_texts_with_their_words() -> None:
    """An attachment is named without any path, and a small text is read."""
    raw = (
        b"From: b@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: text/plain\n\nSee there.\n--b\nContent-Type: text/plain\n"
        b'Content-Disposition: attachment; filename="../../etc/log.txt"\n\nERROR 7\n--b\n'
        b"Content-Type: image/png\nContent-Disposition: attachment; filename*=utf-8''r%C3%BCn.png\n"
        b"Content-Transfer-Encoding: base64\n\niVBORw0=\n--b--\n"
    )
    found = parse(raw)
    assert found.text.strip() == "See there."
    assert [(one.name, one.kind) for one in found.attachments] == [
        ("log.txt", "text/plain"),
        ("rün.png", "image/png"),
    ]
    assert found.attachments[0].text == "ERROR 7"
    assert found.attachments[1].text is None
