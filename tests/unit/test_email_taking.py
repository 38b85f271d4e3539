"""What is delivered of a mail: whom it is for, what it proves, and what it is beside words."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.decisions import decision, first_line, implied
from channels.email import tokens
from channels.email.inbound import Account, conversation_of, names_of, proof_of
from channels.email.parsing import parse
from channels.email.taking import Taken, take

ACCOUNT = Account(addresses=("bot@ops.example",), mailbox="bot", authserv_id="mx.ops.example")
SECRET = b"secret"
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
OURS = "1a2b@ops.example"
PASS = "Authentication-Results: mx.ops.example; dmarc=pass header.from=shop.example\n"
ANSWERS = f"In-Reply-To: <{OURS}>\n"
REQUEST = f"{'a' * 12}-1"


def taken(
    *,
    to: str = "bot@ops.example",
    results: str = PASS,
    more: str = "",
    by: str = "bob@shop.example",
    text: str = "approve",
) -> Taken:
    """What becomes of bob's mail."""
    head = f"{results}From: Bob <{by}>\nTo: {to}\nMessage-ID: <2@shop.example>\n{more}"
    return take(parse(f"{head}\n{text}\n".encode()), ACCOUNT, SECRET, NOW)


def place(*people: str, until: datetime = NOW + timedelta(days=30)) -> str:
    """Where an answer to our mail goes, which these were sent."""
    return f"bot+{tokens.signed(SECRET, OURS, people, until)}@ops.example"


def test_a_token_proves_which_mail_is_answered() -> None:
    """It goes first among the references, and nothing is doubted."""
    found = taken(to=place("bob@shop.example"), more=ANSWERS).inbound
    assert found is not None
    assert (found.doubt, found.proof, found.answers) == ("", proof_of(OURS), f"email:{OURS}")
    assert found.references[0] == conversation_of(OURS)
    assert {found.proof, found.references[0], found.answers} == {*names_of(OURS, joined=True)}


def test_a_token_for_several_is_good_for_each() -> None:
    """Everybody who was sent the mail has it."""
    found = taken(to=place("bob@shop.example", "cas@shop.example")).inbound
    assert found is not None
    assert (found.doubt, found.answers) == ("", "")
    assert found.proof


@pytest.mark.parametrize(
    ("to", "results", "doubt", "authenticated"),
    [
        ("bot@ops.example", PASS, "no_token", True),
        (place("bob@shop.example", until=NOW - timedelta(days=3)), PASS, "expired", True),
        (place("eve@shop.example"), PASS, "token", False),
        (place("bob@shop.example")[:-14] + "aa@ops.example", PASS, "token", False),
        (place("bob@shop.example"), "", "author", False),
        ("bot@ops.example", "", "author", False),
    ],
)
def test_without_proof_it_says_what_is_doubted(
    to: str, results: str, doubt: str, authenticated: bool
) -> None:
    """Each reason by its name; whoever may be somebody else is a stranger."""
    found = taken(to=to, results=results, more=ANSWERS).inbound
    assert found is not None
    assert (found.doubt, found.author.authenticated) == (doubt, authenticated)
    assert not found.proof or doubt == "author"


def test_who_is_not_proven_has_nothing_sent_to_others() -> None:
    """Neither to Reply-To nor to Cc: anybody's address could stand there."""
    more = "Cc: carol@shop.example\nReply-To: victim@elsewhere.example\n"
    unproven, proven = taken(results="", more=more).inbound, taken(more=more).inbound
    assert unproven is not None
    assert proven is not None
    assert unproven.address.room == "bob@shop.example"
    assert proven.address.room == "victim@elsewhere.example,carol@shop.example"


def test_neither_a_subject_nor_a_sender_names_a_conversation() -> None:
    """Two mails of one person under one subject have nothing in common."""
    first = taken(more="Subject: api\n").inbound
    raw = (
        f"{PASS}From: bob@shop.example\nTo: bot@ops.example\nSubject: api\nMessage-ID: <3@x>\n\nx\n"
    )
    second = take(parse(raw.encode()), ACCOUNT, SECRET, NOW).inbound
    assert first is not None
    assert second is not None
    assert not {*first.references} & {*second.references}


def test_a_machine_is_told_of_and_not_heard() -> None:
    """Its subject and words are for the audit."""
    found = taken(more="Subject: approve\nAuto-Submitted: auto-replied\n", text="I am away")
    (told,) = found.beside
    assert found.inbound is None
    assert (told.change, told.doubt, told.text) == ("unheard", "machine", "approve\nI am away")
    assert not told.may_open


def test_a_list_and_our_own_mail_are_not_heard() -> None:
    """No loop begins: of what we wrote ourselves, nothing is told at all."""
    assert taken(more="List-Id: <x>\n").inbound is None
    own = taken(by="bot+x@ops.example")
    assert (own.inbound, own.beside) == (None, ())


