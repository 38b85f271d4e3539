"""What may be approved by mail: only what is listed, and production only where that is too."""

from dataclasses import replace

import pytest

from agents.port import CallTool, Risk, Step
from bot import events as e
from bot.approval import Approval
from bot.rules import ByMail, Gate
from channels.port import Address, Author
from tests.fakes import Talk, person, read, rules

MAIL = Address(channel="email", room="thread@example.com")
CONSOLE = Address(channel="console", room="room")


def calling(text: str) -> Step:
    """`run TOOL VALUE` besides what the small grammar knows."""
    match text.split():
        case ["run", tool, value]:
            return CallTool(tool=tool, args={"where": value})
        case _:
            return read(text)


def asked(*may: ByMail, tool: str = "change", value: str = "staging") -> Talk:
    """An approval that waits for bob, who has an address."""
    bob = replace(
        person("bob", "operator"), ids=frozenset({("console", "bob"), ("email", "bob@example.com")})
    )
    given = rules(person("alice", "operator"), bob)
    look = Gate(risk=Risk.READ, idempotent=True, approval=Approval(by="operator"))
    talk = Talk(
        replace(given, mail=frozenset(may), read=calling, gates={**given.gates, "peek": look})
    )
    talk.hear(f"run {tool} {value}")
    return talk


def says(talk: Talk, text: str, *, by: str = "email", at: Address = MAIL) -> int:
    """Bob writes, on a channel and from a place."""
    writer = Author(channel=by, id="bob@example.com" if by == "email" else "bob")
    (heard,) = talk.tell(
        e.MessageReceived(
            by=writer,
            person=talk.rules.people.find(writer),
            address=at,
            text=text,
            audience=(),
            via=at,
        )
    )
    return heard


@pytest.mark.parametrize(
    ("may", "value", "runs"),
    [
        ((), "staging", False),
        (("read",), "staging", False),
        (("write",), "staging", True),
        (("read", "write"), "staging", True),
        (("write",), "prod", False),
        (("write",), "production", False),
        (("write",), "EU-Prod", False),
        (("write",), "product", True),
        (("write", "prod"), "prod", True),
        (("prod",), "prod", False),
    ],
)
def test_by_mail_only_what_is_listed_is_approved(
    may: tuple[ByMail, ...], value: str, runs: bool
) -> None:
    """The risk has to be listed, and production too; else it is told and recorded as refused."""
    talk = asked(*may, value=value)
    request = talk.request()
    said = says(talk, f"approve {request}")
    assert bool(talk.running) is runs
    assert ("decision_refused" in talk.kinds(said)) is not runs
    if not runs:
        assert "by mail nothing" in talk.answers(said)[0]
        assert "[email] may_approve" in talk.answers(said)[0]
        assert talk.request() == request
        says(talk, f"approve {request}", by="console", at=CONSOLE)
        assert len(talk.running) == 1


@pytest.mark.parametrize(("by", "at"), [("email", CONSOLE), ("console", MAIL)])
def test_mail_is_mail_whichever_end_it_comes_in_by(by: str, at: Address) -> None:
    """An author of mail, or an answer that goes by mail: neither one slips through."""
    talk = asked()
    said = says(talk, f"approve {talk.request()}", by=by, at=at)
    assert "decision_refused" in talk.kinds(said)
    assert talk.running == []


def test_a_change_by_mail_is_no_way_around() -> None:
    """Approving with other arguments is approving."""
    talk = asked()
    said = says(talk, f"approve {talk.request()} tag=2")
    assert "decision_refused" in talk.kinds(said)
    assert talk.running == []


def test_saying_no_is_always_possible() -> None:
    """A denial by mail counts, whatever may be approved there: nothing runs because of it."""
    talk = asked()
    says(talk, f"deny {talk.request()} not now")
    assert talk.thread.requests == {}
    assert talk.running == []


def test_an_unproven_sender_decides_nothing() -> None:
    """Mail that its own domain does not vouch for is a stranger's, listed or not."""
    talk = asked("read", "write", "prod")
    forged = Author(channel="email", id="bob@example.com", authenticated=False)
    request = talk.request()
    for text in (f"approve {request}", f"deny {request} no"):
        talk.tell(
            e.MessageReceived(
                by=forged, person=None, address=MAIL, text=text, audience=(), via=MAIL
            )
        )
    assert talk.running == []
    assert talk.request() == request
