"""Which mails no person wrote; and that a person is never taken for a machine."""

import pytest

from channels.email.machines import bounce, is_turn, kind
from channels.email.parsing import parse


def mail(headers: str, body: str = "Hello") -> bytes:
    """A mail of some headers."""
    return f"{headers.strip()}\n\n{body}\n".encode()


PEOPLE = {
    "plain": "From: Bob <bob@shop.example>\nSubject: api is down",
    "says no": "From: bob@shop.example\nAuto-Submitted: no\nSubject: hi",
    "about a bounce": "From: bob@shop.example\nSubject: Re: Undeliverable: your invoice",
    "about an absence": "From: bob@shop.example\nSubject: Out of office: who stands in for Carol?",
    "about a car": "From: bob@shop.example\nSubject: Auto",
    "about an answer": "From: bob@shop.example\nSubject: Automatic reply is broken",
    "on behalf": "From: bob@shop.example\nSender: assistant@shop.example\nSubject: x",
    "postmaster by name": "From: Peter Postmaster <peter@shop.example>\nSubject: lunch",
    "outlook's wish": "From: bob@shop.example\nX-Auto-Response-Suppress: DR, OOF\nSubject: x",
    "urgent": "From: bob@shop.example\nPrecedence: urgent\nX-Priority: 1\nSubject: x",
    "no subject": "From: bob@shop.example",
    "forwards a failure": "From: bob@shop.example\nSubject: Fwd: Mail delivery failed",
    "with a way out": "From: bob@shop.example\nList-Unsubscribe: <mailto:x@y.example>\nSubject: x",
    "asks for a receipt": "From: bob@shop.example\nDisposition-Notification-To: bob@shop.example",
}


@pytest.mark.parametrize("headers", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_person_is_never_taken_for_a_machine(headers: str) -> None:
    """Whoever writes as people do is heard."""
    assert is_turn(parse(mail(headers)))


MACHINES = {
    "vacation": "From: bob@shop.example\nAuto-Submitted: auto-replied (vacation)\nSubject: away",
    "generated": "From: bob@shop.example\nAuto-Submitted: auto-generated\nSubject: report",
    "exchange": (
        "From: bob@shop.example\nX-Auto-Response-Suppress: All\n"
        "Subject: Automatic reply: api is down"
    ),
    "exchange, german": "From: b@shop.example\nSubject: Automatische Antwort: api",
    "exchange, french": "From: b@shop.example\nSubject: Réponse automatique : api",
    "exchange, spanish": "From: b@shop.example\nSubject: Respuesta automática: api",
    "old exchange": "From: b@shop.example\nIn-Reply-To: <1@x>\nSubject: Out of Office: api",
    "autoreply": "From: bob@shop.example\nX-Autoreply: yes\nSubject: x",
    "autoresponder": "From: bob@shop.example\nX-Autorespond: api\nSubject: x",
    "bulk": "From: bob@shop.example\nPrecedence: bulk\nSubject: news",
    "junk": "From: bob@shop.example\nPrecedence: junk\nSubject: news",
    "null path": "Return-Path: <>\nFrom: bob@shop.example\nSubject: x",
    "no-reply": "From: no-reply@shop.example\nSubject: your order",
}


@pytest.mark.parametrize("headers", MACHINES.values(), ids=MACHINES.keys())
def test_an_automatic_mail_is_never_answered(headers: str) -> None:
    """A machine says so in its headers; it neither begins nor goes on with a conversation."""
    found = parse(mail(headers))
    assert kind(found) == "auto"
    assert not is_turn(found)


@pytest.mark.parametrize(
    "headers",
    [
        "From: l@lists.example\nList-Id: <ops.lists.example>\nSubject: x",
        "From: l@lists.example\nList-Post: <mailto:ops@lists.example>\nSubject: x",
        "From: l@lists.example\nList-Id: <ops.lists.example>\nPrecedence: list\nSubject: x",
    ],
)
def test_a_mailing_list_is_never_answered(headers: str) -> None:
    """What goes to many through a list was not said to the bot."""
    assert not is_turn(parse(mail(headers)))


DSN = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: bot@ops.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
"""
DSN_BODY = """--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; bob@shop.example
Action: failed
Status: {status}

--b
Content-Type: text/rfc822-headers

From: bot@ops.example
Message-ID: <sent.1@ops.example>

--b--
"""


@pytest.mark.parametrize(("status", "permanent"), [("5.1.1", True), ("4.4.1", False)])
def test_a_bounce_tells_what_came_back_and_from_whom(status: str, permanent: bool) -> None:
    """A delivery report names our mail, the address, and whether it may still arrive."""
    found = parse(mail(DSN, DSN_BODY.format(status=status)))
    assert kind(found) == "bounce"
    told = bounce(found)
    assert told.message_id == "sent.1@ops.example"
    assert told.recipients == ("bob@shop.example",)
    assert told.permanent is permanent


@pytest.mark.parametrize(
    "headers",
    [
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice",
        "From: postmaster@shop.example\nX-Failed-Recipients: bob@shop.example\nSubject: x",
        "Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@mx.example>\n"
        "Subject: Delivery Status Notification (Failure)",
        "Return-Path: <>\nFrom: postmaster@shop.example\nSubject: Unzustellbar: api",
        "Return-Path: <>\nFrom: MAILER-DAEMON\nSubject: Mail delivery failed: returning message",
    ],
)
def test_a_bounce_without_a_report_is_one(headers: str) -> None:
    """Old servers send plain text from their daemon."""
    assert kind(parse(mail(headers))) == "bounce"


def test_a_complaint_is_one() -> None:
    """A feedback report (ARF) is neither a bounce nor a person."""
    headers = (
        "From: fbl@mx.example\nSubject: complaint\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"'
    )
    body = "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n--b--"
    assert kind(parse(mail(headers, body))) == "complaint"