@pytest.mark.parametrize(
    ("status", "people"), [("5.1.1", ["eve@x.example", "fay@x.example"]), ("4.4.1", [])]
)
def test_a_bounce_says_from_whom_it_came_back(status: str, people: list[str]) -> None:
    """For good only: what is merely late may still arrive."""
    failed = "".join(
        f"\nFinal-Recipient: rfc822; {one}@x.example\nStatus: {status}\n" for one in ("eve", "fay")
    )
    more = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n"
    text = (
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n{failed}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{OURS}>\n--b--"
    )
    found = taken(by="MAILER-DAEMON@x.example", more=more, text=text)
    back = [one for one in found.beside if one.change == "undelivered"]
    assert found.inbound is None
    assert [one.address.room for one in back] == people
    assert all(one.references == (proof_of(OURS),) for one in back)
    assert len({one.dedupe for one in back}) == len(back)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("approve", "approve"),
        ("Approve", "approve"),
        ("approve tag=2", "approve"),
        ("deny not now", "deny"),
        ("answer 2", "answer"),
        ("deny", None),
        ("approve of what?", None),
        ("approved", None),
        ("please approve", None),
        ("> approve", None),
        (f"approve {'b' * 12}-2", None),
        ("approve\nlater", None),
    ],
)
def test_a_decision_without_an_id_is_on_what_is_answered(text: str, verdict: str | None) -> None:
    """The whole line, in the grammar; one that names a request is on that one."""
    found = implied(text, REQUEST)
    assert (found.verdict if found else None) == verdict
    assert found is None or found.request == REQUEST


def test_the_first_line_is_the_first_that_says_anything() -> None:
    """Empty lines above it are none."""
    assert first_line("\n  \n approve \nThanks") == " approve "
    assert first_line("") == ""


def head() -> str:
    """Of a mail of bob's that proves what it answers."""
    to = place("bob@shop.example")
    return f"{PASS}From: Bob <bob@shop.example>\nTo: {to}\nMessage-ID: <2@shop.example>\n{ANSWERS}"


ALTERNATIVE = """Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

{plain}
--b
Content-Type: text/html

{html}
--b--
"""


@pytest.mark.parametrize(
    "rest",
    [
        "Sender: eve@shop.example\n\napprove aaaaaaaaaaaa-1\n",
        "Resent-From: eve@shop.example\n\napprove aaaaaaaaaaaa-1\n",
        f"\napprove {REQUEST}\n\n---------- Forwarded message ---------\nFrom: eve\n\nSee this.\n",
        ALTERNATIVE.format(
            plain="approve aaaaaaaaaaaa-1\n\nWhy should I do this? No.",
            html="<blockquote>approve aaaaaaaaaaaa-1</blockquote><p>Why should I do this? No.</p>",
        ),
    ],
)
def test_what_somebody_else_may_have_written_is_doubted(rest: str) -> None:
    """Sent for somebody, sent on, or quoted in one of its parts alone: it decides nothing."""
    inbound = take(parse(f"{head()}{rest}".encode()), ACCOUNT, SECRET, NOW).inbound
    assert inbound is not None
    assert inbound.doubt in {"author", "quoted"}


@pytest.mark.parametrize(
    "body",
    [
        f"<div style='border:none;border-left:solid blue 1.5pt'>approve {REQUEST}</div><p>No.</p>",
        "<p><s>approve aaaaaaaaaaaa-1</s></p><p>No.</p>",
        "<p style='text-decoration: line-through'>approve aaaaaaaaaaaa-1</p><p>No.</p>",
        "<p style='font-size:0'>approve aaaaaaaaaaaa-1</p><p>No.</p>",
    ],
)
def test_what_is_taken_back_or_lined_off_is_not_said(body: str) -> None:
    """Readers see that those words are not the writer's, or not any more."""
    raw = f"{head()}Content-Type: text/html\n\n{body}"
    inbound = take(parse(raw.encode()), ACCOUNT, SECRET, NOW).inbound
    assert inbound is not None
    assert decision(first_line(inbound.text)) is None


def test_a_file_is_not_what_its_sender_says() -> None:
    """Even where it is all that the mail holds."""
    file = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="told.txt"\n'
    raw = f"{head()}{file}\napprove {REQUEST}\n"
    inbound = take(parse(raw.encode()), ACCOUNT, SECRET, NOW).inbound
    assert inbound is not None
    assert decision(first_line(inbound.text)) is None


def test_a_broken_line_ends_the_field_above_it() -> None:
    """What follows can not join results that our own server has written."""
    raw = (
        "Authentication-Results: mx.ops.example; dmarc=none\nbroken line\n"
        " ; dkim=pass header.d=shop.example\nFrom: bob@shop.example\n\nx\n"
    )
    inbound = take(parse(raw.encode()), ACCOUNT, SECRET, NOW).inbound
    assert inbound is not None
    assert not inbound.author.authenticated


def test_who_is_not_proven_joins_no_conversation_by_its_name() -> None:
    """Anybody can learn the name of a mail."""
    raw = "From: eve@evil.example\nMessage-ID: <9@x>\nIn-Reply-To: <1@x>\nReferences: <1@x>\n\nx\n"
    inbound = take(parse(raw.encode()), ACCOUNT, SECRET, NOW).inbound
    assert inbound is not None
    assert "email:1@x" not in inbound.references
    assert inbound.references[-1] == "email:9@x"
